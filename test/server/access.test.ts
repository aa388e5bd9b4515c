import { DatabaseSync } from 'node:sqlite'
import t from 'tap'
import { parseDay } from '../../src/model/day.ts'
import { OperationalError } from '../../src/model/errors.ts'
import { networkOf } from '../../src/server/addresses.ts'
import { addKey } from '../support/keys.ts'
import { run, start } from '../support/command.ts'
import { cell, newService } from '../support/service.ts'

const ON = { auth: 'on' } as const
const MINUTE = 60_000

const statusOf = async (
  app: Awaited<ReturnType<typeof newService>>['app'],
  url: string,
  headers: Record<string, string>
): Promise<number> => (await app.inject({ url, headers })).statusCode

t.test('a key of the store works from the moment when it is added until it is revoked', async (t) => {
  const { app, store, clock } = await newService(t, ON)
  const { id, key, headers } = await addKey(store)
  const ways: Record<string, string>[] = [
    headers,
    { authorization: `Bearer ${key}` },
    { authorization: `Basic ${Buffer.from(`excel:${key}`).toString('base64')}` }
  ]
  for (const way of [...ways, ...ways]) t.equal(await statusOf(app, '/series', way), 200)
  await store.revokeApiKey(id)
  await clock.advance(2)
  for (const way of ways) t.equal(await statusOf(app, '/series', way), 401)
  t.equal(await statusOf(app, '/series', (await addKey(store, { name: 'other' })).headers), 200)
})

t.test('a key works until the end of its last day, in UTC', async (t) => {
  const { app, store, clock } = await newService(t, { ...ON, now: '2026-11-24T23:59:59Z' })
  const { headers } = await addKey(store, { expires: parseDay('2026-11-24') })
  t.equal(await statusOf(app, '/series', headers), 200)
  await clock.advance(1_000)
  t.equal(await statusOf(app, '/series', headers), 401)
})

t.test('what is told of a bad key is the same, whatever is wrong with it', async (t) => {
  const { app, store, file } = await newService(t, { ...ON, workspaces: ['default'] })
  const revoked = await addKey(store, { name: 'revoked' })
  await store.revokeApiKey(revoked.id)
  const expired = await addKey(store, { name: 'expired', expires: parseDay('2026-11-23') })
  const damaged = await addKey(store, { name: 'damaged', workspaces: ['default'] })
  const db = new DatabaseSync(file)
  db.prepare("update api_key set workspaces = null where name = 'damaged'").run()
  db.close()
  const answers = await Promise.all(
    [revoked.headers, expired.headers, damaged.headers, { 'x-api-key': 'never-there' }].map((headers) =>
      app.inject({ url: '/series', headers })
    )
  )
  t.equal(new Set(answers.map(({ body, headers }) => JSON.stringify([body, headers['www-authenticate']]))).size, 1)
  t.equal(answers[0]?.statusCode, 401)
})

t.test('a scope opens what belongs to it, and nothing else', async (t) => {
  const { app, store } = await newService(t, ON)
  const reads = await addKey(store, { name: 'reads' })
  const starts = await addKey(store, { name: 'starts', scopes: ['ingest'] })
  const both = await addKey(store, { name: 'both', scopes: ['read', 'ingest'] })
  const post = async (headers: Record<string, string>) => app.inject({ method: 'POST', url: '/ingest', headers })

  const refused = await post(reads.headers)
  t.equal(refused.statusCode, 403)
  t.match(refused.json(), { code: 'forbidden', detail: /reads.*ingest.*keys add/ })
  const run = await post(starts.headers)
  t.equal(run.statusCode, 202)
  t.equal((await post(both.headers)).statusCode, 202)

  for (const url of ['/series', '/locations', '/labels?by=actionType', '/status', '/runs', '/changes', '/nothing']) {
    const res = await app.inject({ url, headers: starts.headers })
    t.equal(res.statusCode, 403, url)
    t.match(res.json(), { code: 'forbidden', detail: /starts.*read/ }, url)
    t.not(await statusOf(app, url, both.headers), 403, url)
  }
  const location = new URL(String(run.headers.location)).pathname
  t.ok([200, 202].includes(await statusOf(app, location, starts.headers)), 'whoever may start a run may see its end')
})

