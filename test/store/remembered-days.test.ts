// Days that are kept in memory say at every moment what the file says.
import { join } from 'node:path'
import Database from 'better-sqlite3'
import t, { type Test } from 'tap'
import { addDays } from '../../src/model/day.ts'
import { openSqliteStore } from '../../src/store/sqlite.ts'
import { cell, d } from '../support/counts.ts'
import { fakeClock } from '../support/fake-clock.ts'
import { quickFolder } from '../support/quick-folder.ts'
import { createRandom, randomDays } from '../support/random-changes.ts'
import { counts, load, NOON, type Bed } from './contract/support.ts'

async function open(t: Test, path: string): Promise<Pick<Bed, 'store' | 'contoso'>> {
  const store = await openSqliteStore({ path, clock: fakeClock(NOON) })
  t.teardown(() => store.close())
  return { store, contoso: await store.ensureWorkspace('contoso') }
}

const FIRST = d('2025-11-01')
const TEN_YEARS = { from: d('2020-01-01'), to: d('2029-12-31') }
const EVER = { from: d('2000-01-01'), to: d('9999-12-31') }
const TERMS = { today: d('2026-11-20'), lagDays: 7, ranged: true, replace: true }

t.test('after each write, of this process or another one, every range is that of a store opened anew', async (t) => {
  const path = join(quickFolder(t), 'series.db')
  const one = await open(t, path)
  const other = await open(t, path)
  const fabrikam = await one.store.ensureWorkspace('fabrikam')
  const random = createRandom(13)
  for (let round = 0; round < 40; round++) {
    const { store } = random.below(2) === 0 ? one : other
    const workspace = random.below(3) === 0 ? fabrikam : one.contoso
    await store.applyImport(workspace, randomDays(random, FIRST, 320, 60), TERMS)
    const fresh = await openSqliteStore({ path, clock: fakeClock(NOON) })
    for (let asked = 0; asked < 6; asked++) {
      const from = addDays(FIRST, random.below(380) - 20)
      const range = { from, to: addDays(from, random.below(150) - 1) }
      for (const each of [one.contoso, fabrikam]) {
        const expected = await fresh.readDays(each, range)
        t.strictSame(await one.store.readDays(each, range), expected)
        t.strictSame(await other.store.readDays(each, range), expected)
      }
    }
    for (const each of [one.contoso, fabrikam]) {
      const all = await fresh.readDays(each, TEN_YEARS)
      t.strictSame(await one.store.readDays(each, EVER), all)
      const { coverage } = await one.store.facts(each)
      t.strictSame(
        coverage.map(({ day, state }) => [day, state]),
        all.days.map(({ day, state }) => [day, state])
      )
    }
    await fresh.close()
  }
})

t.test('a mark that makes no revision is seen, and damage that somebody writes', async (t) => {
  const path = join(quickFolder(t), 'series.db')
  const one = await open(t, path)
  await load(one, [counts('2026-11-01', cell('Junk', 1))])
  const range = { from: d('2026-11-01'), to: d('2026-11-30') }
  const told = async (): Promise<unknown[]> => {
    const { days } = await one.store.readDays(one.contoso, range)
    return days.map(({ shrunk, damaged, cells }) => [shrunk, damaged, cells.length])
  }
  t.strictSame(await told(), [[false, false, 1]])
  const db = new Database(path)
  db.exec('update day set shrunk = 1')
  t.strictSame(await told(), [[true, false, 1]])
  db.exec("update day set cells = x'00'")
  t.strictSame(await told(), [[true, true, 0]])
  // What a flipped bit may make of a column, and SQL would not.
  db.unsafeMode().pragma('writable_schema = on')
  db.exec("update sqlite_schema set sql = replace(sql, ') strict', ')') where name = 'day'")
  db.pragma('writable_schema = reset')
  db.exec("update day set cells = 'no cells'")
  t.strictSame(await told(), [[true, true, 0]])
  db.close()
})
