// Adding up the cells of a day: which of them take part in an answer, and in which of its columns.
import { DIMENSIONS, type CellCount, type Dimension } from './cube.ts'

/** A question as far as it is put to each cell. Says the same of the same label for as long as it is used. */
export interface Sorting {
  /** The dimension whose label says in which column a cell counts. */
  readonly by: Dimension
  /** The place of that column, from 0; asked only for cells that take part, since it may open one. */
  columnOf(label: string): number
  /** Whether a cell with that label takes part; of dimensions that are not filtered there is none. */
  readonly passes: { readonly [D in Dimension]?: (label: string) => boolean }
}

type Days = readonly { readonly cells: readonly CellCount[] }[]

/** Under the lists themselves, since it is no part of what a day says: days that say the same are the same. */
const shorterWays = new WeakMap<Days, (sorting: Sorting) => number[][]>()

/** Tells of a list of days how `addUp` of each can be had without making its cells. */
export function offerSums(days: Days, sumsOf: (sorting: Sorting) => number[][]): void {
  shorterWays.set(days, sumsOf)
}

/** What `addUp` makes of each day; by a shorter way where whoever made the list has told of one. */
export function addUpAll(days: Days, sorting: Sorting): number[][] {
  return shorterWays.get(days)?.(sorting) ?? days.map(({ cells }) => addUp(cells, sorting))
}

/** The sum of each column; those that have no cell here may be absent at the end. */
export function addUp(cells: readonly CellCount[], { by, columnOf, passes }: Sorting): number[] {
  const sums: number[] = []
  for (const cell of cells) {
    if (!DIMENSIONS.every((dimension) => passes[dimension]?.(cell[dimension]) !== false)) continue
    addTo(sums, columnOf(cell[by]), cell.count)
  }
  return sums
}

/** Adds to a column, which may be a new one. */
export function addTo(sums: number[], column: number, count: number): void {
  while (sums.length <= column) sums.push(0)
  sums[column] = (sums[column] ?? 0) + count
}
