// The ingester on a real store and a source over a list of events, and what it stored, written short.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createIngester, type Ingester, type IngesterOptions } from '../../src/ingest/ingester.ts'
import type { RunRequest } from '../../src/ingest/run.ts'
import { eventsOf } from '../../src/model/cube.ts'
import { addDays, parseDay, type DayRange } from '../../src/model/day.ts'
import type { ImportTerms, StoredDay } from '../../src/model/reading.ts'
import type { IngestRun } from '../../src/model/run.ts'
import { completenessOf, type Completeness } from '../../src/model/status.ts'
import type { Applied, Change, SeriesStore, Workspace } from '../../src/model/store.ts'
import { openSqliteStore } from '../../src/store/sqlite.ts'
import { cell, d } from './counts.ts'
import { openEventLog, type EventLog, type EventLogSettings } from './event-log.ts'
import { fakeClock, type FakeClock } from './fake-clock.ts'
import { quickFolder } from './quick-folder.ts'

/** As much of tap's test as is needed here. */
interface Test {
  teardown(end: () => unknown): void
}

export interface Bench {
  readonly path: string
  readonly clock: FakeClock
  readonly source: EventLog
  readonly store: SeriesStore
  /** What the ingester logged as warnings and errors. */
  readonly logged: { readonly level: 'warn' | 'error'; readonly err: unknown }[]
  /** An ingester of its own, as after a restart or in a second process. */
  ingester(options?: Partial<IngesterOptions>): Ingester
  /** Moves the clock there and makes one run of the workspace `default`: what is due, unless told. */
  runAt(instant: string, request?: Partial<RunRequest>): Promise<IngestRun>
  /** One run a day at that time of day. */
  runDaily(from: string, to: string, time?: string): Promise<IngestRun[]>
  /** A file with so many events a day, imported into `default`; today is the clock's unless told. */
  importFile(days: Readonly<Record<string, number>>, terms?: Partial<ImportTerms>): Promise<Applied>
  days(name?: string): Promise<string[]>
  completeness(name?: string): Promise<Completeness>
}

export const DUE: RunRequest = { range: null, force: false }
export const TIMEOUT_MS = 180_000

/** On a fresh store, or on a copy of the file that is handed in. */
export async function openBench(
  t: Test,
  now: string,
  settings: Partial<EventLogSettings> = {},
  file?: Buffer
): Promise<Bench> {
  const path = join(quickFolder(t), 'series.db')
  if (file !== undefined) writeFileSync(path, file)
  const clock = fakeClock(now)
  const store = await openSqliteStore({ path, clock })
  t.teardown(() => store.close())
  const source = openEventLog(clock, settings)
  const logged: Bench['logged'] = []

  const ingester: Bench['ingester'] = (options) =>
    createIngester({
      store,
      source,
      clock,
      log: {
        info: () => {},
        warn: (fields) => void logged.push({ level: 'warn', err: 'err' in fields ? fields.err : undefined }),
        error: (fields) => void logged.push({ level: 'error', err: 'err' in fields ? fields.err : undefined })
      },
      workspaces: [{ name: 'default', id: 'id-1' }],
      lagDays: source.lagDays,
      retentionDays: source.retentionDays,
      timeoutMs: TIMEOUT_MS,
      ...options
    })

  const runAt: Bench['runAt'] = async (instant, request) => {
    await clock.set(instant)
    const { done } = await ingester().request('default', 'schedule', { ...DUE, ...request })
    return done
  }

  return {
    path,
    clock,
    source,
    store,
    logged,
    ingester,
    runAt,
    async runDaily(from, to, time = '18:00') {
      const runs = []
      for (let day = parseDay(from); day <= to; day = addDays(day, 1)) runs.push(await runAt(`${day}T${time}:00Z`))
      return runs
    },
    async importFile(days, terms) {
      const today = d(clock.now().toISOString().slice(0, 10))
      const readings = Object.entries(days).map(([day, events]) => ({
        day: d(day),
        cells: events === 0 ? [] : [cell('Junk folder', events)]
      }))
      const workspace = await store.ensureWorkspace('default')
      const lagDays = source.lagDays
      return store.applyImport(workspace, readings, { today, lagDays, ranged: false, replace: false, ...terms })
    },
    days: (name = 'default') => daysOf(store, name),
    async completeness(name = 'default') {
      const { coverage, bounds } = await store.facts(await find(store, name))
      return completenessOf(coverage, bounds, clock.now())
    }
  }
}

/** Every day that has a row, oldest first, as `2026-11-01..2026-11-03 final 2`: days that are alike are one line. */
export async function daysOf(store: SeriesStore, name: string): Promise<string[]> {
  const workspace = await find(store, name)
  const { days } = await store.readDays(workspace, { from: d('2000-01-01'), to: d('2999-12-31') })
  const lines: { from: string; to: string; what: string }[] = []
  for (const day of days) {
    const last = lines.at(-1)
    const what = describe(day)
    if (last?.what === what && addDays(d(last.to), 1) === day.day) last.to = day.day
    else lines.push({ from: day.day, to: day.day, what })
  }
  return lines.map(({ from, to, what }) => `${from === to ? from : `${from}..${to}`} ${what}`)
}

/** The log of `default` after a revision. */
export async function logOf(store: SeriesStore, since = 0): Promise<readonly Change[]> {
  const page = await store.changes(await find(store, 'default'), since, 100_000)
  if (page === undefined) throw new Error(`no entry of the log has revision ${since}`)
  return page.entries
}

/** From day to day, both ends included. */
export function range(from: string, to: string): DayRange {
  return { from: d(from), to: d(to) }
}

async function find(store: SeriesStore, name: string): Promise<Workspace> {
  const workspace = await store.findWorkspace(name)
  if (workspace === undefined) throw new Error(`there is no workspace ${name}`)
  return workspace
}

function describe({ state, cells, damaged, shrunk }: StoredDay): string {
  const count = state === 'final' || state === 'provisional' ? ` ${eventsOf(cells)}` : ''
  return `${damaged ? 'damaged' : state}${count}${shrunk ? ', shrunk' : ''}`
}
