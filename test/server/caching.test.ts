import t from 'tap'
import { gunzipSync, brotliDecompressSync } from 'node:zlib'
import type { LightMyRequestResponse } from 'fastify'
import Database from 'better-sqlite3'
import { parseDay } from '../../src/model/day.ts'
import { readyBody } from '../../src/server/ready.ts'
import { createReplyCache, type KeptReply } from '../../src/server/reply-cache.ts'
import { openSqliteStore } from '../../src/store/sqlite.ts'
import { fakeClock } from '../support/fake-clock.ts'
import { cell, newService } from '../support/service.ts'

const URL = '/series?from=2026-09-01&to=2026-11-03'

t.test('a validator that is sent back is answered 304, in every form of If-None-Match', async (t) => {
  const { app } = await newService(t)
  const first = await app.inject(URL)
  const { etag = '' } = first.headers
  t.match(etag, /^"[\w-]{20,}"$/)
  t.equal(first.headers['cache-control'], 'private, no-cache')
  t.equal(first.headers.vary, 'Authorization, X-API-Key, Accept, Accept-Encoding')
  for (const value of [etag, `"other", ${etag}`, `W/${etag}`, '*', `"a,b" ,W/"x",${etag}`]) {
    for (const method of ['GET', 'HEAD'] as const) {
      const res = await app.inject({ method, url: URL, headers: { 'if-none-match': value } })
      t.equal(res.statusCode, 304, `${method} ${value}`)
      t.equal(res.headers.etag, etag)
      t.equal(res.headers['cache-control'], first.headers['cache-control'])
      t.equal(res.headers.vary, first.headers.vary)
      t.equal(res.body, '')
    }
  }
  const other = await app.inject({ url: URL, headers: { 'if-none-match': '"other", W/"another", *x' } })
  t.equal(other.statusCode, 200)
})

t.test('what a client has already is not read from the store again', async (t) => {
  let reads = 0
  const { app, fill } = await newService(t, {
    wrapStore: (store) => ({ ...store, readDays: async (...asked) => (reads++, store.readDays(...asked)) })
  })
  await fill('default', { '2026-11-01': [cell('Inbox', 1)] })
  const { etag = '' } = (await app.inject(URL)).headers
  t.equal(reads, 1)
  await app.inject({ url: URL, headers: { 'if-none-match': etag } })
  t.equal(reads, 1)
})

t.test('the validator differs wherever the bytes may, and nowhere else', async (t) => {
  const { app, fill } = await newService(t, { workspaces: ['default', 'other'] })
  await fill('default', { '2026-11-01': [cell('Inbox', 1)] })
  const tagOf = async (query: string, headers = {}): Promise<unknown> =>
    (await app.inject({ url: `/series?${query}`, headers })).headers.etag
  const range = 'from=2026-11-01&to=2026-11-03'
  const base = await tagOf(range)
  t.equal(
    await tagOf('to=2026-11-03T08:00:00Z&from=1793491200000&by=location&step=day&format=json'),
    base,
    'the same question'
  )
  const others = await Promise.all([
    tagOf(`${range}&location=inbox`),
    tagOf(`${range}&by=total`),
    tagOf(`${range}&step=week`),
    tagOf(`${range}&layout=long`),
    tagOf(`${range}&format=csv`),
    tagOf(`${range}&format=ndjson`),
    tagOf(`${range}&actionType=x`),
    tagOf(`${range}&workspace=other`),
    tagOf('from=2026-11-01&to=2026-11-04'),
    tagOf(range, { 'accept-encoding': 'gzip' }),
    tagOf(range, { 'accept-encoding': 'br' })
  ])
  t.equal(new Set([base, ...others]).size, others.length + 1)
  await fill('other', { '2026-11-01': [cell('Inbox', 1)] })
  t.equal(await tagOf(range), base, 'another workspace changed')
  await fill('default', { '2026-05-01': [cell('Inbox', 1)] })
  t.not(await tagOf(range), base, 'the workspace changed')
})

