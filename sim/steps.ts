// What can happen in a history, as plain values: drawn before the history is played, so that it can be told in words,
// and played again without some of them.
import type { RunErrorCode } from '../src/model/errors.ts'
import { PLACES, TYPES } from './labels.ts'
import type { Random } from './random.ts'

export interface Settings {
  lagDays: number
  retentionDays: number
}

export interface Keeps {
  readonly keepDays: number
  readonly forgetsBy: 'arrival' | 'event time'
}

export interface NewEvent {
  /** Of the four tenants. */
  readonly tenant: number
  /** When within the span, as a share of it; and how many hours later it arrives. */
  readonly share: number
  readonly delay: number
  readonly place: string
  readonly type: string
  readonly count: number
}

/** Time in which events happen: some by chance, and, where the source is busy, one every twelve hours. */
export interface Span {
  readonly hours: number
  readonly busy: boolean
  readonly events: readonly NewEvent[]
}

/** Null: what is due; else so many days from so many days ago on. */
export type Ask = { readonly from: number; readonly days: number; readonly force: boolean } | null

export interface PlannedFault {
  readonly at: number
  readonly code: RunErrorCode | 'bug'
}

export interface Run {
  readonly do: 'run'
  /** Which of the two processes, and of which of the two workspaces. */
  readonly by: 0 | 1
  readonly of: 0 | 1
  readonly ask: Ask
  readonly fault: PlannedFault | null
}

export interface Import {
  readonly do: 'import'
  readonly by: 0 | 1
  readonly of: 0 | 1
  readonly from: number
  readonly days: number
  readonly terms: 'plain' | 'ranged' | 'replacing'
  /** Else it lacks an event of each day. */
  readonly complete: boolean
}

/** What the source of a workspace does from now on, or has done. */
export type Change =
  | { readonly do: 'purge'; readonly of: 0 | 1; readonly age: number; readonly all: boolean }
  | { readonly do: 'show'; readonly of: 0 | 1; readonly what: 'all' | 'less' | 'no event' | 'no row' }
  | { readonly do: 'fail a day'; readonly of: 0 | 1; readonly age: number | null }
  | { readonly do: 'keep'; readonly of: 0 | 1; readonly keeps: Keeps }

export type Actor =
  | Run
  | Import
  | Change
  | { readonly do: 'read'; readonly of: 0 | 1 }
  | { readonly do: 'follow'; readonly of: 0 | 1; readonly limit: number }
  | { readonly do: 'copy' }
  | { readonly do: 'restore'; readonly copy: number }

/** Several at once, interleaved as the seed says. */
export interface Together {
  readonly do: 'together'
  readonly seed: number
  readonly actors: readonly Actor[]
  /** So many minutes pass meanwhile, a part of them now and then. */
  readonly minutes: number
  readonly end: 'whole' | 'kill one' | 'kill all' | 'power cut'
  /** How many gates are opened before that; and whether all are killed only within a transaction. */
  readonly after: number
  readonly within: boolean
}

export type Step = { readonly look: number } & (
  | { readonly do: 'pass'; readonly span: Span }
  | Run
  | Import
  | Change
  | Together
  | { readonly do: 'set'; readonly to: Settings }
  | {
      readonly do: 'clock'
      readonly ahead: 'right' | 'a month ahead' | 'a day back' | 'minutes ahead' | 'minutes back'
    }
  | { readonly do: 'restart'; readonly upgrade: boolean }
  | { readonly do: 'copy' }
  | { readonly do: 'restore'; readonly copy: number }
  | { readonly do: 'rename'; readonly of: 0 | 1 }
  | { readonly do: 'another source'; readonly of: 0 | 1 }
  | { readonly do: 'bind'; readonly of: 0 | 1 }
  | { readonly do: 'remove'; readonly of: 0 | 1 }
  | { readonly do: 'well' }
)

export interface History {
  readonly start: number
  /** Which of the formats the store is begun in, as a share of them; above 0. */
  readonly format: number
  /** So much history the sources have when it begins. */
  readonly hoursBefore: number
  readonly busyBefore: boolean
  readonly settings: Settings
  readonly keeps: readonly Keeps[]
  readonly before: readonly NewEvent[]
  readonly steps: readonly Step[]
}

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

/** From the first days of 2024, a leap year, to those of 2028. */
const STARTS = [Date.UTC(2024, 0, 1), Date.UTC(2028, 0, 1)] as const
const MIN_STEPS = 14
const MAX_STEPS = 36

export function drawHistory(random: Random): History {
  // Some take more than one question for what is due.
  const isLong = random.chance(0.15)
  const settings = isLong ? { ...drawSettings(random), retentionDays: 40 } : drawSettings(random)
  return {
    start: random.whole(...STARTS),
    format: 1 - random.next(),
    hoursBefore: (isLong ? 50 : 12) * 24,
    busyBefore: random.chance(0.7),
    settings,
    keeps: Array.from({ length: 4 }, () => drawKeeps(random)),
    before: drawEvents(random, 14),
    steps: [
      ...Array.from({ length: random.whole(MIN_STEPS, MAX_STEPS) }, () => ({
        look: random.whole(0, 2 ** 30),
        ...drawStep(random)
      })),
      { look: 0, do: 'well' }
    ]
  }
}

type Undressed = Step extends infer S ? (S extends Step ? Omit<S, 'look'> : never) : never

