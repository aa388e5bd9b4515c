// A plain model of what may be stored: what was last shown and accepted of each day, and what of it can be wrong. It
// looks at each write when it is made, and at all that is stored when asked to; what it finds untrue it throws.
import type { Clock } from '../../src/model/clock.ts'
import { eventsOf, foldCells, sameCells, type CellCount, type DayCounts } from '../../src/model/cube.ts'
import { dayOf, daysBetween, later, type Day } from '../../src/model/day.ts'
import type { DayState, ReadingTerms, StoredDay } from '../../src/model/reading.ts'
import { firstDueDay } from '../../src/model/status.ts'
import type { Applied, Change, SeriesStore, Workspace } from '../../src/model/store.ts'
import type { EventLog, LoggedEvent } from './event-log.ts'
import { logOf, range } from './ingest.ts'

export interface HistoryModel {
  /** The store, with an eye on it; `lagDays` is LAG for whoever writes through it. */
  watch(store: SeriesStore, lagDays: number): SeriesStore
  /** All that is stored, once it is found true. */
  check(store: SeriesStore): Promise<ReadonlyMap<Day, StoredDay>>
  /** From now on the counts of the day may be wrong for good: its source, or a file, showed less than there was. */
  doubt(day: Day): void
  /** The events of a day that have arrived by now, forgotten ones too. */
  arrivedOf(day: Day): LoggedEvent[]
}

/** When the source was asked, and which of the days it showed whole. */
interface Answer {
  readonly at: number
  readonly whole: ReadonlySet<Day>
}

const ALL = range('2000-01-01', '2999-12-31')

