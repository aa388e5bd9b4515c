// Random histories: days pass, events arrive in time, late and too late, the source fails, forgets, recovers, two of us
// run at once, files are imported, settings change, we restart. After every step what is stored is compared with a
// plain model. HISTORIES sets how many are tried, SEED which; a failure prints its seed and the shortest history found.
import t from 'tap'
import type { AcceptedRun } from '../../src/ingest/ingester.ts'
import type { RunRequest } from '../../src/ingest/run.ts'
import type { DayCounts } from '../../src/model/cube.ts'
import { addDays, dayOf, eachDay, later, MS_PER_DAY, type Day } from '../../src/model/day.ts'
import { OperationalError } from '../../src/model/errors.ts'
import type { SeriesStore } from '../../src/model/store.ts'
import { openSqliteStore } from '../../src/store/sqlite.ts'
import { cell } from '../support/counts.ts'
import {
  command,
  historySettings,
  MAX_HANGING_HOURS,
  type Ask,
  type Command,
  type Fault,
  type FileCommand,
  type HistorySettings,
  type Span
} from '../support/history-commands.ts'
import { alike, createHistoryModel, must } from '../support/history-model.ts'
import { DUE, openBench } from '../support/ingest.ts'
import fc from '../support/properties.ts'

const HISTORIES = Number(process.env['HISTORIES'] ?? 25)
const START = '2026-03-01T09:00:00Z'
const WORKSPACE = { name: 'default', id: 'id-1' }
const MS_PER_HOUR = 3_600_000

interface History {
  step(command: Command): Promise<void>
  check(): Promise<unknown>
  end(): Promise<void>
}

