// What one reading of the source, or one imported file, does to one stored day. The heart of the service: pure, and
// applied inside the store's transaction. docs/day.md tells the same in prose.
import { eventsOf, sameCells, type CellCount, type DayCounts } from './cube.ts'
import { daysBetween, type Day } from './day.ts'
import type { Revision } from './revision.ts'

/** `final` and `provisional` days are covered: they have counts. `missing` is the absence of a row. */
export type DayState = 'final' | 'provisional' | 'missing' | 'lost'

/** A day that the store has a row for. */
export interface StoredDay {
  readonly day: Day
  /** `missing` only where the row is damaged: what it says cannot be trusted, so nothing of it is used. */
  readonly state: DayState
  readonly revision: Revision
  /** Folded and sorted; empty where the day is quiet, lost or damaged. */
  readonly cells: readonly CellCount[]
  readonly damaged: boolean
  /** The last reading was refused, because it had no event where this day has some. */
  readonly shrunk: boolean
}

/** What the source shows of itself: how far back it reaches, and how far it has proven to go on. */
export interface SourceBounds {
  /** T: the UTC day of asking, the earlier one where our clock and the source's differ. */
  readonly today: Day
  /** F: the day on which the oldest row that the source still shows arrived. */
  readonly firstArrival: Day
  /** The day on which its newest row arrived. */
  readonly lastArrival: Day
  /** W: the newest day, at least LAG days before T, on which a row arrived; null where there is none. */
  readonly proof: Day | null
}

export interface ReadingTerms {
  /** The workspace's revision before the question was sent: what changed since is newer than the answer. */
  readonly askedAt: Revision
  readonly bounds: SourceBounds
  /** Believe an empty answer for a day that has events. */
  readonly force: boolean
}

export interface ImportTerms {
  readonly today: Day
  readonly lagDays: number
  /** Both ends of the file's range were given by hand, so its first and last day are whole. */
  readonly ranged: boolean
  readonly replace: boolean
}

/** `changed` takes a revision; `unchanged` was accepted, and says what is stored already; the rest was not accepted. */
export type Outcome =
  | {
      readonly kind: 'changed'
      readonly state: 'final' | 'provisional'
      readonly cells: readonly CellCount[]
    }
  | { readonly kind: 'unchanged' | 'dropped' | 'shrunk' | 'left' }

/** What a reading does to a day: the first rule that fits. `reading` is folded; `stored` is undefined without a row. */
export function decideReading(stored: StoredDay | undefined, reading: DayCounts, terms: ReadingTerms): Outcome {
  const { askedAt, bounds, force } = terms
  const { day, cells } = reading
  const events = eventsOf(cells)
  const before = covered(stored)
  const storedEvents = before === undefined ? 0 : eventsOf(before.cells)

  // A slow second ingester, or an import under a run, must not be overwritten by an older answer; and a source that
  // has forgotten a day answers like one that was quiet.
  const changedSince = stored !== undefined && !stored.damaged && stored.revision > askedAt
  if (changedSince || day > bounds.today || day < bounds.firstArrival) return { kind: 'dropped' }

  // The first day that a source still shows may be cut.
  if (day === bounds.firstArrival) {
    const gains = before === undefined ? events > 0 : before.state === 'provisional' && events > storedEvents
    return gains ? outcome(before, 'provisional', cells) : { kind: 'dropped' }
  }

  // Rather old than empty: a purge, a table made anew, a filter. A damaged day may have had events.
  const hadEvents = storedEvents > 0 || stored?.damaged === true
  if (events === 0 && hadEvents && !force) return { kind: 'shrunk' }

  if (before?.state === 'final') return outcome(before, 'final', cells)

  // A row that arrived after the day, and at least LAG days ago, shows that the source went on and that the lag has
  // passed. A reading lower than the last is confirmed by the next before it is believed for good.
  const proven = bounds.proof !== null && day < bounds.proof
  return outcome(before, proven && events >= storedEvents ? 'final' : 'provisional', cells)
}

/** What an imported file says about a day: the first rule that fits. `reading` is folded. */
export function decideImport(stored: StoredDay | undefined, reading: DayCounts, terms: ImportTerms): Outcome {
  if (reading.day > terms.today) return { kind: 'dropped' }
  const before = covered(stored)
  if (before !== undefined && !terms.replace) return { kind: 'left' }
  // A damaged day may have had events; that it had none must be said by hand.
  if (stored?.damaged === true && reading.cells.length === 0 && !terms.replace) return { kind: 'shrunk' }
  if (before?.state === 'final') return outcome(before, 'final', reading.cells)
  const whole = terms.ranged && daysBetween(reading.day, terms.today) > terms.lagDays
  return outcome(before, whole ? 'final' : 'provisional', reading.cells)
}

/** The stored day where it has counts that can be trusted. */
function covered(stored: StoredDay | undefined): StoredDay | undefined {
  return stored?.state === 'final' || stored?.state === 'provisional' ? stored : undefined
}

function outcome(before: StoredDay | undefined, state: 'final' | 'provisional', cells: readonly CellCount[]): Outcome {
  if (before?.state === state && sameCells(before.cells, cells)) return { kind: 'unchanged' }
  return { kind: 'changed', state, cells }
}
