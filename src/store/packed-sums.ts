// Adding up the cells of a day as they lie on the disk. It makes the sums that `addUp` of the model makes of the cells,
// but asks of each label once for all days, and makes no cell.
import { DIMENSIONS, type Dimension } from '../model/cube.ts'
import { addTo, type Sorting } from '../model/sums.ts'
import type { LabelBook } from './label-book.ts'
import { CELL_NUMBERS, COUNT, readNumbers } from './packed-cells.ts'

/** What a sorting says of the labels of a book, by their ids; what it has not been asked yet is a hole. */
interface Plan {
  readonly book: LabelBook
  /** Which of the numbers of a cell is the id of the label that says the column. */
  readonly by: number
  readonly columns: (number | undefined)[]
  readonly filters: readonly Filter[]
}

interface Filter {
  readonly dimension: number
  readonly passes: (label: string) => boolean
  readonly passed: (boolean | undefined)[]
}

const plans = new WeakMap<Sorting, Plan>()

/** Of bytes that passed their checksum. */
export function addUpPacked(bytes: Uint8Array, book: LabelBook, sorting: Sorting): number[] {
  const { by, columns, filters } = planOf(book, sorting)
  const { numbers, length } = readNumbers(bytes)
  const sums: number[] = []
  for (let i = 0; i < length; i += CELL_NUMBERS) {
    if (filters.length > 0 && !passesAll(filters, book, numbers, i)) continue
    const id = numbers[i + by] ?? 0
    const column = (columns[id] ??= sorting.columnOf(book.texts[by]?.[id] ?? ''))
    const count = numbers[i + COUNT] ?? 0
    const before = sums[column]
    if (before === undefined) addTo(sums, column, count)
    else sums[column] = before + count
  }
  return sums
}

function passesAll(filters: readonly Filter[], book: LabelBook, numbers: Float64Array, i: number): boolean {
  for (const { dimension, passes, passed } of filters) {
    const id = numbers[i + dimension] ?? 0
    if (!(passed[id] ??= passes(book.texts[dimension]?.[id] ?? ''))) return false
  }
  return true
}

function planOf(book: LabelBook, sorting: Sorting): Plan {
  const before = plans.get(sorting)
  if (before?.book === book) return before
  const filters = DIMENSIONS.flatMap((name: Dimension, dimension) => {
    const passes = sorting.passes[name]
    return passes === undefined ? [] : [{ dimension, passes, passed: [] }]
  })
  const plan = { book, by: DIMENSIONS.indexOf(sorting.by), columns: [], filters }
  plans.set(sorting, plan)
  return plan
}
