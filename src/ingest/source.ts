// The contract of a source: where daily counts come from.
import type { DayCounts } from '../model/cube.ts'
import type { Day, DayRange } from '../model/day.ts'
import type { SourceBounds } from '../model/reading.ts'
import type { Binding } from '../model/store.ts'

/** A workspace as the settings name it: our name for it, and what the source calls it (a workspace GUID, a tenant id). */
export interface SourceWorkspace {
  readonly name: string
  readonly id: string
}

/** What a source answers to the question how far it reaches. */
export interface BoundsAnswer {
  /** T: the UTC day of asking, the earlier one of our clock's and of the source's. */
  readonly today: Day
  /** Null where it shows no row at all. */
  readonly bounds: SourceBounds | null
  /** What the answers are of; a name that is bound to anything else takes none of them. */
  readonly binding: Binding
}

/**
 * Both questions reject with an `OperationalError` of a `source-*` code, `clock-skew` or `cancelled`, and never answer
 * in part, so what they resolve to may be stored as it is. Both are cancelled by `signal`.
 */
export interface EventSource {
  /** The kind, as it stands in run records and bindings. */
  readonly name: string
  /** The days on which rows arrived, of those that arrived at or after the start of day T-R-2. */
  fetchBounds(workspace: SourceWorkspace, signal: AbortSignal): Promise<BoundsAnswer>
  /** The counts of every day of the range, oldest first; a quiet day is present and has no cells. */
  fetchDays(workspace: SourceWorkspace, range: DayRange, signal: AbortSignal): Promise<DayCounts[]>
  /** Ends what is kept open between questions; a second call does nothing. */
  close(): Promise<void>
}

/** What one of several may ask who share the limits of an identity: one question at a time, and its part of the rate. */
export interface Share {
  /** Throws once another may have taken its place. To be called before each request that is sent. */
  mayAsk(): void
}
