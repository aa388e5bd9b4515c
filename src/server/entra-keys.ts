// Who signs the tokens of a tenant: its issuer and its keys, by its discovery document.
// https://learn.microsoft.com/entra/identity-platform/v2-protocols-oidc
import { createLocalJWKSet, type JSONWebKeySet, type JWTVerifyGetKey } from 'jose'
import type { Clock } from '../model/clock.ts'
import { fetchJson } from './fetch-json.ts'
import { isObject, membersOf } from './members.ts'

export interface SigningKeys {
  readonly issuer: string
  readonly keys: JWTVerifyGetKey
  readonly kids: ReadonlySet<string>
  readonly fetchedAt: number
}

export interface SigningKeySource {
  /** The keys, if one of them has this name; undefined where none has. Rejects where no keys can be had at all. */
  having(kid: string): Promise<SigningKeys | undefined>
  /** What is believed at present; undefined: nothing. */
  current(): SigningKeys | undefined
}

export interface SigningKeyOptions {
  readonly discoveryUrl: string
  readonly clock: Clock
  readonly onFailure: (error: unknown) => void
}

/** New keys are announced long before they sign; a key that was taken back is believed at most so long. */
const REFRESH_MS = 60 * 60_000
/** While the tenant does not answer, the keys that it had last are believed for so long. */
const KEPT_MS = 24 * 60 * 60_000
/** However many tokens name keys that nobody knows: the tenant is asked at most so often. */
const PAUSE_MS = 30_000
/** The same, while there is no key at all. */
const PAUSE_WITHOUT_KEYS_MS = 5_000

export function createSigningKeySource({ discoveryUrl, clock, onFailure }: SigningKeyOptions): SigningKeySource {
  let known: SigningKeys | undefined
  let pending: Promise<void> | undefined
  let askedAt = Number.NEGATIVE_INFINITY
  let failure: unknown

  const now = (): number => clock.now().getTime()
  const current = (): SigningKeys | undefined => (known && now() - known.fetchedAt < KEPT_MS ? known : undefined)

  const ask = async (): Promise<void> => {
    try {
      known = await discover(discoveryUrl, clock)
    } catch (error) {
      failure = error
      onFailure(error)
    } finally {
      pending = undefined
    }
  }

  /** Joins the question that is under way; asks anew only after a pause, whether the last answer was good or not. */
  const refresh = async (): Promise<void> => {
    const pause = current() === undefined ? PAUSE_WITHOUT_KEYS_MS : PAUSE_MS
    if (pending === undefined && Math.abs(now() - askedAt) >= pause) {
      askedAt = now()
      pending = ask()
    }
    await pending
  }

  return {
    current,
    async having(kid) {
      if (current()?.kids.has(kid) !== true) await refresh()
      else if (now() - (known?.fetchedAt ?? 0) > REFRESH_MS) void refresh()
      const keys = current()
      if (keys === undefined) throw new Error('the keys of the tenant cannot be had', { cause: failure })
      return keys.kids.has(kid) ? keys : undefined
    }
  }
}

async function discover(discoveryUrl: string, clock: Clock): Promise<SigningKeys> {
  const document = membersOf(await fetchJson(discoveryUrl, clock))
  const { issuer, jwks_uri: address } = document
  if (typeof issuer !== 'string' || typeof address !== 'string' || !address.startsWith('https://')) {
    throw new Error(`${discoveryUrl} names no issuer, or no https address of its keys`)
  }
  const listed: unknown = membersOf(await fetchJson(address, clock))['keys']
  const usable = (Array.isArray(listed) ? listed : []).filter(isSigningKey)
  if (usable.length === 0) throw new Error(`${address} lists no key that signs`)
  return {
    issuer,
    keys: createLocalJWKSet({ keys: usable }),
    kids: new Set(usable.map(({ kid }) => kid)),
    fetchedAt: clock.now().getTime()
  }
}

function isSigningKey(key: unknown): key is JSONWebKeySet['keys'][number] & { kid: string } {
  if (!isObject(key)) return false
  const { kty, use, kid } = key
  return kty === 'RSA' && typeof kid === 'string' && (use === undefined || use === 'sig')
}