function drawStep(random: Random): Undressed {
  const of = side(random)
  return random.weighted<() => Undressed>([
    [26, () => ({ do: 'pass', span: drawSpan(random) })],
    [16, () => drawRun(random)],
    [22, () => drawTogether(random)],
    [7, () => drawImport(random)],
    [9, () => drawChange(random)],
    [1, () => ({ do: 'set', to: drawSettings(random) })],
    [2, () => ({ do: 'clock', ahead: drawClock(random) })],
    [2, () => ({ do: 'restart', upgrade: random.chance(0.4) })],
    [1, () => ({ do: 'copy' })],
    [1, () => ({ do: 'restore', copy: random.whole(0, 9) })],
    [0.7, () => ({ do: 'rename', of })],
    [0.7, () => ({ do: 'another source', of })],
    [1, () => ({ do: 'bind', of })],
    [0.3, () => ({ do: 'remove', of })],
    [1.5, () => ({ do: 'well' })]
  ])()
}

function drawSettings(random: Random): Settings {
  return { lagDays: random.pick([0, 1, 2, 4]), retentionDays: random.pick([5, 8, 14, 20]) }
}

function drawKeeps(random: Random): Keeps {
  return { keepDays: random.pick([2, 4, 8, 12, 30, 1_000]), forgetsBy: random.pick(['arrival', 'event time']) }
}

function drawClock(random: Random): Extract<Step, { do: 'clock' }>['ahead'] {
  return random.weighted([
    [5, 'right'],
    [1, 'a month ahead'],
    [1, 'a day back'],
    [1, 'minutes ahead'],
    [1, 'minutes back']
  ])
}

function drawSpan(random: Random): Span {
  const hours = random.weighted([
    [6, random.whole(1, 40)],
    [2, random.whole(40, 6 * 24)],
    [0.4, random.whole(6 * 24, 25 * 24)]
  ])
  return { hours, busy: random.chance(0.6), events: drawEvents(random, 4) }
}

function drawEvents(random: Random, most: number): NewEvent[] {
  return Array.from({ length: random.whole(0, most) }, () => ({
    tenant: random.whole(0, 3),
    share: random.next(),
    delay: random.pick([0, 0, 0, 0, 1, 12, 30, 50, 5 * 24, 12 * 24]),
    place: random.pick(PLACES),
    type: random.pick(TYPES),
    count: random.whole(1, 3)
  }))
}

function drawRun(random: Random): Run {
  const isLong = random.chance(0.1)
  const [from, days] = isLong
    ? [random.whole(20, 50), random.whole(10, 50)]
    : [random.whole(0, 18), random.whole(1, 14)]
  const ask = { from, days, force: random.chance(0.5) }
  const fault = { at: random.whole(0, 4), code: random.pick(CODES) }
  return {
    do: 'run',
    by: side(random),
    of: side(random),
    ask: random.chance(0.35) ? ask : null,
    fault: random.chance(0.25) ? fault : null
  }
}

function drawImport(random: Random): Import {
  const terms = random.pick(['plain', 'ranged', 'replacing'] as const)
  const days = random.whole(1, 8)
  const complete = random.chance(0.7)
  return { do: 'import', by: side(random), of: side(random), from: random.whole(0, 25), days, terms, complete }
}

function drawChange(random: Random): Change {
  const of = side(random)
  return random.weighted<() => Change>([
    [2, () => ({ do: 'purge', of, age: random.whole(0, 8), all: random.chance(0.5) })],
    [
      4,
      () => ({
        do: 'show',
        of,
        what: random.weighted([
          [5, 'all'],
          [2, 'less'],
          [2, 'no event'],
          [1, 'no row']
        ])
      })
    ],
    [1, () => ({ do: 'fail a day', of, age: random.chance(0.5) ? null : random.whole(0, 6) })],
    [2, () => ({ do: 'keep', of, keeps: drawKeeps(random) })]
  ])()
}

/** For a run that may be under way already: for the same, or for a part of it. */
function drawAgain(random: Random, { by, of, ask }: Run): Run {
  const skipped = ask === null ? 0 : random.whole(0, ask.days - 1)
  const part = ask && {
    from: ask.from - skipped,
    days: random.whole(1, ask.days - skipped),
    force: random.chance(0.5)
  }
  return { do: 'run', by, of, ask: part, fault: null }
}

function drawTogether(random: Random): Together {
  const first: Run = { ...drawRun(random), by: 0 }
  const actor = (): Actor =>
    random.weighted<() => Actor>([
      [5, () => drawRun(random)],
      [2, () => drawAgain(random, first)],
      [2, () => drawImport(random)],
      [2, () => drawChange(random)],
      [2, () => ({ do: 'read', of: side(random) })],
      [1, () => ({ do: 'follow', of: side(random), limit: random.whole(1, 9) })],
      [0.3, () => ({ do: 'copy' })],
      [0.2, () => ({ do: 'restore', copy: random.whole(0, 9) })]
    ])()
  return {
    do: 'together',
    seed: random.whole(0, 2 ** 30),
    actors: [first, ...Array.from({ length: random.whole(1, 2) }, actor)],
    minutes: random.weighted([
      [3, 0],
      [2, random.whole(1, 10)],
      [2, random.whole(10, 20 * 60)]
    ]),
    end: random.weighted([
      [6, 'whole'],
      [1, 'kill one'],
      [1, 'kill all'],
      [1, 'power cut']
    ]),
    after: random.whole(1, 60),
    within: random.chance(0.5)
  }
}

function side(random: Random): 0 | 1 {
  return random.chance(0.6) ? 0 : 1
}
