// From an event as its format gives it, a row of fields or an object, to the count.
import { DIMENSIONS, type Dimension } from '../../model/cube.ts'
import { columnOf, findColumns, type Columns, type TimeColumn } from './columns.ts'
import type { Labels } from './combinations.ts'
import type { Tally } from './count.ts'
import { createTimeReader } from './event-time.ts'
import { Fault, show } from './fault.ts'

export interface EventCounter {
  /** The columns of a header. Every header of a file has its time in the same column. */
  columnsOf(names: readonly string[]): Columns
  addRow(columns: Columns, row: ArrayLike<unknown>): void
  /** An event whose keys are the names of the columns; a fault where it is no object. */
  addObject(event: unknown): void
  /** What the headers, and the keys of the objects, told. */
  facts(): { timeColumn: string | null; absentLabels: readonly Dimension[] }
}

export interface EventTerms {
  readonly timeZone: string | null
  readonly timeColumn: 'auto' | TimeColumn
}

/** Objects of one file have the same keys; where they do not, so many shapes are remembered. */
const MAX_SHAPES = 1_000

export function createEventCounter(tally: Tally, terms: EventTerms): EventCounter {
  const readTime = createTimeReader(terms.timeZone)
  const present = new Set<Dimension>()
  const shapes = new Map<string, Columns>()
  let time: Columns['time'] | undefined

  const columnsOf = (names: readonly string[]): Columns => {
    const columns = findColumns(names, time?.column ?? terms.timeColumn)
    time ??= columns.time
    DIMENSIONS.filter((_, i) => columns.labels[i] !== -1).forEach((dimension) => present.add(dimension))
    return columns
  }
  const shapeOf = (keys: readonly string[]): Columns => {
    const shape = keys.join('\0')
    let columns = shapes.get(shape)
    if (columns === undefined) {
      columns = columnsOf(keys)
      if (shapes.size >= MAX_SHAPES) shapes.clear()
      shapes.set(shape, columns)
    }
    return columns
  }
  const addRow = (columns: Columns, row: ArrayLike<unknown>): void => {
    const text = row[columns.time.index] ?? ''
    if (typeof text !== 'string') throw new Fault(`the ${columns.time.name} ${show(text)} is no time: write it as text`)
    const [first, second, third, fourth] = columns.labels
    const labels: Labels = [
      labelOf(row, first, 0),
      labelOf(row, second, 1),
      labelOf(row, third, 2),
      labelOf(row, fourth, 3)
    ]
    tally.add(readTime(text.trim(), columns.time.utc), labels)
  }

  return {
    columnsOf,
    addRow,
    addObject(event) {
      if (typeof event !== 'object' || event === null || Array.isArray(event)) {
        throw new Fault('is no event: an object with the columns as its keys is expected')
      }
      addRow(shapeOf(Object.keys(event)), Object.values(event))
    },
    facts: () => ({
      timeColumn: time?.name ?? null,
      absentLabels: time === undefined ? [] : DIMENSIONS.filter((dimension) => !present.has(dimension))
    })
  }
}

/** A label of a row; what the file lacks, or has as null, is the empty label. */
function labelOf(row: ArrayLike<unknown>, index: number, position: number): string {
  const value = index === -1 ? '' : (row[index] ?? '')
  if (typeof value === 'string') return value
  const dimension = DIMENSIONS[position] ?? DIMENSIONS[0]
  throw new Fault(`the ${columnOf(dimension)} ${show(value)} is no text: check what the column holds`)
}
