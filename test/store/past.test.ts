// Which moment is told of a log in which entries are damaged: none that may be the wrong one.
import t, { type Test } from 'tap'
import type { Revision } from '../../src/model/revision.ts'
import type { Moment } from '../../src/model/store.ts'
import { cell } from '../support/counts.ts'
import { entryOf, newTables, type TablesBed } from '../support/tables.ts'

const LAST = 500
const damaged = { code: 'store-unavailable', message: /the log is damaged/ }

/** Five transactions, of which the third one has two entries. */
function newBed(t: Test): TablesBed {
  const bed = newTables(t)
  bed.write(entryOf(100, '2026-11-10', 'final', cell('Junk', 1)))
  bed.write(entryOf(200, '2026-11-11', 'final', cell('Junk', 2)))
  bed.write(entryOf(300, '2026-11-12', 'final', cell('Junk', 3)))
  bed.write({ ...entryOf(301, '2026-11-13', 'final', cell('Junk', 4)), changedAt: new Date(300) })
  bed.write(entryOf(400, '2026-11-10', 'final', cell('Junk', 5)))
  bed.write(entryOf(LAST, '2026-11-14', 'final', cell('Junk', 6)))
  return bed
}

const momentOf = ({ tables, contoso }: TablesBed, at: Revision | Date): Moment =>
  tables.past.momentOf(contoso.key, at, LAST)
const moment = (revision: number, changedAt = revision): Moment => ({ revision, changedAt: new Date(changedAt) })

t.test('a moment is the end of the transaction that holds a revision, or came not after an instant', async (t) => {
  const bed = newBed(t)
  for (const at of [300, 301, 399, new Date(300), new Date(399)]) t.strictSame(momentOf(bed, at), moment(301, 300))
  for (const at of [200, 299, new Date(200), new Date(299)]) t.strictSame(momentOf(bed, at), moment(200))
  for (const at of [LAST, new Date(LAST), new Date(9_999)]) t.strictSame(momentOf(bed, at), moment(LAST))
  for (const at of [0, 99, new Date(0), new Date(99)]) {
    t.strictSame(momentOf(bed, at), { revision: 0, changedAt: null })
  }
})

t.test('an entry that is damaged tells no end of its transaction, and is none', async (t) => {
  for (const [entry, asked] of [
    [200, [200, 250]],
    [300, [300]],
    [301, [300, 301, 350]],
    [LAST, [LAST]]
  ] as const) {
    const bed = newBed(t)
    bed.damageEntry(entry)
    for (const at of asked) t.throws(() => momentOf(bed, at), damaged, `${at} where ${entry} is damaged`)
  }
})

t.test('an instant needs no instant of the entry before it: what came next tells that it was the last', async (t) => {
  const bed = newBed(t)
  bed.damageEntry(200)
  t.strictSame(momentOf(bed, new Date(250)), { revision: 200, changedAt: null })
})

t.test('where the next entry is damaged, nothing tells that none is missing before it', async (t) => {
  const bed = newBed(t)
  bed.damageEntry(400)
  for (const at of [300, 350, new Date(350)]) t.throws(() => momentOf(bed, at), damaged)
  t.strictSame(momentOf(bed, 250), moment(200), 'and earlier moments are told')
})

t.test('an entry that is not there any more is missed, wherever it was', async (t) => {
  for (const [entry, asked] of [
    [100, [50, 150]],
    [200, [150, 250]],
    [301, [300, 350]],
    [400, [350, 450]],
    [LAST, [450, LAST]]
  ] as const) {
    const bed = newBed(t)
    bed.run('delete from change where revision = ?', entry)
    for (const at of asked) {
      t.throws(() => momentOf(bed, at), damaged, `${at} without ${entry}`)
      t.throws(() => momentOf(bed, new Date(at)), damaged, `the instant ${at} without ${entry}`)
    }
  }
})
