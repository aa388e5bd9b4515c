// Workspaces: names, bindings, the clock of revisions, and what the source last showed of itself.
import type { Database } from 'better-sqlite3'
import { dayOfNumber, numberOfDay, type Day } from '../model/day.ts'
import { NO_REVISION, type Revision } from '../model/revision.ts'
import type { KeptBounds } from '../model/status.ts'
import type { Binding, Workspace } from '../model/store.ts'
import { createWorkspaceRows, type WorkspaceRow } from './workspace-rows.ts'

export interface WorkspaceState {
  readonly revision: Revision
  /** Instant of its last entry, milliseconds since 1970. */
  readonly changedAt: number
  readonly firstAsked: Day | null
  readonly bounds: KeptBounds | null
  readonly lastSuccessAt: Date | null
}

/** All of it runs inside a transaction of the caller's. */
export interface WorkspaceTable {
  all(): Workspace[]
  find(name: string): Workspace | undefined
  nameOf(key: number): string | undefined
  insert(name: string): void
  rename(key: number, name: string): void
  bind(key: number, binding: Binding): void
  /** Forgets the binding and the bounds. */
  unbind(key: number): void
  remove(key: number): void
  /** Undefined where there is none of that key and name: it was removed, renamed, or the store was restored. */
  state(key: number, name: string): WorkspaceState | undefined
  advance(key: number, revision: Revision, changedAt: number): void
  keepBounds(key: number, bounds: KeptBounds): void
  keepFirstAsked(key: number, day: Day): void
  keepSuccess(key: number, at: Date): void
  /** Keys of workspaces of which a row is damaged. */
  damaged(): number[]
  /** Writes damaged rows anew from their copies. */
  heal(): void
}

export function createWorkspaceTable(db: Database): WorkspaceTable {
  const rows = createWorkspaceRows(db)

  return {
    all: () =>
      rows
        .all()
        .toSorted((a, b) => (a.name < b.name ? -1 : 1))
        .map(toWorkspace),
    find(name) {
      const row = rows.named(name)
      return row && toWorkspace(row)
    },
    nameOf: (key) => rows.of(key)?.name,
    insert: rows.insert,
    rename: (key, name) => rows.update(key, { name }),
    bind: (key, { kind, id, timeColumn }) =>
      rows.update(key, { source_kind: kind, source_id: id, time_column: timeColumn }),
    unbind: (key) => rows.update(key, { source_kind: null, source_id: null, time_column: null, bounds: null }),
    remove: rows.remove,
    state(key, name) {
      const row = rows.of(key)
      if (row?.name !== name) return undefined
      return {
        revision: row.revision,
        changedAt: row.changed_at,
        firstAsked: row.first_asked === null ? null : dayOfNumber(row.first_asked),
        bounds: row.bounds === null ? null : parseBounds(row.bounds),
        lastSuccessAt: row.last_success_at === null ? null : new Date(row.last_success_at)
      }
    },
    advance: (key, revision, changedAt) => rows.update(key, { revision, changed_at: changedAt }),
    keepBounds: (key, bounds) => rows.update(key, { bounds: JSON.stringify(bounds) }),
    keepFirstAsked: (key, day) => rows.update(key, { first_asked: numberOfDay(day) }),
    keepSuccess: (key, at) => rows.update(key, { last_success_at: at.getTime() }),
    damaged: rows.damaged,
    heal: rows.heal
  }
}

function toWorkspace({ key, name, source_kind, source_id, time_column, revision }: WorkspaceRow): Workspace {
  return {
    key,
    name,
    binding: source_kind === null ? null : { kind: source_kind, id: source_id ?? '', timeColumn: time_column },
    // No day ever loses its row, and this is known also where rows cannot be found any more.
    holdsDays: revision !== NO_REVISION
  }
}

function parseBounds(json: string): KeptBounds {
  const bounds: KeptBounds = JSON.parse(json)
  return bounds
}
