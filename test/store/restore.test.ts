import { copyFileSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import t, { type Test } from 'tap'
import { hashOfKey } from '../../src/model/api-key.ts'
import { addDays, type Day } from '../../src/model/day.ts'
import type { SeriesStore } from '../../src/model/store.ts'
import { checkCopy, copyStore } from '../../src/store/copy.ts'
import { restoreStore } from '../../src/store/restore.ts'
import { openSqliteStore } from '../../src/store/sqlite.ts'
import { cell, d } from '../support/counts.ts'
import { fakeClock } from '../support/fake-clock.ts'

const NOON = '2026-11-24T12:00:00Z'
const now = new Date(NOON)
const all = { from: d('2026-01-01'), to: d('2026-12-31') }

async function openAt(t: Test, path: string): Promise<SeriesStore> {
  const store = await openSqliteStore({ path, clock: fakeClock(NOON) })
  t.teardown(() => store.close())
  return store
}

async function load(store: SeriesStore, name: string, from: string, days: number): Promise<void> {
  const readings = Array.from({ length: days }, (_, i) => ({ day: addDays(d(from), i), cells: [cell('Junk', i + 1)] }))
  const terms = { today: d('2026-11-24'), lagDays: 7, ranged: true, replace: false }
  await store.applyImport(await store.ensureWorkspace(name), readings, terms)
}

async function daysOf(store: SeriesStore, name: string): Promise<Day[]> {
  const workspace = await store.findWorkspace(name)
  return workspace === undefined ? [] : (await store.readDays(workspace, all)).days.map(({ day }) => day)
}

async function addKey(store: SeriesStore, name: string, workspaces: readonly string[] | null = null): Promise<string> {
  const made = { id: `id-${name}`, prefix: 'pds_', hash: hashOfKey(name) }
  await store.addApiKey({ name, scopes: ['read'], workspaces, expires: null }, made)
  return made.id
}

const files = (t: Test) => {
  const folder = t.testdir()
  return { folder, store: join(folder, 'series.db'), copy: join(folder, 'copy.db') }
}

t.test('a copy of a store in use is whole, for its owner only, and leaves nothing beside it', async (t) => {
  const { folder, store: path, copy } = files(t)
  const store = await openAt(t, path)
  await load(store, 'contoso', '2026-03-01', 3)

  t.strictSame(copyStore(path, copy), { format: 1, workspaces: 1, coveredDays: 3 })
  t.equal(statSync(copy).mode & 0o777, 0o600)
  t.strictSame(
    readdirSync(folder).filter((name) => name.startsWith('copy')),
    ['copy.db']
  )
  await load(store, 'contoso', '2026-03-04', 1)
  t.strictSame(checkCopy(copy).coveredDays, 3, 'it stays as it was')
})

t.test('a copy with a change in a day, in its entry or in a label is refused', async (t) => {
  const { store: path, copy } = files(t)
  const store = await openAt(t, path)
  await load(store, 'contoso', '2026-03-01', 3)
  for (const sql of [
    'update day set revision = revision + 1 where day = (select min(day) from day)',
    'update change set day = day + 1 where revision = (select min(revision) from change)',
    `update label set text = 'junk' where text = 'Junk'`,
    `delete from label_log where text = 'Junk'`
  ]) {
    copyStore(path, copy)
    const db = new Database(copy)
    t.equal(db.prepare(sql).run().changes, 1)
    db.close()
    t.throws(() => checkCopy(copy), { code: 'store-unavailable', message: /copy\.db is damaged/ }, sql)
  }
})

t.test('what is no good copy is refused, and the store stays as it is', async (t) => {
  const { folder, store: path, copy } = files(t)
  const store = await openAt(t, path)
  await load(store, 'contoso', '2026-03-01', 3)
  writeFileSync(copy, 'no database at all\n'.repeat(100))

  for (const from of [copy, join(folder, 'nowhere.db')]) {
    await t.rejects(restoreStore({ from, to: path, withKeys: false, now }), {
      code: 'store-unavailable',
      message: from
    })
  }
  t.equal((await daysOf(store, 'contoso')).length, 3)
  t.strictSame(
    readdirSync(folder).filter((name) => /restored|replaced|part/.test(name)),
    []
  )
})

t.test('a store of a newer format is not replaced, and stays as it is', async (t) => {
  const { store: path, copy } = files(t)
  const store = await openAt(t, path)
  await load(store, 'contoso', '2026-03-01', 2)
  copyStore(path, copy)
  await store.close()
  const db = new Database(path)
  db.pragma('user_version = 999')
  db.close()
  const before = readFileSync(path)

  await t.rejects(restoreStore({ from: copy, to: path, withKeys: false, now }), { message: /format 999.*move it away/ })
  t.ok(before.equals(readFileSync(path)))
})

t.test('a server goes on with the restored days, and what was there before is kept', async (t) => {
  const { store: path, copy } = files(t)
  const store = await openAt(t, path)
  await load(store, 'contoso', '2026-03-01', 2)
  copyStore(path, copy)
  await load(store, 'fabrikam', '2026-04-01', 40)
  await load(store, 'contoso', '2026-03-03', 1)
  const workspace = await store.findWorkspace('contoso')
  const cursor = workspace === undefined ? 0 : await store.revision(workspace)

  const { facts, kept } = await restoreStore({ from: copy, to: path, withKeys: false, now })

  t.equal(facts.coveredDays, 2)
  t.strictSame(await daysOf(store, 'contoso'), ['2026-03-01', '2026-03-02'])
  t.strictSame(await daysOf(store, 'fabrikam'), [])
  t.strictSame(await store.verify(), [])
  t.equal(kept === null ? 0 : checkCopy(kept).coveredDays, 43)

  const again = await store.ensureWorkspace('contoso')
  t.equal(await store.changes(again, cursor, 10), undefined, 'a cursor from before is unknown')
  await load(store, 'contoso', '2026-03-03', 1)
  t.ok((await store.revision(again)) > cursor - 10, 'and no revision is issued for something else')
  t.strictSame(await daysOf(store, 'contoso'), ['2026-03-01', '2026-03-02', '2026-03-03'])
})

t.test('the present keys stay, also those limited to workspaces that the copy does not have', async (t) => {
  const { store: path, copy } = files(t)
  const store = await openAt(t, path)
  await addKey(store, 'old')
  await load(store, 'contoso', '2026-03-01', 2)
  copyStore(path, copy)
  await addKey(store, 'new', ['fabrikam'])
  await store.revokeApiKey('id-old')

  await restoreStore({ from: copy, to: path, withKeys: false, now })

  const keys = await store.apiKeys()
  t.strictSame(
    keys.map(({ name, workspaces, revokedAt }) => [name, workspaces, revokedAt !== null]),
    [
      ['new', ['fabrikam'], false],
      ['old', null, true]
    ]
  )
})

t.test("with the copy's keys, a key that was revoked since stays revoked", async (t) => {
  const { store: path, copy } = files(t)
  const store = await openAt(t, path)
  await addKey(store, 'one')
  await addKey(store, 'two')
  copyStore(path, copy)
  await store.revokeApiKey('id-one')

  await restoreStore({ from: copy, to: path, withKeys: true, now })

  t.ok((await store.findApiKey(hashOfKey('one')))?.revokedAt)
  t.equal((await store.findApiKey(hashOfKey('two')))?.revokedAt, null)
})

t.test(
  'where there are no present keys it is said that there are none now, unless those of the copy are taken',
  async (t) => {
    const { folder, store: path, copy } = files(t)
    const store = await openAt(t, path)
    await addKey(store, 'one')
    copyStore(path, copy)
    await store.close()

    for (const withKeys of [false, true]) {
      const to = join(folder, `lost-${withKeys}.db`)
      t.equal((await restoreStore({ from: copy, to, withKeys, now })).keysKept, withKeys)
      t.equal((await (await openAt(t, to)).apiKeys()).length, withKeys ? 1 : 0)
    }
  }
)

t.test('a store that is gone, or is no database any more, is replaced', async (t) => {
  const { folder, store: path, copy } = files(t)
  const store = await openAt(t, path)
  await load(store, 'contoso', '2026-03-01', 2)
  copyStore(path, copy)
  await store.close()
  const lost = join(folder, 'lost.db')
  const broken = join(folder, 'broken.db')
  writeFileSync(broken, 'rubbish\n'.repeat(2_000))
  copyFileSync(broken, `${broken}-wal`)

  const intoNothing = await restoreStore({ from: copy, to: lost, withKeys: false, now })
  t.strictSame(intoNothing, { facts: { format: 1, workspaces: 1, coveredDays: 2 }, kept: null, keysKept: true })
  const overRubbish = await restoreStore({ from: copy, to: broken, withKeys: false, now })
  t.equal(overRubbish.keysKept, false)
  t.match(readFileSync(overRubbish.kept ?? '', 'utf8'), /^rubbish/)
  for (const each of [lost, broken]) {
    const restored = await openAt(t, each)
    t.strictSame(await daysOf(restored, 'contoso'), ['2026-03-01', '2026-03-02'])
    t.strictSame(await restored.verify(), [])
  }
  t.notOk(existsSync(`${lost}.restored`))
})
