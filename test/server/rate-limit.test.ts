import t from 'tap'
import { createRateLimit } from '../../src/server/rate-limit.ts'
import { addKey } from '../support/keys.ts'
import { newService } from '../support/service.ts'

t.test('each key has its requests in a minute, and is told what is left', async (t) => {
  const { app, store, clock } = await newService(t, { auth: 'on', rateLimitPerMinute: 3 })
  const one = await addKey(store, { name: 'one' })
  const other = await addKey(store, { name: 'other' })
  const ask = async (headers: Record<string, string>) => app.inject({ url: '/series', headers })

  const first = await ask(one.headers)
  t.equal(first.headers['ratelimit-policy'], '"key";q=3;w=60')
  t.equal(first.headers['ratelimit'], '"key";r=2;t=60')
  await clock.advance(10_500)
  t.equal(
    (await ask({ authorization: `Bearer ${one.key}` })).headers['ratelimit'],
    '"key";r=1;t=50',
    'however it is sent'
  )
  t.equal((await ask(one.headers)).statusCode, 200)
  const refused = await ask(one.headers)
  t.equal(refused.statusCode, 429)
  t.match(refused.json(), {
    type: /rate-limited$/,
    code: 'rate-limited',
    status: 429,
    detail: /3 requests.*50 seconds/
  })
  t.equal(refused.headers['content-type'], 'application/problem+json')
  t.equal(refused.headers['retry-after'], '50')
  t.equal(refused.headers['ratelimit'], '"key";r=0;t=50')

  t.equal((await ask(other.headers)).statusCode, 200, 'another key has its own')
  await clock.advance(49_500)
  t.equal((await ask(one.headers)).headers['ratelimit'], '"key";r=2;t=60', 'after so many seconds there are all again')
})

t.test('without keys each address is counted, an IPv6 one by its network', async (t) => {
  const { app } = await newService(t, { rateLimitPerMinute: 1, trustProxy: ['10.0.0.1'] })
  const ask = async (remoteAddress: string, headers: Record<string, string> = {}) =>
    (await app.inject({ url: '/series', remoteAddress, headers })).statusCode
  t.equal(await ask('192.0.2.1'), 200)
  t.equal(await ask('::ffff:192.0.2.1'), 429)
  t.equal(await ask('2001:db8::1'), 200)
  t.equal(await ask('2001:db8::2'), 429)
  const through = { 'x-forwarded-host': 'localhost' }
  t.equal(await ask('10.0.0.1', { ...through, 'x-forwarded-for': '203.0.113.7' }), 200)
  t.equal(
    await ask('10.0.0.1', { ...through, 'x-forwarded-for': '203.0.113.8' }),
    200,
    'that of the client, not of the proxy'
  )
  t.equal(await ask('10.0.0.1', { ...through, 'x-forwarded-for': '203.0.113.7' }), 429)
  t.equal(
    await ask('10.0.0.1', { ...through, 'x-forwarded-for': '198.51.100.1, 203.0.113.7' }),
    429,
    'what the client claims before it counts for nothing'
  )
})

t.test('routes that hold no data know no limit', async (t) => {
  for (const auth of ['on', 'off'] as const) {
    const { app } = await newService(t, { auth, rateLimitPerMinute: 1 })
    for (const url of ['/health/live', '/health/ready', '/', '/openapi.json']) {
      for (let i = 0; i < 3; i++) {
        const res = await app.inject(url)
        t.equal(res.statusCode, 200, url)
        t.notOk(res.headers['ratelimit'])
      }
    }
  }
})

t.test('a refused request counts, and one whose key is refused does not count for anybody', async (t) => {
  const { app, store } = await newService(t, { auth: 'on', rateLimitPerMinute: 2 })
  const { headers } = await addKey(store)
  await app.inject({ url: '/series', headers: { 'x-api-key': 'wrong' } })
  await app.inject({ url: '/series?x=1', headers })
  t.equal((await app.inject({ url: '/nothing', headers })).headers['ratelimit'], '"key";r=0;t=60')
  t.equal((await app.inject({ method: 'POST', url: '/series', headers })).statusCode, 429)
})

t.test('a clock that is set back locks nobody out, and the memory of many has an end', async (t) => {
  const limit = createRateLimit('key', 1)
  t.equal(limit.take('a', 1_000_000).allowed, true)
  t.equal(limit.take('a', 1_000_000).allowed, false)
  t.equal(limit.take('a', 0).allowed, true)
  for (let i = 0; i < 20_000; i++) limit.take(`address ${i}`, 0)
  t.equal(limit.take('a', 0).allowed, true, 'it was forgotten')
})
