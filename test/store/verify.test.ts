// What is wrong among the days and the log of a workspace, one rule after the other.
import t, { type Test } from 'tap'
import { addDays, numberOfDay } from '../../src/model/day.ts'
import { faultsOfDays } from '../../src/store/verify.ts'
import { cell, d } from '../support/counts.ts'
import { entryOf, newTables, type TablesBed } from '../support/tables.ts'

/** Three days: one that became final, a lost one that was filled, and a quiet one. */
function newBed(t: Test): TablesBed {
  const bed = newTables(t)
  bed.write(entryOf(100, '2026-11-10', 'provisional', cell('Junk', 1)))
  bed.write(entryOf(200, '2026-11-11', 'lost'))
  bed.write(entryOf(300, '2026-11-10', 'final', cell('Junk', 2)))
  bed.write(entryOf(400, '2026-11-11', 'provisional', cell('Junk', 3)))
  bed.write(entryOf(500, '2026-11-12', 'final'))
  return bed
}

const faults = ({ tables, contoso }: TablesBed): string[] => faultsOfDays(tables, contoso)

t.test('nothing is wrong where rows and log say the same, and no rule is broken', async (t) => {
  t.strictSame(faults(newTables(t)), [], 'an empty workspace')
  const bed = newBed(t)
  t.strictSame(faults(bed), [])
  bed.write({ ...entryOf(501, '2026-11-13', 'lost'), changedAt: new Date(500) })
  bed.write(entryOf(600, '2026-11-10', 'final', cell('Junk', 9)))
  t.strictSame(faults(bed), [], 'a final day whose counts change stays final, and entries may share an instant')
})

t.test('an entry whose instant is earlier than the one before is told, and only that one', async (t) => {
  const bed = newBed(t)
  bed.write({ ...entryOf(600, '2026-11-13', 'final'), changedAt: new Date(499) })
  bed.write({ ...entryOf(700, '2026-11-14', 'final'), changedAt: new Date(499) })
  t.strictSame(faults(bed), ['contoso: the instant of 600 is too early'])
})

t.test('a day that was final and is not any more is told', async (t) => {
  for (const state of ['provisional', 'lost'] as const) {
    const bed = newBed(t)
    bed.write(entryOf(600, '2026-11-12', state))
    t.strictSame(faults(bed), [`contoso: 2026-11-12 was final and became ${state}`])
  }
})

t.test('a lost day that has counts is told, though its row and its entry agree', async (t) => {
  const bed = newBed(t)
  bed.write(entryOf(600, '2026-11-13', 'lost', cell('Junk', 1)))
  t.strictSame(faults(bed), ['contoso: 2026-11-13 is lost and has counts'])
})

t.test('a row that differs from the last entry of its day, by anything, is told', async (t) => {
  const others = [
    entryOf(100, '2026-11-10', 'provisional', cell('Junk', 1)),
    entryOf(301, '2026-11-10', 'final', cell('Junk', 2)),
    entryOf(300, '2026-11-10', 'provisional', cell('Junk', 2)),
    entryOf(300, '2026-11-10', 'final', cell('Junk', 3)),
    entryOf(300, '2026-11-10', 'final', cell('Inbox', 2)),
    entryOf(300, '2026-11-10', 'final')
  ]
  for (const other of others) {
    const bed = newBed(t)
    bed.tables.days.put(bed.contoso.key, other)
    t.strictSame(faults(bed), ['contoso: 2026-11-10 is not what the log says of it'])
  }
})

t.test('a row of a day that the log does not know, and an entry of a day without a row, are told', async (t) => {
  const bed = newBed(t)
  bed.tables.days.put(bed.contoso.key, entryOf(450, '2026-11-20', 'final'))
  bed.tables.days.remove(bed.contoso.key, d('2026-11-11'))
  t.strictSame(faults(bed), [
    'contoso: 2026-11-20 is not what the log says of it',
    'contoso: 2026-11-11 is in the log and has no row'
  ])
})

t.test('a damaged row is told as that, with what to do', async (t) => {
  const bed = newBed(t)
  bed.damageDay('2026-11-10')
  t.strictSame(faults(bed), [
    'contoso: 2026-11-10 is damaged, and the log cannot put it back: ingest or import it again'
  ])
})

t.test('of a damaged log it is told up to where it holds, and nothing that would follow from the rest', async (t) => {
  for (const [damaged, after] of [
    [100, 0],
    [300, 200],
    [500, 400]
  ] as const) {
    const bed = newBed(t)
    bed.damageEntry(damaged)
    bed.damageDay('2026-11-12')
    t.strictSame(faults(bed), [
      `contoso: the log is damaged after revision ${after}: restore a copy, or follow /changes from a later one`
    ])
  }
})

t.test('a log is read to its end, however long it is', async (t) => {
  for (const length of [999, 1_000, 1_001, 2_000, 2_001]) {
    const bed = newTables(t)
    const first = numberOfDay(d('2020-01-01'))
    for (let i = 1; i <= length; i++) {
      bed.write(entryOf(first + i, addDays(d('2020-01-01'), i % 700), 'final', cell('Junk', i)))
    }
    t.strictSame(faults(bed), [], `${length} entries`)
    const day = addDays(d('2020-01-01'), length % 700)
    bed.write(entryOf(first + length + 1, day, 'provisional'))
    t.strictSame(faults(bed), [`contoso: ${day} was final and became provisional`], `the one after ${length} entries`)
  }
})
