// Chance that can be played again: the same seeds give the same numbers on every machine.

export interface Random {
  /** At least 0 and less than 1. */
  next(): number
  /** A whole number, both ends included. */
  whole(min: number, max: number): number
  chance(share: number): boolean
  pick<T>(of: readonly T[]): T
  /** One of those listed, each as often as its weight says. */
  weighted<T>(of: readonly (readonly [weight: number, of: T])[]): T
}

export function randomOf(...seeds: readonly number[]): Random {
  let state = 0x9e3779b9
  for (const seed of seeds) state = scatter(state ^ Math.imul(seed + 1, 0x85ebca6b))

  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    return scatter(state) / 2 ** 32
  }
  const pick = <T>(of: readonly T[]): T => {
    const picked = of[Math.floor(next() * of.length)]
    if (picked === undefined) throw new Error('nothing to pick from')
    return picked
  }
  return {
    next,
    whole: (min, max) => min + Math.floor(next() * (max - min + 1)),
    chance: (share) => next() < share,
    pick,
    weighted(of) {
      let left = next() * of.reduce((sum, [weight]) => sum + weight, 0)
      for (const [weight, each] of of) if ((left -= weight) < 0) return each
      return pick(of)[1]
    }
  }
}

function scatter(number: number): number {
  let x = Math.imul(number ^ (number >>> 15), number | 1)
  x ^= x + Math.imul(x ^ (x >>> 7), x | 61)
  return (x ^ (x >>> 14)) >>> 0
}
