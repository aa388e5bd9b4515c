// What can happen in a history, as plain values: drawn before the history is played, so that it can be told in words,
// and played again without some of them.
import type { RunErrorCode } from '../src/model/errors.ts'

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
