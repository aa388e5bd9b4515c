// A SQLite store is moved into PostgreSQL, and whatever happens on the way, what it told before is told after.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import t, { type Test } from 'tap'
import { migrateCommand } from '../src/commands/migrate.ts'
import { readConfig } from '../src/config.ts'
import { hashOfKey } from '../src/model/api-key.ts'
import { DIMENSIONS } from '../src/model/cube.ts'
import type { SeriesStore, Workspace } from '../src/model/store.ts'
import { moveStore, type Moved } from '../src/store/move.ts'
import { openPostgresStore } from '../src/store/postgres.ts'
import { createKeyTable } from '../src/store/sqlite/keys.ts'
import { openSqliteStore } from '../src/store/sqlite.ts'
import { ALL_DAYS, answer } from './store/contract/support.ts'
import { run, start } from './support/command.ts'
import { cell, d } from './support/counts.ts'
import { startCuttingProxy } from './support/cutting-proxy.ts'
import { fakeClock } from './support/fake-clock.ts'
import { startPostgres } from './support/postgres.ts'
import { quickFolder } from './support/quick-folder.ts'
import { changeDays } from './support/random-changes.ts'

const postgres = await startPostgres(t)
const clock = fakeClock('2026-11-20T12:00:00Z')
const hash = hashOfKey('a key')

/** Random days of two workspaces, bounds, runs, keys, marks, a lost day, and a workspace that is gone. */
async function someStore(t: Test, changes: number): Promise<string> {
  const path = join(quickFolder(t), 'series.db')
  const store = await openSqliteStore({ path, clock })
  const contoso = await store.ensureWorkspace('contoso')
  const fabrikam = await store.ensureWorkspace('fabrikam')
  await changeDays(store, contoso, 1, changes)
  await clock.advance(60_000)
  await changeDays(store, fabrikam, 2, Math.ceil(changes / 10))
  await store.recordBounds(contoso, answer({ firstAsked: d('2024-01-01') }))
  await store.markLost(contoso, d('2024-01-10'))
  const quiet = { askedAt: Number.MAX_SAFE_INTEGER, bounds: answer().bounds, force: false }
  const before = [{ day: d('2026-11-12'), cells: [cell('Junk', 3)] }]
  await store.applyReading(contoso, before, { ...quiet, force: true })
  await store.applyReading(contoso, [{ day: d('2026-11-12'), cells: [] }], quiet)
  for (const [i, name] of ['contoso', 'fabrikam', 'contoso'].entries()) {
    const counts = { daysPlanned: 1, daysStored: 1, daysChanged: i }
    const times = { startedAt: clock.now().toISOString(), finishedAt: clock.now().toISOString() }
    const from = d('2026-11-01')
    const which = {
      id: `run-${i}`,
      trigger: 'command',
      workspace: name,
      source: 'sample',
      status: 'succeeded'
    } as const
    await store.recordRun({ ...which, from, to: from, ...times, ...counts })
  }
  await store.addApiKey(
    { name: 'siem', scopes: ['read'], workspaces: ['contoso', 'gone'], expires: null },
    key('k1', hash)
  )
  await store.addApiKey({ name: 'old', scopes: ['ingest'], workspaces: null, expires: d('2027-01-01') }, key('k2', 'x'))
  await store.revokeApiKey('k2')
  const gone = await store.ensureWorkspace('gone')
  await store.removeWorkspace(gone)
  await store.close()
  return path
}

function key(id: string, hash: string): { id: string; prefix: string; hash: string } {
  return { id, prefix: 'pds_', hash }
}

async function move(path: string, url: string, onProgress: Moving = () => {}): Promise<Moved> {
  return moveStore({ path, url, clock, onProgress })
}

type Moving = (stage: 'moved' | 'compared', done: number, total: number) => void