t.test('a key of some workspaces reads these, and takes the first of them where none is named', async (t) => {
  const { app, store, fill, clock } = await newService(t, { ...ON, workspaces: ['alpha', 'beta'] })
  await fill('alpha', { '2026-11-01': [cell('Inbox', 1)] })
  await fill('beta', { '2026-11-01': [cell('Inbox', 2)] })
  const { headers } = await addKey(store, { workspaces: ['beta'] })
  t.match((await app.inject({ url: '/series', headers })).json(), { workspace: 'beta' })
  t.equal(await statusOf(app, '/series?workspace=alpha', headers), 404)
  t.match((await app.inject({ url: '/status', headers })).json(), { workspaces: [{ workspace: 'beta' }] })

  const beta = await store.ensureWorkspace('beta')
  await store.renameWorkspace(beta, 'gamma')
  await clock.advance(2)
  t.equal(await statusOf(app, '/series?workspace=gamma', headers), 200, 'under its new name too')
  t.equal(await statusOf(app, '/series?workspace=beta', headers), 404)
})

t.test('the last use of a key is written, and at most once a minute', async (t) => {
  const touched: string[] = []
  const { app, store, clock } = await newService(t, {
    ...ON,
    wrapStore: (plain) => ({
      ...plain,
      async touchApiKey(id, at) {
        touched.push(at.toISOString())
        await plain.touchApiKey(id, at)
      }
    })
  })
  const { headers } = await addKey(store)
  for (let i = 0; i < 5; i++) {
    await statusOf(app, '/series', headers)
    await clock.advance(MINUTE / 4)
  }
  t.same(touched, ['2026-11-24T06:00:00.000Z', '2026-11-24T06:01:00.000Z'])
  t.same(
    (await store.apiKeys()).map(({ lastUsedAt }) => lastUsedAt?.toISOString()),
    ['2026-11-24T06:01:00.000Z']
  )
})

async function broken(): Promise<never> {
  throw new OperationalError('store-unavailable', 'the store cannot be read or written')
}

t.test('a key works also while its use cannot be written, and is not believed while it cannot be read', async (t) => {
  const full = await newService(t, { ...ON, wrapStore: (store) => ({ ...store, touchApiKey: broken }) })
  const { headers } = await addKey(full.store)
  t.equal(await statusOf(full.app, '/series', headers), 200)

  const ofSettings = { name: 'siem', key: 'k'.repeat(32) }
  const gone = await newService(t, {
    ...ON,
    apiKeys: [ofSettings],
    wrapStore: (store) => ({ ...store, findApiKey: broken })
  })
  t.equal(await statusOf(gone.app, '/series', headers), 503)
  t.equal(
    await statusOf(gone.app, '/series', { 'x-api-key': ofSettings.key }),
    200,
    'one of the settings needs no store'
  )
})

t.test('a key is looked up again after a write, and on another day', async (t) => {
  let looks = 0
  const { app, store, clock } = await newService(t, {
    ...ON,
    wrapStore: (plain) => ({
      ...plain,
      findApiKey: async (hash) => {
        looks++
        return plain.findApiKey(hash)
      }
    })
  })
  const { headers } = await addKey(store)
  const ask = async (): Promise<void> => {
    for (let i = 0; i < 10; i++) t.equal(await statusOf(app, '/series', headers), 200)
  }
  await ask()
  const first = looks
  await ask()
  t.equal(looks, first)
  await store.ensureWorkspace('another')
  await ask()
  t.equal(looks, first + 1)
  await clock.advance(86_400_000)
  await ask()
  t.ok(looks > first + 1)
})

t.test('of a store that cannot tell of writes at once, requests at the same moment share one look', async (t) => {
  let looks = 0
  const { app, store, clock } = await newService(t, {
    ...ON,
    wrapStore: (plain) => ({
      ...plain,
      lastWrite: () => undefined,
      findApiKey: async (hash) => {
        looks++
        return plain.findApiKey(hash)
      }
    })
  })
  const { headers } = await addKey(store)
  for (let i = 0; i < 10; i++) await statusOf(app, '/series', headers)
  t.equal(looks, 1)
  await clock.advance(2)
  await statusOf(app, '/series', headers)
  t.equal(looks, 2)
  await clock.set('2026-11-24T05:00:00Z')
  await statusOf(app, '/series', headers)
  t.equal(looks, 3, 'a clock that is set back makes nothing last longer')
})

