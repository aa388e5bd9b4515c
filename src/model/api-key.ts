// API keys: who may ask, and for what. A key itself is shown once and never kept.
import { createHash } from 'node:crypto'
import type { Day } from './day.ts'

export const SCOPES = ['read', 'ingest'] as const
export type Scope = (typeof SCOPES)[number]

/** What is kept of a key. */
export interface ApiKey {
  /** Visible: names the key in `keys list`, in logs, and in `keys revoke`. */
  readonly id: string
  readonly name: string
  /** The beginning of the key, by which its holder knows it. */
  readonly prefix: string
  readonly scopes: readonly Scope[]
  /** Names of the workspaces that it may ask for; null: all, also those that come later. */
  readonly workspaces: readonly string[] | null
  /** The last UTC day on which it works; null: no end. */
  readonly expires: Day | null
  readonly createdAt: Date
  readonly revokedAt: Date | null
  /** To the minute; null: never. */
  readonly lastUsedAt: Date | null
}

/** A new key before it is kept. */
export type NewApiKey = Pick<ApiKey, 'name' | 'scopes' | 'workspaces' | 'expires'>

/** What is kept in place of a key. It has 256 random bits, so a plain hash cannot be turned back. */
export function hashOfKey(key: string): string {
  return createHash('sha256').update(key).digest('hex')
}

/** Whether a key works on a day. */
export function keyWorks(key: ApiKey, today: Day): boolean {
  return key.revokedAt === null && (key.expires === null || today <= key.expires)
}