/** All that can be asked of a store. */
async function everything(store: SeriesStore): Promise<unknown> {
  const told: unknown[] = [await store.apiKeys(), await store.findApiKey(hash)]
  const workspaces = await store.workspaces()
  for (const workspace of workspaces) told.push(await allOf(store, workspace))
  told.push(await store.runs(workspaces, 10), await store.findRun('run-1'))
  return told
}

async function allOf(store: SeriesStore, workspace: Workspace): Promise<unknown> {
  const log = (await store.changes(workspace, 0, 100_000))?.entries ?? []
  const { revision: kept } = await store.keptSince(workspace)
  const half = Math.max(log[Math.floor(log.length / 2)]?.revision ?? 0, kept)
  const moment = await store.momentOf(workspace, half)
  return {
    workspace,
    log,
    half: await store.changes(workspace, half, 3),
    asOf: moment && (await store.readDays(workspace, ALL_DAYS, moment.revision)),
    facts: await store.facts(workspace),
    days: await store.readDays(workspace, ALL_DAYS),
    labels: await Promise.all(DIMENSIONS.map((dimension) => store.labels(workspace, dimension))),
    lastSuccessAt: await store.lastSuccessAt(workspace)
  }
}

async function sameIn(t: Test, path: string, url: string): Promise<void> {
  const [before, after] = [await openSqliteStore({ path, clock }), await openPostgresStore({ url, clock })]
  t.teardown(() => Promise.all([before.close(), after.close()]))
  // A getter of each day is compared as what it gives.
  const [left, right] = (await Promise.all([everything(before), everything(after)])).map((told) => JSON.stringify(told))
  t.ok(left === right, 'both tell the same')
  t.strictSame(await after.verify(), [])
  const highest = Math.max(...(await before.workspaces()).map(({ key }) => key))
  t.ok(
    (await after.ensureWorkspace('new')).key > highest + 1,
    'also a key of a workspace that is gone is not given again'
  )
}

t.test('the command moves a store, says what it holds now, and the server opens it', async (t) => {
  const path = await someStore(t, 300)
  const url = await postgres.schema()
  const ended = await run(t.testdir(), ['migrate', '--to', url], { STORE_URL: `sqlite:${path}` })
  t.match(ended, {
    status: 0,
    err: '',
    out: /^postgres:\/\/127\.0\.0\.1:\d+\/postgres holds 2 workspaces, \d+ days, 3\d\d changes, 2 API keys, /
  })
  t.notMatch(ended.out, /test:test/)
  await sameIn(t, path, url)

  await t.rejects(move(path, url), { message: /holds .* already: name an empty database/ }, 'and once only')
})

t.test('a move that is killed is not opened, and goes on where it stopped', async (t) => {
  const path = await someStore(t, 2_100)
  const url = await postgres.schema()
  const proxy = await startCuttingProxy(t, url)
  // The log of the second workspace: that of the first is moved then.
  const killed = start(t.testdir(), ['migrate', '--to', proxy.url], { STORE_URL: `sqlite:${path}` })
  const ended = t.rejects(killed.seen('holds'))
  await proxy.cutAt('move_runs', 'before')
  killed.child.kill('SIGKILL')
  await ended
  await killed.ended
  await t.rejects(openPostgresStore({ url, clock }), { code: 'store-unavailable', message: /not whole.*'migrate'/ })

  const seen: number[] = []
  await move(path, url, (stage, done) => void (stage === 'moved' && seen.push(done)))
  t.ok((seen[0] ?? 0) >= 2_000, 'what was moved is not moved again')
  await sameIn(t, path, url)
})

t.test('a move that breaks at any step is ended by the next one', async (t) => {
  const path = await someStore(t, 12)
  for (let n = 1, broke = true; broke; n++) {
    const url = await postgres.schema()
    let steps = 0
    const breaking = (): void => {
      if (++steps === n) throw new Error('broken')
    }
    broke = await move(path, url, breaking).then(
      () => false,
      () => true
    )
    if (broke) await move(path, url)
    const store = await openPostgresStore({ url, clock })
    t.equal((await store.workspaces()).length, 2, `broken at step ${n}`)
    await store.close()
  }
})

