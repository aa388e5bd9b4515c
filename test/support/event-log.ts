// A source over a list of events, with a retention of its own that nobody asked about: it shows what has arrived and
// is not forgotten yet, and tells honestly how far it reaches.
import type { BoundsAnswer, EventSource, SourceWorkspace } from '../../src/ingest/source.ts'
import type { Clock } from '../../src/model/clock.ts'
import type { CellCount } from '../../src/model/cube.ts'
import { addDays, dayOf, eachDay, MS_PER_DAY, parseDay, type Day, type DayRange } from '../../src/model/day.ts'
import { OperationalError } from '../../src/model/errors.ts'
import { cell } from './counts.ts'

export interface LoggedEvent {
  readonly at: Date
  readonly arrived: Date
  readonly cell: CellCount
}

export interface Question {
  readonly workspace: SourceWorkspace
  readonly asks: 'bounds' | 'days'
  /** Null where it asks for the bounds. */
  readonly range: DayRange | null
}

export interface EventLogSettings {
  /** LAG and R, as our settings have them; the bounds are asked for by these. */
  lagDays: number
  retentionDays: number
  /** For how long the source really keeps an event. */
  keepDays: number
  forgetsBy: 'arrival' | 'event time'
  /** So much the source's clock is ahead of ours. */
  skewMs: number
  /** Shows no event of any day, or no row at all. */
  empty: 'no' | 'days' | 'all'
  timeColumn: string
}

export interface EventLog extends EventSource, EventLogSettings {
  events: LoggedEvent[]
  readonly questions: Question[]
  /** Called with each question before it is answered; what it throws is the answer. */
  onQuestion: (question: Question) => void | Promise<void>
  /** One event, or as many as told, at an instant; it arrives with no delay unless told. */
  add(at: string, events?: number | CellCount, arrived?: string): void
  /** The same on each day of a range: events at these times of day, which arrive five minutes later. */
  addDaily(from: string, to: string, times: Readonly<Record<string, number>>): void
  /** The next question of a kind is answered at once, and its answer stays on the way until released. */
  hold(asks: Question['asks']): { readonly asked: Promise<void>; release(): void }
}

/** Beyond this two clocks contradict each other. */
const MAX_SKEW_MS = 600_000
const DELAY_MS = 300_000

export function openEventLog(clock: Clock, settings: Partial<EventLogSettings> = {}): EventLog {
  const holds = new Map<Question['asks'], { asked(): void; readonly released: Promise<void> }>()

  const shown = (): LoggedEvent[] => {
    const now = clock.now().getTime()
    const time = ({ at, arrived }: LoggedEvent): Date => (log.forgetsBy === 'arrival' ? arrived : at)
    const oldest = now - log.keepDays * MS_PER_DAY
    return log.empty === 'all' ? [] : log.events.filter((e) => +e.arrived <= now && +time(e) >= oldest)
  }

  const answer = async <T>(question: Question, signal: AbortSignal, compute: () => T): Promise<T> => {
    signal.throwIfAborted()
    log.questions.push(question)
    await log.onQuestion(question)
    const answered = compute()
    const hold = holds.get(question.asks)
    holds.delete(question.asks)
    hold?.asked()
    if (hold !== undefined) await Promise.race([hold.released, aborted(signal)])
    return answered
  }

  const bounds = ({ id }: SourceWorkspace): BoundsAnswer => {
    if (Math.abs(log.skewMs) > MAX_SKEW_MS) {
      throw new OperationalError('clock-skew', `our clock and the source's are ${log.skewMs} ms apart`)
    }
    const today = dayOf(new Date(clock.now().getTime() + Math.min(0, log.skewMs)))
    const arrivals = shown()
      .map((event) => dayOf(event.arrived))
      .filter((day) => day >= addDays(today, -log.retentionDays - 2))
      .toSorted()
    const [firstArrival, lastArrival] = [arrivals[0], arrivals.at(-1)]
    const proof = arrivals.findLast((day) => day <= addDays(today, -log.lagDays)) ?? null
    const binding = { kind: log.name, id, timeColumn: log.timeColumn }
    if (firstArrival === undefined || lastArrival === undefined) return { today, bounds: null, binding }
    return { today, bounds: { today, firstArrival, lastArrival, proof }, binding }
  }

  const log: EventLog = {
    name: 'event-log',
    lagDays: 7,
    retentionDays: 90,
    keepDays: 1_000,
    forgetsBy: 'arrival',
    skewMs: 0,
    empty: 'no',
    timeColumn: 'Timestamp',
    ...settings,
    events: [],
    questions: [],
    onQuestion: () => {},
    add(at, events = 1, arrived = at) {
      const counted = typeof events === 'number' ? cell('Junk folder', events) : events
      this.events.push({ at: new Date(at), arrived: new Date(arrived), cell: counted })
    },
    addDaily(from, to, times) {
      for (const day of eachDay({ from: parseDay(from), to: parseDay(to) })) {
        for (const [time, events] of Object.entries(times)) {
          const at = `${day}T${time}:00Z`
          this.add(at, events, new Date(Date.parse(at) + DELAY_MS).toISOString())
        }
      }
    },
    hold(asks) {
      const asked = Promise.withResolvers<void>()
      const released = Promise.withResolvers<void>()
      const hold = { asked: asked.resolve, released: released.promise }
      holds.set(asks, hold)
      const release = (): void => {
        if (holds.get(asks) === hold) holds.delete(asks)
        released.resolve()
      }
      return { asked: asked.promise, release }
    },
    fetchBounds: (workspace, signal) =>
      answer({ workspace, asks: 'bounds', range: null }, signal, () => bounds(workspace)),
    fetchDays: (workspace, range, signal) =>
      answer({ workspace, asks: 'days', range }, signal, () => {
        const cells = Map.groupBy(log.empty === 'no' ? shown() : [], (event): Day => dayOf(event.at))
        return eachDay(range).map((day) => ({ day, cells: (cells.get(day) ?? []).map((event) => event.cell) }))
      }),
    close: async () => {}
  }
  return log
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    // The signal's reason is passed on as it is, whatever it is.
    // oxlint-disable-next-line prefer-promise-reject-errors
    const abort = (): void => reject(signal.reason)
    if (signal.aborted) abort()
    else signal.addEventListener('abort', abort, { once: true })
  })
}
