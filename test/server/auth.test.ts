import t from 'tap'
import { newService } from '../support/service.ts'

const KEY = 'k'.repeat(32)
const OTHER = 'other-key-'.repeat(4)
const ON = {
  auth: 'on',
  apiKeys: [
    { name: 'grafana', key: KEY },
    { name: 'siem', key: OTHER }
  ]
} as const

const basic = (user: string, password: string): string =>
  `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`

t.test('a key is taken as bearer, in X-API-Key, and as the password of Basic, whatever the user', async (t) => {
  const { app } = await newService(t, ON)
  const ways: Record<string, string>[] = [
    { authorization: `Bearer ${KEY}` },
    { authorization: `bearer  ${KEY} ` },
    { 'x-api-key': KEY },
    { 'x-api-key': OTHER },
    { authorization: basic('anyone', KEY) },
    { authorization: basic('', KEY) },
    { authorization: 'Bearer of-the-proxy', 'x-api-key': KEY }
  ]
  for (const headers of ways) {
    const res = await app.inject({ url: '/series', headers })
    t.equal(res.statusCode, 200, JSON.stringify(headers))
  }
})

t.test(
  'no key, an unknown one and a wrong one are answered alike, and every route that holds data wants one',
  async (t) => {
    const { app } = await newService(t, ON)
    const ways: Record<string, string>[] = [
      {},
      { authorization: `Bearer ${KEY}x` },
      { authorization: `Bearer ${KEY.slice(1)}` },
      { authorization: `Bearer` },
      { authorization: KEY },
      { authorization: basic(KEY, '') },
      { authorization: basic(KEY, 'x') },
      { authorization: 'Basic !!!' },
      { authorization: `Digest ${KEY}` },
      { 'x-api-key': '' },
      { 'x-api-key': `${KEY}, ${KEY}` },
      { cookie: `key=${KEY}` }
    ]
    const bodies = new Set<string>()
    for (const headers of ways) {
      const res = await app.inject({ url: '/series', headers })
      t.equal(res.statusCode, 401, JSON.stringify(headers))
      t.equal(res.headers['www-authenticate'], 'Bearer')
      bodies.add(res.body)
    }
    t.equal(bodies.size, 1)
    t.match(JSON.parse([...bodies][0] ?? ''), { code: 'unauthorized', status: 401 })

    for (const url of ['/series', '/locations', '/labels?by=actionType', '/status', '/runs', '/runs/x', '/nothing']) {
      t.equal((await app.inject(url)).statusCode, 401, url)
    }
    t.equal((await app.inject({ method: 'POST', url: '/ingest' })).statusCode, 401)
    t.equal((await app.inject({ method: 'PUT', url: '/series' })).statusCode, 401)
  }
)

t.test('a key in the address is refused, and never logged', async (t) => {
  const { app, lines } = await newService(t, { ...ON, accessLog: true })
  for (const name of ['key', 'api_key', 'access_token', 'X-API-Key']) {
    const url = `/series?${name}=${KEY}`
    t.equal((await app.inject(url)).statusCode, 401, name)
    const res = await app.inject({ url, headers: { 'x-api-key': KEY } })
    t.equal(res.statusCode, 400, name)
    t.match(res.json(), { errors: [{ parameter: name, detail: /X-API-Key/ }] })
    t.notMatch(res.body, KEY)
  }
  await app.inject({ url: `/nothing?token=${KEY}`, headers: { authorization: `Bearer ${OTHER}` } })
  t.ok(lines.length >= 9)
  t.notMatch(JSON.stringify(lines), KEY)
  t.notMatch(JSON.stringify(lines), OTHER)
})

t.test('what holds no data is open', async (t) => {
  const { app } = await newService(t, ON)
  for (const url of [
    '/health/live',
    '/health/ready',
    '/',
    '/docs',
    '/docs/static/swagger-ui.css',
    '/docs/json',
    '/openapi.json'
  ]) {
    for (const method of ['GET', 'HEAD'] as const) t.equal((await app.inject({ method, url })).statusCode, 200, url)
  }
  const options = await app.inject({ method: 'OPTIONS', url: '/series' })
  t.equal(options.statusCode, 204)
  t.equal(options.headers.allow, 'GET, HEAD, OPTIONS')
})

t.test('a key of the settings reads, and may not start a run', async (t) => {
  const { app, store } = await newService(t, ON)
  const res = await app.inject({ method: 'POST', url: '/ingest', headers: { 'x-api-key': KEY } })
  t.equal(res.statusCode, 403)
  t.match(res.json(), { code: 'forbidden', detail: /grafana.*ingest.*keys add/ })
  t.same(await store.workspaces(), [])
})

t.test('with keys, whoever is asked for by any name and through any proxy answers', async (t) => {
  const { app } = await newService(t, ON)
  const headers = { host: 'series.example.org', 'x-forwarded-for': '10.0.0.1', 'x-api-key': KEY }
  t.equal((await app.inject({ url: '/series', headers })).statusCode, 200)
})
