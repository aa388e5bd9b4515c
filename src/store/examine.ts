// What `doctor` asks of a store. Nothing is made, and a store of an older format is left as it is.
import { accessSync, constants, existsSync, statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import Database from 'better-sqlite3'
import type { ApiKey } from '../model/api-key.ts'
import type { Clock } from '../model/clock.ts'
import { OperationalError } from '../model/errors.ts'
import type { Workspace } from '../model/store.ts'
import { openStore } from './open.ts'
import { describeAddress, isPostgresUrl } from './postgres/address.ts'
import { MIGRATIONS } from './sqlite/schema.ts'

export interface StoreFindings {
  /** One line: where it is, of which format, what it holds. */
  readonly detail: string
  /** None where the store is not there yet, or is older than this program. */
  readonly workspaces: readonly Workspace[]
  readonly apiKeys: readonly ApiKey[]
}

/** Rejects with `store-unavailable` where a service could not open it and write to it. */
export async function examineStore(url: string, clock: Clock): Promise<StoreFindings> {
  if (isPostgresUrl(url)) return examinePostgres(url, clock)
  const path = resolve(url.slice('sqlite:'.length))
  if (!existsSync(path) || statSync(path).size === 0) {
    requireWritable(existingParent(path))
    return { detail: `${path} is not there yet: the first start makes it`, workspaces: [], apiKeys: [] }
  }
  const format = formatOf(path)
  if (format !== null && format < MIGRATIONS.length) {
    requireWritable(path)
    // Opened, it would be brought to this program's format, and the one that uses it now may be older.
    return {
      detail: `${path}, format ${format}: the next start brings it to ${MIGRATIONS.length}, so back it up before`,
      workspaces: [],
      apiKeys: []
    }
  }
  return examineOpened(url, clock, `${path}, format ${MIGRATIONS.length}, `)
}

async function examinePostgres(url: string, clock: Clock): Promise<StoreFindings> {
  const { lookAt } = await import('./postgres/examine.ts')
  const { MIGRATIONS: migrations } = await import('./postgres/schema.ts')
  const address = describeAddress(url)
  const found = await lookAt(url)
  if (found === null) {
    return { detail: `${address} holds no store yet: the first start makes it`, workspaces: [], apiKeys: [] }
  }
  if (found.format < migrations.length) {
    const next = `the next start brings it to ${migrations.length}, so copy the database before`
    return { detail: `${address}, format ${found.format}: ${next}`, workspaces: [], apiKeys: [] }
  }
  return examineOpened(url, clock, `${address}, format ${found.format}, `)
}

/** Opening takes the write lock, so what opens can be written. */
async function examineOpened(url: string, clock: Clock, what: string): Promise<StoreFindings> {
  const store = await openStore(url, clock)
  try {
    const workspaces = await store.workspaces()
    const held = `${workspaces.length} ${workspaces.length === 1 ? 'workspace' : 'workspaces'}`
    const names = workspaces.map(({ name }) => name).join(', ')
    const detail = `${what}can be written, ${held}${names === '' ? '' : `: ${names}`}`
    return { detail, workspaces, apiKeys: await store.apiKeys() }
  } finally {
    await store.close()
  }
}

/** Null where that cannot be told; who opens it then says why. */
function formatOf(path: string): number | null {
  try {
    const db = new Database(path, { readonly: true })
    try {
      return Number(db.pragma('user_version', { simple: true }))
    } finally {
      db.close()
    }
  } catch {
    return null
  }
}

function existingParent(path: string): string {
  const parent = dirname(path)
  return existsSync(parent) || parent === path ? parent : existingParent(parent)
}

function requireWritable(path: string): void {
  try {
    accessSync(path, constants.W_OK)
  } catch (cause) {
    throw new OperationalError('store-unavailable', `${path} cannot be written by this user`, { cause })
  }
}