t.test('midnight between two requests changes the validator only where it changes the answer', async (t) => {
  const { app, clock } = await newService(t, { now: '2026-11-24T23:59:00Z' })
  const tagsOf = async (): Promise<unknown[]> => {
    const urls = ['/series', '/series?from=2026-11-20&to=2026-11-30&step=week', '/series?from=2026-11-20&to=2026-11-30']
    return Promise.all(urls.map(async (url) => (await app.inject(url)).headers.etag))
  }
  const [range, week, days] = await tagsOf()
  await clock.advance(120_000)
  const [rangeAfter, weekAfter, daysAfter] = await tagsOf()
  t.not(range, rangeAfter, 'the default range moves')
  t.not(week, weekAfter, 'another day takes part in the week')
  t.equal(days, daysAfter, 'days themselves do not depend on the clock')
})

t.test('an answer with a damaged day has no validator, and shows it as missing', async (t) => {
  const { app, fill, file } = await newService(t)
  await fill('default', { '2026-11-01': [cell('Inbox', 1)], '2026-11-02': [cell('Inbox', 2)] })
  t.type((await app.inject('/series?from=2026-11-01&to=2026-11-01')).headers.etag, 'string')
  const db = new Database(file)
  db.exec('update day set checksum = checksum + 1 where day = (select min(day) from day)')
  db.close()
  for (let time = 1; time <= 2; time++) {
    const res = await app.inject('/series?from=2026-11-01&to=2026-11-02')
    t.match(res.json().series, [{ state: 'missing', Inbox: null }, { Inbox: 2 }])
    t.notOk(res.headers.etag)
  }
  const kept = await app.inject('/series?from=2026-11-01&to=2026-11-01')
  t.match(kept.json().series, [{ Inbox: 1 }], 'what was answered before it broke is right as it is')
})

t.test(
  'a repeated question is answered from memory, and no more so after any write, also by another process',
  async (t) => {
    const { app, fill, file } = await newService(t)
    await fill('default', { '2026-11-01': [cell('Inbox', 1)] })
    const ask = async (): Promise<unknown> => (await app.inject('/series?from=2026-11-01&to=2026-11-02')).json().series
    const first = await ask()
    const db = new Database(file)
    db.exec('update day set cells = zeroblob(3)')
    db.close()
    t.strictSame(await ask(), first, 'the rows are not even read')

    const other = await openSqliteStore({ path: file, clock: fakeClock('2026-11-24T12:00:00Z') })
    t.teardown(() => other.close())
    const terms = { today: parseDay('2026-11-24'), lagDays: 7, ranged: true, replace: false }
    const readings = [{ day: parseDay('2026-11-02'), cells: [cell('Inbox', 5)] }]
    await other.applyImport(await other.ensureWorkspace('default'), readings, terms)
    t.match(await ask(), [{ state: 'missing', Inbox: null }, { Inbox: 5 }], 'a new revision asks the store')
  }
)

t.test('who asks the same at once waits for one computation', async (t) => {
  let computed = 0
  const { promise, resolve } = Promise.withResolvers<void>()
  const cache = createReplyCache(1_000_000)
  const compute = async (): Promise<KeptReply> => {
    computed++
    await promise
    return { ready: readyBody(Buffer.from('x'), {}), unstable: false }
  }
  const asked = [cache.get('a', compute), cache.get('a', compute)]
  resolve()
  t.strictSame(
    (await Promise.all(asked)).map(({ ready }) => ready.body),
    ['x', 'x']
  )
  t.equal(computed, 1)
  await cache.get('a', compute)
  t.equal(computed, 1)
})

