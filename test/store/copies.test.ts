// A folder of copies: which stay, which go, and which is put back.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { addDays } from '../../src/model/day.ts'
import { copyBeside } from '../../src/store/copy-beside.ts'
import { addCopy, holdsCopies, newestGoodCopy, storeHoldsDays } from '../../src/store/copies.ts'
import { openSqliteStore } from '../../src/store/sqlite.ts'
import { cell, d } from '../support/counts.ts'
import { fakeClock } from '../support/fake-clock.ts'
import { quickFolder } from '../support/quick-folder.ts'

const KEEP = 2
const PART = 'series-20261031T030000Z.db.part'

interface Bed {
  readonly store: string
  readonly folder: string
  /** Begins the store anew, with so many days. */
  begin(days: number): Promise<void>
  /** Copies it on that day of November; the copies that are there then, as days of November. */
  copyOn(day: number): number[]
  present(): number[]
  pathOf(day: number): string
}

function two(day: number): string {
  return String(day).padStart(2, '0')
}

function newBed(t: Test): Bed {
  const store = join(quickFolder(t), 'series.db')
  const folder = join(quickFolder(t), 'copies')
  const bed: Bed = {
    store,
    folder,
    async begin(days) {
      rmSync(store, { force: true })
      const opened = await openSqliteStore({ path: store, clock: fakeClock('2026-11-24T12:00:00Z') })
      const readings = Array.from({ length: days }, (_, i) => ({
        day: addDays(d('2026-03-01'), i),
        cells: [cell('Junk', i + 1)]
      }))
      const terms = { today: d('2026-11-24'), lagDays: 7, ranged: true, replace: false }
      await opened.applyImport(await opened.ensureWorkspace('contoso'), readings, terms)
      await opened.close()
    },
    copyOn(day) {
      addCopy(store, folder, KEEP, new Date(`2026-11-${two(day)}T03:00:00Z`))
      return bed.present()
    },
    present: () => readdirSync(folder).map((name) => Number(/^series-202611(\d\d)T030000Z\.db$/.exec(name)?.[1])),
    pathOf: (day) => join(folder, `series-202611${two(day)}T030000Z.db`)
  }
  return bed
}

function damage(path: string): void {
  const bytes = readFileSync(path)
  bytes.fill(255, bytes.length - 4_096)
  writeFileSync(path, bytes)
}

t.test('so many copies are kept as is said, the newest', async (t) => {
  const bed = newBed(t)
  await bed.begin(3)
  t.strictSame(bed.copyOn(1), [1])
  t.strictSame(bed.copyOn(2), [1, 2])
  t.strictSame(bed.copyOn(3), [2, 3])
  await bed.begin(4)
  t.strictSame(bed.copyOn(4), [3, 4])
  const copied = addCopy(bed.store, bed.folder, KEEP, new Date('2026-11-05T03:00:00Z'))
  t.match(copied, { path: bed.pathOf(5), facts: { coveredDays: 4 } })
})

t.test(
  'a store that was begun anew pushes out no copy that covers more days, however often it is copied',
  async (t) => {
    const bed = newBed(t)
    await bed.begin(40)
    bed.copyOn(1)
    bed.copyOn(2)
    await bed.begin(1)
    for (const day of [3, 4, 5, 6]) bed.copyOn(day)
    t.strictSame(bed.present(), [2, 5, 6], 'of the old store the newest is kept beside the two newest')

    await bed.begin(41)
    bed.copyOn(7)
    t.strictSame(bed.present(), [6, 7], 'until the store covers as much again')
  }
)

