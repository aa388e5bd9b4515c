// How long the tests of reliability try: a sample that is the same each time, or with SOAK=1 all of it, by a seed of its own.
import { createHash } from 'node:crypto'

/** Whether this is the long form. */
export const SOAK = process.env['SOAK'] === '1'

const SEED = process.env['SEED'] ?? '1'

/** So many in the sample, so many in the long form. */
export function often(sample: number, soak: number): number {
  return SOAK ? soak : sample
}

/** Numbers that look random, at least 0 and less than 1; the same for the same seed and name. */
export function randomOf(name: string): () => number {
  let state = createHash('sha256').update(`${SEED} ${name}`).digest().readUInt32LE(0)
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let x = Math.imul(state ^ (state >>> 15), state | 1)
    x ^= x + Math.imul(x ^ (x >>> 7), x | 61)
    return ((x ^ (x >>> 14)) >>> 0) / 2 ** 32
  }
}

/** In the name of a test that goes by chance, so that a failure can be repeated. */
export const SEEDED = `(SEED=${SEED})`
