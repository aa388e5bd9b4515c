import { createHmac } from 'node:crypto'
import t, { type Test } from 'tap'
import { APPLICATION, CLIENT, part, startTenant, TENANT, type Tenant } from '../support/entra-tenant.ts'
import { fakeClock } from '../support/fake-clock.ts'
import { newService, type Service, type ServiceOptions } from '../support/service.ts'

const OTHER = '99999999-9999-4999-8999-999999999999'
const HOUR = 3_600_000

const started = startTenant(t, fakeClock('2026-11-24T06:00:00Z'))

interface Set extends Service {
  readonly tenant: Tenant
  /** The status of an answer to somebody with this token. */
  show(token: string, url?: string): Promise<number>
}

async function signedIn(t: Test, options: ServiceOptions = {}): Promise<Set> {
  const tenant = await started
  const service = await newService(t, {
    auth: 'on',
    entra: {
      tenantId: TENANT,
      audience: [APPLICATION, 'api://series'],
      clients: [CLIENT],
      authority: tenant.authority
    },
    ...options
  })
  tenant.asked.length = 0
  tenant.answer = null
  t.teardown(() => (tenant.answer = null))
  return {
    ...service,
    tenant,
    show: async (token, url = '/series') =>
      (await service.app.inject({ url, headers: { authorization: `Bearer ${token}` } })).statusCode
  }
}

t.test('a token of either version is taken as bearer, and its roles are its scopes', async (t) => {
  const { app, tenant, show } = await signedIn(t)
  t.equal(await show(await tenant.token()), 200)
  t.equal(await show(await tenant.token(tenant.claims('1.0'))), 200)

  const post = async (roles: unknown) => {
    const authorization = `Bearer ${await tenant.token({ ...tenant.claims(), roles })}`
    return app.inject({ method: 'POST', url: '/ingest', headers: { authorization } })
  }
  t.equal((await post(['Ingest.Run'])).statusCode, 202)
  const refused = await post(['Series.Read'])
  t.equal(refused.statusCode, 403)
  t.match(refused.json(), { code: 'forbidden', detail: new RegExp(`${CLIENT}.*Ingest\\.Run`) })
  for (const roles of [['Ingest.Run'], [], 'Series.Read', undefined, ['series.read']]) {
    const token = await tenant.token({ ...tenant.claims(), roles })
    t.equal(await show(token), 403, `with the roles ${JSON.stringify(roles)} nothing is read`)
  }
  const elsewhere: Record<string, string>[] = [
    { 'x-api-key': await tenant.token() },
    { authorization: `Basic ${Buffer.from(`x:${await tenant.token()}`).toString('base64')}` }
  ]
  for (const headers of elsewhere) t.equal((await app.inject({ url: '/series', headers })).statusCode, 401)
})

