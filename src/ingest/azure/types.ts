// What the files of the two Azure sources say to one another.
import type { Clock } from '../../model/clock.ts'
import type { Question, TimeColumn } from '../query.ts'
import type { Share, SourceWorkspace } from '../source.ts'

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
}

/** What came over the wire, before anything of it is believed. */
export interface RawAnswer {
  readonly status: number
  readonly date: string | null
  readonly retryAfter: string | null
  readonly text: string
}

/** A client with its identity. One that did not answer in time is stuck and must not be used again. */
export interface Session {
  /** One request, never repeated, never redirected. Rejects where no answer came. */
  send(workspace: SourceWorkspace, question: Question, signal: AbortSignal): Promise<RawAnswer>
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
