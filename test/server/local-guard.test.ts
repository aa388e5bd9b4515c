import t from 'tap'
import { newService } from '../support/service.ts'

t.test('without keys only local names, and those that we were told, are answered', async (t) => {
  const { app } = await newService(t, { allowedHosts: ['series.internal'] })
  const hosts: Record<string, number> = {
    localhost: 200,
    'LOCALHOST:8080': 200,
    'localhost.': 200,
    '127.0.0.1:8080': 200,
    '127.9.8.7': 200,
    '[::1]:8080': 200,
    '[0:0:0:0:0:0:0:1]': 200,
    '[::ffff:127.0.0.1]:8080': 200,
    '[::ffff:7f00:1]': 200,
    '127.0.0.1.': 200,
    'SERIES.internal.:8080': 200,
    'series.internal:8080': 200,
    'Series.Internal': 200,
    'evil.example': 403,
    'localhost.evil.example': 403,
    '127.0.0.1.evil.example': 403,
    'evil-localhost': 403,
    '128.0.0.1': 403,
    '[::2]': 403,
    '[::ffff:10.0.0.1]': 403,
    '[::1': 403,
    '::1:8080': 403,
    '127.0.0.1@evil.example': 403,
    'evil.example:80@localhost': 403,
    'localhost:8080:80': 403,
    'localhost..': 403,
    'local host': 403,
    '127.1': 403,
    '2130706433': 403,
    '127.0.0.999': 403,
    'series.internal.evil.example': 403,
    '0.0.0.0': 403
  }
  for (const [host, status] of Object.entries(hosts)) {
    t.equal((await app.inject({ url: '/series', headers: { host } })).statusCode, status, host)
  }
  const refused = (await app.inject({ url: '/status', headers: { host: 'evil.example' } })).json()
  t.match(refused, { code: 'forbidden', detail: /evil\.example.*AUTH=on.*ALLOWED_HOSTS/ })
})

t.test('a forwarded request is answered only through a proxy that we were told of', async (t) => {
  const headers = { 'x-forwarded-for': '203.0.113.9', 'x-forwarded-host': 'localhost', 'x-forwarded-proto': 'https' }
  const { app: alone } = await newService(t)
  for (const name of [
    'forwarded',
    'x-forwarded-for',
    'x-forwarded-host',
    'x-forwarded-port',
    'x-forwarded-proto',
    'x-forwarded-server',
    'x-real-ip'
  ]) {
    const res = await alone.inject({ url: '/series', headers: { [name]: 'for=1' } })
    t.equal(res.statusCode, 403, name)
    t.match(res.json().detail, /TRUST_PROXY/)
  }
  const { app } = await newService(t, { trustProxy: ['127.0.0.0/8', '::1'] })
  t.equal((await app.inject({ url: '/series', headers })).statusCode, 200)
  t.equal((await app.inject({ url: '/series', headers, remoteAddress: '::ffff:127.0.0.2' })).statusCode, 200)
  t.equal((await app.inject({ url: '/series', headers, remoteAddress: '::1' })).statusCode, 200)
  t.equal((await app.inject({ url: '/series', headers, remoteAddress: '203.0.113.1' })).statusCode, 403)
  const foreign = { ...headers, 'x-forwarded-host': 'evil.example' }
  t.equal((await app.inject({ url: '/series', headers: foreign })).statusCode, 403, 'its name still has to be ours')

  const run = await app.inject({ method: 'POST', url: '/ingest', headers })
  t.match(run.headers.location, /^https:\/\/localhost\/runs\//, 'what a known proxy says of the address is believed')
})

t.test('a page of another site can post nothing', async (t) => {
  const { app, store } = await newService(t, { corsOrigins: ['https://soc.example'] })
  const post = async (headers: Record<string, string>): Promise<number> =>
    (await app.inject({ method: 'POST', url: '/ingest', headers: { host: 'localhost:8080', ...headers } })).statusCode
  t.equal(await post({ 'sec-fetch-site': 'cross-site' }), 403)
  t.equal(await post({ 'sec-fetch-site': 'same-site' }), 403)
  t.equal(await post({ origin: 'https://evil.example' }), 403)
  t.equal(await post({ origin: 'null' }), 403)
  t.equal(await post({ origin: 'http://localhost:9090' }), 403)
  t.same(await store.workspaces(), [], 'nothing was started')
  t.equal(await post({}), 202)
  t.equal(await post({ origin: 'http://localhost:8080', 'sec-fetch-site': 'same-origin' }), 202)
  t.equal(await post({ origin: 'https://soc.example', 'sec-fetch-site': 'cross-site' }), 202)
  const get = await app.inject({
    url: '/series',
    headers: { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' }
  })
  t.equal(get.statusCode, 200, 'what only reads is left to the browser')
  t.notOk(get.headers['access-control-allow-origin'])
})

t.test('pages of the origins that we were told may read and call, also behind keys', async (t) => {
  const key = 'k'.repeat(32)
  const { app } = await newService(t, {
    auth: 'on',
    apiKeys: [{ name: 'soc', key }],
    corsOrigins: ['https://soc.example', 'https://other.example']
  })
  const origin = 'https://soc.example'
  const preflight = await app.inject({
    method: 'OPTIONS',
    url: '/series',
    headers: { origin, 'access-control-request-method': 'GET', 'access-control-request-headers': 'x-api-key' }
  })
  t.equal(preflight.statusCode, 204)
  t.equal(preflight.headers['access-control-allow-origin'], origin)
  t.match(preflight.headers['access-control-allow-headers'], /X-API-Key/)
  for (const [headers, status] of [
    [{ origin, 'x-api-key': key }, 200],
    [{ origin }, 401]
  ] as const) {
    const res = await app.inject({ url: '/series', headers: { ...headers } })
    t.equal(res.statusCode, status)
    t.equal(res.headers['access-control-allow-origin'], origin, 'also where it is refused, so that the page learns why')
    t.equal(res.headers.vary, 'Authorization, X-API-Key, Accept, Accept-Encoding, Origin')
  }
  t.equal((await app.inject({ method: 'PUT', url: '/series', headers: { 'x-api-key': key } })).statusCode, 405)
  t.equal((await app.inject({ url: '/nothing', headers: { 'x-api-key': key } })).statusCode, 404)
})
