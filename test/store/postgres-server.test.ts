// What is particular to a store that lies on a server: it can be lost, cut off, taken over, and opened by many at once.
import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { hashOfKey } from '../../src/model/api-key.ts'
import type { Clock } from '../../src/model/clock.ts'
import type { SeriesStore } from '../../src/model/store.ts'
import { openPostgresStore } from '../../src/store/postgres.ts'
import { lookAt } from '../../src/store/postgres/examine.ts'
import { MIGRATIONS } from '../../src/store/postgres/schema.ts'
import { cell } from '../support/counts.ts'
import { startCuttingProxy } from '../support/cutting-proxy.ts'
import { fakeClock, type FakeClock } from '../support/fake-clock.ts'
import { startPostgres } from '../support/postgres.ts'
import { counts, load, NOON, told } from './contract/support.ts'

const postgres = await startPostgres(t)
const ofOwnServer = { skip: postgres.own ? false : 'the server of TEST_POSTGRES_URL is left as it is' }
/** The whole statement, as it goes over the wire. */
const COMMIT = 'commit\0'
const LOST = { code: 'store-unavailable' }

async function open(t: Test, url: string, clock: Clock): Promise<SeriesStore> {
  const store = await openPostgresStore({ url, clock })
  t.teardown(() => store.close())
  return store
}

/** Until the store has noticed what has happened to its database, which takes it a few of its looks. */
async function noticed(store: SeriesStore, clock: FakeClock, when: () => boolean): Promise<void> {
  for (let i = 0; i < 500 && !when(); i++) {
    await clock.advance(1_000)
    await store.workspaces().catch(() => {})
    // Connections are made by the world, whose time is not ours to move.
    await sleep(20)
  }
}

t.test('many processes that start at once on an empty database make one store', async (t) => {
  const url = await postgres.schema()
  t.equal(await lookAt(url), null)
  const clock = fakeClock(NOON)
  const stores = await Promise.all([1, 2, 3, 4].map(() => open(t, url, clock)))
  const made = await Promise.all(stores.map((store) => store.ensureWorkspace('contoso')))
  t.equal(new Set(made.map(({ key }) => key)).size, 1)
  t.match(await lookAt(url), { format: MIGRATIONS.length, moving: false })
})

t.test('a store of a newer format is refused in one line, and left as it is', async (t) => {
  const url = await postgres.schema()
  const clock = fakeClock(NOON)
  const store = await open(t, url, clock)
  const contoso = await store.ensureWorkspace('contoso')
  await postgres.run(url, 'update store_format set format = 99')

  const refusal = { ...LOST, message: /^postgres:\/\/127\.0\.0\.1:\d+\/postgres has format 99, and this program/ }
  await t.rejects(openPostgresStore({ url, clock }), refusal)
  await t.rejects(lookAt(url), refusal)
  // One that was open before writes no more, and says why.
  await clock.advance(1_000)
  await store.workspaces()
  t.match(store.health(), /format 99/)
  await t.rejects(load({ store, contoso }, [counts('2026-11-01')]), { ...LOST, message: /format 99/ })
  t.equal(await postgres.run(url, 'select 1 from store_format where format = 99'), 1)
  t.equal(await postgres.run(url, 'select 1 from day'), 0)
})

t.test('a store that is being moved in is not opened before it is whole', async (t) => {
  const url = await postgres.schema()
  const clock = fakeClock(NOON)
  await (await open(t, url, clock)).close()
  await postgres.run(url, 'update store_format set moving = true')
  await t.rejects(openPostgresStore({ url, clock }), { ...LOST, message: /not whole.*'migrate'/ })
})

t.test('an address that leads nowhere is told without user and password, and with the reason', async (t) => {
  const clock = fakeClock(NOON)
  const wrong = postgres.url.replace('test:test@', 'test:hunter2@')
  const nobody = 'postgres://me:hunter2@127.0.0.1:1/series'
  const missing = postgres.url.replace(/postgres$/, 'no_such_database')
  for (const [url, reason] of [
    [nobody, /^postgres:\/\/127\.0\.0\.1:1\/series cannot be opened .*ECONNREFUSED/],
    [wrong, /password authentication failed/],
    [missing, /"no_such_database" does not exist/]
  ] as const) {
    const error: unknown = await openPostgresStore({ url, clock }).catch((caught: unknown) => caught)
    t.match(error, { ...LOST, message: reason })
    t.notMatch(String(error), /hunter2|:test@|\n/)
  }
})

