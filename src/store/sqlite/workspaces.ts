// Workspaces: names, bindings, the clock of revisions, and what the source last showed of itself.
import type { Database } from 'better-sqlite3'
import { numberOfDay, type Day } from '../../model/day.ts'
import { NO_REVISION, type Revision } from '../../model/revision.ts'
import type { KeptBounds } from '../../model/status.ts'
import type { Binding, Workspace } from '../../model/store.ts'
import type { WorkspaceState } from '../tables.ts'
import { toState, toWorkspace } from '../workspace-row.ts'
import { createWorkspaceRows } from '../workspace-rows.ts'

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
  keptAfter(key: number): Revision
  keepAfter(key: number, revision: Revision): void
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
      return row?.name === name ? toState(row) : undefined
    },
    advance: (key, revision, changedAt) => rows.update(key, { revision, changed_at: changedAt }),
    keptAfter: (key) => rows.of(key)?.kept_after ?? NO_REVISION,
    keepAfter: (key, revision) => rows.update(key, { kept_after: revision }),
    keepBounds: (key, bounds) => rows.update(key, { bounds: JSON.stringify(bounds) }),
    keepFirstAsked: (key, day) => rows.update(key, { first_asked: numberOfDay(day) }),
    keepSuccess: (key, at) => rows.update(key, { last_success_at: at.getTime() }),
    damaged: rows.damaged,
    heal: rows.heal
  }
}