t.test('what is not exactly a good access token is refused, with one answer', async (t) => {
  const { app, tenant } = await signedIn(t)
  const good = tenant.claims()
  const now = Number(good['iat'])
  const { azp: _, ...idToken } = good
  const { nbf: _nbf, ...withoutNbf } = good
  const { exp: _exp, ...withoutExp } = good
  const { tid: _tid, ...withoutTenant } = good
  const { ver: _ver, ...withoutVersion } = good
  const [signing] = tenant.keys
  const publicKey = signing?.publicKey.export({ type: 'spki', format: 'pem' }).toString() ?? ''
  const unsigned = `${part({ alg: 'none', kid: 'first', typ: 'JWT' })}.${part(good)}.`
  const hmac = `${part({ alg: 'HS256', kid: 'first', typ: 'JWT' })}.${part(good)}`
  const [head = '', body = '', signature = ''] = (await tenant.token()).split('.')

  const bad: Record<string, string> = {
    'without a signature': unsigned,
    'without a signature, in other letters': `${part({ alg: 'NONE', kid: 'first' })}.${part(good)}.`,
    'signed with the public key as a secret': `${hmac}.${createHmac('sha256', publicKey).update(hmac).digest('base64url')}`,
    'of another algorithm': await tenant.token(good, { alg: 'PS256' }),
    'with other claims under the signature': `${head}.${part({ ...good, roles: ['Ingest.Run'] })}.${signature}`,
    'with its signature cut': `${head}.${body}.${signature.slice(0, -4)}`,
    'without its signature': `${head}.${body}.`,
    'with a key of its own in the header': await forged(tenant),
    'of another audience': await tenant.token({ ...good, aud: OTHER }),
    'of no audience': await tenant.token({ ...good, aud: undefined }),
    'of another issuer': await tenant.token({ ...good, iss: `https://login.example/${TENANT}/v2.0` }),
    'of version 2 with the issuer of version 1': await tenant.token({ ...good, iss: tenant.claims('1.0')['iss'] }),
    'of another tenant': await tenant.token({ ...good, tid: OTHER }),
    'without a tenant': await tenant.token(withoutTenant),
    'without a version': await tenant.token(withoutVersion),
    'of another client': await tenant.token({ ...good, azp: OTHER }),
    'of a client that is no id': await tenant.token({ ...good, azp: '' }),
    'that is an ID token': await tenant.token(idToken),
    'of version 1 that is an ID token': await tenant.token({ ...tenant.claims('1.0'), appid: undefined, azp: CLIENT }),
    'that has expired': await tenant.token({ ...good, exp: now }),
    'without an end': await tenant.token(withoutExp),
    'that is not valid yet': await tenant.token({ ...good, nbf: now + 1 }),
    'without a beginning': await tenant.token(withoutNbf),
    'of a key that nobody knows': await tenant.token(good, { kid: 'nobody-knows' }),
    'that is none': 'a.b.c',
    'that is nearly one': `${head}.${body}`
  }
  const answers = new Set<string>()
  for (const [what, token] of Object.entries(bad)) {
    const res = await app.inject({ url: '/series', headers: { authorization: `Bearer ${token}` } })
    t.equal(res.statusCode, 401, `a token ${what}`)
    answers.add(res.body)
  }
  t.equal(answers.size, 1)
})

/** Signed with a key that it brings along. */
async function forged(tenant: Tenant): Promise<string> {
  const own = await tenant.newKey('first')
  const kept = tenant.keys
  tenant.keys = [own]
  const token = await tenant.token()
  tenant.keys = kept
  const [, body = ''] = token.split('.')
  const { SignJWT } = await import('jose')
  const claims = JSON.parse(Buffer.from(body, 'base64url').toString()) as Record<string, unknown>
  return new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid: 'first', jwk: own.jwk }).sign(own.privateKey)
}

t.test('a token is good until it ends, also where it was shown before', async (t) => {
  const { tenant, show, clock } = await signedIn(t)
  const token = await tenant.token()
  t.equal(await show(token), 200)
  await clock.advance(HOUR - 1)
  t.equal(await show(token), 200)
  await clock.advance(1)
  t.equal(await show(token), 401)
})

t.test('without a list of clients each one is taken that was given a role', async (t) => {
  const { authority } = await started
  const entra = { tenantId: TENANT, audience: [APPLICATION], clients: [], authority }
  const { tenant, show } = await signedIn(t, { entra })
  t.equal(await show(await tenant.token({ ...tenant.claims(), azp: OTHER })), 200)
})

t.test('a flood of unknown keys does not become a flood of questions', async (t) => {
  const { tenant, show, clock } = await signedIn(t)
  const known = await tenant.token()
  t.equal(await show(known), 200)
  t.equal(tenant.asked.length, 2, 'the discovery document, and the keys')
  const flood = await Promise.all(
    Array.from({ length: 50 }, (_, i) => tenant.token(undefined, { kid: `unknown-${i}` }))
  )
  t.same(new Set(await Promise.all(flood.map((token) => show(token)))), new Set([401]))
  t.equal(tenant.asked.length, 2, 'so soon nobody is asked')
  await clock.advance(30_000)
  await Promise.all(flood.map((token) => show(token)))
  t.equal(tenant.asked.length, 4, 'later once for all of them')
  t.equal(await show(known), 200)
})

