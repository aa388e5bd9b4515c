// What only a store in a file has: other processes, locks, formats, and bits that flip.
import { fork, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { setImmediate as turn } from 'node:timers/promises'
import Database from 'better-sqlite3'
import t, { type Test } from 'tap'
import type { Clock } from '../../src/model/clock.ts'
import { openSqliteDatabase } from '../../src/store/sqlite/database.ts'
import { MIGRATIONS } from '../../src/store/sqlite/schema.ts'
import { openSqliteStore } from '../../src/store/sqlite.ts'
import { systemClock } from '../../src/system-clock.ts'
import { cell, d } from '../support/counts.ts'
import { fakeClock } from '../support/fake-clock.ts'
import { allDays, assertInvariants, counts, load, NOON, read, told, wholeLog, type Bed } from './contract/support.ts'

const PROCESS = join(import.meta.dirname, '../support/sqlite-process.ts')

function startOther(t: Test, role: string, path: string, word = ''): ChildProcess {
  const child = fork(PROCESS, [role, path, word])
  t.teardown(() => child.kill('SIGKILL'))
  return child
}

async function ended(child: ChildProcess): Promise<unknown> {
  const [code] = await once(child, 'exit')
  return code
}

async function openBed(t: Test, path: string, clock: Clock): Promise<Pick<Bed, 'store' | 'contoso'>> {
  const store = await openSqliteStore({ path, clock })
  t.teardown(() => store.close())
  return { store, contoso: await store.ensureWorkspace('contoso') }
}

function pathIn(t: Test): string {
  return join(t.testdir(), 'series.db')
}

// --- opening ----------------------------------------------------------------------------------------------------

t.test('the file and its folder are made', async (t) => {
  const path = join(t.testdir(), 'a', 'b', 'series.db')
  await openBed(t, path, fakeClock(NOON))
  t.ok(existsSync(path))
})

t.test('every connection writes ahead, syncs fully, keeps references and never waits for a lock itself', async (t) => {
  const path = pathIn(t)
  for (let connection = 1; connection <= 2; connection++) {
    const { reader, writer, close } = openSqliteDatabase(path)
    t.teardown(close)
    const pragmas = ['journal_mode', 'synchronous', 'foreign_keys', 'busy_timeout', 'query_only']
    const of = (db: Database.Database): unknown[] => pragmas.map((name) => db.pragma(name, { simple: true }))
    t.strictSame(of(writer), ['wal', 2, 1, 0, 0])
    t.strictSame(of(reader), ['wal', 2, 1, 0, 1])
  }
})

t.test('every table is strict, and those that are read by their key have no rowid', async (t) => {
  const path = pathIn(t)
  await openBed(t, path, fakeClock(NOON))
  const db = new Database(path, { readonly: true })
  t.teardown(() => db.close())
  const tables = db
    .prepare<[], { name: string; strict: number; wr: number }>(
      `select name, strict, wr from pragma_table_list where schema = 'main' and name not like 'sqlite_%'`
    )
    .all()

  t.strictSame(
    tables.filter(({ strict }) => strict === 0),
    []
  )
  const keyed = new Set(tables.flatMap(({ name, wr }) => (wr === 1 ? [name] : [])))
  for (const name of ['change', 'day', 'label', 'label_log']) t.ok(keyed.has(name), name)
  t.equal(db.pragma('user_version', { simple: true }), MIGRATIONS.length)
})

t.test('processes that open a new store at once all find it whole', async (t) => {
  const path = pathIn(t)
  const codes = await Promise.all([1, 2, 3].map(() => ended(startOther(t, 'open', path))))

  t.strictSame(codes, [0, 0, 0])
  t.strictSame(await (await openBed(t, path, fakeClock(NOON))).store.verify(), [])
})

t.test('each migration is a transaction of its own: one that fails leaves those before it', async (t) => {
  const path = pathIn(t)
  await openBed(t, path, fakeClock(NOON))
  const openWith = async (...more: string[]): Promise<void> => {
    const { openSqliteDatabase: open } = await t.mockImport<typeof import('../../src/store/sqlite/database.ts')>(
      '../../src/store/sqlite/database.ts',
      { '../../src/store/sqlite/schema.ts': { MIGRATIONS: [...MIGRATIONS, ...more] } }
    )
    open(path).close()
  }
  const found = (): unknown => {
    const db = new Database(path, { readonly: true })
    const names = db.prepare(`select name from sqlite_schema where name in ('a', 'b') order by name`).pluck().all()
    const version = db.pragma('user_version', { simple: true })
    db.close()
    return [version, names]
  }
  const [first, second] = ['create table a (x integer) strict', 'create table b (x integer) strict;']

  await t.rejects(openWith(first, `${second} select nonsense`), { code: 'store-unavailable' })
  t.strictSame(found(), [MIGRATIONS.length + 1, ['a']])
  await openWith(first, second)
  t.strictSame(found(), [MIGRATIONS.length + 2, ['a', 'b']])
})

const newer = {
  code: 'store-unavailable',
  message: /^\S+series\.db has format 999, and this program knows formats up to \d+: use the newer version [^\n]+$/
}

t.test('a store of a newer format is refused in one clear sentence, and nothing of it changes', async (t) => {
  const path = pathIn(t)
  const bed = await openBed(t, path, fakeClock(NOON))
  await load(bed, [counts('2026-11-12', cell('Junk', 1))])
  await bed.store.close()
  const db = new Database(path)
  db.pragma('user_version = 999')
  db.close()
  const [bytes, files] = [readFileSync(path), readdirSync(join(path, '..'))]

  await t.rejects(openSqliteStore({ path, clock: fakeClock(NOON) }), newer)
  t.ok(readFileSync(path).equals(bytes))
  t.strictSame(readdirSync(join(path, '..')), files)
})

t.test('a store of a newer format that has crashed is refused as well, and its log of writes stays', async (t) => {
  const path = pathIn(t)
  await (await openBed(t, path, fakeClock(NOON))).store.close()
  await ended(startOther(t, 'crash', path))
  const [bytes, log] = [readFileSync(path), readFileSync(`${path}-wal`)]

  await t.rejects(openSqliteStore({ path, clock: fakeClock(NOON) }), newer)
  t.ok(readFileSync(path).equals(bytes))
  t.ok(readFileSync(`${path}-wal`).equals(log))
})

t.test('what is no SQLite file is refused with its path, and stays as it is', async (t) => {
  const path = pathIn(t)
  writeFileSync(path, 'date,location,count\n'.repeat(100))
  const refused = { code: 'store-unavailable', message: /series\.db cannot be opened as a store/ }

  await t.rejects(openSqliteStore({ path, clock: fakeClock(NOON) }), refused)
  t.equal(readFileSync(path, 'utf8'), 'date,location,count\n'.repeat(100))

  mkdirSync(join(path, '..', 'folder', 'series.db'), { recursive: true })
  await t.rejects(openSqliteStore({ path: join(path, '..', 'folder', 'series.db'), clock: fakeClock(NOON) }), refused)
})

// --- other processes --------------------------------------------------------------------------------------------

t.test('while another process writes, every read here is one snapshot, and no write of either is lost', async (t) => {
  const path = pathIn(t)
  const bed = await openBed(t, path, systemClock)
  const other = startOther(t, 'write', path, 'theirs')
  let code: unknown
  const exit = ended(other).then((ended) => (code = ended))
  await once(other, 'message')

  for (let i = 0; i < 40; i++) {
    await load(
      bed,
      [counts(`2026-10-${String((i % 31) + 1).padStart(2, '0')}`, cell(`ours ${i}`, 1), cell('BOTH', 1))],
      {
        replace: true
      }
    )
    const { revision, days } = await bed.store.readDays(bed.contoso, { from: d('2026-01-01'), to: d('2026-12-31') })
    if (Math.max(...days.map((day) => day.revision)) !== revision) t.fail('a revision beside days of another one')
    if (days.some(({ damaged }) => damaged)) t.fail('a day whose labels are not there yet')
    await turn()
  }
  await exit

  t.equal(code, 0)
  t.equal((await wholeLog(bed)).length, 80)
  t.strictSame((await told(bed)).filter(([day = '']) => day < '2026-02-10').length, 40)
  await assertInvariants(bed)
  t.strictSame(await bed.store.verify(), [])
})

t.test('a lock that another process holds stops no read; the write succeeds when it is released', async (t) => {
  const path = pathIn(t)
  const time = fakeClock(NOON)
  const waits: number[] = []
  const clock: Clock = {
    now: time.now,
    after(ms, signal) {
      waits.push(ms)
      return time.after(ms, signal)
    }
  }
  const bed = await openBed(t, path, clock)
  await load(bed, [counts('2026-11-10', cell('Junk', 1))])
  const other = startOther(t, 'hold', path)
  await once(other, 'message')

  // Should this process wait within SQLite, then the lock is gone when it comes back, and no wait is seen.
  other.send('release later')
  let settled = false
  const writing = read(bed, [counts('2026-11-11', cell('Junk', 2))]).finally(() => (settled = true))
  for (let turns = 0; turns < 100 && waits.length === 0; turns++) await turn()
  t.strictSame(waits, [20], 'it waits by the clock')
  t.strictSame(await told(bed), [['2026-11-10', 'final', 'Junk 1']], 'reads go on')
  await time.advance(1_000)
  t.equal(settled, false)

  other.send('release')
  await ended(other)
  await time.advance(20)
  t.strictSame((await writing).changed, ['2026-11-11'])
  t.equal((await told(bed)).length, 2)
})

t.test('a lock that is never released ends in a clear error, and nothing is written', async (t) => {
  const path = pathIn(t)
  const clock = fakeClock(NOON)
  const bed = await openBed(t, path, clock)
  const other = startOther(t, 'hold', path)
  await once(other, 'message')

  const writing = load(bed, [counts('2026-11-11', cell('Junk', 2))])
  const refused = t.rejects(writing, { code: 'store-unavailable', message: /another process .* lock for 30 seconds/ })
  await clock.advance(31_000)
  await refused
  t.strictSame(await allDays(bed), [])
})

t.test('bringing the disk up to date does not wait for who reads, and is caught up on', async (t) => {
  const path = pathIn(t)
  const bed = await openBed(t, path, fakeClock(NOON))
  await load(bed, [counts('2026-11-10', cell('Junk', 1))])
  const reader = new Database(path, { readonly: true })
  reader.exec('begin')
  reader.prepare('select count(*) from day').get()
  await load(bed, [counts('2026-11-11', cell('Junk', 2))])

  await bed.store.checkpoint()
  reader.close()
  await bed.store.checkpoint()
  t.equal(readFileSync(`${path}-wal`).length, 0)
})

t.test('a write that does not fit on the disk leaves nothing, neither there nor in memory', async (t) => {
  const path = pathIn(t)
  // With a bare environment, since the runner's hooks take the signal of a file that is too large for an end.
  const command = 'ulimit -f 1024; exec env -i "$0" "$1" overfill "$2"'
  const other = spawn('sh', ['-c', command, process.execPath, PROCESS, path], { stdio: ['ignore', 'pipe', 'inherit'] })
  const [stdout] = await Promise.all([text(other.stdout), ended(other)])
  t.equal(stdout, 'store-unavailable')

  const bed = await openBed(t, path, fakeClock(NOON))
  t.strictSame(await told(bed), [['2026-11-02', 'final', 'Junk 1', 'Junk 1']])
  t.strictSame(await bed.store.verify(), [])
})

// --- flipped bits -----------------------------------------------------------------------------------------------

interface Column {
  readonly name: string
  /** How many of its bits are flipped, one after the other; of a blob or text all. */
  readonly bits?: number
}

/** A store of two days, and a connection behind its back that flips single bits of one row. */
async function newFlips(t: Test): Promise<{
  readonly bed: Pick<Bed, 'store' | 'contoso'>
  /** The values of a column of that row with each bit flipped, each written in turn before `check` is called. */
  flip(table: string, row: string, column: Column, check: (what: string) => Promise<void>): Promise<number>
}> {
  const path = pathIn(t)
  const bed = await openBed(t, path, fakeClock(NOON))
  const cells = [cell('Junk', 300), cell('Inbox', 2, { actionType: 'Phish ZAP' })]
  await load(bed, [counts('2026-11-10', ...cells), counts('2026-11-11', cell('Junk', 5))])
  const db = new Database(path)
  db.pragma('synchronous = off')
  t.teardown(() => db.close())

  return {
    bed,
    async flip(table, row, { name, bits = 0 }, check) {
      const whole = db.prepare<[], Record<string, unknown>>(`select * from ${table} where ${row}`).get() ?? {}
      const value = whole[name]
      const keys = Object.keys(whole)
      const replace = db.transaction((other: unknown) => {
        db.prepare(`delete from ${table} where ${row}`).run()
        const values = keys.map((key) => (key === name ? other : whole[key]))
        db.prepare(`insert into ${table} (${keys.join()}) values (${keys.map(() => '?').join()})`).run(values)
      })
      const flipped = flippedValues(value, bits)
      for (const [i, other] of flipped.entries()) {
        replace(other)
        await check(`${table}.${name}, bit ${i}`)
      }
      return flipped.length
    }
  }
}

function flippedValues(value: unknown, bits: number): unknown[] {
  if (typeof value === 'number')
    return Array.from({ length: bits }, (_, i) => Number(BigInt(value) ^ (1n << BigInt(i))))
  const bytes = Buffer.from(value as string | Uint8Array)
  const all = Array.from({ length: bytes.length * 8 }, (_, i) => {
    const other = Buffer.from(bytes)
    other[i >> 3] = (other[i >> 3] ?? 0) ^ (1 << (i & 7))
    return other
  })
  return typeof value === 'string' ? all.map((other) => other.toString('utf8')) : all
}

const ROW = `day = (select min(day) from day)`

t.test('whatever bit of a day is flipped, it is never served with a wrong number, and is put back', async (t) => {
  const { bed, flip } = await newFlips(t)
  const before = await allDays(bed)
  const log = await wholeLog(bed)
  const truth = new Map(before.map((day) => [day.day, JSON.stringify(day)]))
  let tried = 0
  for (const column of [
    { name: 'cells' },
    { name: 'state', bits: 8 },
    { name: 'revision', bits: 50 },
    { name: 'checksum', bits: 32 },
    { name: 'day', bits: 14 }
  ]) {
    tried += await flip('day', ROW, column, async (what) => {
      const served = await allDays(bed)
      const wrong = served.filter((day) => !day.damaged && JSON.stringify(day) !== truth.get(day.day))
      const noted = served.filter(({ damaged, state, cells }) => damaged && state === 'missing' && cells.length === 0)
      if (wrong.length > 0 || noted.length !== 1) t.fail(`${what} goes unnoticed`, { served })
      if ((await bed.store.verify()).length === 0) t.fail(`${what} is not told by verify`)
      await bed.store.heal(bed.contoso)
      if (JSON.stringify(await allDays(bed)) !== JSON.stringify(before)) t.fail(`${what} is not healed`)
    })
  }
  t.ok(tried > 150, `${tried} bits`)
  t.strictSame(await wholeLog(bed), log)
  t.strictSame(await bed.store.verify(), [])
})

t.test('whatever bit of an entry is flipped, it is never told as a change, and the days stay', async (t) => {
  const { bed, flip } = await newFlips(t)
  const before = await allDays(bed)
  const log = JSON.stringify(await wholeLog(bed))
  for (const column of [
    { name: 'cells' },
    { name: 'state', bits: 8 },
    { name: 'checksum', bits: 32 },
    { name: 'day', bits: 20 },
    { name: 'changed_at', bits: 50 }
  ]) {
    await flip('change', 'revision = (select min(revision) from change)', column, async (what) => {
      const served = await wholeLog(bed).then(JSON.stringify, (error: { code: string }) => error.code)
      if (served !== 'store-unavailable') t.fail(`${what} goes unnoticed`, { served, log })
      if ((await bed.store.verify()).length === 0) t.fail(`${what} is not told by verify`)
    })
  }
  t.strictSame(await allDays(bed), before)
})

t.test('whatever bit of a label is flipped, its days are served as they are, from its other copy', async (t) => {
  const { bed, flip } = await newFlips(t)
  const before = JSON.stringify(await allDays(bed))
  for (const table of ['label', 'label_log']) {
    await flip(table, 'id = (select min(id) from label)', { name: 'text' }, async (what) => {
      if (JSON.stringify(await allDays(bed)) !== before) t.fail(`${what} changes what is served`)
    })
    await bed.store.heal(bed.contoso)
  }
  t.equal(JSON.stringify(await allDays(bed)), before, 'and healing one copy from the other brings it back')
})

t.test('whatever bit is flipped in both copies of a label, no day is served under it', async (t) => {
  const { bed, flip } = await newFlips(t)
  const [, other] = await allDays(bed)
  // The first label is that of the first cell of the first day, Inbox, which the other day has not.
  const label = 'id = (select min(id) from label)'
  await flip('label_log', label, { name: 'text' }, async () => {})
  await flip('label', label, { name: 'text' }, async (what) => {
    const [served, without] = await allDays(bed)
    if (served?.state !== 'missing' || !served.damaged) t.fail(`${what} goes unnoticed`, { served })
    if (JSON.stringify(without) !== JSON.stringify(other)) t.fail(`${what} changes another day`)
  })
  t.ok((await bed.store.verify()).length > 0)
})

t.test('a store is opened, and read, also while another process holds the lock of writers', async (t) => {
  const path = pathIn(t)
  await (await openSqliteStore({ path, clock: fakeClock(NOON) })).close()
  const other = new Database(path)
  t.teardown(() => other.close())
  other.exec('begin immediate')
  const store = await openSqliteStore({ path, clock: fakeClock(NOON) })
  t.teardown(() => store.close())
  t.strictSame(await store.workspaces(), [])
})
