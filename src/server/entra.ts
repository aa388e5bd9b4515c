// Access tokens of Entra ID, for one tenant and one application.
// https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference
import { decodeJwt, decodeProtectedHeader, errors, jwtVerify, type JWTPayload } from 'jose'
import type { Scope } from '../model/api-key.ts'
import type { Clock } from '../model/clock.ts'
import { OperationalError } from '../model/errors.ts'
import { ROLE_OF, type Caller } from './caller.ts'
import { createSigningKeySource, type SigningKeys, type SigningKeySource } from './entra-keys.ts'
import type { Identity, Recheck } from './keys.ts'

export interface EntraOptions {
  /** A GUID, in lower case. */
  readonly tenantId: string
  /** Any of these: tokens of version 1 name the application by its URI, those of version 2 by its id. */
  readonly audience: readonly string[]
  /** Ids of applications, in lower case; empty: every one to which a role is assigned. */
  readonly clients: readonly string[]
  /** The https address that signs people in, of the cloud. */
  readonly authority: string
}

interface TokenGateOptions extends EntraOptions {
  readonly clock: Clock
  readonly onFailure: (error: unknown) => void
}

/**
 * Whom a token shows, and how to ask for it again; undefined where it shows nobody, whatever is wrong with it. Rejects
 * with `overloaded` while nobody can tell, since the keys of the tenant cannot be had.
 */
export type TokenGate = (token: string) => Promise<{ identity: Identity; recheck: Recheck } | undefined>

/** Entra signs with nothing else. What a token says of its own algorithm is never followed. */
const ALGORITHM = 'RS256'

export function createTokenGate(options: TokenGateOptions): TokenGate {
  const { clock } = options
  const keysOf = { '1.0': sourceAt('', options), '2.0': sourceAt('/v2.0', options) }

  return async (token) => {
    const looked = glance(token, options)
    if (looked === undefined) return undefined
    const source = keysOf[looked.version]
    const keys = await keysFor(source, looked.kid)
    const payload = keys && (await verify(token, keys, options))
    const identity = payload && identityOf(payload, looked.version, options)
    if (keys === undefined || payload?.exp === undefined || identity === undefined) return undefined
    const { exp } = payload
    // When the keys are read anew, the signature has to show itself again: its key may have been taken back.
    return {
      identity,
      recheck: () => (clock.now().getTime() < exp * 1_000 && source.current() === keys ? identity : undefined)
    }
  }
}

function sourceAt(
  version: '' | '/v2.0',
  { authority, tenantId, clock, onFailure }: TokenGateOptions
): SigningKeySource {
  const discoveryUrl = `${authority.replace(/\/+$/, '')}/${tenantId}${version}/.well-known/openid-configuration`
  return createSigningKeySource({ discoveryUrl, clock, onFailure })
}

/** What can be seen to be wrong before anybody is asked and anything is computed. */
function glance(token: string, options: TokenGateOptions): { version: '1.0' | '2.0'; kid: string } | undefined {
  try {
    const { alg, kid } = decodeProtectedHeader(token)
    const { ver, aud, tid, exp } = decodeJwt(token)
    const known = ver === '1.0' || ver === '2.0'
    const ours = [aud].flat().some((each) => each !== undefined && options.audience.includes(each))
    const fresh = exp !== undefined && exp * 1_000 > options.clock.now().getTime()
    if (alg !== ALGORITHM || kid === undefined || !known || !ours || tid !== options.tenantId || !fresh)
      return undefined
    return { version: ver, kid }
  } catch {
    return undefined
  }
}

async function keysFor(source: SigningKeySource, kid: string): Promise<SigningKeys | undefined> {
  try {
    return await source.having(kid)
  } catch (cause) {
    const detail = 'access tokens cannot be checked at the moment, since the keys of their tenant cannot be had'
    throw new OperationalError('overloaded', detail, { cause })
  }
}

async function verify(
  token: string,
  { keys, issuer }: SigningKeys,
  { audience, clock }: TokenGateOptions
): Promise<JWTPayload | undefined> {
  try {
    const { payload } = await jwtVerify(token, keys, {
      algorithms: [ALGORITHM],
      issuer,
      audience: [...audience],
      requiredClaims: ['exp', 'nbf'],
      clockTolerance: 0,
      currentDate: clock.now()
    })
    return payload
  } catch (error) {
    if (error instanceof errors.JOSEError) return undefined
    throw error
  }
}

const GUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i

function identityOf(
  payload: JWTPayload,
  version: '1.0' | '2.0',
  { clients, tenantId }: TokenGateOptions
): Identity | undefined {
  // Only access tokens name the client that they were given to. ID tokens of the same application do not, and must not
  // pass: they carry the same roles, but were made to be shown to the application itself.
  const client = payload[version === '1.0' ? 'appid' : 'azp']
  if (typeof client !== 'string' || !GUID.test(client) || payload['tid'] !== tenantId) return undefined
  const name = client.toLowerCase()
  if (clients.length > 0 && !clients.includes(name)) return undefined
  return { id: `token:${name}:${payload.sub ?? ''}`, caller: callerOf(name, payload['roles']) }
}

function callerOf(name: string, roles: unknown): Caller {
  const held = Array.isArray(roles) ? roles : []
  const scopes = (['read', 'ingest'] as const).filter((scope) => held.includes(ROLE_OF[scope]))
  return { name, by: 'token', scopes: new Set<Scope>(scopes), mayRead: () => true }
}
