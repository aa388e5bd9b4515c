// The own row of a workspace: its name, its binding, the clock of its revisions, and what its source last showed of itself.
import { dayOfNumber, type Day } from '../model/day.ts'
import { NO_REVISION } from '../model/revision.ts'
import { firstDueDay, type KeptBounds } from '../model/status.ts'
import type { BoundsRecord, Workspace } from '../model/store.ts'
import type { WorkspaceState } from './tables.ts'

/** Instants are milliseconds since 1970, days are counted from there, and bounds are JSON. */
export interface WorkspaceRow {
  readonly key: number
  readonly name: string
  readonly source_kind: string | null
  readonly source_id: string | null
  readonly time_column: string | null
  readonly revision: number
  readonly changed_at: number
  readonly kept_after: number
  readonly first_asked: number | null
  readonly bounds: string | null
  readonly last_success_at: number | null
}

export function toWorkspace(
  row: Pick<WorkspaceRow, 'key' | 'name' | 'source_kind' | 'source_id' | 'time_column' | 'revision'>
): Workspace {
  const { key, name, source_kind: kind, source_id: id, time_column: timeColumn, revision } = row
  return {
    key,
    name,
    binding: kind === null ? null : { kind, id: id ?? '', timeColumn },
    // No day ever loses its row, and this is known also where rows cannot be found any more.
    holdsDays: revision !== NO_REVISION
  }
}

export function toState(
  row: Pick<WorkspaceRow, 'revision' | 'changed_at' | 'first_asked' | 'bounds' | 'last_success_at'>
): WorkspaceState {
  return {
    revision: row.revision,
    changedAt: row.changed_at,
    firstAsked: row.first_asked === null ? null : dayOfNumber(row.first_asked),
    bounds: row.bounds === null ? null : parseBounds(row.bounds),
    lastSuccessAt: row.last_success_at === null ? null : new Date(row.last_success_at)
  }
}

function parseBounds(json: string): KeptBounds {
  const bounds: KeptBounds = JSON.parse(json)
  return bounds
}

/** What an answered question adds to what is kept; null where that is nothing, since a later one was answered already. */
export function learnedFrom(
  kept: Pick<WorkspaceState, 'bounds' | 'firstAsked'>,
  { bounds, askedAt, retentionDays, firstAsked }: BoundsRecord
): { readonly bounds: KeptBounds | null; readonly firstAsked: Day | null } {
  const late = kept.bounds !== null && askedAt.getTime() < kept.bounds.askedAt
  const firstDue = firstDueDay(bounds, retentionDays)
  const older = firstAsked !== null && (kept.firstAsked === null || firstAsked < kept.firstAsked)
  return {
    bounds: late ? null : { ...bounds, askedAt: askedAt.getTime(), firstDue, retentionDays },
    firstAsked: older ? firstAsked : null
  }
}
