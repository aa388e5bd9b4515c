import t, { type Test } from 'tap'
import type { LightMyRequestResponse } from 'fastify'
import { addKey } from '../support/keys.ts'
import { cell, newService, type Service, type ServiceOptions } from '../support/service.ts'

const URL = '/series?from=2026-11-01&to=2026-11-03'

interface Watched extends Service {
  /** How often a workspace was looked for: not at all by an answer out of memory. */
  searches(): number
}

/** A service that tells whether a request went the long way. */
async function watched(t: Test, options: ServiceOptions = {}): Promise<Watched> {
  let searches = 0
  const service = await newService(t, {
    ...options,
    wrapStore: (store) => ({
      ...store,
      findWorkspace: async (name) => (searches++, store.findWorkspace(name)),
      workspaces: async () => (searches++, store.workspaces())
    })
  })
  return { ...service, searches: () => searches }
}

function told({ statusCode, headers, body }: LightMyRequestResponse): object {
  return { statusCode, body, headers: { ...headers, date: null, ratelimit: null } }
}

t.test('what is answered again is the same to the last byte, head and body', async (t) => {
  const { app, store, fill, searches } = await watched(t, {
    auth: 'on',
    rateLimitPerMinute: 1_000,
    corsOrigins: ['https://soc.example']
  })
  await fill('default', { '2026-11-01': [cell('Inbox', 1), cell('Ünïcode/Æ', 2)], '2026-11-02': [] })
  const { headers: key } = await addKey(store)
  const year = '/series?from=2025-11-01&to=2026-11-03'
  for (const url of [URL, year, `${URL}&format=csv`, `${URL}&by=deliveryLocation`, `${URL}&location=inbox,junk`]) {
    for (const more of [{}, { origin: 'https://soc.example' }, { 'accept-encoding': 'gzip' }]) {
      const headers = { ...key, ...more }
      const first = await app.inject({ url, headers })
      t.equal(first.statusCode, 200)
      const before = searches()
      t.strictSame(told(await app.inject({ url, headers })), told(first), url)
      const head = await app.inject({ method: 'HEAD', url, headers })
      t.strictSame(told(head), { ...told(first), body: '' })
      t.equal(searches(), before, 'nothing was looked for')

      const had = { ...headers, 'if-none-match': String(first.headers.etag) }
      const unchanged = await app.inject({ url, headers: had })
      t.equal(unchanged.statusCode, 304)
      t.strictSame(told(await app.inject({ url: `${url}&`, headers: had })), told(unchanged), 'the long way')
      const { 'content-type': _type, 'content-length': _length, 'content-encoding': _coding, ...rest } = first.headers
      t.strictSame({ ...unchanged.headers, ratelimit: null, date: null }, { ...rest, ratelimit: null, date: null })
    }
  }
})

t.test('the same address is another question for another form, and each is answered again', async (t) => {
  const { app, fill, searches } = await watched(t)
  await fill('default', { '2026-11-01': [cell('Inbox', 1)] })
  const forms = ['application/json', 'text/csv', 'application/x-ndjson'].flatMap((accept) =>
    ['identity', 'gzip'].map((coding) => ({ accept, 'accept-encoding': coding }))
  )
  const ask = async (): Promise<object[]> => {
    const answers: object[] = []
    for (const headers of forms) answers.push(told(await app.inject({ url: URL, headers })))
    return answers
  }
  const first = await ask()
  const before = searches()
  t.strictSame(await ask(), first)
  t.equal(searches(), before, 'none went the long way')
  t.equal(new Set(first.map((answer) => JSON.stringify(answer))).size, forms.length)
})

