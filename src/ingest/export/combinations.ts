// The different combinations of labels in a file. There are few, so each is looked at once, and not for each event.
import { DIMENSIONS, faultOfLabel, foldLabel, type Cell } from '../../model/cube.ts'
import { columnOf } from './columns.ts'
import { Fault, show } from './fault.ts'
import { MAX_COMBINATIONS } from './limits.ts'

/** Labels in the order of `DIMENSIONS`. */
export type Labels = readonly [string, string, string, string]

export interface Combinations {
  /** The number of a combination, the same whatever its case; a fault where a label is none. */
  numberOf(labels: Labels): number
  /** The labels of a number, as they were first met. */
  cellOf(number: number): Cell
}

export function collectCombinations(): Combinations {
  // By the raw text: a short cut only. No label that was checked holds a NUL, so none that does finds another's entry.
  const seen = new Map<string, number>()
  const folded = new Map<string, number>()
  const cells: Cell[] = []

  const meet = (labels: Labels): number => {
    check(labels)
    const key = labels.map(foldLabel).join('\0')
    const known = folded.get(key)
    if (known !== undefined) return known
    if (cells.length >= MAX_COMBINATIONS) {
      throw new Fault(`makes more than ${MAX_COMBINATIONS} combinations of labels: check what the columns hold`)
    }
    const [deliveryLocation, actionType, actionTrigger, actionResult] = labels
    const number = cells.push({ deliveryLocation, actionType, actionTrigger, actionResult }) - 1
    folded.set(key, number)
    return number
  }

  return {
    numberOf(labels) {
      const key = labels.join('\0')
      const known = seen.get(key)
      if (known !== undefined) return known
      const number = meet(labels)
      if (seen.size >= MAX_COMBINATIONS) seen.clear()
      seen.set(key, number)
      return number
    },
    cellOf(number) {
      const cell = cells[number]
      if (cell === undefined) throw new Error(`no combination ${number} was met`)
      return cell
    }
  }
}

function check(labels: Labels): void {
  for (const [i, dimension] of DIMENSIONS.entries()) {
    const label = labels[i] ?? ''
    const fault = faultOfLabel(label)
    if (fault === undefined) continue
    throw new Fault(`the ${columnOf(dimension)} ${show(label)} ${fault}: check what the column holds`)
  }
}
