// How the runs of this process ended. Counted here and not in the store, which forgets old runs: a count that falls is
// read as a restart. Each process counts its own, and begins with none; Prometheus adds them up.
import type { RunErrorCode } from '../../model/errors.ts'
import type { IngestRun, RunStatus } from '../../model/run.ts'

export interface RunCounts {
  readonly ends: Record<Exclude<RunStatus, 'queued' | 'running'>, number>
  /** Runs with an error of that code in their record; a run that succeeded can have one. */
  readonly errors: Record<RunErrorCode, number>
}

export interface RunCounter {
  count(run: IngestRun): void
  /** Undefined for a workspace that this process does not read. */
  of(workspace: string): RunCounts | undefined
}

export function createRunCounter(workspaces: readonly string[]): RunCounter {
  const counts = new Map<string, RunCounts>(workspaces.map((name) => [name, zeros()]))
  return {
    count({ workspace, status, error }) {
      const of = counts.get(workspace)
      if (of === undefined || status === 'queued' || status === 'running') return
      of.ends[status]++
      if (error !== undefined) of.errors[error.code]++
    },
    of: (workspace) => counts.get(workspace)
  }
}

/** Every count is there from the start: of one that appears with its first event, Prometheus sees no rise. */
function zeros(): RunCounts {
  return {
    ends: { succeeded: 0, partial: 0, failed: 0 },
    errors: {
      'source-throttled': 0,
      'source-unavailable': 0,
      'source-timeout': 0,
      'source-unauthorized': 0,
      'source-rejected': 0,
      'source-incomplete': 0,
      'source-shrunk': 0,
      'source-changed': 0,
      'clock-skew': 0,
      'store-unavailable': 0,
      cancelled: 0,
      internal: 0
    }
  }
}