t.test('a damaged copy counts for nothing and is left, and is never the newest good one', async (t) => {
  const bed = newBed(t)
  await bed.begin(3)
  bed.copyOn(1)
  bed.copyOn(2)
  damage(bed.pathOf(2))
  t.equal(newestGoodCopy(bed.folder), bed.pathOf(1))
  t.strictSame(bed.copyOn(3), [1, 2, 3])
  t.strictSame(bed.copyOn(4), [2, 3, 4])
  t.equal(newestGoodCopy(bed.folder), bed.pathOf(4))

  for (const day of [3, 4]) damage(bed.pathOf(day))
  t.equal(newestGoodCopy(bed.folder), null)
  t.ok(holdsCopies(bed.folder))
})

t.test('a copy that fails removes nothing', async (t) => {
  const bed = newBed(t)
  await bed.begin(3)
  bed.copyOn(1)
  bed.copyOn(2)
  damage(bed.store)
  t.throws(() => bed.copyOn(3), { code: 'store-unavailable' })
  t.strictSame(bed.present(), [1, 2])
})

t.test('other files in the folder are no copies, and stay', async (t) => {
  const bed = newBed(t)
  t.equal(newestGoodCopy(bed.folder), null)
  t.notOk(holdsCopies(bed.folder))
  mkdirSync(bed.folder)
  const own = ['notes.txt', 'series.db', 'my-series-20261030T030000Z.db', 'my.db.part']
  for (const name of [...own, PART]) writeFileSync(join(bed.folder, name), name)
  for (const name of own) utimesSync(join(bed.folder, name), new Date(0), new Date(0))
  t.notOk(holdsCopies(bed.folder))
  await bed.begin(3)
  for (const day of [1, 2, 3]) addCopy(bed.store, bed.folder, 1, new Date(`2026-11-0${day}T03:00:00Z`))
  t.strictSame(readdirSync(bed.folder).toSorted(), [PART, 'series-20261103T030000Z.db', ...own].toSorted())
})

t.test('what a copy that was cut off has left is removed a day later', async (t) => {
  const bed = newBed(t)
  await bed.begin(3)
  bed.copyOn(1)
  utimesSync(bed.pathOf(1), new Date(0), new Date(0))
  for (const hours of [23, 25]) {
    writeFileSync(join(bed.folder, PART), 'cut off')
    const at = new Date(Date.parse('2026-11-02T03:00:00Z') - hours * 3_600_000)
    utimesSync(join(bed.folder, PART), at, at)
    t.strictSame(
      bed.copyOn(2).filter((day) => !Number.isNaN(day)),
      [1, 2]
    )
    t.equal(existsSync(join(bed.folder, PART)), hours < 24)
  }
})

t.test('a store counts as one once it has a day, or cannot be read to tell', async (t) => {
  const bed = newBed(t)
  t.notOk(storeHoldsDays(bed.store), 'none')
  writeFileSync(bed.store, '')
  t.notOk(storeHoldsDays(bed.store), 'an empty file')
  rmSync(bed.store)
  await (await openSqliteStore({ path: bed.store, clock: fakeClock('2026-11-02T03:00:00Z') })).close()
  t.notOk(storeHoldsDays(bed.store), 'a new one, as a command leaves it')
  writeFileSync(`${bed.store}.broken`, 'no database at all\n'.repeat(300))
  t.ok(storeHoldsDays(`${bed.store}.broken`))
  await bed.begin(1)
  t.ok(storeHoldsDays(bed.store))
})

t.test('a thread of its own writes the same copy, and says why it could not', async (t) => {
  const bed = newBed(t)
  await bed.begin(3)
  const task = { store: bed.store, folder: bed.folder, keep: KEEP, now: new Date('2026-11-05T03:00:00Z') }
  t.strictSame(await copyBeside(task), {
    path: bed.pathOf(5),
    facts: { format: 1, workspaces: 1, coveredDays: 3 }
  })
  damage(bed.store)
  const refused = { code: 'store-unavailable', message: /no copy of .* could be written/ }
  await t.rejects(copyBeside({ ...task, now: new Date('2026-11-06T03:00:00Z') }), refused)
  t.ok(existsSync(bed.pathOf(5)))
})
