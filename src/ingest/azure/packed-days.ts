// Days on their way from one thread to another: each label once, and numbers that are handed over instead of copied.
import { setImmediate as turn } from 'node:timers/promises'
import { DIMENSIONS, type DayCounts } from '../../model/cube.ts'
import type { Day } from '../../model/day.ts'
import { cancelled } from './deadline.ts'

export interface PackedDays {
  /** Each day with the number of its cells. */
  readonly days: readonly (readonly [day: Day, cells: number])[]
  readonly labels: readonly string[]
  /** Of each cell the places of its four labels, and its count. */
  readonly numbers: Float64Array<ArrayBuffer>
}

const CELL_NUMBERS = DIMENSIONS.length + 1

export function packDays(days: readonly DayCounts[]): PackedDays {
  const places = new Map<string, number>()
  const placeOf = (label: string): number => {
    const place = places.get(label) ?? places.size
    places.set(label, place)
    return place
  }
  const numbers = new Float64Array(days.reduce((sum, { cells }) => sum + cells.length, 0) * CELL_NUMBERS)
  let at = 0
  for (const { cells } of days) {
    for (const cell of cells) {
      for (const dimension of DIMENSIONS) numbers[at++] = placeOf(cell[dimension])
      numbers[at++] = cell.count
    }
  }
  return { days: days.map(({ day, cells }) => [day, cells.length]), labels: [...places.keys()], numbers }
}

/** The same days, with a turn for others after each; rejects with `cancelled` once the signal aborts. */
export async function unpackDays({ days, labels, numbers }: PackedDays, signal: AbortSignal): Promise<DayCounts[]> {
  let at = 0
  const labelAt = (place: number): string => labels[numbers[place] ?? 0] ?? ''
  const unpacked: DayCounts[] = []
  for (const [day, length] of days) {
    if (signal.aborted) throw cancelled(signal)
    const cells = Array.from({ length }, () => {
      const cell = {
        deliveryLocation: labelAt(at),
        actionType: labelAt(at + 1),
        actionTrigger: labelAt(at + 2),
        actionResult: labelAt(at + 3),
        count: numbers[at + 4] ?? 0
      }
      at += CELL_NUMBERS
      return cell
    })
    unpacked.push({ day, cells })
    await turn()
  }
  return unpacked
}
