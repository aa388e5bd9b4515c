// The answer to the question for days: every value checked, whole or refused.
import { faultOfLabel, MAX_CELLS_PER_DAY, type CellCount, type DayCounts } from '../../model/cube.ts'
import { eachDay, type Day, type DayRange } from '../../model/day.ts'
import { OperationalError } from '../../model/errors.ts'
import { ABSENT_DAY, type DAY_COLUMNS } from '../query.ts'
import { readTable, type ColumnType } from './table.ts'
import { readCount, readDay } from './values.ts'

const COLUMNS: { readonly [C in (typeof DAY_COLUMNS)[number]]: ColumnType } = {
  Day: 'datetime',
  DeliveryLocation: 'string',
  ActionType: 'string',
  ActionTrigger: 'string',
  ActionResult: 'string',
  Count: 'long'
}

/**
 * Every day of the range, oldest first, a quiet one without cells. Throws `source-incomplete` or `source-rejected`
 * where anything is doubtful or not acceptable, and never anything else.
 */
export function readDaysAnswer(json: unknown, range: DayRange, rowLimit: number): DayCounts[] {
  const days = new Map<Day, Map<string, CellCount>>(eachDay(range).map((day) => [day, new Map()]))
  const totals = new Map<Day, number>()
  const sound = new Set<string>()
  const read = new Map<unknown, Day>()

  for (const [at, ...values] of readTable(json, COLUMNS, rowLimit)) {
    const day = read.get(at) ?? readDay(at)
    read.set(at, day)
    if (day === ABSENT_DAY) {
      throw rejected('the table has no such column as TIME_COLUMN names: set TIME_COLUMN=auto')
    }
    const cells = days.get(day)
    if (cells === undefined) throw rejected(`a row is of ${day}, which was not asked for`)

    const cell: CellCount = {
      deliveryLocation: readLabel(values[0], 'DeliveryLocation', sound),
      actionType: readLabel(values[1], 'ActionType', sound),
      actionTrigger: readLabel(values[2], 'ActionTrigger', sound),
      actionResult: readLabel(values[3], 'ActionResult', sound),
      count: readCount(values[4], 'Count')
    }
    const { count } = cell
    if (count === 0) continue
    // A label holds no control character, so the four are one text without doubt.
    const key = `${cell.deliveryLocation}\0${cell.actionType}\0${cell.actionTrigger}\0${cell.actionResult}`
    if (cells.has(key)) throw rejected(`the answer counts the same labels twice for ${day}`)
    cells.set(key, cell)
    if (cells.size > MAX_CELLS_PER_DAY) throw rejected(`${day} has more than ${MAX_CELLS_PER_DAY} cells`)
    const total = (totals.get(day) ?? 0) + count
    if (!Number.isSafeInteger(total)) throw rejected(`the counts of ${day} add up to more than is exact`)
    totals.set(day, total)
  }
  return [...days].map(([day, cells]) => ({ day, cells: [...cells.values()] }))
}

/** A label as it came; `sound` holds those that were checked already, since most come again and again. */
function readLabel(value: unknown, name: string, sound: Set<string>): string {
  if (typeof value !== 'string') throw rejected(`a ${name} is no text but ${typeof value}`)
  if (sound.has(value)) return value
  const fault = faultOfLabel(value)
  if (fault !== undefined) throw rejected(`the ${name} ${JSON.stringify(value.slice(0, 64).toWellFormed())} ${fault}`)
  sound.add(value)
  return value
}

function rejected(message: string): OperationalError {
  return new OperationalError('source-rejected', message)
}