t.test('a commit that is not confirmed is never told as done, whether it was or not', async (t) => {
  const url = await postgres.schema()
  const clock = fakeClock(NOON)
  const proxy = await startCuttingProxy(t, url)
  const store = await open(t, proxy.url, clock)
  const contoso = await store.ensureWorkspace('contoso')
  const bed = { store, contoso }

  void proxy.cutAt(COMMIT, 'before')
  await t.rejects(load(bed, [counts('2026-11-01', cell('Junk', 1))]), { ...LOST, message: /did not confirm/ })
  t.strictSame(await told(bed), [])
  void proxy.cutAt(COMMIT, 'after')
  await t.rejects(load(bed, [counts('2026-11-02', cell('Junk', 2))]), { ...LOST, message: /did not confirm/ })
  t.strictSame(await told(bed), [['2026-11-02', 'final', 'Junk 2']], 'it is there, and was not promised')
  await load(bed, [counts('2026-11-01', cell('Junk', 3))])
  t.equal((await told(bed)).length, 2)
  t.strictSame(await store.verify(), [])
})

t.test('a commit that gave up waiting for its standby is not told as done', ofOwnServer, async (t) => {
  const url = await postgres.schema()
  const store = await open(t, url, fakeClock(NOON))
  const bed = { store, contoso: await store.ensureWorkspace('contoso') }
  const waitFor = async (standbys: string): Promise<void> => {
    await postgres.run(postgres.url, `alter system set synchronous_standby_names = '${standbys}'`)
    await postgres.run(postgres.url, 'select pg_reload_conf()')
  }
  await waitFor('nobody')
  const write = load(bed, [counts('2026-11-01', cell('Junk', 1))])
  const ended = t.rejects(write, { ...LOST, message: /did not confirm/ })
  const cancel = "select pg_cancel_backend(pid) from pg_stat_activity where wait_event = 'SyncRep'"
  for (let i = 0; i < 500 && (await postgres.run(postgres.url, cancel)) === 0; i++) await sleep(10)
  await ended
  await waitFor('')
  await load(bed, [counts('2026-11-02')])
  t.strictSame(await store.verify(), [])
})

t.test('whoever follows the log misses nothing while several processes write', async (t) => {
  const url = await postgres.schema()
  const clock = fakeClock(NOON)
  const [reader, ...writers] = await Promise.all([1, 2, 3].map(() => open(t, url, clock)))
  if (reader === undefined) return
  const contoso = await reader.ensureWorkspace('contoso')
  const progress = { writing: true }
  const writing = Promise.all(
    writers.map(async (store, writer) => {
      for (let n = 1; n <= 25; n++) {
        const days = ['2026-11-01', `2026-11-1${n % 10}`].map((day) => counts(day, cell(`by ${writer}`, n)))
        await load({ store, contoso }, days, { replace: true })
      }
    })
  ).finally(() => (progress.writing = false))

  const followed: number[] = []
  for (let last = false; !last;) {
    last = !progress.writing
    const page = await reader.changes(contoso, followed.at(-1) ?? 0, 1_000)
    followed.push(...(page?.entries ?? []).map(({ revision }) => revision))
  }
  await writing
  const whole = (await reader.changes(contoso, 0, 1_000))?.entries.map(({ revision }) => revision)
  t.strictSame(followed, whole)
  t.equal(followed.length, 100)
  t.strictSame(await reader.verify(), [])
})

t.test('what was cut off before its commit is done once more, and a read too', async (t) => {
  const url = await postgres.schema()
  const proxy = await startCuttingProxy(t, url)
  const store = await open(t, proxy.url, fakeClock(NOON))
  const bed = { store, contoso: await store.ensureWorkspace('contoso') }
  await load(bed, [counts('2026-11-01', cell('Junk', 1))])
  await told(bed)

  for (const word of ['begin', 'put_days', 'put_entries', 'advance']) {
    void proxy.cutAt(word, 'after')
    await load(bed, [counts('2026-11-02', cell(`at ${word}`, 2))], { replace: true })
    t.strictSame((await told(bed))[1], ['2026-11-02', 'final', `at ${word} 2`])
  }
  void proxy.cutAt('state_and_days', 'before')
  t.equal((await told(bed)).length, 2)
  t.equal((await store.changes(bed.contoso, 0, 10))?.entries.length, 5, 'and none twice')
  t.strictSame(await store.verify(), [])
})

