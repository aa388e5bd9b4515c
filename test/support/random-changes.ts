// Days that change at random, the same for the same seed.
import type { CellCount, DayCounts } from '../../src/model/cube.ts'
import { addDays, type Day } from '../../src/model/day.ts'
import type { SeriesStore, Workspace } from '../../src/model/store.ts'
import { cell, d } from './counts.ts'

export interface Random {
  /** A whole number from 0 to below the limit. */
  below(limit: number): number
  oneOf<T>(values: readonly [T, ...T[]]): T
}

/** A linear congruential generator (Numerical Recipes): poor, quick, and the same everywhere. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0
  const below = (limit: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * limit)
  }
  return { below, oneOf: (values) => values[below(values.length)] ?? values[0] }
}

export const LABELS = ['Quarantine', 'Deleted items', 'Junk folder', 'Inbox/folder', 'Failed', ''] as const
const TYPES = ['Phish ZAP', 'Spam ZAP', 'Redelivery'] as const

function randomCells(random: Random): CellCount[] {
  return Array.from({ length: random.below(5) }, () =>
    cell(random.oneOf(LABELS), 1 + random.below(50), { actionType: random.oneOf(TYPES) })
  )
}

/** Some days in a row, each with new counts, possibly none. */
export function randomDays(random: Random, first: Day, last: number, most: number): DayCounts[] {
  const from = addDays(first, random.below(last))
  return Array.from({ length: 1 + random.below(most) }, (_, i) => ({
    day: addDays(from, i),
    cells: randomCells(random)
  }))
}

const TERMS = { today: d('2026-11-20'), lagDays: 7, ranged: true, replace: true }

/** Stores random days, a transaction after the other, until so many changes are made. */
export async function changeDays(
  store: SeriesStore,
  workspace: Workspace,
  seed: number,
  changes: number
): Promise<void> {
  const random = createRandom(seed)
  for (let made = 0; made < changes;) {
    const days = randomDays(random, d('2025-11-01'), 320, 60).slice(0, changes - made)
    made += (await store.applyImport(workspace, days, TERMS)).changed.length
  }
}