t.test('a source that was trimmed or changed between is moved as it is now', async (t) => {
  const path = await someStore(t, 200)
  const url = await postgres.schema()
  await t.rejects(
    move(path, url, (stage) => {
      if (stage === 'compared') throw new Error('broken')
    })
  )
  const store = await openSqliteStore({ path, clock })
  const contoso = (await store.findWorkspace('contoso')) ?? t.bailout('it is gone')
  if (contoso === undefined) return
  await store.trimLog(contoso, clock.now())
  await changeDays(store, contoso, 3, 20)
  await store.close()

  await move(path, url)
  await sameIn(t, path, url)
})

t.test('a store that is written while it is moved is moved once more', async (t) => {
  const path = await someStore(t, 60)
  const url = await postgres.schema()
  const touch = (): void => {
    const db = new Database(path)
    const keys = createKeyTable(db, () => undefined)
    for (const { id, lastUsedAt } of keys.all()) keys.touch(id, new Date((lastUsedAt?.getTime() ?? 0) + 1))
    db.close()
  }
  await t.rejects(move(path, url, touch), { code: 'store-unavailable', message: /written meanwhile: stop what writes/ })
  await t.rejects(openPostgresStore({ url, clock }), { message: /not whole/ })
  await move(path, url)
  await sameIn(t, path, url)
})

t.test('what does not arrive as it was sent is found, and the target is not opened', async (t) => {
  const path = await someStore(t, 60)
  const url = await postgres.schema()
  await t.rejects(
    move(path, url, (stage) => {
      if (stage === 'compared') throw new Error('broken')
    })
  )
  const first = 'select min(revision) from change where workspace_key = 1'
  await postgres.run(url, `update change set state = state % 2 + 1 where workspace_key = 1 and revision = (${first})`)
  await t.rejects(move(path, url), { code: 'store-unavailable', message: /contoso/ })
  await t.rejects(openPostgresStore({ url, clock }), { message: /not whole/ })
})

t.test('nothing else is overwritten, and a damaged store is not moved', async (t) => {
  const path = await someStore(t, 20)
  const url = await postgres.schema()
  const other = await openPostgresStore({ url, clock })
  await other.ensureWorkspace('other')
  await t.rejects(move(path, url), { code: 'store-unavailable', message: /holds the workspace other already/ })
  t.equal((await other.workspaces()).length, 1)
  t.equal(other.health(), null)
  await other.close()

  const db = new Database(path)
  db.exec('update change set day = day + 1 where revision = (select min(revision) from change)')
  db.close()
  const empty = await postgres.schema()
  await t.rejects(move(path, empty), { code: 'store-unavailable', message: /is not whole .*'verify'/ })
  t.equal(await postgres.run(empty, "select 1 where to_regclass('store_format') is not null"), 0)
})

t.test('wrong words are refused, and nothing of a URL is shown', async (t) => {
  const secret = 'postgres://me:hunter2@db/series'
  const cases: readonly (readonly [string[], string])[] = [
    [[], 'sqlite:nowhere/series.db'],
    [['--to', 'sqlite:hunter2.db'], 'sqlite:nowhere/series.db'],
    [['--to', 'postgres://me:hunter2@db'], 'sqlite:nowhere/series.db'],
    [[secret], 'sqlite:nowhere/series.db'],
    [['--to', secret], secret]
  ]
  for (const [words, store] of cases) {
    const error: unknown = await migrateCommand(words, readConfig({ STORE_URL: store })).catch((e: unknown) => e)
    t.match(error, { name: 'UsageError', message: /migrate|--to/ })
    t.notMatch(String(error), /hunter2/)
  }
  const missing = migrateCommand(['--to', secret], readConfig({ STORE_URL: 'sqlite:nowhere/series.db' }))
  await t.rejects(missing, { code: 'store-unavailable', message: /there is no store at/ })
  t.notOk(existsSync('nowhere'))
})
