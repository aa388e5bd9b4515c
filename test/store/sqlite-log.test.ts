// What a checksum cannot show: an entry of the log that is not there any more.
import { join } from 'node:path'
import Database from 'better-sqlite3'
import t, { type Test } from 'tap'
import { openSqliteStore } from '../../src/store/sqlite.ts'
import { cell } from '../support/counts.ts'
import { fakeClock } from '../support/fake-clock.ts'
import { quickFolder } from '../support/quick-folder.ts'
import { ALL_DAYS, counts, NOON, NOON_MS, read, wholeLog, type Bed } from './contract/support.ts'

/** One day, read three times, and another one; the entries have the revisions NOON_MS to NOON_MS + 3. */
async function without(t: Test, entry: number): Promise<Pick<Bed, 'store' | 'contoso'>> {
  const path = join(quickFolder(t), 'series.db')
  const store = await openSqliteStore({ path, clock: fakeClock(NOON) })
  t.teardown(() => store.close())
  const contoso = await store.ensureWorkspace('contoso')
  for (const count of [1, 2, 3]) await read({ store, contoso }, [counts('2026-11-10', cell('Junk', count))])
  await read({ store, contoso }, [counts('2026-11-11', cell('Junk', 9))])
  const db = new Database(path)
  t.equal(db.prepare('delete from change where revision = ?').run(NOON_MS + entry).changes, 1)
  db.close()
  return { store, contoso }
}

const damaged = { code: 'store-unavailable', message: /is damaged/ }

for (const entry of [0, 1, 2, 3]) {
  t.test(`without entry ${entry} no change is skipped: the log is refused, and verify tells`, async (t) => {
    const bed = await without(t, entry)
    await t.rejects(wholeLog(bed), damaged)
    t.match(await bed.store.verify(), [/the log is damaged after revision/])
  })
}

t.test('no older state passes for the one whose entry is not there any more', async (t) => {
  for (const entry of [0, 1, 2]) {
    const { store, contoso } = await without(t, entry)
    const { days } = await store.readDays(contoso, ALL_DAYS, NOON_MS + entry)
    t.match(days, [{ day: '2026-11-10', state: 'missing', cells: [], damaged: true }])
    t.equal(days.length, 1)
    if (entry > 0) {
      const before = await store.readDays(contoso, ALL_DAYS, NOON_MS + entry - 1)
      t.match(
        before.days,
        [{ state: 'missing', damaged: true }],
        'it was there, but nobody can say that it was the last'
      )
    }
    await t.rejects(store.momentOf(contoso, NOON_MS + entry), damaged)
  }
})

t.test('what is written after an entry was lost does not hide that', async (t) => {
  const bed = await without(t, 3)
  await read(bed, [counts('2026-11-12', cell('Junk', 4))])
  await t.rejects(wholeLog(bed), damaged)
})
