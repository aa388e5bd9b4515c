// API keys, by their hashes. A damaged row is no key.
import type { Database } from 'better-sqlite3'
import type { ApiKey } from '../../model/api-key.ts'
import { packKey, revokeRow, toApiKey, toKept, useRow, type KeptKey, type KeyRow } from '../key-rows.ts'

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
  const updateRevoked = db.prepare<[number | null, number, string]>(`
    update api_key set revoked_at = ?, checksum = ?
    where id = ?`)
  const updateUsed = db.prepare<[number | null, number, string]>(`
    update api_key set last_used_at = ?, checksum = ?
    where id = ?`)

  const toKey = (row: KeyRow): ApiKey | undefined => {
    const kept = toKept(row)
    return kept && toApiKey(kept, nameOf)
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
    insert: (key) => void insert.run(packKey(key)),
    revoke(id, at) {
      const row = selectById.get(id)
      if (row === undefined) return false
      const revoked = revokeRow(row, at)
      if (revoked !== undefined) updateRevoked.run(revoked.revoked_at, revoked.checksum, id)
      return true
    },
    touch(id, at) {
      const row = selectById.get(id)
      const used = row?.id === id ? useRow(row, at) : undefined
      if (used !== undefined) updateUsed.run(used.last_used_at, used.checksum, id)
    },
    damaged: () => selectAll.all().filter((row) => toKept(row) === undefined).length
  }
}