t.test('a new key is found when a token names it, and one that was taken back is not believed for long', async (t) => {
  const { tenant, show, clock } = await signedIn(t)
  const old = await tenant.token({ ...tenant.claims(), exp: Number(tenant.claims()['exp']) + 86_400 })
  t.equal(await show(old), 200)
  const before = tenant.keys
  t.teardown(() => (tenant.keys = before))
  tenant.keys = [await tenant.newKey('second')]
  await clock.advance(30_000)
  t.equal(await show(await tenant.token()), 200)
  t.equal(await show(old), 401, 'although it was good before')
})

t.test('the keys are read again each hour, behind the answers', async (t) => {
  const { tenant, show, clock } = await signedIn(t)
  const token = await tenant.token({ ...tenant.claims(), exp: Number(tenant.claims()['exp']) + 86_400 })
  await show(token)
  await clock.advance(HOUR + 1)
  const other = await tenant.token({ ...tenant.claims(), sub: 'other', exp: Number(tenant.claims()['exp']) + 86_400 })
  t.equal(await show(other), 200)
  while (tenant.asked.length < 4) await new Promise(setImmediate)
  t.equal(tenant.asked.length, 4)
})

const FAULTS: Record<string, Tenant['answer']> = {
  'answers 503': (_request, response) => void response.writeHead(503).end(),
  'ends the connection': (request) => void request.socket.destroy(),
  'answers something else': (_request, response) => void response.end('<html>'),
  'leads elsewhere': (_request, response) => void response.writeHead(302, { location: 'https://localhost:1/' }).end(),
  'names keys without https': (_request, response) =>
    void response.end(JSON.stringify({ issuer: 'https://sts.example/', jwks_uri: 'http://localhost:1/keys' })),
  'lists no key': (_request, response) =>
    void response.end(JSON.stringify({ issuer: 'x', jwks_uri: `https://${_request.headers.host}/keys`, keys: [] })),
  'answers without an end': (_request, response) => {
    const more = (): void => {
      while (!response.destroyed && response.write('x'.repeat(65_536)));
      response.once('drain', more)
    }
    more()
  }
}

for (const [fault, answer] of Object.entries(FAULTS)) {
  t.test(`while Entra ${fault}, known keys are good for a day, and API keys for ever`, async (t) => {
    const ofSettings = { name: 'siem', key: 'k'.repeat(32) }
    const { app, tenant, show, clock, lines } = await signedIn(t, { apiKeys: [ofSettings] })
    const claims = { ...tenant.claims(), exp: Number(tenant.claims()['exp']) + 10 * 86_400 }
    const token = await tenant.token(claims)
    t.equal(await show(token), 200)
    tenant.answer = answer
    for (let hours = 0; hours < 23; hours++) {
      await clock.advance(HOUR)
      t.equal(await show(await tenant.token({ ...claims, sub: `after ${hours} hours` })), 200)
    }
    await clock.advance(HOUR)
    t.equal(await show(token), 503, 'whether it is good cannot be told any more')
    t.match(lines.at(-1), { status: 503, msg: 'request refused' })
    const headers = { 'x-api-key': ofSettings.key }
    t.equal((await app.inject({ url: '/series', headers })).statusCode, 200)
    t.equal((await app.inject({ url: '/health/ready', headers })).statusCode, 200)

    tenant.answer = null
    await clock.advance(5_000)
    t.equal(await show(token), 200, 'and it comes back by itself')
    t.notMatch(JSON.stringify(lines), token.split('.')[2] ?? '')
  })
}

t.test('an Entra that never answers is given up, and asked again only after a pause', async (t) => {
  const { tenant, show, clock } = await signedIn(t)
  const arrived = new Promise<void>((resolve) => (tenant.answer = () => resolve()))
  const token = await tenant.token()
  const first = show(token)
  const second = show(await tenant.token({ ...tenant.claims(), sub: 'other' }))
  await arrived
  await clock.advance(5_000)
  t.same(await Promise.all([first, second]), [503, 503])
  t.equal(tenant.asked.length, 1, 'both waited for one question')
})
