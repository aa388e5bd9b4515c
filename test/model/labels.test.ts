import t from 'tap'
import type { CellCount } from '../../src/model/cube.ts'
import { labelFacts } from '../../src/model/labels.ts'
import type { StoredDay } from '../../src/model/reading.ts'
import { cell, d } from '../support/counts.ts'

function stored(day: string, cells: readonly CellCount[] = []): StoredDay {
  return { day: d(day), state: 'final', revision: 1, cells, damaged: false, shrunk: false }
}

const DAYS = [
  stored('2026-11-01', [cell('Junk folder', 2), cell('Junk folder', 3, { actionType: 'Phish ZAP' })]),
  stored('2026-11-02'),
  stored('2026-11-04', [cell('Junk folder', 5), cell('Deleted items', 7, { actionType: 'Phish ZAP' })])
]

t.test('a label has the first and the last day on which it has events, and how many on all of them', async (t) => {
  t.strictSame(labelFacts(['Junk folder', 'Deleted items'], 'deliveryLocation', DAYS), [
    { label: 'Deleted items', location: 'Delete', firstDate: '2026-11-04', lastDate: '2026-11-04', count: 7 },
    { label: 'Junk folder', location: 'Junk', firstDate: '2026-11-01', lastDate: '2026-11-04', count: 10 }
  ])
})

t.test('only a delivery location has a location', async (t) => {
  t.strictSame(labelFacts(['Phish ZAP', 'Junk'], 'actionType', DAYS), [
    { label: 'Junk', location: null, firstDate: null, lastDate: null, count: 0 },
    { label: 'Phish ZAP', location: null, firstDate: '2026-11-01', lastDate: '2026-11-04', count: 10 }
  ])
})

t.test('labels are sorted as text, whatever order they come in', async (t) => {
  const names = ['b', '', 'B', 'a', '\u00e4', 'Z']
  for (const labels of [names, names.toReversed(), names.toSorted()]) {
    t.strictSame(
      labelFacts(labels, 'actionResult', []).map(({ label }) => label),
      ['', 'B', 'Z', 'a', 'b', '\u00e4']
    )
  }
})

t.test('a cell whose label is not among the known ones adds to none of them', async (t) => {
  t.strictSame(labelFacts(['Junk folder'], 'deliveryLocation', DAYS), [
    { label: 'Junk folder', location: 'Junk', firstDate: '2026-11-01', lastDate: '2026-11-04', count: 10 }
  ])
})
