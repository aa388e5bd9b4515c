// What can happen in a history, as values that fast-check draws and shrinks.
import type { RunErrorCode } from '../../src/model/errors.ts'
import fc from './properties.ts'

/** LAG, R, and what the source really keeps. */
export interface HistorySettings {
  readonly lagDays: number
  readonly retentionDays: number
  readonly keepDays: number
  readonly forgetsBy: 'arrival' | 'event time'
}

/** Null: what is due; else so many days from so many days ago on. */
export type Ask = { readonly from: number; readonly days: number; readonly force: boolean } | null

/** Time in which events happen: some by chance, and, where the source is busy, one every six hours. */
export interface Span {
  readonly hours: number
  readonly busy: boolean
  readonly events: readonly NewEvent[]
}

/** When within the span, as a share of it; and how many hours later it arrives. */
export interface NewEvent {
  readonly share: number
  readonly delay: number
  readonly count: number
  readonly location: string
}

/** The question of this number fails so; a bug is an error that nobody foresaw. */
export interface Fault {
  readonly at: number
  readonly code: RunErrorCode | 'bug'
}

export interface FileCommand {
  readonly from: number
  readonly days: number
  readonly terms: 'plain' | 'ranged' | 'replacing'
  /** Else it lacks an event of each day. */
  readonly complete: boolean
}

export type Command =
  | { readonly do: 'pass'; readonly span: Span }
  | { readonly do: 'run'; readonly ask: Ask; readonly fault: Fault | null }
  | { readonly do: 'run well, twice' }
  /** A second ingester is answered, but the answer is on its way for as long as the span, in which another runs. */
  | {
      readonly do: 'run slowly'
      readonly ask: Ask
      readonly asks: 'bounds' | 'days'
      readonly span: Span
      run: boolean
    }
  | { readonly do: 'hang'; readonly ask: Ask; readonly asks: 'bounds' | 'days' }
  | { readonly do: 'answer at last' }
  | { readonly do: 'import'; readonly file: FileCommand }
  | { readonly do: 'purge'; readonly age: number; readonly all: boolean }
  | { readonly do: 'show'; readonly empty: 'no' | 'days' | 'all'; readonly skewDays: number }
  | { readonly do: 'set'; readonly to: HistorySettings }
  | { readonly do: 'restart' }

/** A run that hangs longer than this is beyond what the deadlines of its questions allow. */
export const MAX_HANGING_HOURS = 20

const CODES = [
  'source-throttled',
  'source-unavailable',
  'source-timeout',
  'source-unauthorized',
  'source-rejected',
  'source-incomplete',
  'clock-skew',
  'cancelled',
  'bug'
] as const

const whole = (min: number, max: number): fc.Arbitrary<number> => fc.integer({ min, max })
const asks = fc.constantFrom('bounds' as const, 'days' as const)

const ask: fc.Arbitrary<Ask> = fc.option(fc.record({ from: whole(0, 50), days: whole(1, 40), force: fc.boolean() }), {
  freq: 1
})

const event = fc.record({
  share: fc.double({ min: 0, max: 0.999, noNaN: true }),
  delay: fc.constantFrom(0, 0, 0, 0, 1, 12, 30, 50, 5 * 24, 12 * 24, 30 * 24),
  count: whole(1, 4),
  location: fc.constantFrom('Junk folder', 'JUNK FOLDER', 'Quarantine')
})

function spanOf(hours: fc.Arbitrary<number>): fc.Arbitrary<Span> {
  return fc.record({ hours, busy: fc.boolean(), events: fc.array(event, { maxLength: 5 }) })
}

const span = spanOf(
  fc.oneof(
    { weight: 6, arbitrary: whole(1, 40) },
    { weight: 2, arbitrary: whole(40, 10 * 24) },
    { weight: 1, arbitrary: whole(10 * 24, 50 * 24) }
  )
)

export const historySettings: fc.Arbitrary<HistorySettings> = fc.record({
  lagDays: fc.constantFrom(0, 1, 2, 7),
  retentionDays: fc.constantFrom(8, 20, 45),
  keepDays: fc.constantFrom(2, 5, 15, 30, 1_000),
  forgetsBy: fc.constantFrom('arrival', 'event time')
})

export const command: fc.Arbitrary<Command> = fc.oneof(
  { weight: 12, arbitrary: fc.record({ do: fc.constant('pass' as const), span }) },
  {
    weight: 7,
    arbitrary: fc.record({
      do: fc.constant('run' as const),
      ask,
      fault: fc.option(fc.record({ at: whole(0, 6), code: fc.constantFrom(...CODES) }), { freq: 2 })
    })
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('run well, twice' as const) }) },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('run slowly' as const),
      ask,
      asks,
      span: spanOf(whole(0, MAX_HANGING_HOURS)),
      run: fc.boolean()
    })
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('hang' as const), ask, asks }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('answer at last' as const) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('import' as const),
      file: fc.record({
        from: whole(0, 60),
        days: whole(1, 12),
        terms: fc.constantFrom('plain' as const, 'ranged' as const, 'replacing' as const),
        complete: fc.boolean()
      })
    })
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('purge' as const), age: whole(0, 10), all: fc.boolean() })
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('show' as const),
      empty: fc.constantFrom('no' as const, 'no' as const, 'no' as const, 'days' as const, 'all' as const),
      skewDays: fc.constantFrom(0, 0, 0, -30, 30)
    })
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('set' as const), to: historySettings }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('restart' as const) }) }
)