t.test(
  'a database that is lost is told from memory for a quarter of an hour, then not at all',
  ofOwnServer,
  async (t) => {
    const url = await postgres.schema()
    const clock = fakeClock(NOON)
    const store = await open(t, url, clock)
    const contoso = await store.ensureWorkspace('contoso')
    const bed = { store, contoso }
    const hash = hashOfKey('a key')
    await store.addApiKey(
      { name: 'siem', scopes: ['read'], workspaces: null, expires: null },
      { id: 'k1', prefix: 'p', hash }
    )
    await load(bed, [counts('2026-11-01', cell('Junk', 1))])
    const revision = await store.revision(contoso)
    const held = (await store.findWorkspace('contoso')) ?? contoso

    await postgres.kill()
    const since = clock.now()
    await noticed(store, clock, () => store.staleSince() !== null)
    t.ok((store.staleSince()?.getTime() ?? 0) >= since.getTime())
    t.match(store.health(), /lost \(ECONNREFUSED\).*memory/)
    t.notMatch(store.health(), /127\.0\.0\.1/, 'callers are told of it, and not of the address')
    t.equal(await store.revision(contoso), revision)
    t.equal((await store.findApiKey(hash))?.name, 'siem')
    t.equal((await store.workspaces()).length, 1)
    t.equal(store.lastRevision(held), undefined, 'nothing is told as if it were fresh')
    await t.rejects(told(bed), { ...LOST, message: /lost/ })
    await t.rejects(load(bed, [counts('2026-11-02')]), { ...LOST, message: /nothing can be written/ })

    await clock.advance(14 * 60_000)
    t.equal(await store.revision(contoso), revision)
    await clock.advance(2 * 60_000)
    await t.rejects(store.revision(contoso), LOST)
    await t.rejects(store.findApiKey(hash), LOST)

    // A standby answers, but what it says may be old, and it takes no writes.
    await postgres.start('standby')
    await noticed(store, clock, () => store.health()?.includes('standby') === true)
    t.match(store.health(), /standby/)
    await t.rejects(store.revision(contoso), LOST)

    await postgres.run(postgres.url, 'select pg_promote()')
    await noticed(store, clock, () => store.staleSince() === null)
    t.equal(store.health(), null)
    t.equal(await store.revision(contoso), revision)
    t.strictSame(await told(bed), [['2026-11-01', 'final', 'Junk 1']], 'what was acknowledged is there')
    await load(bed, [counts('2026-11-02')])
    t.equal((await told(bed)).length, 2)
  }
)

t.test(
  'nobody waits for a database that is cut off without a word, and it is used again when it answers',
  async (t) => {
    const clock = fakeClock(NOON)
    const proxy = await startCuttingProxy(t, await postgres.schema())
    const store = await open(t, proxy.url, clock)
    const bed = { store, contoso: await store.ensureWorkspace('contoso') }
    await load(bed, [counts('2026-11-01', cell('Junk', 1))])
    await told(bed)

    proxy.pull()
    // More than there are connections, and a write.
    const reads = Array.from({ length: 12 }, () => told(bed))
    const write = load(bed, [counts('2026-11-02', cell('Junk', 2))])
    const ends = Promise.allSettled([...reads, write])
    await noticed(store, clock, () => store.staleSince() !== null)
    for (const end of await ends) t.match(end, { status: 'rejected', reason: LOST })

    proxy.plug()
    await noticed(store, clock, () => store.staleSince() === null)
    t.strictSame(await told(bed), [['2026-11-01', 'final', 'Junk 1']])
    await load(bed, [counts('2026-11-02', cell('Junk', 2))])
    t.strictSame(await store.verify(), [])
  }
)

t.test('a log in parts, as docs/scaling.md makes them, is a log like any other', async (t) => {
  const text = readFileSync(new URL('../../docs/scaling.md', import.meta.url), 'utf8')
  const sql = /^```sql\n(.*?)^```$/ms.exec(text)?.[1] ?? ''
  const url = await postgres.schema()
  const clock = fakeClock(NOON)
  await (await open(t, url, clock)).close()
  await postgres.run(url, sql)
  const parts = "select 1 from pg_inherits where inhparent = 'change'::regclass"
  t.ok((await postgres.run(url, parts)) > 1)

  const store = await open(t, url, clock)
  for (const name of ['contoso', 'fabrikam', 'northwind']) {
    const bed = { store, contoso: await store.ensureWorkspace(name) }
    await load(bed, [counts('2026-11-01', cell('Junk', 1)), counts('2026-11-02')])
    await load(bed, [counts('2026-11-01', cell('Junk', 2))], { replace: true })
    t.equal((await store.changes(bed.contoso, 0, 10))?.entries.length, 3)
  }
  t.strictSame(await store.verify(), [])
  const [first] = await store.workspaces()
  if (first !== undefined) await store.removeWorkspace(first)
  t.equal(await postgres.run(url, 'select 1 from change'), 6)
})

t.test('another store in the same place is noticed, and nothing of the old one is told', async (t) => {
  const url = await postgres.schema()
  const clock = fakeClock(NOON)
  const store = await open(t, url, clock)
  const contoso = await store.ensureWorkspace('contoso')
  const before = store.generation()
  await clock.advance(60_000)
  t.equal(store.generation(), before)
  const schema = /search_path%3D(\w+)/.exec(url)?.[1] ?? ''
  await postgres.run(postgres.url, `drop schema ${schema} cascade; create schema ${schema}`)
  await (await open(t, url, clock)).ensureWorkspace('fabrikam')

  await noticed(store, clock, () => store.generation() !== before)
  t.not(store.generation(), before)
  t.strictSame(
    (await store.workspaces()).map(({ name }) => name),
    ['fabrikam']
  )
  await t.rejects(store.revision(contoso), { code: 'unknown-workspace' })
})
