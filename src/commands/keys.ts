// `keys`: who may ask. A key is shown once, when it is made.
import { randomBytes } from 'node:crypto'
import type { Config } from '../config.ts'
import { NAME, NAME_REMEDY } from '../config/lists.ts'
import { hashOfKey, keyWorks, SCOPES, type ApiKey, type NewApiKey, type Scope } from '../model/api-key.ts'
import { dayOf } from '../model/day.ts'
import type { SeriesStore } from '../model/store.ts'
import { openStore } from '../store/open.ts'
import { systemClock } from '../system-clock.ts'
import { print, readDay, readWords, UsageError, type Command } from './command.ts'
import { withExistingStore } from './existing-store.ts'

const OPTIONS = {
  scope: { type: 'string', default: 'read' },
  workspace: { type: 'string' },
  expires: { type: 'string' },
  json: { type: 'boolean', default: false }
} as const

export const keysCommand: Command = async (words, config) => {
  const { values, positionals } = readWords('keys', words, OPTIONS)
  const [action, ...rest] = positionals
  const [first] = rest
  if (action === 'add' && first !== undefined && rest.length === 1) {
    const key = readNewKey(config, first, values)
    return addTo(config, key, values.json)
  }
  if (action === 'list' && rest.length === 0) return withExistingStore(config, (store) => list(store, values.json))
  if (action === 'revoke' && first !== undefined && rest.length === 1) {
    return withExistingStore(config, (store) => revoke(store, first))
  }
  throw new UsageError(
    'keys: it is add NAME [--scope read,ingest] [--workspace W,...] [--expires D] [--json], list [--json], or revoke ID'
  )
}

/** Also into a store that it begins, since who may ask is often settled before the first start. */
async function addTo(config: Config, key: NewApiKey, json: boolean): Promise<number> {
  const store = await openStore(config.storeUrl, systemClock)
  try {
    await add(store, key, json)
    return 0
  } finally {
    await store.close()
  }
}

interface KeyWords {
  readonly scope: string
  readonly workspace?: string | undefined
  readonly expires?: string | undefined
}

function readNewKey(config: Config, name: string, { scope, workspace, expires }: KeyWords): NewApiKey {
  if (!NAME.test(name)) throw new UsageError(`'${name}' is no name of a key: ${NAME_REMEDY}`)
  if (config.apiKeys.some((key) => key.name === name)) {
    throw new UsageError(`API_KEYS has a key '${name}' already: choose another name`)
  }
  const day = readDay('--expires', expires)
  if (day !== null && day < dayOf(systemClock.now())) {
    throw new UsageError(`--expires ${day} is over: name the last day on which the key works`)
  }
  const workspaces = workspace?.split(',').map((each) => each.trim()) ?? null
  const wrong = workspaces?.find((each) => !NAME.test(each))
  if (wrong !== undefined) throw new UsageError(`--workspace '${wrong}' is no name of a workspace: ${NAME_REMEDY}`)
  return { name, scopes: readScopes(scope), workspaces, expires: day }
}

function readScopes(text: string): Scope[] {
  const asked = text.split(',').map((each) => each.trim())
  const scopes = SCOPES.filter((scope) => asked.includes(scope))
  const wrong = asked.find((each) => !scopes.some((scope) => scope === each))
  if (wrong !== undefined) throw new UsageError(`--scope '${wrong}' is not known: it is ${SCOPES.join(', ')}, or both`)
  return scopes
}

const SECRET_BYTES = 32
const ID_BYTES = 6
const PREFIX_LENGTH = 10

async function add(store: SeriesStore, wanted: NewApiKey, json: boolean): Promise<void> {
  // The beginning tells whoever finds a key, and scanners of leaked secrets, what it opens.
  const key = `pds_${randomBytes(SECRET_BYTES).toString('base64url')}`
  const made = { id: randomBytes(ID_BYTES).toString('hex'), prefix: key.slice(0, PREFIX_LENGTH), hash: hashOfKey(key) }
  await store.addApiKey(wanted, made)
  const { hash, ...shown } = made
  if (json) return print(JSON.stringify({ ...shown, ...wanted, key }, null, 2))
  print(key)
  console.error(`the key '${wanted.name}' (${made.id}) is shown this once and is not kept: put it where it is needed`)
}

async function list(store: SeriesStore, json: boolean): Promise<number> {
  const keys = await store.apiKeys()
  if (json) print(JSON.stringify(keys, null, 2))
  else if (keys.length === 0) print("there is no key yet: 'keys add NAME' makes one")
  else for (const key of keys) print(lineOf(key))
  return 0
}

function lineOf(key: ApiKey): string {
  const { id, name, prefix, scopes, workspaces, expires, revokedAt, lastUsedAt } = key
  const works = keyWorks(key, dayOf(systemClock.now()))
  const state = revokedAt !== null ? `revoked ${revokedAt.toISOString()}` : works ? 'works' : 'expired'
  return [
    `${id}  ${name}: ${prefix}..., ${scopes.join(' and ')}`,
    workspaces === null ? 'all workspaces' : `only ${workspaces.join(', ') || 'workspaces that are no more'}`,
    expires === null ? 'no end' : `until ${expires}`,
    lastUsedAt === null ? 'never used' : `last used ${lastUsedAt.toISOString()}`,
    state
  ].join(', ')
}

async function revoke(store: SeriesStore, id: string): Promise<number> {
  if (!(await store.revokeApiKey(id))) {
    throw new UsageError(`there is no key with the id '${id}': 'keys list' shows them`)
  }
  print(`${id} is revoked: it opens nothing any more`)
  return 0
}
