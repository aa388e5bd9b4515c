// From a history that fails to a shorter one that fails as well: leaves out steps, many at once as long as that goes.
import type { History } from './steps.ts'

/** Plays a history without some of its steps; whether it fails. */
export type Fails = (history: History) => Promise<boolean>

/** More tries than these would not be waited for. */
const MOST_TRIES = 300

/** The numbers of steps that are needed to fail, counted from 0, oldest first. */
export async function shrink(history: History, fails: Fails): Promise<number[]> {
  let needed = history.steps.map((_, i) => i)
  let tries = 0
  for (let size = Math.ceil(needed.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let end = needed.length; end > 0 && tries < MOST_TRIES; end -= size) {
      const fewer = needed.filter((_, i) => i < end - size || i >= end)
      tries++
      if (fewer.length > 0 && (await fails(only(history, fewer)))) needed = fewer
    }
  }
  return needed
}

/** The history with these of its steps only. */
export function only(history: History, steps: readonly number[]): History {
  return { ...history, steps: history.steps.filter((_, i) => steps.includes(i)) }
}
