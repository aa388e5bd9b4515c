// Where in a row, or under which key of an object, an event's time and labels stand.
import { DIMENSIONS, type Dimension } from '../../model/cube.ts'
import { Fault, show } from './fault.ts'

export type TimeColumn = 'Timestamp' | 'TimeGenerated'

export interface Columns {
  /** The index of the time, how the file spells its column, and which of the two it is. */
  readonly time: { readonly index: number; readonly name: string; readonly column: TimeColumn; readonly utc: boolean }
  /** The index of each label, in the order of `DIMENSIONS`; -1 where the file lacks it. */
  readonly labels: readonly [number, number, number, number]
}

// The portals write the zone behind the name of a time column: `TimeGenerated [UTC]`.
const ZONE_SUFFIX = / \[([^\]]*)\]$/
const TIME_COLUMNS: readonly TimeColumn[] = ['Timestamp', 'TimeGenerated']
const MAX_SHOWN = 12

/** The columns of names in any order and case; a fault where a needed one is missing, or one stands there twice. */
export function findColumns(names: readonly string[], wanted: 'auto' | TimeColumn): Columns {
  const bare = names.map((name) => name.trim().replace(ZONE_SUFFIX, '').toLowerCase())
  const indexOf = (column: string): number => {
    const index = bare.indexOf(column.toLowerCase())
    if (index !== bare.lastIndexOf(column.toLowerCase())) {
      throw new Fault(`has the column ${column} twice: export it once`)
    }
    return index
  }
  const candidates = wanted === 'auto' ? TIME_COLUMNS : [wanted]
  const column = candidates.find((candidate) => indexOf(candidate) !== -1)
  if (column === undefined) throw missing(candidates.join(' or '), names)
  if (indexOf('DeliveryLocation') === -1) throw missing('DeliveryLocation', names)

  const index = indexOf(column)
  const name = names[index]?.trim() ?? column
  const [first, second, third, fourth] = DIMENSIONS
  const labelIndex = (dimension: Dimension): number => indexOf(columnOf(dimension))
  return {
    time: { index, name, column, utc: ZONE_SUFFIX.exec(name)?.[1]?.toLowerCase() === 'utc' },
    labels: [labelIndex(first), labelIndex(second), labelIndex(third), labelIndex(fourth)]
  }
}

/** How the table itself spells a label's column. */
export function columnOf(dimension: Dimension): string {
  return dimension.charAt(0).toUpperCase() + dimension.slice(1)
}

function missing(column: string, names: readonly string[]): Fault {
  const [only = ''] = names
  if (names.length === 1 && /[;\t]/.test(only)) {
    return new Fault('does not separate its fields by commas: export it again, or save it as comma separated CSV')
  }
  const shown = names.slice(0, MAX_SHOWN).map(show).join(', ')
  const more = names.length > MAX_SHOWN ? ` and ${names.length - MAX_SHOWN} more` : ''
  return new Fault(`has no column ${column}: export the events with it (there is ${shown || 'none'}${more})`)
}