export function createHistoryModel(source: EventLog, clock: Clock): HistoryModel {
  /** Rises with each answer and each write. */
  let moment = 0
  const answers = new WeakMap<readonly DayCounts[], Answer>()
  const untrue: string[] = []
  const accepted = new Map<Day, readonly CellCount[]>()
  const states = new Map<Day, DayState>()
  const changedAt = new Map<Day, number>()
  /** LAG when the day became final. */
  const finalUnder = new Map<Day, number>()
  const doubtful = new Set<Day>()
  const replayed = new Map<Day, Change>()
  let cursor = { revision: 0, instant: 0 }
  let keptAskedAt = 0
  /** The latest day that any run held for the first that it could ask for. */
  let reach: Day | null = null

  // A run takes what is thrown at it as an error of ours, so what is untrue in mid-run is kept until the next check.
  const claim = (condition: boolean, text: string): void => void (condition || untrue.push(text))

  const arrivedOf = (day: Day): LoggedEvent[] =>
    source.events.filter(({ at, arrived }) => dayOf(at) === day && arrived <= clock.now())

  source.onAnswer = (days) => {
    const whole = new Set<Day>()
    for (const { day, cells } of days) {
      if (source.empty !== 'no') doubtful.add(day)
      else if (eventsOf(cells) === sumOf(arrivedOf(day))) whole.add(day)
    }
    answers.set(days, { at: ++moment, whole })
  }

  /** What the table of readings says of each day that was accepted, in other words. */
  const checkReading = (days: readonly DayCounts[], applied: Applied, terms: ReadingTerms): void => {
    const answer = answers.get(days)
    for (const { day, cells } of days) {
      if (!applied.stored.includes(day)) continue
      const before = eventsOf(accepted.get(day) ?? [])
      const more = eventsOf(cells) > before
      const edge = day === terms.bounds.firstArrival
      claim(day <= terms.bounds.today, `${day} is stored, so it is not after the day of asking`)
      claim(!edge || more, `${day} is the first that is shown, so it only gains`)
      claim(edge || doubtful.has(day) || answer?.whole.has(day) === true, `${day} is stored, so it was shown whole`)
      claim(cells.length > 0 || before === 0 || terms.force, `${day} had events, so it is not empty`)
      if (applied.changed.includes(day)) {
        claim((answer?.at ?? 0) > (changedAt.get(day) ?? 0), `${day} is not overwritten by an older answer`)
      }
    }
  }

  const noteWrite = async (of: SeriesStore, workspace: Workspace, days: readonly DayCounts[], applied: Applied) => {
    moment++
    for (const { day, cells } of days) {
      if (!applied.stored.includes(day)) continue
      accepted.set(day, foldCells(cells))
      if (applied.changed.includes(day)) changedAt.set(day, moment)
    }
    const { days: stored } = await of.readDays(workspace, ALL)
    return new Map(stored.map((row) => [row.day, row.state]))
  }

  const noteStates = (now: ReadonlyMap<Day, DayState>, lagDays: number): void => {
    for (const [day, state] of now) {
      if (state === 'final' && states.get(day) !== 'final') finalUnder.set(day, lagDays)
      states.set(day, state)
    }
  }

  const watch = (of: SeriesStore, lagDays: number): SeriesStore => ({
    ...of,
    async recordBounds(workspace, answer) {
      await of.recordBounds(workspace, answer)
      const firstDue = firstDueDay(answer.bounds, answer.retentionDays)
      reach = later(reach ?? firstDue, firstDue)
    },
    async applyReading(workspace, days, terms) {
      const applied = await of.applyReading(workspace, days, terms)
      checkReading(days, applied, terms)
      const before = new Map(applied.stored.map((day) => [day, eventsOf(accepted.get(day) ?? [])]))
      const now = await noteWrite(of, workspace, days, applied)
      for (const day of applied.stored) {
        const fell = eventsOf(accepted.get(day) ?? []) < (before.get(day) ?? 0)
        claim(!fell || states.get(day) === 'final' || now.get(day) !== 'final', `${day} fell, so it is not final yet`)
      }
      noteStates(now, lagDays)
      return applied
    },
    async applyImport(workspace, days, terms) {
      const applied = await of.applyImport(workspace, days, terms)
      for (const day of applied.stored) claim(terms.replace || !accepted.has(day), `${day} had counts, so it is left`)
      noteStates(await noteWrite(of, workspace, days, applied), lagDays)
      return applied
    },
    async markLost(workspace, before) {
      const lost = await of.markLost(workspace, before)
      moment++
      for (const day of lost) changedAt.set(day, moment)
      return lost
    }
  })

  let rows: ReadonlyMap<Day, StoredDay> = new Map()
  const check = async (store: SeriesStore): Promise<ReadonlyMap<Day, StoredDay>> => {
    const [first] = untrue
    must(first === undefined, first ?? '')
    const workspace = await store.ensureWorkspace('default')
    const { days } = await store.readDays(workspace, ALL)
    const { bounds } = await store.facts(workspace)
    for (const row of days) checkRow(row, rows.get(row.day)?.state)
    const now = new Map(days.map((row) => [row.day, row]))
    for (const day of [...rows.keys(), ...accepted.keys()]) must(now.has(day), `${day} has a row for ever`)
    must((bounds?.askedAt ?? 0) >= keptAskedAt, 'the kept bounds are never older than before')
    keptAskedAt = bounds?.askedAt ?? 0
    rows = now
    await checkLog(store)
    return rows
  }

  const checkRow = (row: StoredDay, had: DayState | undefined): void => {
    const { day, state, cells, damaged } = row
    must(!damaged && state !== 'missing', `${day} is whole`)
    must(day <= dayOf(clock.now()), `${day} does not lie in the future`)
    must(had !== 'final' || state === 'final', `${day} was final and is ${state}`)
    must(had !== 'provisional' || state !== 'lost', `${day} was covered and is ${state}`)
    const last = accepted.get(day)
    if (state === 'lost') {
      must(cells.length === 0 && last === undefined, `${day} is lost, so it has no counts`)
      must(had === 'lost' || (reach !== null && day < reach), `${day} is lost, so it is out of reach`)
      return
    }
    must(last !== undefined && alike(cells, last), `${day} is what was last accepted`)
    if (state === 'final' && !doubtful.has(day)) checkFinal(day, eventsOf(cells))
  }

  /** A final day has all events that came in time, and no other than had come. */
  const checkFinal = (day: Day, served: number): void => {
    const lagDays = finalUnder.get(day) ?? 0
    const events = arrivedOf(day)
    const least = sumOf(events.filter(({ arrived }) => daysBetween(day, dayOf(arrived)) <= lagDays))
    const most = sumOf(events)
    must(served >= least && served <= most, `${day} is final with ${served} of ${least} to ${most} events`)
  }

  /** Replayed from where it was last read, the log gives the rows. */
  const checkLog = async (store: SeriesStore): Promise<void> => {
    for (const change of await logOf(store, cursor.revision)) {
      const instant = change.changedAt.getTime()
      must(change.revision > cursor.revision && instant >= cursor.instant, 'the log is in order')
      // Each transaction has an instant of its own, so one within the same millisecond takes the next.
      must(instant <= clock.now().getTime() + 1_000, 'the log holds no instant of the future')
      cursor = { revision: change.revision, instant }
      replayed.set(change.day, change)
    }
    must(replayed.size === rows.size, 'the log has the days of the rows')
    for (const [day, { state, revision, cells }] of rows) {
      const entry = replayed.get(day)
      const same = entry?.state === state && entry.revision === revision && sameCells(entry.cells, cells)
      must(same, `the log and the rows have the same ${day}`)
    }
  }

  return { watch, check, doubt: (day) => void doubtful.add(day), arrivedOf }
}

export function must(condition: boolean, claim: string): asserts condition {
  if (!condition) throw new Error(`not true: ${claim}`)
}

/** Whether they count the same, whatever the spelling. */
export function alike(a: readonly CellCount[], b: readonly CellCount[]): boolean {
  return sameCells(inLowerCase(a), inLowerCase(b))
}

function inLowerCase(cells: readonly CellCount[]): CellCount[] {
  return foldCells(cells.map((cell) => ({ ...cell, deliveryLocation: cell.deliveryLocation.toLowerCase() })))
}

function sumOf(events: readonly LoggedEvent[]): number {
  return eventsOf(events.map((event) => event.cell))
}
