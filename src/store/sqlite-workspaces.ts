// The rows of workspaces: names, bindings, the clock of revisions, and what the source last showed of itself.
import type { Database } from 'better-sqlite3'
import { dayOfNumber, numberOfDay, type Day } from '../model/day.ts'
import type { Revision } from '../model/revision.ts'
import type { KeptBounds } from '../model/status.ts'
import type { Binding, Workspace } from '../model/store.ts'

interface WorkspaceRow {
  readonly key: number
  readonly name: string
  readonly source_kind: string | null
  readonly source_id: string | null
  readonly time_column: string | null
  readonly holds_days: number
}

interface StateRow {
  readonly revision: number
  readonly changed_at: number
  readonly first_asked: number | null
  readonly bounds: string | null
  readonly last_success_at: number | null
}

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
}

export function createWorkspaceTable(db: Database): WorkspaceTable {
  const columns = `key, name, source_kind, source_id, time_column,
      exists (select 1 from day where workspace_key = key) as holds_days`
  const selectAll = db.prepare<[], WorkspaceRow>(`select ${columns} from workspace order by name`)
  const selectOne = db.prepare<[string], WorkspaceRow>(`select ${columns} from workspace where name = ?`)
  const selectName = db.prepare<[number], string>('select name from workspace where key = ?').pluck()
  const insert = db.prepare<[string]>('insert into workspace (name) values (?) on conflict do nothing')
  const updateName = db.prepare<[string, number]>('update workspace set name = ? where key = ?')
  const updateBinding = db.prepare<[string, string, string | null, number]>(`
    update workspace set source_kind = ?, source_id = ?, time_column = ?
    where key = ?`)
  const clearBinding = db.prepare<[number]>(`
    update workspace set source_kind = null, source_id = null, time_column = null, bounds = null
    where key = ?`)
  const remove = db.prepare<[number]>('delete from workspace where key = ?')
  const selectState = db.prepare<[number, string], StateRow>(`
    select revision, changed_at, first_asked, bounds, last_success_at from workspace
    where key = ? and name = ?`)
  const updateRevision = db.prepare<[number, number, number]>(`
    update workspace set revision = ?, changed_at = ?
    where key = ?`)
  const updateBounds = db.prepare<[string, number]>('update workspace set bounds = ? where key = ?')
  const updateFirstAsked = db.prepare<[number, number]>('update workspace set first_asked = ? where key = ?')
  const updateSuccess = db.prepare<[number, number]>('update workspace set last_success_at = ? where key = ?')

  const toWorkspace = (row: WorkspaceRow): Workspace => ({
    key: row.key,
    name: row.name,
    binding:
      row.source_kind === null ? null : { kind: row.source_kind, id: row.source_id ?? '', timeColumn: row.time_column },
    holdsDays: row.holds_days === 1
  })

  return {
    all: () => selectAll.all().map(toWorkspace),
    find(name) {
      const row = selectOne.get(name)
      return row && toWorkspace(row)
    },
    nameOf: (key) => selectName.get(key),
    insert: (name) => void insert.run(name),
    rename: (key, name) => void updateName.run(name, key),
    bind: (key, { kind, id, timeColumn }) => void updateBinding.run(kind, id, timeColumn, key),
    unbind: (key) => void clearBinding.run(key),
    remove: (key) => void remove.run(key),
    state(key, name) {
      const row = selectState.get(key, name)
      return (
        row && {
          revision: row.revision,
          changedAt: row.changed_at,
          firstAsked: row.first_asked === null ? null : dayOfNumber(row.first_asked),
          bounds: row.bounds === null ? null : parseBounds(row.bounds),
          lastSuccessAt: row.last_success_at === null ? null : new Date(row.last_success_at)
        }
      )
    },
    advance: (key, revision, changedAt) => void updateRevision.run(revision, changedAt, key),
    keepBounds: (key, bounds) => void updateBounds.run(JSON.stringify(bounds), key),
    keepFirstAsked: (key, day) => void updateFirstAsked.run(numberOfDay(day), key),
    keepSuccess: (key, at) => void updateSuccess.run(at.getTime(), key)
  }
}

function parseBounds(json: string): KeptBounds {
  const bounds: KeptBounds = JSON.parse(json)
  return bounds
}
