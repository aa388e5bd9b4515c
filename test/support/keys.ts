// Keys of the store, as `keys add` makes them.
import { randomBytes } from 'node:crypto'
import { hashOfKey, type NewApiKey } from '../../src/model/api-key.ts'
import type { SeriesStore } from '../../src/model/store.ts'

export interface AddedKey {
  readonly id: string
  readonly key: string
  /** What to send with a request. */
  readonly headers: { readonly 'x-api-key': string }
}

/** A key that may read everything and has no end, but for what is said. */
export async function addKey(
  store: SeriesStore,
  { name = 'siem', ...rest }: Partial<NewApiKey> = {}
): Promise<AddedKey> {
  const key = `pds_${randomBytes(32).toString('base64url')}`
  const id = randomBytes(6).toString('hex')
  const wanted: NewApiKey = { name, scopes: ['read'], workspaces: null, expires: null, ...rest }
  await store.addApiKey(wanted, { id, prefix: key.slice(0, 10), hash: hashOfKey(key) })
  return { id, key, headers: { 'x-api-key': key } }
}
