// API keys: how they are sent, and whose they are.
import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import type { Caller, Scope } from './caller.ts'

/** Whoever sends one of these keys; undefined for all others. */
export type KeyRing = (headers: IncomingHttpHeaders) => Caller | undefined

/** The keys of the settings: each may read every workspace, and no more. */
export function createKeyRing(keys: readonly { readonly name: string; readonly key: string }[]): KeyRing {
  const known = keys.map(({ name, key }) => ({
    digest: digestOf(key),
    caller: { name, scopes: new Set<Scope>(['read']), mayRead: () => true }
  }))
  return (headers) => {
    let caller: Caller | undefined
    for (const presented of presentedKeys(headers)) {
      const digest = digestOf(presented)
      // All are compared, whichever fits: how long it takes tells nothing about any key.
      for (const key of known) if (timingSafeEqual(key.digest, digest)) caller = key.caller
    }
    return caller
  }
}

function digestOf(key: string): Buffer {
  return createHash('sha256').update(key).digest()
}

/** What the headers offer as a key: `X-API-Key`, a bearer, or the password of Basic. */
function presentedKeys(headers: IncomingHttpHeaders): string[] {
  const [scheme = '', ...rest] = (headers.authorization ?? '').split(' ')
  const credentials = rest.join(' ').trim()
  const keys = [headers['x-api-key'] ?? ''].flat()
  if (scheme.toLowerCase() === 'bearer') keys.push(credentials)
  if (scheme.toLowerCase() === 'basic') keys.push(passwordOf(credentials))
  return keys.filter((key) => key !== '')
}

function passwordOf(credentials: string): string {
  const text = Buffer.from(credentials, 'base64').toString()
  return text.includes(':') ? text.slice(text.indexOf(':') + 1) : ''
}
