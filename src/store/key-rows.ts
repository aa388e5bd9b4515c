// Rows of API keys, each under a checksum: a damaged one is no key.
import { crc32 } from 'node:zlib'
import { SCOPES, type ApiKey } from '../model/api-key.ts'
import { dayOfNumber, numberOfDay } from '../model/day.ts'

export interface KeyRow {
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

export function packKey(key: KeptKey): KeyRow {
  const { id, name, prefix, hash, scopes, workspaceKeys, expires, createdAt, revokedAt, lastUsedAt } = key
  const row = {
    id,
    name,
    prefix,
    hash,
    scopes: scopes.join(','),
    workspaces: workspaceKeys?.join(',') ?? null,
    expires: expires === null ? null : numberOfDay(expires),
    created_at: createdAt.getTime(),
    revoked_at: revokedAt?.getTime() ?? null,
    last_used_at: lastUsedAt?.getTime() ?? null
  }
  return { ...row, checksum: keyChecksum(row) }
}

/** The row once it is revoked; undefined where it was before. A damaged one is revoked as well, so that nothing can bring it back. */
export function revokeRow(row: KeyRow, at: Date): KeyRow | undefined {
  if (row.revoked_at !== null && row.checksum === keyChecksum(row)) return undefined
  const revoked = { ...row, revoked_at: at.getTime() }
  return { ...revoked, checksum: keyChecksum(revoked) }
}

/** The row once it was used; undefined where it is damaged, and stays so. */
export function useRow(row: KeyRow, at: Date): KeyRow | undefined {
  if (row.checksum !== keyChecksum(row)) return undefined
  const used = { ...row, last_used_at: at.getTime() }
  return { ...used, checksum: keyChecksum(used) }
}

/** With the names that its workspaces have now; those that are gone are left out. */
export function toApiKey(kept: KeptKey, nameOf: (workspaceKey: number) => string | undefined): ApiKey {
  const { hash, workspaceKeys, ...key } = kept
  return { ...key, workspaces: workspaceKeys?.map(nameOf).filter((name) => name !== undefined) ?? null }
}

/** Undefined where the row is damaged. */
export function toKept(row: KeyRow): KeptKey | undefined {
  if (row.checksum !== keyChecksum(row)) return undefined
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

/** Over everything that is kept of it. */
export function keyChecksum(row: Omit<KeyRow, 'checksum'>): number {
  const { id, name, prefix, hash, scopes, workspaces, expires, created_at, revoked_at, last_used_at } = row
  return crc32(
    JSON.stringify([id, name, prefix, hash, scopes, workspaces, expires, created_at, revoked_at, last_used_at])
  )
}
