// The record of one execution of the ingester.
import type { Day } from './day.ts'
import type { RunErrorCode } from './errors.ts'

export const RUN_TRIGGERS = ['schedule', 'start', 'command', 'request'] as const
export const RUN_STATUSES = ['queued', 'running', 'succeeded', 'partial', 'failed'] as const
export type RunTrigger = (typeof RUN_TRIGGERS)[number]
export type RunStatus = (typeof RUN_STATUSES)[number]

/** One run of one workspace, as far as it has come. Instants are RFC 3339 in UTC. */
export interface IngestRun {
  /** Opaque text that does not count. */
  readonly id: string
  readonly trigger: RunTrigger
  readonly workspace: string
  readonly source: string
  readonly status: RunStatus
  /** The range given by hand, else the oldest and the newest day that were due; null before that is known. */
  readonly from: Day | null
  readonly to: Day | null
  readonly startedAt: string
  readonly finishedAt: string | null
  /** Days to ask for; days whose reading was accepted; of these, days that it changed. */
  readonly daysPlanned: number
  readonly daysStored: number
  readonly daysChanged: number
  readonly error?: { readonly code: RunErrorCode; readonly message: string }
}

/** How many runs of a workspace are kept, the newest. */
export const RUNS_KEPT = 1_000

export function inProgress(run: IngestRun): boolean {
  return run.status === 'queued' || run.status === 'running'
}

/**
 * A run as it is told: one whose process has not been heard of for two timeouts of a query is not running any more,
 * whatever its last word was.
 */
export function asHeard(run: IngestRun, heardAt: Date, now: Date, timeoutMs: number): IngestRun {
  if (!inProgress(run) || now.getTime() - heardAt.getTime() <= 2 * timeoutMs) return run
  const error = { code: 'cancelled', message: `not heard of since ${heardAt.toISOString()}` } as const
  return { ...run, status: 'failed', finishedAt: heardAt.toISOString(), error }
}
