import { closeSync, openSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import Database from 'better-sqlite3'
import t, { type Test } from 'tap'
import { hashOfKey } from '../../src/model/api-key.ts'
import { addDays, numberOfDay } from '../../src/model/day.ts'
import { labelChecksum } from '../../src/store/label-book.ts'
import { openSqliteStore } from '../../src/store/sqlite.ts'
import { cell, d } from '../support/counts.ts'
import { quickFolder } from '../support/quick-folder.ts'
import { storeContract } from './contract.ts'
import {
  ALL_DAYS,
  allDays,
  answer,
  BINDING,
  counts,
  load,
  newBed,
  NOON_MS,
  read,
  wholeLog,
  type Bed,
  type StoreUnderTest
} from './contract/support.ts'

const DAY_MS = 86_400_000

/** Runs a statement, which must change one row, over a connection that knows nothing of the store. */
function behind(path: string, sql: string, ...values: (number | string)[]): void {
  const db = new Database(path)
  const { changes } = db.prepare(sql).run(...values)
  db.close()
  if (changes !== 1) throw new Error(`changed ${changes} rows and not one: ${sql}`)
}

async function freshStore(t: Test): Promise<StoreUnderTest & { readonly path: string }> {
  const path = join(quickFolder(t), 'series.db')
  return {
    path,
    async open(clock) {
      const store = await openSqliteStore({ path, clock })
      t.teardown(() => store.close())
      return store
    },
    async damageDay({ key }, day) {
      behind(path, 'update day set state = state % 2 + 1 where workspace_key = ? and day = ?', key, numberOfDay(day))
    },
    async damageEntry({ key }, revision) {
      behind(path, 'update change set day = day + 1 where workspace_key = ? and revision = ?', key, revision)
    }
  }
}

storeContract(t, freshStore)

// --- what SQL alone decides -------------------------------------------------------------------------------------

interface TwoBeds {
  readonly path: string
  readonly contoso: Bed
  readonly fabrikam: Bed
}

/** Two workspaces at the same time; what is read of the first is read of the second as well, and of that once more. */
async function twoWorkspaces(t: Test): Promise<TwoBeds> {
  const under = await freshStore(t)
  const contoso = await newBed(t, async () => under)
  const fabrikam = { ...contoso, contoso: await contoso.store.ensureWorkspace('fabrikam') }
  return { path: under.path, contoso, fabrikam }
}

t.test('the log of a workspace is cut short before an instant, and that of another stays whole', async (t) => {
  const { contoso, fabrikam } = await twoWorkspaces(t)
  const { clock, store } = contoso
  for (const bed of [contoso, fabrikam]) {
    for (const count of [1, 2]) await read(bed, [counts('2026-11-12', cell('Junk', count))])
    for (const count of [3, 4]) await read(bed, [counts('2026-11-10', cell('Junk', count))])
  }
  await read(fabrikam, [counts('2026-11-11', cell('Junk', 5))])
  await clock.advance(DAY_MS)
  for (const bed of [contoso, fabrikam]) await read(bed, [counts('2026-11-12', cell('Junk', 6))])
  const others = await wholeLog(fabrikam)

  t.equal(await store.trimLog(contoso.contoso, new Date(NOON_MS + DAY_MS)), 2)

  t.strictSame(
    (await wholeLog(contoso)).map(({ revision, day }) => [revision, day]),
    [
      [NOON_MS + 1, '2026-11-12'],
      [NOON_MS + 3, '2026-11-10'],
      [NOON_MS + DAY_MS, '2026-11-12']
    ],
    'what was changed at that instant is not older'
  )
  t.match(await store.keptSince(contoso.contoso), { revision: NOON_MS + 3 })
  t.equal((await store.changes(contoso.contoso, NOON_MS + 3, 9))?.entries.length, 1)
  t.strictSame(await wholeLog(fabrikam), others)
  t.match(await store.keptSince(fabrikam.contoso), { revision: 0 })
  t.strictSame(await store.verify(), [])
})

t.test('what is wrong with the file itself, or belongs to no workspace, is told', async (t) => {
  const under = await freshStore(t)
  const { store, clock } = await newBed(t, async () => under)
  await store.close()
  const db = new Database(under.path)
  db.pragma('foreign_keys = off')
  db.exec("insert into label_log (workspace_key, id, dimension, text, checksum) values (9, 1, 0, 'Junk', 0)")
  db.close()
  // Of how many free pages the header of the file tells.
  const file = openSync(under.path, 'r+')
  writeSync(file, Buffer.from([7]), 0, 1, 39)
  closeSync(file)

  const [first, second, ...more] = await (await under.open(clock)).verify()
  t.match(first, /^the file is damaged: [^]*Freelist/)
  t.equal(second, '1 rows belong to no workspace')
  t.strictSame(more, [])
})

t.test('a table that is defined otherwise is refused, and one that somebody added is let be', async (t) => {
  const under = await freshStore(t)
  const { store, clock } = await newBed(t, async () => under)
  await store.close()
  const db = new Database(under.path)
  db.exec('create table notes (x)')
  await (await under.open(clock)).close()
  db.unsafeMode()
  db.pragma('writable_schema = on')
  db.exec(
    `update sqlite_schema set sql = replace(sql, 'key, day, revision)', 'key, revision, day)') where type = 'index'`
  )
  db.close()
  await t.rejects(under.open(clock), { code: 'store-unavailable', message: /its tables are not those of this program/ })
})

t.test('a range of any length holds the days between its ends and no others', async (t) => {
  const bed = await newBed(t, freshStore)
  const days = ['2000-01-01', '2026-11-09', '2026-11-10', '2026-11-11'].map((day) => d(day))
  await load(
    bed,
    days.map((day) => counts(day, cell('Junk', 1)))
  )
  for (const from of [ALL_DAYS.from, d('2000-01-01'), d('2026-11-09')]) {
    const { days: found } = await bed.store.readDays(bed.contoso, { from, to: d('2026-11-10') })
    t.strictSame(
      found.map(({ day }) => day),
      days.slice(0, 3).filter((day) => day >= from)
    )
  }
})

t.test('a range tells the same days whatever was asked for before it', async (t) => {
  const { contoso, fabrikam } = await twoWorkspaces(t)
  const first = d('2025-11-01')
  for (const [bed, every] of [
    [contoso, 1],
    [fabrikam, 3]
  ] as const) {
    const days = Array.from({ length: 200 }, (_, i) => counts(addDays(first, i * every), cell('Junk', i + 1)))
    await load(
      bed,
      days.filter((_, i) => i % 7 !== 0)
    )
  }
  for (const bed of [contoso, fabrikam]) {
    const days = await allDays(bed)
    for (let i = 0; i < 60; i++) {
      const from = addDays(first, (i * 97) % 210)
      const to = addDays(from, (i * 53) % 130)
      const told = await bed.store.readDays(bed.contoso, { from, to })
      t.strictSame(JSON.stringify(told.days), JSON.stringify(days.filter(({ day }) => day >= from && day <= to)))
    }
  }
})

t.test('the last revision is known at once, to the turn in which anybody has written', async (t) => {
  const under = await freshStore(t)
  const bed = await newBed(t, async () => under)
  const { store, clock, contoso } = bed
  await read(bed, [counts('2026-11-18', cell('Junk', 1))])
  await store.recordBounds(contoso, answer())
  const held = (await store.findWorkspace('contoso')) ?? contoso
  const seen = store.lastWrite()
  t.equal(store.lastRevision(held), NOON_MS)
  await turn()
  t.equal(store.lastRevision(held), NOON_MS)
  t.equal(store.lastWrite(), seen, 'nobody has written')

  await read({ store: await under.open(clock), contoso }, [counts('2026-11-19', cell('Junk', 2))])
  await turn()
  t.equal(store.lastRevision(held), NOON_MS + 1)
  t.not(store.lastWrite(), seen)
  for (const change of [
    { name: 'northwind' },
    { holdsDays: false },
    { binding: null },
    { binding: { ...BINDING, kind: 'graph' } },
    { binding: { ...BINDING, id: 'another' } },
    { binding: { ...BINDING, timeColumn: null } }
  ]) {
    t.equal(store.lastRevision({ ...held, ...change }), undefined, JSON.stringify(change))
  }
  await store.close()
  await turn()
  t.equal(store.lastRevision(held), undefined)
})

t.test('a damaged day is put back from its own log, whatever another workspace has of that day', async (t) => {
  const { path, contoso, fabrikam } = await twoWorkspaces(t)
  await read(contoso, [counts('2026-11-10', cell('Junk', 1)), counts('2026-11-11', cell('Junk', 2))])
  const days = ['2026-11-09', '2026-11-10', '2026-11-12'].map((day) => counts(day, cell('Junk', 7)))
  await read(fabrikam, days)
  const before = [await allDays(contoso), await allDays(fabrikam)]
  const moved = 'update day set day = ? where workspace_key = ? and day = ?'
  behind(path, moved, numberOfDay(d('2026-11-12')), contoso.contoso.key, numberOfDay(d('2026-11-11')))
  await contoso.under.damageDay(contoso.contoso, d('2026-11-10'))

  t.strictSame((await contoso.store.heal(contoso.contoso)).healed.toSorted(), ['2026-11-10', '2026-11-11'])
  t.strictSame([await allDays(contoso), await allDays(fabrikam)], before)
})

t.test('an earlier state is that of its workspace alone, in a range of which both ends count', async (t) => {
  const { contoso, fabrikam } = await twoWorkspaces(t)
  const { store } = contoso
  await read(contoso, [counts('2026-11-10', cell('Junk', 1)), counts('2026-11-11', cell('Junk', 2))])
  await read(contoso, [counts('2026-11-10', cell('Junk', 3))])
  for (const count of [4, 5, 6, 7]) await read(fabrikam, [counts('2026-11-10', cell('Junk', count))])

  for (const [day, count] of [
    ['2026-11-10', 1],
    ['2026-11-11', 2]
  ] as const) {
    const { days } = await store.readDays(contoso.contoso, { from: d(day), to: d(day) }, NOON_MS + 1)
    t.match(days, [{ day, damaged: false, cells: [cell('Junk', count)] }])
    t.equal(days.length, 1)
  }
  t.strictSame(await store.momentOf(contoso.contoso, new Date(NOON_MS + 9)), {
    revision: NOON_MS + 2,
    changedAt: new Date(NOON_MS + 1)
  })
})

t.test('a key that is used leaves the others as they are', async (t) => {
  const { store, clock } = await newBed(t, freshStore)
  for (const id of ['a', 'b', 'c']) {
    await store.addApiKey(
      { name: id, scopes: ['read'], workspaces: null, expires: null },
      { id, prefix: id, hash: hashOfKey(id) }
    )
  }
  await store.touchApiKey('b', clock.now())
  t.strictSame(
    (await store.apiKeys()).map(({ id, lastUsedAt }) => [id, lastUsedAt]),
    [
      ['a', null],
      ['b', clock.now()],
      ['c', null]
    ]
  )
})

t.test('a key that names a workspace does not open the one that is made when that is gone', async (t) => {
  const { store } = await newBed(t, freshStore)
  const named = { name: 'siem', scopes: ['read'], workspaces: ['newest'], expires: null } as const
  await store.addApiKey(named, { id: 'a', prefix: 'a', hash: hashOfKey('a') })
  const newest = await store.findWorkspace('newest')
  if (newest !== undefined) await store.removeWorkspace(newest)
  await store.ensureWorkspace('another')
  t.strictSame((await store.findApiKey(hashOfKey('a')))?.workspaces, [])
})

t.test('whatever changes in one of the two rows of a label, the other is read, and puts it back', async (t) => {
  const under = await freshStore(t)
  const bed = await newBed(t, async () => under)
  const other = cell('Inbox', 2, { actionType: 'Phish ZAP' })
  await read(bed, [counts('2026-11-10', cell('Junk', 1)), counts('2026-11-11', other)])
  const before = await allDays(bed)
  for (const [table, change] of [
    ['label', `location = 'Inbox'`],
    ['label', 'dimension = 1'],
    ['label', `text = 'junk'`],
    ['label_log', 'dimension = 1'],
    ['label_log', `text = 'junk'`]
  ] as const) {
    behind(under.path, `update ${table} set ${change} where text = 'Junk'`)
    const anew = { ...bed, store: await under.open(bed.clock) }
    t.strictSame(await allDays(anew), before, `${table}: ${change}`)
    t.match(await anew.store.verify(), [/^contoso: the label \d+ is damaged$/])
    await anew.store.heal(bed.contoso)
    t.strictSame(await anew.store.verify(), [])
  }
})

t.test('what a newer rule moves to another location changes the days that hold it, once, and no others', async (t) => {
  const under = await freshStore(t)
  const bed = await newBed(t, async () => under)
  await read(bed, [counts('2026-11-10', cell('Junk', 1), cell('Inbox', 2)), counts('2026-11-11', cell('Inbox', 3))])
  await read(bed, [counts('2026-11-10')])
  const [before, log] = [await allDays(bed), await wholeLog(bed)]
  // As a program left it that knew no other rule.
  const db = new Database(under.path)
  const { id } = db.prepare<[], { id: number }>(`select id from label where text = 'Junk'`).get() ?? { id: 0 }
  db.close()
  const checksum = labelChecksum(bed.contoso.key, { id, dimension: 0, text: 'Junk', location: 'Other' })
  behind(under.path, `update label set location = 'Other', checksum = ? where id = ?`, checksum, id)

  for (const opened of ['first', 'once more']) {
    const anew = { ...bed, store: await under.open(bed.clock) }
    const [first, second] = await allDays(anew)
    t.strictSame([first, second], [{ ...before[0], revision: NOON_MS + 2 }, before[1]], opened)
    t.ok(first?.shrunk)
    t.strictSame(
      (await wholeLog(anew))
        .slice(log.length)
        .map(({ day, state, cells, previous }) => [day, state, cells, previous?.cells]),
      [['2026-11-10', before[0]?.state, before[0]?.cells, before[0]?.cells]]
    )
    t.strictSame(await anew.store.verify(), [])
  }
})
