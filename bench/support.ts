// What the benchmarks share: a store of many days, and figures that are told the same way.
import { cpus } from 'node:os'
import { sampleCells } from '../src/ingest/sample.ts'
import { addDays, dayOf, eachDay, type Day } from '../src/model/day.ts'
import { openSqliteStore } from '../src/store/sqlite.ts'
import { systemClock } from '../src/system-clock.ts'

/** Writes so many days of invented counts, the last of them yesterday, into a workspace; returns the first and the last. */
export async function fillStore(path: string, name: string, days: number): Promise<{ from: Day; to: Day }> {
  const store = await openSqliteStore({ path, clock: systemClock })
  const today = dayOf(systemClock.now())
  const range = { from: addDays(today, -days), to: addDays(today, -1) }
  const workspace = await store.ensureWorkspace(name)
  const readings = eachDay(range).map((day) => ({ day, cells: sampleCells(day) }))
  await store.applyImport(workspace, readings, { today, lagDays: 7, ranged: true, replace: false })
  await store.checkpoint()
  await store.close()
  return range
}

/** The value below which so many of the values lie; of a median, 0.5. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
}

/** The day and the machine that figures belong to. */
export function whereAndWhen(): string {
  const [cpu] = cpus()
  return `${dayOf(systemClock.now())}, ${cpus().length} x ${cpu?.model ?? 'unknown processor'}, Node ${process.version}`
}
