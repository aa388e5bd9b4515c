// The body of an answer as a table: what either service sends, checked for being whole, with its columns found by name.
import { OperationalError } from '../../model/errors.ts'
import { wordsOf } from './failure.ts'
import { isObject, property } from './json.ts'
import { plain } from './text.ts'

export type ColumnType = 'datetime' | 'string' | 'long'
/** Every row holds the wanted columns in the order in which they were wanted; the values are not checked. */
export type Row = readonly unknown[]

/**
 * The rows of an answer, with the wanted columns. Log Analytics sends `tables`, advanced hunting `schema` and `results`.
 * `source-incomplete` where the answer says or shows that it is not whole, `source-rejected` where it is no such table.
 */
export function readTable(json: unknown, wanted: { readonly [name: string]: ColumnType }, rowLimit: number): Row[] {
  if (!isObject(json)) throw incomplete('the answer holds no table')
  const error = property(json, 'error')
  if (error !== undefined && error !== null) {
    throw incomplete(`the answer is partial, and nothing of it is used (${wordsOf(error) || 'no reason given'})`)
  }
  if (typeof property(json, '@odata.nextlink') === 'string') throw incomplete('the answer goes on elsewhere')

  const rows = property(json, 'tables') === undefined ? readHunting(json, wanted) : readPrimary(json, wanted)
  if (rows.length >= rowLimit) {
    throw incomplete(`the answer has ${rows.length} rows, and the source cuts at ${rowLimit}`)
  }
  return rows
}

type Wanted = Parameters<typeof readTable>[1]

function readPrimary(json: object, wanted: Wanted): Row[] {
  const tables = property(json, 'tables')
  if (!Array.isArray(tables) || tables.length === 0) throw incomplete('the answer holds no table')
  const named = tables.filter((table) => property(table, 'name') === 'PrimaryResult')
  const [table] = named.length === 1 ? named : tables
  if (named.length !== 1 && tables.length !== 1)
    throw rejected('the answer does not say which of its tables is the result')

  const columns = property(table, 'columns')
  const rows = property(table, 'rows')
  if (!Array.isArray(columns) || !Array.isArray(rows))
    throw incomplete('the answer holds a table without columns or rows')
  const positions = findColumns(columns, wanted)
  return rows.map((row: unknown) => {
    if (!Array.isArray(row) || row.length !== columns.length) throw rejected('a row does not fit the columns')
    return positions.map((position): unknown => row[position])
  })
}

function readHunting(json: object, wanted: Wanted): Row[] {
  const columns = property(json, 'schema')
  const results = property(json, 'results')
  if (columns === undefined && results === undefined) throw incomplete('the answer holds no table')
  if (!Array.isArray(columns) || !Array.isArray(results))
    throw incomplete('the answer holds a table without columns or rows')
  findColumns(columns, wanted)
  const names = Object.keys(wanted).map((name) => name.toLowerCase())
  return results.map((row: unknown) => {
    if (!isObject(row)) throw rejected('a row is no object')
    const cells = new Map<string, unknown>()
    for (const [key, value] of Object.entries(row)) {
      const name = key.toLowerCase()
      if (cells.has(name)) throw rejected(`a row has the column ${plain(key, 40)} twice`)
      cells.set(name, value)
    }
    return names.map((name) => cells.get(name))
  })
}

/** Where each wanted column stands; it must be there once, and of its type. */
function findColumns(columns: readonly unknown[], wanted: Wanted): number[] {
  return Object.entries(wanted).map(([name, type]) => {
    const found = columns.flatMap((column, i) => (nameOf(column) === name.toLowerCase() ? [i] : []))
    const [position] = found
    if (position === undefined || found.length > 1) {
      throw rejected(`the answer has the column ${name} ${found.length === 0 ? 'not at all' : 'more than once'}`)
    }
    const said = property(columns[position], 'type') ?? property(columns[position], 'columntype')
    if (typeof said !== 'string' || !TYPES[type].includes(said.toLowerCase())) {
      throw rejected(`the column ${name} is ${plain(String(said), 40)} and not ${type}`)
    }
    return position
  })
}

/** As Log Analytics and as Microsoft Graph call them. */
const TYPES: { readonly [T in ColumnType]: readonly string[] } = {
  datetime: ['datetime', 'date', 'system.datetime'],
  string: ['string', 'system.string'],
  long: ['long', 'int', 'int64', 'int32', 'system.int64']
}

function nameOf(column: unknown): string | undefined {
  const name = property(column, 'name') ?? property(column, 'columnname')
  return typeof name === 'string' ? name.toLowerCase() : undefined
}

function incomplete(message: string): OperationalError {
  return new OperationalError('source-incomplete', message)
}

function rejected(message: string): OperationalError {
  return new OperationalError('source-rejected', message)
}
