// API keys, by their hashes. A damaged row is no key.
import { crc32 } from 'node:zlib'
import type { Database } from 'better-sqlite3'
import { SCOPES, type ApiKey } from '../model/api-key.ts'
import { dayOfNumber, numberOfDay } from '../model/day.ts'

interface KeyRow {
  readonly id: string
  readonly name: string
  readonly prefix: string
  readonly hash: string
  readonly scopes: string
  readonly workspaces: string | null
  readonly expires: number | null
  readonly created_at: number
  readonly revoked_at: number | null
  readonly last_used_at: number | null
  readonly checksum: number
}

/** All that is kept of a key. */
export interface KeptKey extends Omit<ApiKey, 'workspaces'> {
  readonly hash: string
  /** Keys of workspaces, which a renamed one keeps and a new one never gets. */
  readonly workspaceKeys: readonly number[] | null
}

/** All of it runs inside a transaction of the caller's. */
export interface KeyTable {
  all(): ApiKey[]
  kept(): KeptKey[]
  findByHash(hash: string): ApiKey | undefined
  hasName(name: string): boolean
  insert(key: KeptKey): void
  /** False where there is no such key. */
  revoke(id: string, at: Date): boolean
  touch(id: string, at: Date): void
  /** How many are damaged: these open nothing. */
  damaged(): number
}

export function createKeyTable(db: Database, nameOf: (workspaceKey: number) => string | undefined): KeyTable {
  const selectAll = db.prepare<[], KeyRow>('select * from api_key order by name')
  const selectByHash = db.prepare<[string], KeyRow>('select * from api_key where hash = ?')
  const selectById = db.prepare<[string], KeyRow>('select * from api_key where id = ?')
  const selectName = db.prepare<[string]>('select 1 from api_key where name = ?')
  const insert = db.prepare<[KeyRow]>(`
    insert into api_key (id, name, prefix, hash, scopes, workspaces, expires, created_at, revoked_at, last_used_at, checksum)
    values (:id, :name, :prefix, :hash, :scopes, :workspaces, :expires, :created_at, :revoked_at, :last_used_at, :checksum)`)
  const updateRevoked = db.prepare<[number, number, string]>(`
    update api_key set revoked_at = ?, checksum = ?
    where id = ?`)
  const updateUsed = db.prepare<[number, string]>('update api_key set last_used_at = ? where id = ?')

  const toKey = (row: KeyRow): ApiKey | undefined => {
    const kept = toKept(row)
    if (kept === undefined) return undefined
    const { hash, workspaceKeys, ...key } = kept
    return { ...key, workspaces: workspaceKeys?.map(nameOf).filter((name) => name !== undefined) ?? null }
  }

  return {
    all: () => selectAll.all().flatMap((row) => toKey(row) ?? []),
    kept: () => selectAll.all().flatMap((row) => toKept(row) ?? []),
    findByHash(hash) {
      const row = selectByHash.get(hash)
      // In a damaged tree another row may be found than the one that was looked for.
      return row?.hash === hash ? toKey(row) : undefined
    },
    hasName: (name) => selectName.get(name) !== undefined,
    insert({ id, name, prefix, hash, scopes, workspaceKeys, expires, createdAt, revokedAt, lastUsedAt }) {
      const row = {
        id,
        name,
        prefix,
        hash,
        scopes: scopes.join(','),
        workspaces: workspaceKeys?.join(',') ?? null,
        expires: expires === null ? null : numberOfDay(expires),
        created_at: createdAt.getTime(),
        revoked_at: revokedAt?.getTime() ?? null
      }
      insert.run({ ...row, last_used_at: lastUsedAt?.getTime() ?? null, checksum: checksumOf(row) })
    },
    revoke(id, at) {
      const row = selectById.get(id)
      if (row === undefined) return false
      if (row.revoked_at !== null && row.checksum === checksumOf(row)) return true
      // A damaged row is revoked as well, so that nothing can bring it back.
      const revoked = { ...row, revoked_at: at.getTime() }
      updateRevoked.run(revoked.revoked_at, checksumOf(revoked), id)
      return true
    },
    touch: (id, at) => void updateUsed.run(at.getTime(), id),
    damaged: () => selectAll.all().filter((row) => toKept(row) === undefined).length
  }
}

/** Undefined where the row is damaged. */
function toKept(row: KeyRow): KeptKey | undefined {
  if (row.checksum !== checksumOf(row)) return undefined
  const scopes = row.scopes.split(',')
  return {
    id: row.id,
    name: row.name,
    prefix: row.prefix,
    hash: row.hash,
    scopes: SCOPES.filter((scope) => scopes.includes(scope)),
    // An empty list opens nothing.
    workspaceKeys: row.workspaces?.split(',').filter(Boolean).map(Number) ?? null,
    expires: row.expires === null ? null : dayOfNumber(row.expires),
    createdAt: new Date(row.created_at),
    revokedAt: row.revoked_at === null ? null : new Date(row.revoked_at),
    lastUsedAt: row.last_used_at === null ? null : new Date(row.last_used_at)
  }
}

/** Over everything that decides who may ask for what. */
function checksumOf(row: Omit<KeyRow, 'checksum' | 'last_used_at'>): number {
  const { id, name, prefix, hash, scopes, workspaces, expires, created_at, revoked_at } = row
  return crc32(JSON.stringify([id, name, prefix, hash, scopes, workspaces, expires, created_at, revoked_at]))
}
