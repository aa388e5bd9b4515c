// Which identity a token is of, in words that an operator can compare with the portal. Nothing of it is secret.
import { decodeJwt } from 'jose/jwt/decode'
import { plain } from './text.ts'

export interface Identity {
  /** The credential of Azure's library that gave the token; null where the library did not say. */
  readonly credential: string | null
  readonly kind: 'application' | 'user' | null
  readonly clientId: string | null
  readonly objectId: string | null
  readonly tenantId: string | null
  /** The Azure resource that a managed identity is, or belongs to. */
  readonly resource: string | null
}

/** What a token says of us, which is little where it cannot be read. The token itself is not kept. */
export function identityOf(token: string, credential: string | null): Identity {
  const claims = readClaims(token)
  const text = (...names: readonly string[]): string | null => {
    const value = names.map((name) => claims[name]).find((each) => typeof each === 'string')
    return typeof value === 'string' ? plain(value, 300) : null
  }
  const kind = text('idtyp')
  return {
    credential,
    kind: kind === 'app' ? 'application' : kind === 'user' ? 'user' : null,
    clientId: text('appid', 'azp'),
    objectId: text('oid'),
    tenantId: text('tid'),
    resource: text('xms_mirid')
  }
}

export function describeIdentity({ credential, kind, clientId, objectId, tenantId, resource }: Identity): string {
  const parts = [
    credential,
    kind === 'user' ? 'a person who is signed in here' : kind,
    clientId === null ? null : `client id ${clientId}`,
    objectId === null ? null : `object id ${objectId}`,
    tenantId === null ? null : `tenant ${tenantId}`,
    resource
  ].filter((part) => part !== null)
  return parts.length === 0 ? 'a token that does not say whose it is' : parts.join(', ')
}

/**
 * Listens from now on to what Azure's identity library says while it looks for a credential, and returns what tells which
 * one was found last. The names alone are kept.
 */
export async function watchCredentials(): Promise<() => string | null> {
  const { logger } = await import('@azure/identity')
  const { info } = logger
  const { enabled, log } = info
  let last: string | null = null
  info.log = (...said: unknown[]) => {
    last = /\bResult for (\w{1,64}): SUCCESS/.exec(said.join(' '))?.[1] ?? last
    // Whoever asked for these lines still gets them.
    if (enabled) log(...said)
  }
  info.enabled = true
  return () => last
}

function readClaims(token: string): Record<string, unknown> {
  try {
    return decodeJwt(token)
  } catch {
    return {}
  }
}
