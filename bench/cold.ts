// `npm run bench -- cold`: what an answer costs that nobody asked for before, on a store of ten years, beside a query
// and JSON.stringify over the same counts in the same process. Its days may have been read for another answer, or are
// read for the first time since something was written, and checked.
import Database from 'better-sqlite3'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { addDays } from '../src/model/day.ts'
import { ANYONE } from '../src/server/caller.ts'
import { toSeriesQuery } from '../src/server/routes/series-query.ts'
import { computeSeries } from '../src/server/series-body.ts'
import { createWorkspaceChooser } from '../src/server/workspaces.ts'
import { openSqliteStore } from '../src/store/sqlite.ts'
import { systemClock } from '../src/system-clock.ts'
import { figure, type Figure } from './figures.ts'
import { fillNaive, fillStore, lastDays, openNaive } from './support.ts'

const TEN_YEARS = 3_650
const REPEATS = 5
/** Days, how often they are asked for in a row, and the goal in milliseconds. */
const CASES = [
  [30, 300, 0.2],
  [365, 60, 1.5],
  [TEN_YEARS, 10, 12]
] as const

export async function cold(): Promise<Figure[]> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-'))
  try {
    const path = join(folder, 'series.db')
    const all = await fillStore(path, 'contoso', TEN_YEARS)
    const naivePath = join(folder, 'naive.db')
    fillNaive(naivePath, all)
    const store = await openSqliteStore({ path, clock: systemClock })
    const workspace = await createWorkspaceChooser(store, ['contoso']).choose(ANYONE, 'contoso')
    const now = systemClock.now()
    const naive = openNaive(naivePath)
    // Of another process, as far as the store can tell.
    const other = new Database(path)
    other.pragma('synchronous = off')
    const write = (): void =>
      void other.pragma('user_version = ' + String(other.pragma('user_version', { simple: true })))
    const figures: Figure[] = []
    for (const [days, times, goal] of CASES) {
      const range = lastDays(days)
      const query = toSeriesQuery(range, now)
      const question = { query, format: 'json', theme: 'light', sample: false, at: null } as const
      const compute = async (): Promise<string> => (await computeSeries(workspace, question, () => {})).body
      const own = await leastCpuMs(times, compute)
      const first = await leastCpuMs(times, compute, write)
      const plain = await leastCpuMs(times, async () => JSON.stringify(naive(range)))
      figures.push(figure(`uncached, ${days} days: CPU`, own, 'ms', goal))
      figures.push(figure(`uncached, ${days} days, first after a write: CPU`, first, 'ms', goal))
      figures.push(figure(`uncached, ${days} days: CPU against a naive query and stringify`, own / plain, 'x', 0.35))
      figures.push(figure(`uncached, ${days} days, first after a write: against naive`, first / plain, 'x', 0.35))
    }
    const old = { from: all.from, to: addDays(all.from, 29) }
    const question = {
      query: toSeriesQuery(old, now),
      format: 'json',
      theme: 'light',
      sample: false,
      at: null
    } as const
    const compute = async (): Promise<string> => (await computeSeries(workspace, question, () => {})).body
    const oldest = await leastCpuMs(300, compute, write)
    figures.push(figure('uncached, the first 30 days of ten years, first after a write: CPU', oldest, 'ms', 0.2))
    other.close()
    await store.close()
    return figures
  } finally {
    await rm(folder, { recursive: true })
  }
}

/** Processor time of one call without what goes before it, of several series of calls the cheapest. */
async function leastCpuMs(times: number, call: () => Promise<string>, before?: () => void): Promise<number> {
  let least = Number.POSITIVE_INFINITY
  for (let repeat = 0; repeat < REPEATS; repeat++) {
    let us = 0
    for (let i = 0; i < times; i++) {
      before?.()
      const start = process.cpuUsage()
      await call()
      const { user, system } = process.cpuUsage(start)
      us += user + system
    }
    least = Math.min(least, us / 1_000 / times)
  }
  return least
}
