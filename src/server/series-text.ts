// The forms of a series. The text is built from the rows directly: a label may be spelled like anything, also like
// `__proto__`, and this is also the fastest way.
import { nameOf, type By, type SeriesRow, type SeriesTable, type Step } from '../model/series.ts'
import { columnNames } from './columns.ts'
import { harmless, linesOf, quoted } from './csv.ts'

export const LAYOUTS = ['wide', 'long'] as const
export type Layout = (typeof LAYOUTS)[number]

export interface Shape {
  readonly by: By
  readonly step: Step
  readonly layout: Layout
}

/** One JSON text for each row; `first` is the beginning of each, from its brace to before its date. */
export function jsonRows(table: SeriesTable, shape: Shape, first = '{'): string[] {
  return shape.layout === 'wide' ? wideRows(table, shape, first) : longRows(table, shape, first)
}

function wideRows(table: SeriesTable, shape: Shape, first: string): string[] {
  const keys = columnNames(table.columns, shape.by).map((name) => `,${JSON.stringify(name)}:`)
  return table.rows.map((row) => {
    let text = first + rowHead(row, shape)
    for (const [i, key] of keys.entries()) text += key + String(row.values[i] ?? null)
    return `${text}}`
  })
}

function longRows(table: SeriesTable, shape: Shape, first: string): string[] {
  const labels = sortedLabels(table).map(({ name, i }) => {
    const label = shape.by === 'total' ? '' : `,"${shape.by}":${JSON.stringify(name)}`
    return { i, text: `${label},"count":` }
  })
  return table.rows.flatMap((row) => {
    const head = first + rowHead(row, shape)
    return labels.map(({ i, text }) => `${head}${text}${String(row.values[i] ?? null)}}`)
  })
}

function rowHead({ date, state, days }: SeriesRow, { step }: Shape): string {
  return `"date":"${date}","state":"${state}"${step === 'day' ? '' : `,"days":${days}`}`
}

/** The names of the labels in the order of a long table, each with the place of its column. */
function sortedLabels({ columns }: SeriesTable): { name: string; i: number }[] {
  const labels = columns.map((label, i) => ({ name: nameOf(label), i }))
  return labels.toSorted((a, b) => (a.name < b.name ? -1 : 1))
}

/** RFC 4180, with a header line; a count that is not known is an empty field. */
export function csvOf(table: SeriesTable, shape: Shape): string {
  const counted = shape.step === 'day' ? [] : ['days']
  const start = ({ date, state, days }: SeriesRow): string =>
    `${date},${state}${shape.step === 'day' ? '' : `,${days}`}`
  if (shape.layout === 'wide') {
    const names = columnNames(table.columns, shape.by).map((name) => quoted(harmless(name)))
    const header = ['date', 'state', ...counted, ...names].join(',')
    return linesOf([header, ...table.rows.map((row) => [start(row), ...row.values].join(','))])
  }
  const labelled = shape.by === 'total' ? [] : [shape.by]
  const labels = sortedLabels(table).map(({ name, i }) => ({
    i,
    field: shape.by === 'total' ? '' : `,${quoted(harmless(name))}`
  }))
  const header = ['date', 'state', ...counted, ...labelled, 'count'].join(',')
  const rows = table.rows.flatMap((row) => labels.map(({ i, field }) => `${start(row)}${field},${row.values[i] ?? ''}`))
  return linesOf([header, ...rows])
}

/** A line for each row, which also says of what workspace it is. */
export function ndjsonOf(table: SeriesTable, shape: Shape, workspace: string): string {
  return jsonRows(table, shape, `{"workspace":${JSON.stringify(workspace)},`)
    .map((row) => `${row}\n`)
    .join('')
}