async function begin(settings: HistorySettings): Promise<History> {
  const ends: (() => unknown)[] = []
  const bench = await openBench({ teardown: (end) => void ends.unshift(end) }, START, settings)
  const { source, clock } = bench
  const model = createHistoryModel(source, clock)
  const second = await openSqliteStore({ path: bench.path, clock })
  let store = bench.store
  let hanging: { readonly run: AcceptedRun; readonly since: number; release(): void } | null = null

  const today = (): Day => dayOf(clock.now())
  const revision = async (): Promise<number> => store.revision(await store.ensureWorkspace('default'))
  const requestOf = (ask: Ask): RunRequest => {
    if (ask === null) return DUE
    const from = addDays(today(), -ask.from)
    return { range: { from, to: addDays(from, ask.days - 1) }, force: ask.force }
  }
  const request = (of: SeriesStore, ask: Ask): Promise<AcceptedRun> =>
    bench.ingester({ store: model.watch(of, source.lagDays) }).request('default', 'schedule', requestOf(ask))

  const pass = async ({ hours, busy, events }: Span): Promise<void> => {
    const now = clock.now().getTime()
    const add = (after: number, count: number, location: string, delay: number): void => {
      const at = new Date(now + after * MS_PER_HOUR)
      source.add(at.toISOString(), cell(location, count), new Date(at.getTime() + delay * MS_PER_HOUR).toISOString())
    }
    for (const { share, delay, count, location } of events) add(share * hours, count, location, delay)
    const regular = busy ? Math.ceil(hours / 6) : 0
    for (let i = 0; i < regular; i++) add(6 * i, 1, 'Junk folder', 0)
    await clock.advance(hours * MS_PER_HOUR)
  }

  const run = async (ask: Ask, fault: Fault | null): Promise<void> => {
    const before = await revision()
    let asked = 0
    source.onQuestion = () => {
      if (fault === null || asked++ !== fault.at) return
      throw fault.code === 'bug' ? new TypeError('a bug') : new OperationalError(fault.code, 'the source failed')
    }
    const { status, error } = await (await request(store, ask)).done
    source.onQuestion = () => {}
    if (fault?.at !== 0 && source.skewMs === 0) return
    const code = fault?.at !== 0 ? 'clock-skew' : fault.code === 'bug' ? 'internal' : fault.code
    must(status === 'failed' && error?.code === code, `a run that failed with ${code} says so`)
    must((await revision()) === before, 'a run without bounds stores nothing')
  }

  /** With a source that is well, two runs leave nothing to be wished for. */
  const runWell = async (): Promise<void> => {
    await answerAtLast()
    source.empty = 'no'
    source.skewMs = 0
    const { signal } = new AbortController()
    const { bounds } = await source.fetchBounds(WORKSPACE, signal)
    for (let i = 0; i < 2; i++) {
      const { status, error } = await (await request(store, null)).done
      must(status === 'succeeded' && (error?.code ?? 'source-shrunk') === 'source-shrunk', `it ${status}`)
    }
    const rows = await model.check(store)
    if (bounds === null) return
    const { firstArrival, proof } = bounds
    const reach = { from: later(firstArrival, addDays(bounds.today, 1 - source.retentionDays)), to: bounds.today }
    for (const { day, cells } of await source.fetchDays(WORKSPACE, reach, signal)) {
      const row = rows.get(day)
      if (row?.state === 'final' || (day === firstArrival && cells.length === 0)) continue
      must(row?.state === 'provisional', `${day} is in reach, so it was read`)
      if (day === firstArrival) continue
      if (row.shrunk) {
        must(cells.length === 0 && row.cells.length > 0, `${day} is marked, so it shrank`)
        continue
      }
      must(alike(row.cells, cells), `${day} is as the source shows it`)
      must(proof === null || day >= proof, `${day} is proven, so it is final`)
    }
    const { firstAsked } = await store.facts(await store.ensureWorkspace('default'))
    const firstCovered = [...rows.values()].find((row) => row.state !== 'lost')?.day
    const [first] = [firstAsked, firstCovered].filter((day) => typeof day === 'string').toSorted()
    if (first === undefined) return
    for (const day of eachDay({ from: addDays(first, 1), to: addDays(reach.from, -1) })) {
      must(rows.has(day), `${day} is past, so it has a row`)
    }
  }

  const hang = async (ask: Ask, asks: 'bounds' | 'days'): Promise<void> => {
    await answerAtLast()
    const hold = source.hold(asks)
    const begun = await request(second, ask)
    const hangs = await Promise.race([hold.asked.then(() => true), begun.done.then(() => false)])
    if (hangs) hanging = { run: begun, since: clock.now().getTime(), release: hold.release }
    else hold.release()
  }

  const answerAtLast = async (): Promise<void> => {
    hanging?.release()
    await hanging?.run.done
    hanging = null
  }

  const importFile = async ({ from, days, terms, complete }: FileCommand): Promise<void> => {
    const first = addDays(today(), -from)
    const readings: DayCounts[] = []
    for (const day of eachDay({ from: first, to: addDays(first, days - 1) })) {
      if (day > today()) continue
      const arrived = model.arrivedOf(day).map((event) => event.cell)
      if (!complete && arrived.length > 0 && terms !== 'plain') model.doubt(day)
      readings.push({ day, cells: complete ? arrived : arrived.slice(1) })
    }
    const { lagDays } = source
    const workspace = await store.ensureWorkspace('default')
    const { stored, left } = await model.watch(store, lagDays).applyImport(workspace, readings, {
      today: today(),
      lagDays,
      ranged: terms !== 'plain',
      replace: terms === 'replacing'
    })
    must(stored.length + left.length === readings.length, 'a day of a file is stored or left alone')
    must(terms !== 'replacing' || left.length === 0, 'a file that replaces leaves nothing alone')
  }

  const step = async (command: Command): Promise<void> => {
    switch (command.do) {
      case 'pass': {
        const hung = hanging === null ? 0 : (clock.now().getTime() - hanging.since) / MS_PER_HOUR
        if (hung + command.span.hours > MAX_HANGING_HOURS) await answerAtLast()
        return pass(command.span)
      }
      case 'run':
        return run(command.ask, command.fault)
      case 'run well, twice':
        return runWell()
      case 'run slowly':
        await hang(command.ask, command.asks)
        await pass(command.span)
        if (command.run) await run(null, null)
        return answerAtLast()
      case 'hang':
        return hang(command.ask, command.asks)
      case 'answer at last':
        return answerAtLast()
      case 'import':
        return importFile(command.file)
      case 'purge': {
        const day = addDays(today(), -command.age)
        const events = source.events.filter((event) => dayOf(event.at) === day)
        const gone = new Set(command.all ? events : events.slice(0, 1))
        source.events = source.events.filter((event) => !gone.has(event))
        if (gone.size > 0) model.doubt(day)
        return
      }
      case 'show':
        source.empty = command.empty
        source.skewMs = command.skewDays * MS_PER_DAY
        return
      case 'set':
        await answerAtLast()
        Object.assign(source, command.to)
        return
      case 'restart':
        await store.close()
        store = await openSqliteStore({ path: bench.path, clock })
    }
  }

  return {
    step,
    check: () => model.check(store),
    async end() {
      await answerAtLast()
      await second.close()
      await store.close()
      for (const end of ends) await end()
    }
  }
}

t.test(
  'whatever happens, what is stored is what was last shown, and no final day is wrong for no reason',
  async (t) => {
    let tried = 0
    const commands = fc.array(command, { minLength: 10, maxLength: 60 })
    const histories = fc.asyncProperty(historySettings, commands, async (settings, commands) => {
      tried++
      const history = await begin(settings)
      try {
        for (const command of commands) {
          await history.step(command)
          await history.check()
        }
        await history.step({ do: 'run well, twice' })
      } finally {
        await history.end()
      }
    })
    await fc.assert(histories, { numRuns: HISTORIES })
    t.ok(tried >= HISTORIES, `${tried} histories`)
  }
)
