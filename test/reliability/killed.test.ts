// A process may be killed at any moment. What it has said stays, what it had begun is not there, and the next start
// needs no help. The moments are chance, so each run tries others than the last; what must hold is the same.
import { existsSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { addDays } from '../../src/model/day.ts'
import type { SeriesStore } from '../../src/model/store.ts'
import { addCopy } from '../../src/store/copies.ts'
import { checkCopy, copyStore } from '../../src/store/copy.ts'
import { openSqliteStore } from '../../src/store/sqlite.ts'
import { systemClock } from '../../src/system-clock.ts'
import { cell, d } from '../support/counts.ts'
import { quickFolder } from '../support/quick-folder.ts'
import { killAt } from '../support/reliability/kill.ts'
import { openAt } from '../support/reliability/small-store.ts'
import { often, randomOf } from '../support/reliability/soak.ts'

const KILLS = often(3, 250)
/** What that process believes of its source. */
const RETENTION_DAYS = 30
/** Where the machine is so slow that nothing was done, it is let live and killed once more. */
const LONGEST_MS = 150

/** When the next one is killed. On a slow machine later and later, so that some work is done before it. */
function momentOf(kill: number, times = 1): number {
  return random() * LONGEST_MS * times * Math.max(1, kill / KILLS)
}
const ALL = { from: d('1000-01-01'), to: d('9999-12-31') }
const random = randomOf('killed')

/** The store as the next start finds it, with nothing wrong in it. */
async function nextStart(t: Test, path: string): Promise<SeriesStore> {
  const store = await openSqliteStore({ path, clock: systemClock })
  const faults = await store.verify()
  if (faults.length > 0) t.fail('the store is damaged', { faults })
  return store
}

async function load(store: SeriesStore, days: number): Promise<void> {
  const terms = { today: d('2026-11-20'), lagDays: 7, ranged: true, replace: false }
  const cells = ['Junk', 'Inbox', 'Quarantine'].map((location) => cell(location, 1))
  const readings = Array.from({ length: days }, (_, i) => ({ day: addDays(d('2020-01-01'), i), cells }))
  await store.applyImport(await store.ensureWorkspace('contoso'), readings, terms)
}

t.test('killed while it imports: every number that was said is there, and no day has another one', async (t) => {
  const folder = quickFolder(t)
  let said = 0
  for (let kill = 0; kill < KILLS || said === 0; kill++) {
    const lines = await killAt('imports', folder, momentOf(kill))
    said = Number(lines.at(-1) ?? said)
    const store = await nextStart(t, join(folder, 'series.db'))
    const { days } = await store.readDays(await store.ensureWorkspace('contoso'), ALL)
    const numbers = new Set(days.flatMap(({ cells }) => cells.map(({ count }) => count)))
    const [number = 0] = numbers
    if (numbers.size > 1 || (days.length !== 40 && days.length !== 0)) t.fail('half an import', { days })
    if (number !== said && number !== said + 1) t.fail(`${said} was said, and ${number} is there`)
    said = number
    await store.close()
  }
  t.ok(said > 0, `${said} imports`)
})

t.test('killed while it ingests: every run that was said is recorded, with its days', async (t) => {
  const folder = quickFolder(t)
  let runs = 0
  for (let kill = 0; kill < KILLS || runs === 0; kill++) {
    const lines = await killAt('ingests', folder, momentOf(kill))
    const store = await nextStart(t, join(folder, 'series.db'))
    const last = lines.at(-1)
    if (last !== undefined && last !== 'removed') {
      const [id = '', status] = last.split(' ')
      const found = await store.findRun(id)
      const sample = await store.findWorkspace('sample')
      // Its removal may have been next.
      if (sample !== undefined) {
        if (found?.run.status !== status) t.fail(`${last} was said, and ${found?.run.status} is recorded`)
        const { days } = await store.readDays(sample, ALL)
        // Some of them may be from a process before, whose days were final.
        if (days.length !== RETENTION_DAYS) t.fail(`${days.length} days after a run`)
      }
    }
    runs += lines.length
    await store.close()
  }
  t.ok(runs > 0, `${runs} words`)
})

t.test(
  'killed while it copies: what has the name of a copy is a good one, and the newest that was said is there',
  async (t) => {
    const folder = quickFolder(t)
    const store = await openAt(join(folder, 'series.db'))
    t.teardown(() => store.close())
    await load(store, 500)
    let copies = 0
    for (let kill = 0; kill < KILLS || copies === 0; kill++) {
      const lines = await killAt('backups', folder, momentOf(kill, 6))
      for (const name of readdirSync(join(folder, 'copies'))) {
        const path = join(folder, 'copies', name)
        if (name.endsWith('.db') && checkCopy(path).coveredDays !== 500) t.fail(`${name} is not whole`)
      }
      const last = lines.at(-1)
      if (last !== undefined && !existsSync(last)) t.fail(`${last} was said, and is not there`)
      copies += lines.length
    }
    t.ok(copies > 0, `${copies} copies`)
  }
)

t.test('killed while it restores: the store is the one or the other, whole, and what was said', async (t) => {
  const folder = quickFolder(t)
  const path = join(folder, 'series.db')
  const sizes: Record<string, number> = { small: 3, large: 200 }
  for (const [name, days] of Object.entries(sizes)) {
    const store = await openAt(path)
    await load(store, days)
    await store.close()
    copyStore(path, join(folder, `${name}.db`))
  }
  let restores = 0
  for (let kill = 0; kill < KILLS || restores === 0; kill++) {
    const lines = await killAt('restores', folder, momentOf(kill, 4))
    const store = await nextStart(t, path)
    const { days } = await store.readDays(await store.ensureWorkspace('contoso'), ALL)
    const name = Object.keys(sizes).find((each) => sizes[each] === days.length)
    if (name === undefined) t.fail(`${days.length} days are those of no copy`)
    restores += lines.length
    await store.close()
    for (const kept of readdirSync(folder).filter((each) => /\.replaced-\w+(-\d+)?$/.test(each))) {
      checkCopy(join(folder, kept))
      rmSync(join(folder, kept))
    }
  }
  t.ok(restores > 0, `${restores} restores`)
})

t.test('killed at its first start: the next one finds a whole store, or makes one', async (t) => {
  const folder = quickFolder(t)
  let starts = 0
  for (let kill = 0; kill < KILLS || starts === 0; kill++) {
    const lines = await killAt('starts', folder, momentOf(kill))
    starts += lines.length
    for (const name of [...lines.slice(-1), `new-${lines.length}.db`])
      await (await nextStart(t, join(folder, name))).close()
  }
  t.ok(starts > 0, `${starts} starts`)
})

t.test('a copy is taken while another process writes, and ends', async (t) => {
  const folder = quickFolder(t)
  const path = join(folder, 'series.db')
  await (await openAt(path)).close()
  const writing = killAt('imports', folder, 600)
  for (let copies = 0; copies < 5; copies++) {
    const { facts } = addCopy(path, join(folder, 'copies'), 10, new Date(Date.UTC(2026, 0, 1, 0, 0, copies)))
    t.ok(facts.coveredDays === 0 || facts.coveredDays === 40, `copy ${copies} holds ${facts.coveredDays} days`)
    await wait(80)
  }
  t.ok((await writing).length > 0)
})
