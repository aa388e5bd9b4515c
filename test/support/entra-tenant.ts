// A tenant of Entra ID on this machine: its discovery documents and keys over https, and tokens signed with them.
import { once } from 'node:events'
import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { createServer } from 'node:https'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { exportJWK, SignJWT, type JWK } from 'jose'
import type { Clock } from '../../src/model/clock.ts'
import { makeCertificate } from './test-ca.ts'

export const TENANT = '11111111-aaaa-4aaa-8aaa-111111111111'
export const CLIENT = '22222222-bbbb-4bbb-8bbb-222222222222'
export const APPLICATION = '33333333-cccc-4ccc-8ccc-333333333333'

export interface SigningKey {
  readonly kid: string
  readonly privateKey: KeyObject
  readonly publicKey: KeyObject
  readonly jwk: JWK
}

export interface Tenant {
  /** Where it is reached. */
  readonly authority: string
  /** The keys that it lists; the first one signs. */
  keys: SigningKey[]
  /** Paths that were asked for. */
  readonly asked: string[]
  /** What it does instead of answering right. */
  answer: ((request: IncomingMessage, response: ServerResponse) => void) | null
  newKey(kid: string): Promise<SigningKey>
  /** An access token of version 2 for an hour from now, with the role `Series.Read`, but for what is said. */
  token(claims?: Record<string, unknown>, header?: { readonly alg?: string; readonly kid?: string }): Promise<string>
  /** Claims of such a token; of version 1 where it is said. */
  claims(version?: '1.0' | '2.0'): Record<string, unknown>
}

export async function startTenant(t: { teardown(end: () => void): unknown }, clock: Clock): Promise<Tenant> {
  const certificate = makeCertificate()
  setDefaultCACertificates([...getCACertificates('default'), certificate.cert])
  const server = createServer(certificate, (request, response) => {
    const path = request.url ?? ''
    tenant.asked.push(path)
    if (tenant.answer !== null) return tenant.answer(request, response)
    const body = documentAt(path)
    response.writeHead(body === null ? 404 : 200, { 'content-type': 'application/json' })
    response.end(JSON.stringify(body))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  const authority = `https://localhost:${(server.address() as AddressInfo).port}`
  const issuers = { '1.0': `https://sts.example/${TENANT}/`, '2.0': `${authority}/${TENANT}/v2.0` }

  const documentAt = (path: string): object | null => {
    if (path.endsWith('/keys')) return { keys: tenant.keys.map(({ jwk }) => jwk) }
    if (path === `/${TENANT}/.well-known/openid-configuration`) {
      return { issuer: issuers['1.0'], jwks_uri: `${authority}/${TENANT}/discovery/keys` }
    }
    if (path === `/${TENANT}/v2.0/.well-known/openid-configuration`) {
      return { issuer: issuers['2.0'], jwks_uri: `${authority}/${TENANT}/discovery/v2.0/keys` }
    }
    return null
  }

  const tenant: Tenant = {
    authority,
    keys: [],
    asked: [],
    answer: null,
    async newKey(kid) {
      const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
      return { kid, privateKey, publicKey, jwk: { ...(await exportJWK(publicKey)), kid, use: 'sig', kty: 'RSA' } }
    },
    claims(version = '2.0') {
      const now = Math.floor(clock.now().getTime() / 1_000)
      return {
        ver: version,
        iss: issuers[version],
        aud: version === '1.0' ? 'api://series' : APPLICATION,
        tid: TENANT,
        sub: 'subject-of-the-client',
        [version === '1.0' ? 'appid' : 'azp']: CLIENT,
        iat: now,
        nbf: now,
        exp: now + 3_600,
        roles: ['Series.Read']
      }
    },
    async token(claims = tenant.claims(), { alg = 'RS256', kid = tenant.keys[0]?.kid ?? '' } = {}) {
      const signing = tenant.keys.find((key) => key.kid === kid) ?? tenant.keys[0]
      if (signing === undefined) throw new Error('the tenant has no key')
      return new SignJWT(claims).setProtectedHeader({ alg, kid, typ: 'JWT' }).sign(signing.privateKey)
    }
  }
  tenant.keys = [await tenant.newKey('first')]
  return tenant
}

/** A text as it stands in a token. */
export function part(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}
