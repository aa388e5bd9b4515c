// The same as the chart, as a table: the newest day first.
import { byId, element } from './dom.js'
import { formatNumber, formatRow } from './format.js'
import { labelsOf } from './totals.js'

/** @type {Record<import('./types.js').DayState, string>} */
export const STATE_WORDS = {
  final: 'final',
  provisional: 'provisional, may still change',
  missing: 'not read',
  lost: 'lost: not read, and gone from the source'
}

/** @param {import('./types.js').Result} result */
export function showTable({ reply }) {
  const labels = labelsOf(reply)
  const head = [
    reply.step === 'day' ? 'Day' : reply.step === 'week' ? 'Week' : 'Month',
    'State',
    ...labels.map((label) => (reply.by === 'total' ? 'All actions' : label)),
    ...(reply.by === 'total' ? [] : ['All'])
  ]
  const table = element(
    'table',
    {},
    element('caption', { class: 'sr-only' }, 'Actions by day, the newest first'),
    element(
      'thead',
      {},
      element('tr', {}, ...head.map((text, i) => element('th', { scope: 'col', class: i > 1 && 'count' }, text)))
    ),
    element('tbody', {}, ...reply.series.toReversed().map((row) => tableRow(row, labels, reply)))
  )
  byId('table', HTMLDivElement).replaceChildren(table)
}

/** @param {import('./types.js').Row} row @param {string[]} labels @param {import('./types.js').SeriesReply} reply */
function tableRow(row, labels, { by, step }) {
  const values = labels.map((label) => row[label] ?? null)
  const sum = values.includes(null) ? null : values.reduce((/** @type {number} */ all, value) => all + Number(value), 0)
  return element(
    'tr',
    { class: row.state },
    element('th', { scope: 'row' }, formatRow(row, step)),
    element('td', {}, STATE_WORDS[row.state]),
    ...[...values, ...(by === 'total' ? [] : [sum])].map((value) => element('td', { class: 'count' }, ...count(value)))
  )
}

/** @param {string | number | null} value */
function count(value) {
  if (value !== null) return [formatNumber(Number(value))]
  return [element('span', { 'aria-hidden': 'true' }, '—'), element('span', { class: 'sr-only' }, 'not known')]
}
