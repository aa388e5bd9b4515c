// What the files of the two Azure sources say to one another.
import type { Clock } from '../../model/clock.ts'
import type { OperationalError } from '../../model/errors.ts'
import type { Question, TimeColumn } from '../query.ts'
import type { Share, SourceWorkspace } from '../source.ts'
import type { Failure } from './failure.ts'
import type { Identity } from './identity.ts'
import type { PackedDays } from './packed-days.ts'

export interface AzureSourceOptions {
  readonly clock: Clock
  readonly lagDays: number
  readonly retentionDays: number
  /** The deadline of one question, identity and retries included. */
  readonly timeoutMs: number
  readonly timeColumn: TimeColumn | 'auto'
  readonly azure: AzureSettings
  readonly log: { warn(fields: object, message: string): void }
  /** Absent: the limits of the identity are all for this source. */
  readonly share?: Share
}

/** https URLs. */
export interface AzureSettings {
  readonly logAnalyticsEndpoint: string
  readonly logAnalyticsAudience: string
  /** Null: this cloud has no advanced hunting. */
  readonly graphEndpoint: string | null
  readonly authority: string
  /** PEM: trusted besides what Node trusts. Absent: nothing. */
  readonly certificates?: readonly string[]
}

/** What came over the wire, before anything of it is believed. */
export interface WireAnswer {
  readonly status: number
  readonly date: string | null
  readonly retryAfter: string | null
  readonly text: string
}

/** Asks, with an identity, in the thread that has the libraries. */
export interface Client {
  /** One request, never repeated, never redirected. Rejects where no answer came. */
  send(workspace: SourceWorkspace, question: Question, signal: AbortSignal): Promise<WireAnswer>
}

/** An answer as it comes from that thread: one to a question for days is read already, and its text stays there. */
export interface RawAnswer extends WireAnswer {
  /** The error: what is wrong with the days of this answer. Null: none were asked for, or the status is not 200. */
  readonly days: PackedDays | OperationalError | null
}

/** What that thread must know of us to ask, and may know. */
export interface SessionSettings {
  readonly service: Service
  readonly azure: AzureSettings
  readonly timeoutMs: number
  readonly retentionDays: number
  /** Asks with a token that nobody accepts. */
  readonly anonymous: boolean
}

/** Whose token a session uses. `waiting`: one was asked for, and neither it nor an error has come. */
export type IdentitySeen = Identity | 'waiting' | 'refused'

/** A client with its identity, elsewhere. One that did not answer in time is stuck and must not be used again. */
export interface Session {
  /** As that of a client, but never rejects. */
  send(workspace: SourceWorkspace, question: Question, signal: AbortSignal): Promise<RawAnswer | Failure>
  /** Lets go of the client. */
  drop(): void
}

/** What is particular to one of the two ways of asking. */
export interface Service {
  /** The kind of source, as in `SOURCE`. */
  readonly kind: 'log-analytics' | 'graph'
  readonly title: string
  /** What a name of `WORKSPACES` stands for here. */
  readonly place: string
  /** The least role that lets us ask. */
  readonly role: string
  /** Why the table may be missing. */
  readonly whyNoTable: string
  /** An answer of so many rows may have been cut there. */
  readonly rowLimit: number
}
