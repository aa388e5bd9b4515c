// What the log can put back, and what it cannot.
import t, { type Test } from 'tap'
import { addDays, numberOfDay } from '../../src/model/day.ts'
import { healWorkspace, type Healed } from '../../src/store/heal.ts'
import { faultsOfDays } from '../../src/store/verify.ts'
import { cell, d } from '../support/counts.ts'
import { entryOf, newTables, type TablesBed } from '../support/tables.ts'

/** Two days, each read twice, and one read once. */
function newBed(t: Test): TablesBed {
  const bed = newTables(t)
  bed.write(entryOf(100, '2026-11-10', 'provisional', cell('Junk', 1)))
  bed.write(entryOf(200, '2026-11-11', 'provisional', cell('Junk', 2)))
  bed.write(entryOf(300, '2026-11-10', 'final', cell('Junk', 3)))
  bed.write(entryOf(400, '2026-11-11', 'final', cell('Junk', 4)))
  bed.write(entryOf(500, '2026-11-12', 'final', cell('Junk', 5)))
  return bed
}

const heal = ({ tables, contoso }: TablesBed): Healed => healWorkspace(tables, contoso)
const told = ({ tables, contoso }: TablesBed): unknown[] =>
  tables.days.select(contoso.key).map(({ day, state, revision, cells, damaged }) => {
    return [day, damaged ? 'damaged' : state, revision, cells.map(({ count }) => count)]
  })

t.test('where nothing is damaged nothing is done, also not about a row that is not there', async (t) => {
  const bed = newBed(t)
  bed.tables.days.remove(bed.contoso.key, d('2026-11-11'))
  const before = told(bed)
  t.strictSame(heal(bed), { healed: [], damaged: [] })
  t.strictSame(told(bed), before)
})

t.test('damaged days are put back as their last entries say, and the others stay as they are', async (t) => {
  const bed = newBed(t)
  const before = told(bed)
  bed.damageDay('2026-11-10')
  bed.damageDay('2026-11-12')
  t.strictSame(heal(bed), { healed: ['2026-11-10', '2026-11-12'], damaged: [] })
  t.strictSame(told(bed), before)
  t.strictSame(heal(bed), { healed: [], damaged: [] })
})

t.test('a row whose revision was damaged is put back from a log that is whole', async (t) => {
  const bed = newBed(t)
  const before = told(bed)
  bed.run('update day set revision = 301 where day = ?', numberOfDay(d('2026-11-10')))
  t.strictSame(heal(bed), { healed: ['2026-11-10'], damaged: [] })
  t.strictSame(told(bed), before)
})

t.test(
  'beside a damaged log a row is put back only from the entry whose revision it says: a later one may be lost',
  async (t) => {
    const bed = newBed(t)
    bed.damageEntry(200)
    bed.damageDay('2026-11-10')
    bed.run('update day set revision = 501 where day = ?', numberOfDay(d('2026-11-12')))
    t.strictSame(heal(bed), { healed: ['2026-11-10'], damaged: ['2026-11-12'] })
    t.strictSame(told(bed), [
      ['2026-11-10', 'final', 300, [3]],
      ['2026-11-11', 'final', 400, [4]],
      ['2026-11-12', 'damaged', 501, []]
    ])
  }
)

t.test('a row whose day was damaged goes, and the day that it was comes back', async (t) => {
  const bed = newBed(t)
  const before = told(bed)
  bed.run('update day set day = day + 40 where day = ?', numberOfDay(d('2026-11-11')))
  t.strictSame(heal(bed), { healed: ['2026-11-11'], damaged: [] })
  t.strictSame(told(bed), before)
  t.strictSame(faultsOfDays(bed.tables, bed.contoso), [])
})

t.test('beside a damaged log nobody can say which day a row was: it stays, damaged', async (t) => {
  const bed = newBed(t)
  bed.damageEntry(200)
  bed.run('update day set day = day + 40 where day = ?', numberOfDay(d('2026-11-11')))
  t.strictSame(heal(bed), { healed: [], damaged: ['2026-12-21'] })
  t.strictSame(
    told(bed).length,
    3,
    'and the day that it was is not put back from an entry that may not be its last one'
  )
})

t.test('a day whose own entries are damaged stays damaged, and the others are put back', async (t) => {
  const bed = newBed(t)
  bed.damageEntry(400)
  for (const day of ['2026-11-10', '2026-11-11']) bed.damageDay(day)
  t.strictSame(heal(bed), { healed: ['2026-11-10'], damaged: ['2026-11-11'] })
})

t.test('days are put back from a log of any length', async (t) => {
  for (const length of [999, 1_000, 1_001, 2_000, 2_500]) {
    const bed = newTables(t)
    for (let i = 1; i <= length; i++) {
      bed.write(entryOf(i, addDays(d('2020-01-01'), i % 700), 'final', cell('Junk', i)))
    }
    const before = told(bed)
    const [newest, oldest] = [addDays(d('2020-01-01'), length % 700), addDays(d('2020-01-01'), (length + 1) % 700)]
    bed.run('update day set day = day + 4000 where day = ?', numberOfDay(newest))
    bed.run('update day set day = day + 4000 where day = ?', numberOfDay(oldest))
    t.strictSame(heal(bed), { healed: [newest, oldest].toSorted(), damaged: [] }, `${length} entries`)
    t.strictSame(told(bed), before)
  }
})
