// API keys: those of the settings, and those of the store, which another process may add or revoke at any moment.
import { createHash, timingSafeEqual } from 'node:crypto'
import { hashOfKey, keyWorks, type ApiKey, type Scope } from '../model/api-key.ts'
import type { Clock } from '../model/clock.ts'
import { dayOf, MS_PER_DAY } from '../model/day.ts'
import type { SeriesStore } from '../model/store.ts'
import type { Caller } from './caller.ts'

/** A caller, and what its requests are counted under. */
export interface Identity {
  readonly caller: Caller
  /** The same for all that shows the same key, and for nothing else. */
  readonly id: string
}

/** Whether what was found once still holds. May answer at once; never rejects but where the store cannot be read. */
export type Recheck = () => Identity | undefined | Promise<Identity | undefined>

export interface KeyRingOptions {
  readonly apiKeys: readonly { readonly name: string; readonly key: string }[]
  readonly store: Pick<SeriesStore, 'findApiKey' | 'touchApiKey' | 'lastWrite'>
  readonly clock: Clock
}

/** Finds whose key a text is, and how to ask for it again; undefined where it is nobody's. */
export type KeyRing = (text: string) => Promise<{ identity: Identity; recheck: Recheck } | undefined>

export function createKeyRing(options: KeyRingOptions): KeyRing {
  const ofSettings = createSettingsKeys(options.apiKeys)
  const ofStore = createStoreKeys(options)
  return async (text) => {
    const fixed = ofSettings(text)
    if (fixed !== undefined) return { identity: fixed, recheck: () => fixed }
    const recheck = ofStore(hashOfKey(text))
    const identity = await recheck()
    return identity && { identity, recheck }
  }
}

/** The keys of the settings: each may read every workspace, and no more. */
function createSettingsKeys(keys: KeyRingOptions['apiKeys']): (text: string) => Identity | undefined {
  const known = keys.map(({ name, key }): { digest: Buffer; identity: Identity } => ({
    digest: digestOf(key),
    identity: {
      id: `settings:${name}`,
      caller: { name, by: 'key', scopes: new Set<Scope>(['read']), mayRead: () => true }
    }
  }))
  return (text) => {
    const digest = digestOf(text)
    let found: Identity | undefined
    // All are compared, whichever fits: how long it takes tells nothing about any key.
    for (const key of known) if (timingSafeEqual(key.digest, digest)) found = key.identity
    return found
  }
}

function digestOf(key: string): Buffer {
  return createHash('sha256').update(key).digest()
}

/**
 * For so long one look at the store serves all requests with the same key, where the store cannot tell at once whether
 * anything was written since. Whoever revokes a key learns that it is done
 * when the command has ended, which after its last write takes longer than this: so the next request already fails.
 */
const LOOK_HOLDS_MS = 2

/** The last use of a key is written at most so often. */
const TOUCH_MS = 60_000

/** When a key was last looked up, and told to have been used. */
interface State {
  touchedAt: number
  lookedAt: number
  lastWrite: number | undefined
}

/** Whether what was seen of a key is still so: nothing was written since, and the day on which it may end is the same. */
function stillHolds({ lookedAt, lastWrite }: State, now: Date, writtenLast: number | undefined): boolean {
  // A clock that was set back is no reason to believe for longer.
  if (writtenLast === undefined || lastWrite === undefined) return Math.abs(now.getTime() - lookedAt) < LOOK_HOLDS_MS
  return writtenLast === lastWrite && dayNumber(now.getTime()) === dayNumber(lookedAt)
}

function dayNumber(ms: number): number {
  return Math.floor(ms / MS_PER_DAY)
}

function createStoreKeys({ store, clock }: KeyRingOptions): (hash: string) => Recheck {
  const touch = (key: ApiKey, state: State, now: Date): void => {
    if (now.getTime() - state.touchedAt < TOUCH_MS) return
    state.touchedAt = Math.max(state.touchedAt, key.lastUsedAt?.getTime() ?? 0)
    if (now.getTime() - state.touchedAt < TOUCH_MS) return
    state.touchedAt = now.getTime()
    // That a key can be used does not depend on whether this can be written: not on a full disk, nor while we stop.
    store.touchApiKey(key.id, now).catch(() => {})
  }

  return (hash) => {
    const state: State = { touchedAt: 0, lookedAt: Number.NaN, lastWrite: undefined }
    let last: { readonly key: ApiKey; readonly identity: Identity } | undefined

    const look = async (now: Date): Promise<Identity | undefined> => {
      const lastWrite = store.lastWrite()
      const key = await store.findApiKey(hash)
      if (key === undefined || !keyWorks(key, dayOf(now))) {
        last = undefined
        return undefined
      }
      last = { key, identity: last !== undefined && sameRights(last.key, key) ? last.identity : identityOf(key) }
      state.lookedAt = now.getTime()
      state.lastWrite = lastWrite
      touch(key, state, now)
      return last.identity
    }

    return () => {
      const now = clock.now()
      if (last === undefined || !stillHolds(state, now, store.lastWrite())) return look(now)
      touch(last.key, state, now)
      return last.identity
    }
  }
}

function sameRights(a: ApiKey, b: ApiKey): boolean {
  return a.id === b.id && rightsOf(a) === rightsOf(b)
}

function rightsOf({ name, scopes, workspaces }: ApiKey): string {
  return JSON.stringify([name, scopes, workspaces])
}

function identityOf({ id, name, scopes, workspaces }: ApiKey): Identity {
  const readable = workspaces === null ? null : new Set(workspaces)
  return {
    id: `key:${id}`,
    caller: {
      name,
      by: 'key',
      scopes: new Set(scopes),
      mayRead: (workspace) => readable === null || readable.has(workspace)
    }
  }
}
