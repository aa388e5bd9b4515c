// The power goes at every write and every sync. What SQLite and the copies really write is recorded, and each cut is
// played back with all of what was not synced dropped, with none of it, and with some sectors of it.
import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { checkCopy } from '../../src/store/copy.ts'
import { d } from '../support/counts.ts'
import { quickFolder } from '../support/quick-folder.ts'
import { createMortalDisk } from '../support/reliability/mortal-disk.ts'
import { cannotRecord, recordWrites, type DiskEvent } from '../support/reliability/recorded-writes.ts'
import { openAt } from '../support/reliability/small-store.ts'
import { often, randomOf, SEEDED } from '../support/reliability/soak.ts'

const PROCESS = join(import.meta.dirname, '../support/reliability/recorded-process.ts')
const ALL = { from: d('2026-01-01'), to: d('2026-12-31') }

/** The number that the days say; 0 before the first import. */
async function numberIn(path: string): Promise<{ readonly number: number; readonly wrong: readonly string[] }> {
  const store = await openAt(path)
  try {
    const { days } = await store.readDays(await store.ensureWorkspace('contoso'), ALL)
    const numbers = new Set(days.flatMap(({ cells }) => cells.map(({ count }) => count)))
    const [number = 0] = numbers
    const half = numbers.size > 1 || (days.length !== 3 && days.length !== 0) ? ['half an import'] : []
    return { number, wrong: [...half, ...(await store.verify())] }
  } finally {
    await store.close()
  }
}

t.test(`wherever the power is cut, what was said is there ${SEEDED}`, { skip: cannotRecord() }, async (t) => {
  const folder = quickFolder(t)
  mkdirSync(join(folder, 'recorded'))
  const events = await recordWrites(PROCESS, [], join(folder, 'recorded'))
  const said = wordsIn(events)
  t.strictSame(said, ['opened', '1', '2', '2', 'copied', '3', '4', '4', '5', '2', '6', '6'])

  const random = randomOf('power cuts')
  const every = often(5, 1)
  let cuts = 0
  for (let turn = 0; turn < often(1, 40); turn++) {
    const disk = createMortalDisk()
    for (const [i, event] of events.entries()) {
      disk.apply(event)
      if (event.kind === 'said' || Math.floor(random() * every) > 0) continue
      const kept = [0, 1, random()][cuts % 3] ?? 0
      const after = join(folder, `cut-${cuts++}`)
      mkdirSync(after)
      disk.cutInto(after, () => random() < kept)
      const faults = await faultsAfter(after, events, i)
      if (faults.length > 0) t.fail(`cut after event ${i} of ${events.length}, ${kept} of it kept`, { faults })
    }
  }
  t.ok(cuts > 20, `${cuts} cuts`)
})

function wordsIn(events: readonly DiskEvent[]): string[] {
  return events.flatMap((event) => (event.kind === 'said' ? [event.line] : []))
}

/** What is wrong in a folder after a cut behind an event. */
async function faultsAfter(folder: string, events: readonly DiskEvent[], at: number): Promise<string[]> {
  const said = wordsIn(events.slice(0, at + 1))
  const last = said.findLast((word) => /^\d$/.test(word))
  const next = wordsIn(events.slice(at + 1)).find((word) => /^\d$/.test(word))
  const faults: string[] = []
  try {
    const { number, wrong } = await numberIn(join(folder, 'series.db'))
    faults.push(...wrong)
    if (number !== Number(last ?? 0) && number !== Number(next ?? 0))
      faults.push(`${last} was said, and ${number} is there`)
  } catch (error) {
    faults.push(String(error))
  }
  if (said.includes('copied') || existsSync(join(folder, 'copy.db'))) {
    try {
      if (checkCopy(join(folder, 'copy.db')).coveredDays !== 3) faults.push('the copy is not whole')
    } catch (error) {
      faults.push(String(error))
    }
  }
  return faults
}
