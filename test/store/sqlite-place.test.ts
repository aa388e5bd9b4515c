import { execFileSync } from 'node:child_process'
import * as fs from 'node:fs'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statfsSync,
  writeFileSync
} from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import t, { type Test } from 'tap'
import type { Day } from '../../src/model/day.ts'
import type { SeriesStore } from '../../src/model/store.ts'
import { copyStore } from '../../src/store/copy.ts'
import { openSqliteStore } from '../../src/store/sqlite.ts'
import { refuseNetwork } from '../../src/store/sqlite/place.ts'
import { cell, d } from '../support/counts.ts'
import { fakeClock, type FakeClock } from '../support/fake-clock.ts'

const all = { from: d('2026-01-01'), to: d('2026-12-31') }
const WATCHED_MS = 1_500

interface Bed {
  readonly folder: string
  readonly path: string
  readonly clock: FakeClock
  readonly store: SeriesStore
}

async function openIn(t: Test, folder: string): Promise<Bed> {
  const path = join(folder, 'series.db')
  const clock = fakeClock('2026-11-24T12:00:00Z')
  const store = await openSqliteStore({ path, clock })
  t.teardown(() => store.close())
  return { folder, path, clock, store }
}

async function load(store: SeriesStore, day: string): Promise<void> {
  const terms = { today: d('2026-11-24'), lagDays: 7, ranged: true, replace: false }
  await store.applyImport(await store.ensureWorkspace('contoso'), [{ day: d(day), cells: [cell('Junk', 1)] }], terms)
}

async function daysOf(store: SeriesStore): Promise<Day[]> {
  const workspace = await store.findWorkspace('contoso')
  return workspace === undefined ? [] : (await store.readDays(workspace, all)).days.map(({ day }) => day)
}

/** What a process that opens the file now would find. */
async function daysIn(t: Test, path: string): Promise<Day[]> {
  const store = await openSqliteStore({ path, clock: fakeClock('2026-11-24T12:00:00Z') })
  const days = await daysOf(store)
  t.strictSame(await store.verify(), [])
  await store.close()
  return days
}

/** Whoever asks makes the store look; what it finds is opened behind the write that is under way. */
async function looked(store: SeriesStore, clock: FakeClock): Promise<void> {
  await clock.advance(WATCHED_MS)
  await store.workspaces()
  await clock.advance(0)
}

const unavailable = { code: 'store-unavailable' }

t.test('a store that another file was renamed over goes on with that file', async (t) => {
  const { folder, path, clock, store } = await openIn(t, t.testdir())
  await load(store, '2026-03-01')
  copyStore(path, join(folder, 'copy.db'))
  await load(store, '2026-03-02')
  t.equal(store.health(), null)
  const before = store.generation()

  renameSync(join(folder, 'copy.db'), path)
  t.match(store.health(), /another file/)
  await looked(store, clock)
  t.equal(store.health(), null)
  t.ok(store.generation() > before)
  t.strictSame(await daysOf(store), ['2026-03-01'])
  await load(store, '2026-03-03')
  t.strictSame(await daysIn(t, path), ['2026-03-01', '2026-03-03'])
})

t.test('a write that finds another file in the place of the store goes into that one', async (t) => {
  const { folder, path, store } = await openIn(t, t.testdir())
  await load(store, '2026-03-01')
  copyStore(path, join(folder, 'copy.db'))
  await load(store, '2026-03-02')
  renameSync(join(folder, 'copy.db'), path)

  await load(store, '2026-03-03')
  t.strictSame(await daysOf(store), ['2026-03-01', '2026-03-03'])
  t.strictSame(await daysIn(t, path), ['2026-03-01', '2026-03-03'])
})

t.test('writes still in the log of a file that was moved away go with it, and not into the new one', async (t) => {
  const { folder, path, clock, store } = await openIn(t, t.testdir())
  await load(store, '2026-03-01')
  await store.checkpoint()
  copyStore(path, join(folder, 'copy.db'))
  await load(store, '2026-03-02')

  const away = join(folder, 'away.db')
  renameSync(path, away)
  renameSync(join(folder, 'copy.db'), path)
  await looked(store, clock)

  t.strictSame(await daysOf(store), ['2026-03-01'])
  t.strictSame(await daysIn(t, away), ['2026-03-01', '2026-03-02'])
  t.strictSame(await daysIn(t, path), ['2026-03-01'])
})

t.test('another file in the place of the store is noticed by who asks whether anything was written', async (t) => {
  const folder = t.testdir()
  for (const name of ['series.db', 'other.db']) {
    const store = await openSqliteStore({ path: join(folder, name), clock: fakeClock('2026-11-24T12:00:00Z') })
    await load(store, '2026-03-01')
    await store.close()
  }
  const { path, clock, store } = await openIn(t, folder)
  const written = store.lastWrite()
  renameSync(join(folder, 'other.db'), path)
  await clock.advance(WATCHED_MS)
  store.lastWrite()
  await clock.advance(0)
  t.equal(store.health(), null)
  t.not(store.lastWrite(), written)
})

