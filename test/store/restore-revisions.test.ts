// A revision names one change for ever: whoever holds one from before a restore must not take another change for it.
import { join } from 'node:path'
import t, { type Test } from 'tap'
import type { SeriesStore } from '../../src/model/store.ts'
import { copyStore } from '../../src/store/copy.ts'
import { restoreStore } from '../../src/store/restore.ts'
import { openSqliteStore } from '../../src/store/sqlite.ts'
import { cell, d } from '../support/counts.ts'
import { fakeClock, type FakeClock } from '../support/fake-clock.ts'

const NOW = '2026-11-24T12:00:00Z'
const MONTH_LATER = '2026-12-24T12:00:00Z'
const ALL = { from: d('2026-01-01'), to: d('2026-12-31') }

interface Parts {
  readonly store: SeriesStore
  readonly clock: FakeClock
  readonly path: string
  readonly copy: string
  importDay(day: string, events: number): Promise<number>
}

async function open(t: Test): Promise<Parts> {
  const path = join(t.testdir(), 'series.db')
  const clock = fakeClock(NOW)
  const store = await openSqliteStore({ path, clock })
  t.teardown(() => store.close())
  return {
    store,
    clock,
    path,
    copy: `${path}.copy`,
    async importDay(day, events) {
      const workspace = await store.ensureWorkspace('default')
      const terms = { today: d('2026-12-24'), lagDays: 7, ranged: true, replace: true }
      await store.applyImport(workspace, [{ day: d(day), cells: [cell('Junk folder', events)] }], terms)
      return store.revision(workspace)
    }
  }
}

t.test('after a restore no revision is issued again, also where the clock had been ahead', async (t) => {
  const { store, clock, path, copy, importDay } = await open(t)
  await clock.set(MONTH_LATER)
  await importDay('2026-11-01', 1)
  await clock.set(NOW)
  copyStore(path, copy)
  const before = await importDay('2026-11-02', 2)

  await restoreStore({ from: copy, to: path, withKeys: false, now: clock.now() })
  t.ok((await importDay('2026-11-02', 3)) > before, 'revisions go on')

  const workspace = await store.ensureWorkspace('default')
  t.equal(await store.changes(workspace, before, 10), undefined, 'the cursor from before is gone')
  const { days } = await store.readDays(workspace, ALL)
  t.strictSame(
    days.map(({ day, cells }) => [day, cells[0]?.count]),
    [
      ['2026-11-01', 1],
      ['2026-11-02', 3]
    ]
  )
  t.same(await store.verify(), [])
})

t.test('where the clock was right, what is restored is the copy, without an entry more', async (t) => {
  const { store, clock, path, copy, importDay } = await open(t)
  const copied = await importDay('2026-11-01', 1)
  copyStore(path, copy)
  await clock.advance(3_600_000)
  await importDay('2026-11-02', 2)

  await restoreStore({ from: copy, to: path, withKeys: false, now: clock.now() })
  t.equal(await store.revision(await store.ensureWorkspace('default')), copied)
})