t.test(
  'the memory for answers is bounded, an unstable one is not kept, and one that failed is asked again',
  async (t) => {
    const cache = createReplyCache(80_000)
    const asked: string[] = []
    const get = (tag: string, bytes: number, unstable = false): Promise<KeptReply> =>
      cache.get(tag, async () => {
        asked.push(tag)
        return { ready: readyBody(Buffer.alloc(bytes), {}), unstable }
      })
    for (let i = 0; i < 20; i++) await get(`t${i}`, 8_900)
    asked.length = 0
    for (const tag of ['t19', 't18', 't0']) await get(tag, 8_900)
    await get('large', 50_000)
    await get('large', 50_000)
    await get('moving', 10, true)
    await get('moving', 10, true)
    t.strictSame(asked, ['t0', 'large', 'large', 'moving', 'moving'])
    await t.rejects(
      cache.get('bad', () => Promise.reject(new Error('no'))),
      { message: 'no' }
    )
    await get('bad', 10)
    t.equal(asked.at(-1), 'bad')
  }
)

t.test('large answers come packed as the client prefers, each with a validator of its own', async (t) => {
  const { app } = await newService(t)
  const plain = await app.inject(URL)
  const get = async (coding: string): Promise<LightMyRequestResponse> =>
    app.inject({ url: URL, headers: { 'accept-encoding': coding } })

  const gzip = await get('gzip, deflate')
  t.equal(gzip.headers['content-encoding'], 'gzip')
  t.equal(gunzipSync(gzip.rawPayload).toString(), plain.body)
  t.equal(gzip.headers['content-length'], String(gzip.rawPayload.length))
  const br = await get('br;q=1, gzip;q=0.5')
  t.equal(br.headers['content-encoding'], 'br')
  t.equal(brotliDecompressSync(br.rawPayload).toString(), plain.body)
  t.equal(new Set([plain, gzip, br].map((res) => res.headers.etag)).size, 3)

  for (const refusing of ['gzip;q=0, br;q=0', 'identity', '*;q=0', 'deflate', 'gzip;q=0', '']) {
    const res = await get(refusing)
    t.notOk(res.headers['content-encoding'], refusing)
    t.equal(res.body, plain.body)
  }
})

t.test('small answers stay as they are, and yet keep the validator of what was agreed on', async (t) => {
  const { app } = await newService(t)
  const url = '/series?from=2026-11-01&to=2026-11-01'
  const res = await app.inject({ url, headers: { 'accept-encoding': 'gzip' } })
  t.notOk(res.headers['content-encoding'])
  const again = await app.inject({
    url,
    headers: { 'accept-encoding': 'gzip', 'if-none-match': String(res.headers.etag) }
  })
  t.equal(again.statusCode, 304)
})

t.test('HEAD answers as GET does, without the body', async (t) => {
  const { app } = await newService(t)
  const urls = [URL, `${URL}&format=csv`, '/status', '/locations', '/runs', '/health/live', '/series?x=1', '/runs/none']
  for (const url of urls) {
    for (const coding of ['gzip', 'identity']) {
      const headers = { 'accept-encoding': coding }
      const get = await app.inject({ url, headers })
      const head = await app.inject({ method: 'HEAD', url, headers })
      t.equal(head.statusCode, get.statusCode, url)
      t.equal(head.body, '')
      t.same({ ...head.headers, date: null }, { ...get.headers, date: null }, `${url} ${coding}`)
    }
  }
})

t.test(
  'an answer during which the workspace changes is computed again, so that validator and bytes agree',
  async (t) => {
    let disturb = true
    const { app, fill } = await newService(t, {
      wrapStore: (store) => ({
        ...store,
        async readDays(...asked) {
          const read = await store.readDays(...asked)
          if (disturb) {
            disturb = false
            await fill('default', { '2026-11-01': [cell('Inbox', 2)] })
          }
          return read
        }
      })
    })
    await fill('default', { '2026-11-01': [cell('Inbox', 1)] })
    const res = await app.inject('/series?from=2026-11-01&to=2026-11-01&by=total')
    const calm = await app.inject('/series?from=2026-11-01&to=2026-11-01&by=total')
    t.equal(res.json().series[0].total, 2)
    t.equal(res.headers.etag, calm.headers.etag)
  }
)
