// A process that is killed at any moment; run as `mortal-process.ts WORK FOLDER`. It prints a line for each piece of
// work that is done: what it has said is acknowledged.
import { writeSync } from 'node:fs'
import { join } from 'node:path'
import { createIngester } from '../../../src/ingest/ingester.ts'
import { openSampleSource } from '../../../src/ingest/sample.ts'
import { addCopy } from '../../../src/store/copies.ts'
import { restoreStore } from '../../../src/store/restore.ts'
import { openSqliteDatabase } from '../../../src/store/sqlite/database.ts'
import { openSqliteStore } from '../../../src/store/sqlite.ts'
import { systemClock } from '../../../src/system-clock.ts'
import { cell, d } from '../counts.ts'

const [, , work = '', folder = ''] = process.argv
const path = join(folder, 'series.db')
const clock = systemClock

function say(line: string): void {
  writeSync(1, `${line}\n`)
}

/** Forty days that say the same number in every cell, in one transaction; then the next number. */
async function imports(): Promise<void> {
  const store = await openSqliteStore({ path, clock })
  const contoso = await store.ensureWorkspace('contoso')
  const terms = { today: d('2026-11-20'), lagDays: 7, ranged: true, replace: true }
  const [first] = (await store.readDays(contoso, { from: d('2026-10-01'), to: d('2026-10-01') })).days
  say('ready')
  for (let number = (first?.cells[0]?.count ?? 0) + 1; ; number++) {
    const cells = [cell('Junk folder', number), cell('Quarantine', number)]
    const days = Array.from({ length: 40 }, (_, i) => ({
      day: d(new Date(DAY_ONE + i * DAY).toISOString().slice(0, 10)),
      cells
    }))
    await store.applyImport(contoso, days, terms)
    say(`${number}`)
    if (number % 3 === 0) await store.checkpoint()
  }
}

const DAY = 86_400_000
const DAY_ONE = Date.parse('2026-10-01')

/** Runs of the ingester over the sample, the days of each new to the store. */
async function ingests(): Promise<void> {
  const store = await openSqliteStore({ path, clock })
  const terms = { lagDays: 7, retentionDays: 30 }
  const log = { info() {}, warn() {}, error() {} }
  const ingester = createIngester({
    ...terms,
    store,
    clock,
    log,
    source: openSampleSource({ ...terms, clock }),
    workspaces: [{ name: 'sample', id: 'sample' }],
    timeoutMs: 180_000
  })
  say('ready')
  for (;;) {
    const { done } = await ingester.request('sample', 'command', { range: null, force: false })
    const { id, status } = await done
    say(`${id} ${status}`)
    const sample = await store.ensureWorkspace('sample')
    await store.removeWorkspace(sample)
    say('removed')
  }
}

/** A copy after the other, all of which are kept but those that cover no more than newer ones. */
function backups(): void {
  // A second for each hundredth, so that every copy of every process has a name of its own, in order.
  const begun = (Date.now() % 1e10) * 100
  say('ready')
  for (let i = 0; ; i++) say(addCopy(path, join(folder, 'copies'), 3, new Date(begun + i * 1_000)).path)
}

/** Two copies in turn. */
async function restores(): Promise<void> {
  say('ready')
  for (let i = 0; ; i++) {
    const name = i % 2 === 0 ? 'small' : 'large'
    await restoreStore({ from: join(folder, `${name}.db`), to: path, withKeys: false, now: new Date('2026-11-20') })
    say(name)
  }
}

/** Makes new stores, so that their tables are made. */
async function starts(): Promise<void> {
  say('ready')
  for (let i = 0; ; i++) {
    openSqliteDatabase(join(folder, `new-${i}.db`)).close()
    say(`new-${i}.db`)
  }
}

const works: Record<string, () => void | Promise<void>> = { imports, ingests, backups, restores, starts }
await works[work]?.()
