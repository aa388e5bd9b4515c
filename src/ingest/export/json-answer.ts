// The answers of the APIs, saved as they came: `{tables: [{name, columns, rows}]}` of Log Analytics, whose events are
// rows, and `{schema, results}` of Graph, whose events are objects. Some tools write the keys with a capital letter.
import type { Columns } from './columns.ts'
import type { EventCounter } from './events.ts'
import { Fault, show } from './fault.ts'
import type { DocumentReader } from './json.ts'

// What is read of an answer, each in lower case and with capitals.
const PATHS = ['$.error', '$.results.*', '$.tables.*.name', '$.tables.*.columns.*', '$.tables.*.rows.*']
const PRIMARY = 'PrimaryResult'
/** Log Analytics allows a table half as many. */
const MAX_COLUMNS = 1_000

interface Table {
  readonly index: number
  /** The names of its columns, and where among them an event's parts stand: known when its first row comes. */
  readonly names: string[]
  columns: Columns | undefined
}

/** Reads either answer; refuses one with an error in it, since such an answer has only the rows it came to. */
export function createAnswerReader(events: EventCounter): DocumentReader {
  let table: Table | undefined

  const begin = (index: number): Table => {
    if (table !== undefined) end(table)
    return { index, names: [], columns: undefined }
  }
  const end = (ended: Table): void => {
    if (ended.index !== 0) return
    if (ended.names.length === 0) throw new Fault('holds a table without columns: ask again and save the whole answer')
    ended.columns ??= events.columnsOf(ended.names)
  }
  const addTablePart = (index: number, part: string, value: unknown): void => {
    if (table?.index !== index) table = begin(index)
    if (part === 'name') {
      // Others beside it tell how the query went. It comes first; counting two tables would count twice.
      if (index > 0 && value === PRIMARY) throw new Fault(`holds ${PRIMARY} behind another table: save it alone`)
    } else if (index === 0 && part === 'columns') {
      addColumn(table, value)
    } else if (index === 0) {
      if (table.names.length === 0) throw new Fault('comes before the columns of its table: save columns before rows')
      table.columns ??= events.columnsOf(table.names)
      addRow(table.names, table.columns, value)
    }
  }
  const addColumn = (to: Table, value: unknown): void => {
    const name = nameOf(value)
    if (to.columns !== undefined || to.names.length >= MAX_COLUMNS) {
      throw new Fault(`is a column behind the rows, or beyond ${MAX_COLUMNS}: save columns before rows`)
    }
    to.names.push(name)
  }
  const addRow = (names: readonly string[], columns: Columns, row: unknown): void => {
    if (!Array.isArray(row) || row.length !== names.length) {
      throw new Fault(`is no row of ${names.length} values, as the table has columns: save the whole answer`)
    }
    events.addRow(columns, row)
  }

  return {
    paths: PATHS.flatMap((path) => [path, path.replaceAll(/[a-z]+/g, capital)]),
    eventDepth: (topKey) => ({ tables: 5, results: 3, error: 2 })[topKey.toLowerCase()] ?? Infinity,
    add({ value, path }) {
      const [top, index, part] = path.map((key) => (typeof key === 'string' ? key.toLowerCase() : key))
      if (top === 'error') refuseError(value)
      else if (top === 'results') events.addObject(value)
      else if (typeof index === 'number' && typeof part === 'string') addTablePart(index, part, value)
    },
    finish(lists) {
      const tables = lists.has('tables')
      const results = lists.has('results')
      if (tables === results) {
        throw new Fault(
          'is no list of events, and no answer with either tables or results: save the whole answer, or an array of events'
        )
      }
      if (results) return
      if (table === undefined) throw new Fault('holds no table: ask again and save the whole answer')
      end(table)
    }
  }
}

function capital(key: string): string {
  return key.charAt(0).toUpperCase() + key.slice(1)
}

function nameOf(column: unknown): string {
  for (const [key, name] of Object.entries(Object(column))) {
    if (key.toLowerCase() === 'name' && typeof name === 'string') return name
  }
  throw new Fault('is a column without a name: ask again and save the whole answer')
}

function refuseError(error: unknown): void {
  if (error === null) return
  const code: unknown = Object(error).code ?? Object(error).Code ?? error
  throw new Fault(`says that the answer is partial, or failed, by an error ${show(code)}: ask again, for fewer days`)
}
