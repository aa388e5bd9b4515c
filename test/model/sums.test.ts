import t from 'tap'
import { addTo, addUp, addUpAll, offerSums, type Sorting } from '../../src/model/sums.ts'
import { cell } from '../support/counts.ts'

const CELLS = [
  cell('Junk', 1),
  cell('Inbox', 2, { actionType: 'Phish ZAP' }),
  cell('Junk', 4, { actionType: 'Phish ZAP', actionResult: 'Error' })
]

/** Columns in the order in which their labels are met. */
function sortingBy(by: Sorting['by'], passes: Sorting['passes'] = {}): Sorting & { readonly met: string[] } {
  const met: string[] = []
  const columnOf = (label: string): number => (met.includes(label) ? met.indexOf(label) : met.push(label) - 1)
  return { by, columnOf, passes, met }
}

t.test('cells are added up by the label of one dimension', async (t) => {
  const sorting = sortingBy('deliveryLocation')
  t.strictSame(addUp(CELLS, sorting), [5, 2])
  t.strictSame(sorting.met, ['Junk', 'Inbox'])
  t.strictSame(addUp(CELLS, sortingBy('actionType')), [1, 6])
  t.strictSame(addUp([], sorting), [])
})

const isPhish = (label: string): boolean => label === 'Phish ZAP'
const isSuccess = (label: string): boolean => label === 'Success'

t.test('only cells that pass every filter take part, and only they open a column', async (t) => {
  const phish = sortingBy('deliveryLocation', { actionType: isPhish })
  t.strictSame(addUp(CELLS, phish), [2, 4])
  t.strictSame(phish.met, ['Inbox', 'Junk'])
  const both = sortingBy('deliveryLocation', { actionType: isPhish, actionResult: isSuccess })
  t.strictSame(addUp(CELLS, both), [2])
  t.strictSame(both.met, ['Inbox'])
  t.strictSame(addUp(CELLS, sortingBy('actionType', { actionTrigger: () => false })), [])
})

t.test('a column that is further on leaves zeros before it, and what was counted stays', async (t) => {
  const sums = [7]
  addTo(sums, 3, 5)
  // To tap a hole equals anything.
  t.strictSame(Array.from(sums), [7, 0, 0, 5])
  addTo(sums, 0, 1)
  addTo(sums, 3, 2)
  t.strictSame(sums, [8, 0, 0, 7])
  t.strictSame(addUp(CELLS, { by: 'actionType', columnOf: () => 2, passes: {} }), [0, 0, 7])
})

t.test('days are added up one by one, or as whoever made their list has offered for it', async (t) => {
  const days = [{ cells: CELLS }, { cells: [] }, { cells: [cell('Inbox', 8)] }]
  t.strictSame(addUpAll(days, sortingBy('deliveryLocation')), [[5, 2], [], [0, 8]])

  const asked: Sorting[] = []
  offerSums(days, (sorting) => {
    asked.push(sorting)
    return [[1], [2], [3]]
  })
  const sorting = sortingBy('deliveryLocation')
  t.strictSame(addUpAll(days, sorting), [[1], [2], [3]])
  t.equal(asked[0], sorting)
  t.strictSame(addUpAll([...days], sorting), [[5, 2], [], [0, 8]], 'another list of the same days has no such offer')
})