t.test('an answer out of memory passes every gate: it is counted, refused and logged as any other', async (t) => {
  const { app, store, fill, lines } = await watched(t, { auth: 'on', rateLimitPerMinute: 4, accessLog: true })
  await fill('default', { '2026-11-01': [cell('Inbox', 1)] })
  const { headers, id } = await addKey(store)
  const url = `${URL}&location=inbox`
  const left: unknown[] = []
  for (let i = 0; i < 5; i++) {
    const { statusCode, headers: answered } = await app.inject({ url, headers })
    left.push([statusCode, answered['ratelimit']])
  }
  t.same(left, [
    [200, '"key";r=3;t=60'],
    [200, '"key";r=2;t=60'],
    [200, '"key";r=1;t=60'],
    [200, '"key";r=0;t=60'],
    [429, '"key";r=0;t=60']
  ])
  const [first, again] = lines.filter(({ msg }) => msg === 'request answered')
  t.same({ ...again, requestId: null, ms: null, time: null }, { ...first, requestId: null, ms: null, time: null })
  t.equal((await app.inject({ url })).statusCode, 401)
  await store.revokeApiKey(id)
  t.equal((await app.inject({ url, headers })).statusCode, 401)
})

t.test('nobody is answered with what another may read', async (t) => {
  const { app, store, fill } = await watched(t, { auth: 'on', workspaces: ['alpha', 'beta'] })
  await fill('alpha', { '2026-11-01': [cell('Inbox', 1)] })
  await fill('beta', { '2026-11-01': [cell('Inbox', 2)] })
  const alpha = await addKey(store, { name: 'a', workspaces: ['alpha'] })
  const beta = await addKey(store, { name: 'b', workspaces: ['beta'] })
  for (let i = 0; i < 3; i++) {
    t.equal((await app.inject({ url: URL, headers: alpha.headers })).json().workspace, 'alpha')
    t.equal((await app.inject({ url: URL, headers: beta.headers })).json().workspace, 'beta')
    const named = `${URL}&workspace=alpha`
    t.equal((await app.inject({ url: named, headers: alpha.headers })).statusCode, 200)
    t.equal((await app.inject({ url: named, headers: beta.headers })).statusCode, 404)
  }
})

t.test('what was remembered is forgotten when anything that it depended on is another', async (t) => {
  const { app, store, fill, clock, searches } = await watched(t, { workspaces: [] })
  await fill('beta', { '2026-11-22': [cell('Inbox', 1)] })
  const ask = async (url: string): Promise<{ workspace: string; to: string; series: { Inbox?: number }[] }> =>
    (await app.inject(url)).json()
  const fixed = '/series?from=2026-11-22&to=2026-11-22&workspace=beta'
  for (const url of ['/series', fixed, '/series', fixed]) t.equal((await ask(url)).workspace, 'beta')
  const before = searches()
  t.equal((await ask('/series')).workspace, 'beta')
  t.match(await ask(fixed), { series: [{ Inbox: 1 }] })
  t.equal(searches(), before)

  await fill('beta', { '2026-11-22': [cell('Inbox', 5)] })
  t.match(await ask(fixed), { series: [{ Inbox: 5 }] }, 'its counts')
  await fill('alpha', { '2026-11-22': [cell('Inbox', 7)] })
  t.equal((await ask('/series')).workspace, 'alpha', 'which workspace is the first')
  t.match(await ask(fixed), { series: [{ Inbox: 5 }] })
  t.equal((await ask('/series')).to, '2026-11-23')
  await clock.advance(86_400_000)
  t.equal((await ask('/series')).to, '2026-11-24', 'the day')
  const beta = await store.findWorkspace('beta')
  if (beta === undefined) throw new Error('there is no beta')
  await store.renameWorkspace(beta, 'gamma')
  t.equal((await app.inject(fixed)).statusCode, 404, 'its name')
})

t.test('a question about the past, an unstable answer and a refusal are never remembered', async (t) => {
  const { app, fill, searches } = await watched(t)
  await fill('default', { '2026-11-01': [cell('Inbox', 1)] })
  for (const url of [`${URL}&asOf=2026-11-20`, `${URL}&workspace=none`]) {
    await app.inject(url)
    const before = searches()
    await app.inject(url)
    t.ok(searches() > before, url)
  }
})