t.test(
  'a log that somebody still reads is not carried from the file that was moved away into the new one',
  async (t) => {
    const { folder, path, clock, store } = await openIn(t, t.testdir())
    await load(store, '2026-03-01')
    await store.checkpoint()
    copyStore(path, join(folder, 'copy.db'))
    const reading = new Database(path, { readonly: true })
    t.teardown(() => reading.close())
    reading.exec('begin')
    t.strictSame(reading.prepare('select count(*) from day').pluck().get(), 1)
    await load(store, '2026-03-02')

    renameSync(path, join(folder, 'away.db'))
    renameSync(join(folder, 'copy.db'), path)
    await looked(store, clock)

    t.strictSame(await daysOf(store), ['2026-03-01'])
    t.strictSame(await daysIn(t, path), ['2026-03-01'])
  }
)

t.test('a store that was removed is read on, takes no writes, and is followed when a file comes back', async (t) => {
  const { folder, path, clock, store } = await openIn(t, t.testdir())
  await load(store, '2026-03-01')
  const copy = join(folder, 'copy.db')
  copyStore(path, copy)

  for (const ending of ['', '-wal', '-shm']) rmSync(`${path}${ending}`, { force: true })
  await looked(store, clock)
  t.match(store.health(), /is gone/)
  t.strictSame(await daysOf(store), ['2026-03-01'])
  await t.rejects(load(store, '2026-03-02'), unavailable)
  t.notOk(existsSync(path), 'no empty store takes its place')

  copyFileSync(copy, path)
  await looked(store, clock)
  t.equal(store.health(), null)
  await load(store, '2026-03-02')
  t.strictSame(await daysIn(t, path), ['2026-03-01', '2026-03-02'])
})

t.test('a file that is no store, or is empty, is not followed; reads go on, and it stays as it is', async (t) => {
  const { path, clock, store } = await openIn(t, t.testdir())
  await load(store, '2026-03-01')
  for (const text of ['', 'no database at all\n'.repeat(300)]) {
    rmSync(path)
    writeFileSync(path, text)
    await looked(store, clock)
    t.type(store.health(), 'string')
    t.strictSame(await daysOf(store), ['2026-03-01'])
    await t.rejects(load(store, '2026-03-02'), unavailable)
    t.equal(readFileSync(path, 'utf8'), text)
  }
})

t.test('a full disk takes no writes, before it is full, and recovers', { skip: !mayMount() }, async (t) => {
  const folder = t.testdir()
  const unmount = (): void => void execFileSync('umount', ['-l', folder])
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=12m', 'tmpfs', folder])
  process.once('exit', unmount)
  const { store, path } = await openIn(t, folder)
  await load(store, '2026-03-01')

  const filler = join(folder, 'filler')
  const { bavail, bsize } = statfsSync(folder)
  writeFileSync(filler, Buffer.alloc(bavail * bsize - 1_048_576))
  t.match(store.health(), /disk .* is full/)
  await t.rejects(load(store, '2026-03-02'), unavailable)
  t.strictSame(await daysOf(store), ['2026-03-01'])
  rmSync(filler)
  t.equal(store.health(), null)
  await load(store, '2026-03-02')
  t.strictSame(await daysIn(t, path), ['2026-03-01', '2026-03-02'])

  await store.close()
  process.off('exit', unmount)
  unmount()
})

t.test('a local disk is no network file system', async (t) => {
  const folder = t.testdir()
  mkdirSync(join(folder, 'data'))
  t.doesNotThrow(() => refuseNetwork(join(folder, 'data', 'series.db')))
})

t.test('network file systems are refused by name, whatever the sign of their type', async (t) => {
  for (const [type, name] of [
    [0x6969, 'NFS'],
    [0x517b, 'SMB'],
    [0xff534d42, 'CIFS'],
    [0xff534d42 | 0, 'CIFS'],
    [0xfe534d42, 'SMB2'],
    [0x01021997, '9p'],
    [0x65735546, 'FUSE'],
    [0x00c36400, 'Ceph'],
    [0x5346414f, 'AFS']
  ] as const) {
    const { refuseNetwork: refuse } = await t.mockImport<typeof import('../../src/store/sqlite/place.ts')>(
      '../../src/store/sqlite/place.ts',
      { 'node:fs': t.createMock(fs, { statfsSync: () => ({ type }) }) }
    )
    t.throws(() => refuse('/data/series.db'), { code: 'store-unavailable', message: new RegExp(`\\(${name}\\)`) })
  }
})

/** Only root may, and not everywhere. */
function mayMount(): boolean {
  return process.getuid?.() === 0 && process.platform === 'linux'
}
