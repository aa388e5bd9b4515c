// A store on a disk that fails once. Says what was stored, what was refused, and what is read after each; run as
// `faulty-process.ts FOLDER`.
import { writeSync } from 'node:fs'
import { join } from 'node:path'
import { OperationalError } from '../../../src/model/errors.ts'
import type { SeriesStore } from '../../../src/model/store.ts'
import { copyStore } from '../../../src/store/copy.ts'
import { cell, d } from '../counts.ts'
import { openAt } from './small-store.ts'

const folder = process.argv[2] ?? ''
const path = join(folder, 'series.db')
const ALL = { from: d('2026-01-01'), to: d('2026-12-31') }

const say = (words: string): void => void writeSync(1, `${words}\n`)

/** Says so where it is refused; whatever else is thrown is a fault, and ends the process. */
async function attempt(what: string, work: () => Promise<unknown>): Promise<void> {
  try {
    await work()
    say(`stored ${what}`)
  } catch (error) {
    if (!(error instanceof OperationalError) || error.code !== 'store-unavailable') throw error
    say(`refused ${what}`)
  }
}

let store: SeriesStore | undefined
await attempt('start', async () => (store = await openAt(path)))
// As whoever starts it again.
store ??= await openAt(path)
const opened = store
for (let number = 1; number <= 6; number++) {
  await attempt(String(number), async () => {
    const cells = [cell('Junk folder', number), cell(`Folder ${number}`, number)]
    const days = ['2026-11-01', '2026-11-02'].map((day) => ({ day: d(day), cells }))
    const terms = { today: d('2026-11-20'), lagDays: 7, ranged: true, replace: true }
    await opened.applyImport(await opened.ensureWorkspace('contoso'), days, terms)
  })
  await attempt('read', async () => {
    const contoso = await opened.findWorkspace('contoso')
    const days = contoso === undefined ? [] : (await opened.readDays(contoso, ALL)).days
    say(`reads ${[...new Set(days.flatMap(({ cells }) => cells.map(({ count }) => count)))].join(' and ') || 0}`)
  })
  if (number % 2 === 0) await attempt('checkpoint', () => opened.checkpoint())
  if (number === 3) await attempt('copy', async () => copyStore(path, join(folder, 'copy.db')))
}
await opened.close()
