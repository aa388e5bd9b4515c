// API keys, by their hashes.
import type { NewApiKey } from '../../model/api-key.ts'
import { OperationalError } from '../../model/errors.ts'
import { packKey, revokeRow, toKept, useRow, type KeyRow } from '../key-rows.ts'
import type { Query } from './load.ts'
import { statement, type Session } from './pool.ts'
import { ensureKey } from './workspaces.ts'

const COLUMNS = `id, name, prefix, hash, scopes, workspaces, expires, created_at, revoked_at, last_used_at, checksum`
const ALL = statement<KeyRow>('api_keys', `select ${COLUMNS} from api_key`)
const LOCK = statement<KeyRow>('lock_api_key', `select ${COLUMNS} from api_key where id = $1 for update`)
const INSERT = statement<{ id: string }>(
  'add_api_key',
  `insert into api_key (${COLUMNS})
  values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
  on conflict (name) do nothing
  returning id`
)
// So that every process looks at them again.
const COUNT = statement('count_keys', 'update store_format set keys = keys + 1')
const REVOKE = statement('revoke_api_key', 'update api_key set revoked_at = $2, checksum = $3 where id = $1')
const TOUCH = statement('touch_api_key', 'update api_key set last_used_at = $2, checksum = $3 where id = $1')

export interface MadeKey {
  readonly id: string
  readonly prefix: string
  readonly hash: string
}

/** Throws `invalid-request` where the name is taken. Workspaces that it names are made. */
export async function addKey(session: Session, key: NewApiKey, made: MadeKey, now: Date): Promise<void> {
  const workspaceKeys: number[] = []
  for (const name of key.workspaces ?? []) workspaceKeys.push(await ensureKey(session, name))
  const row = packKey({
    ...key,
    ...made,
    workspaceKeys: key.workspaces === null ? null : workspaceKeys,
    createdAt: now,
    revokedAt: null,
    lastUsedAt: null
  })
  await session.query(COUNT)
  if ((await insertKey(session, row)).length > 0) return
  throw new OperationalError('invalid-request', `there is a key '${key.name}' already: choose another name`)
}

export function insertKey(session: Session, row: KeyRow): Promise<{ id: string }[]> {
  const { id, name, prefix, hash, scopes, workspaces, expires } = row
  const when = [row.created_at, row.revoked_at, row.last_used_at]
  return session.query(INSERT, [id, name, prefix, hash, scopes, workspaces, expires, ...when, row.checksum])
}

/** False where there is no such key. */
export async function revokeKey(session: Session, id: string, at: Date): Promise<boolean> {
  const [row] = await session.query(LOCK, [id])
  if (row === undefined) return false
  const revoked = revokeRow(row, at)
  if (revoked !== undefined) await session.query(REVOKE, [id, revoked.revoked_at, revoked.checksum])
  await session.query(COUNT)
  return true
}

export async function touchKey(session: Session, id: string, at: Date): Promise<void> {
  const [row] = await session.query(LOCK, [id])
  const used = row && useRow(row, at)
  if (used === undefined) return
  await session.query(TOUCH, [id, used.last_used_at, used.checksum])
  await session.query(COUNT)
}

/** How many are damaged: these open nothing. */
export async function damagedKeys(query: Query): Promise<number> {
  return (await query.query(ALL)).filter((row) => toKept(row) === undefined).length
}
