// What the server is made of: the parts it is handed, and the few settings that it uses.
import type { FastifyBaseLogger } from 'fastify'
import type { Clock } from '../model/clock.ts'
import type { DayRange } from '../model/day.ts'
import type { IngestRun } from '../model/run.ts'
import type { SeriesStore } from '../model/store.ts'
import type { EntraOptions } from './entra.ts'

/** What the server needs of the ingester. */
export interface IngestDoor {
  /** Workspaces of the settings, in their order; only these can be ingested. */
  readonly workspaces: readonly string[]
  /** The kind of source: `sample`, `log-analytics`, `graph`. */
  readonly source: string
  /**
   * The queued run, or the one in progress that covers every day asked for. A range of null: what is due.
   * Rejects with `overloaded` when too many wait.
   */
  request(workspace: string, range: DayRange | null): Promise<IngestRun>
  /** Each run of this process is told once, when it has ended, whoever asked for it. */
  onRunEnd(listener: (run: IngestRun) => void): void
  /** When this process starts the next scheduled run; null where it schedules nothing. */
  nextRunAt(): Date | null
  /** Whether three scheduled times have passed since then; null where this process schedules nothing. */
  stale(since: Date): boolean | null
}

export interface ServerOptions {
  readonly store: SeriesStore
  readonly clock: Clock
  readonly ingest: IngestDoor
  readonly logger: FastifyBaseLogger
  /** Of the program; part of every ETag. */
  readonly version: string
  /** Our address as others see it, with any path prefix; null: as the request says. */
  readonly publicUrl: string | null
  readonly auth: 'on' | 'off'
  /** Secret. Each has the scope `read`, for every workspace. */
  readonly apiKeys: readonly { readonly name: string; readonly key: string }[]
  /** Access tokens of Entra ID that are accepted beside keys; null: none. */
  readonly entra?: EntraOptions | null
  /** For each key, or for each address where `auth` is off; absent: as many as anyone likes. */
  readonly rateLimitPerMinute?: number
  /** Names, beside localhost, by which we may be called where `auth` is off. */
  readonly allowedHosts: readonly string[]
  /** Addresses and CIDRs of proxies whose `X-Forwarded-*` is believed. */
  readonly trustProxy: readonly string[]
  /** Origins whose pages may call us. */
  readonly corsOrigins: readonly string[]
  /** A line for each request; else only for those that failed, were slow or changed something. */
  readonly accessLog: boolean
  /** The deadline of one query of the source: a run not heard of for two of them is over. */
  readonly ingestTimeoutMs: number
}
