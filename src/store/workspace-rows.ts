// The own rows of workspaces, each kept twice under a checksum: where one of the two is damaged, the other is read.
import { crc32 } from 'node:zlib'
import type { Database } from 'better-sqlite3'
import { OperationalError } from '../model/errors.ts'
import type { WorkspaceRow } from './workspace-row.ts'

type StoredRow = WorkspaceRow & { readonly checksum: number }

/** All of it runs inside a transaction of the caller's. Throws `store-unavailable` where both copies are damaged. */
export interface WorkspaceRows {
  /** In no particular order. */
  all(): WorkspaceRow[]
  named(name: string): WorkspaceRow | undefined
  of(key: number): WorkspaceRow | undefined
  /** Does nothing where there is one of that name. */
  insert(name: string): void
  update(key: number, change: Partial<WorkspaceRow>): void
  remove(key: number): void
  /** Keys of workspaces of which a copy is damaged, or is not there. */
  damaged(): number[]
  /** Writes what is damaged anew from the other copy, where that is whole. */
  heal(): void
}

const TABLES = ['workspace', 'workspace_copy'] as const
const COLUMNS = [
  'key',
  'name',
  'source_kind',
  'source_id',
  'time_column',
  'revision',
  'changed_at',
  'kept_after',
  'first_asked',
  'bounds',
  'last_success_at'
] as const

export function createWorkspaceRows(db: Database): WorkspaceRows {
  const [first, second] = TABLES.map((table) => openCopy(db, table))
  if (first === undefined || second === undefined) throw new Error('a workspace has two rows')
  const insert = db.prepare<[string]>(`
    insert into workspace (name, revision, changed_at, kept_after, checksum)
    values (?, 0, 0, 0, 0)`)

  const of = (key: number): WorkspaceRow | undefined => choose(first.of(key), () => second.of(key))
  const named = (name: string): WorkspaceRow | undefined => choose(first.named(name), () => second.named(name))
  const put = (row: WorkspaceRow): void => {
    for (const copy of [first, second]) copy.put(row)
  }
  const everyKey = (): number[] => [...new Set([first, second].flatMap((copy) => copy.all().map(({ key }) => key)))]

  return {
    all() {
      const rows = first.all()
      return rows.length === second.count() && rows.every(isWhole) ? rows : everyKey().flatMap((key) => of(key) ?? [])
    },
    named,
    of,
    insert(name) {
      if (named(name) !== undefined) return
      const key = Number(insert.run(name).lastInsertRowid)
      put({ ...EMPTY, key, name })
    },
    update(key, change) {
      const row = of(key)
      if (row !== undefined) put({ ...row, ...change })
    },
    remove(key) {
      for (const copy of [first, second]) copy.remove(key)
    },
    damaged: () => everyKey().filter((key) => ![first.of(key), second.of(key)].every(isWhole)),
    heal() {
      for (const key of everyKey()) {
        const rows = [first.of(key), second.of(key)]
        const whole = rows.find(isWhole)
        if (whole !== undefined && !rows.every(isWhole)) put(whole)
      }
    }
  }
}

const EMPTY = {
  source_kind: null,
  source_id: null,
  time_column: null,
  revision: 0,
  changed_at: 0,
  kept_after: 0,
  first_asked: null,
  bounds: null,
  last_success_at: null
}

function openCopy(
  db: Database,
  table: (typeof TABLES)[number]
): {
  all(): StoredRow[]
  count(): number
  of(key: number): StoredRow | undefined
  named(name: string): StoredRow | undefined
  put(row: WorkspaceRow): void
  remove(key: number): void
} {
  const selectAll = db.prepare<[], StoredRow>(`select * from ${table} not indexed`)
  const count = db.prepare<[], number>(`select count(*) from ${table} not indexed`).pluck()
  const selectOne = db.prepare<[number], StoredRow>(`select * from ${table} where key = ?`)
  const selectNamed = db.prepare<[string], StoredRow>(`select * from ${table} where name = ?`)
  const upsert = db.prepare<[StoredRow]>(`
    insert into ${table} (${COLUMNS.join(', ')}, checksum)
    values (${COLUMNS.map((column) => `:${column}`).join(', ')}, :checksum)
    on conflict (key) do update set
      ${[...COLUMNS, 'checksum'].map((column) => `${column} = excluded.${column}`).join(', ')}`)
  const remove = db.prepare<[number]>(`delete from ${table} where key = ?`)
  return {
    all: () => selectAll.all(),
    count: () => count.get() ?? 0,
    of: (key) => ifFound(selectOne.get(key), (row) => row.key === key),
    named: (name) => ifFound(selectNamed.get(name), (row) => row.name === name),
    put: (row) => void upsert.run({ ...row, checksum: checksumOf(row) }),
    remove: (key) => void remove.run(key)
  }
}

/** The first where it is whole, else the second; undefined where there is neither. */
function choose(first: StoredRow | undefined, other: () => StoredRow | undefined): WorkspaceRow | undefined {
  if (first !== undefined && isWhole(first)) return first
  const second = other()
  if (second !== undefined && isWhole(second)) return second
  const damaged = first ?? second
  if (damaged === undefined) return undefined
  const message = `both rows of the workspace with the key ${damaged.key} are damaged: restore a copy of the store`
  throw new OperationalError('store-unavailable', message)
}

/** In a damaged tree or index another row may be found than the one that was looked for. */
function ifFound(row: StoredRow | undefined, isIt: (row: StoredRow) => boolean): StoredRow | undefined {
  return row !== undefined && isWhole(row) && !isIt(row) ? undefined : row
}

function isWhole(row: StoredRow | undefined): boolean {
  return row !== undefined && row.checksum === checksumOf(row)
}

function checksumOf(row: WorkspaceRow): number {
  return crc32(JSON.stringify(COLUMNS.map((column) => row[column])))
}
