// What is recorded: the life of a store, in which each thing that was done is said. Run as `recorded-process.ts FOLDER`.
import { writeSync } from 'node:fs'
import { join } from 'node:path'
import { copyStore } from '../../../src/store/copy.ts'
import { restoreStore } from '../../../src/store/restore.ts'
import { cell, d } from '../counts.ts'
import { openAt } from './small-store.ts'

const folder = process.argv[2] ?? ''
const [path, copy] = [join(folder, 'series.db'), join(folder, 'copy.db')]

const say = (word: string): void => void writeSync(1, `${word}\n`)
const store = await openAt(path)
const contoso = await store.ensureWorkspace('contoso')

/** Three days that say the same number in every cell, in one transaction. */
async function importNumber(number: number): Promise<void> {
  const cells = [cell('Junk folder', number), cell(`Folder ${number}`, number)]
  const days = ['2026-11-01', '2026-11-02', '2026-11-03'].map((day) => ({ day: d(day), cells }))
  await store.applyImport(contoso, days, { today: d('2026-11-20'), lagDays: 7, ranged: true, replace: true })
  say(String(number))
}

say('opened')
await importNumber(1)
await importNumber(2)
await store.checkpoint()
say('2')
copyStore(path, copy)
say('copied')
await importNumber(3)
await importNumber(4)
await store.checkpoint()
say('4')
await importNumber(5)
await restoreStore({ from: copy, to: path, withKeys: false, now: new Date() })
say('2')
await importNumber(6)
await store.close()
say('6')