t.test('too many wrong keys from one address are refused for a while, a valid one never', async (t) => {
  const { app, store, clock } = await newService(t, ON)
  const { headers } = await addKey(store)
  const wrong = async (remoteAddress: string) =>
    app.inject({ url: '/series', headers: { 'x-api-key': 'wrong' }, remoteAddress })

  for (let i = 0; i < 60; i++) t.equal((await wrong('2001:db8:1:2::1')).statusCode, 401)
  const refused = await wrong('2001:db8:1:2:ffff::9')
  t.equal(refused.statusCode, 429, 'the addresses of one network count together')
  t.match(refused.json(), { code: 'rate-limited', detail: /60 seconds/ })
  t.equal(refused.headers['retry-after'], '60')
  t.equal((await wrong('2001:db8:1:3::1')).statusCode, 401)
  t.equal((await wrong('192.0.2.1')).statusCode, 401)
  const right = await app.inject({ url: '/series', headers, remoteAddress: '2001:db8:1:2::1' })
  t.equal(right.statusCode, 200)
  const none = await app.inject({ url: '/series', remoteAddress: '2001:db8:1:2::1' })
  t.equal(none.statusCode, 401, 'no key is not a wrong one')

  await clock.advance(MINUTE)
  t.equal((await wrong('2001:db8:1:2::1')).statusCode, 401)
})

t.test('the network of an address is that of its owner, however it is written', async (t) => {
  const cases: Record<string, string> = {
    '192.0.2.1': '192.0.2.1',
    '::ffff:192.0.2.1': '192.0.2.1',
    '2001:db8:1:2:3:4:5:6': '2001:db8:1:2::/64',
    '2001:0DB8:0001:0002::': '2001:db8:1:2::/64',
    '2001:db8::1': '2001:db8:0:0::/64',
    '2001:db8:1::5:6:7:8': '2001:db8:1:0::/64',
    '::1': '0:0:0:0::/64',
    'fe80::1%eth0': 'fe80:0:0:0::/64',
    '64:ff9b::192.0.2.33': '64:ff9b:0:0::/64',
    '': ''
  }
  for (const [address, network] of Object.entries(cases)) t.equal(networkOf(address), network, address)
})

t.test('a password that a browser has kept starts nothing for the page of another site', async (t) => {
  const { app, store } = await newService(t, { ...ON, corsOrigins: ['https://soc.example'] })
  const { key } = await addKey(store, { scopes: ['read', 'ingest'] })
  const basic = `Basic ${Buffer.from(`x:${key}`).toString('base64')}`
  const post = async (headers: Record<string, string>): Promise<number> =>
    (await app.inject({ method: 'POST', url: '/ingest', headers })).statusCode
  t.equal(await post({ authorization: basic, origin: 'https://evil.example' }), 403)
  t.equal(await post({ authorization: basic, 'sec-fetch-site': 'cross-site' }), 403)
  t.equal(await post({ authorization: basic, origin: 'https://soc.example' }), 202)
  t.equal(await post({ authorization: basic }), 202)
})

t.test(
  'in a running server a key works as soon as the command that adds it has ended, and not after the other',
  async (t) => {
    const cwd = t.testdir()
    const service = start(cwd, ['serve'], { PORT: '0', AUTH: 'on', INGEST_CRON: '', RATE_LIMIT_PER_MINUTE: '1000000' })
    t.teardown(() => service.child.kill('SIGKILL'))
    const rest = await service.seen('listening at ')
    await service.seen("AUTH=on and there is no key, so nobody can read anything: 'keys add NAME' makes one")
    const url = `${rest.slice(0, rest.indexOf('"'))}/series`
    const added = await run(cwd, ['keys', 'add', 'siem', '--json'])
    const { id, key } = JSON.parse(added.out) as { id: string; key: string }
    const ask = async (): Promise<number> => (await fetch(url, { headers: { 'x-api-key': key } })).status

    t.equal(await ask(), 200)
    // Asked without a pause until the command has ended, and once more.
    const asking = new AbortController()
    const busy = (async () => {
      while (!asking.signal.aborted) await ask()
    })()
    t.match(await run(cwd, ['keys', 'revoke', id]), { status: 0 })
    t.equal(await ask(), 401)
    asking.abort()
    await busy
  }
)
