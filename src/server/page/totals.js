// From answers of the service to what is shown: columns with their colours, totals, and the change.
import { countDays, formatNumber, formatRange } from './format.js'
import { colourOf, COLOURS } from './palette.js'

/** What a row has beside its counts. The service lets no label pass for one of these. */
const FIELDS = new Set(['date', 'state', 'days'])

/** The labels of an answer, in its order. @param {import('./types.js').SeriesReply} reply */
export function labelsOf(reply) {
  return Object.keys(reply.series[0] ?? {}).filter((key) => !FIELDS.has(key))
}

/** @param {import('./types.js').SeriesReply} reply */
export function unknownDays({ coverage }) {
  return coverage.missing + coverage.lost
}

/**
 * `daily` has the same days one by one: a week with a day that is not known has no count, but its other days do.
 * @param {{ reply: import('./types.js').SeriesReply, daily: import('./types.js').SeriesReply, before: import('./types.js').SeriesReply }} answers
 * @returns {Omit<import('./types.js').Result, 'anomalies'>}
 */
export function buildResult({ reply, daily, before }) {
  const sums = sumsOf(daily)
  const sumsBefore = sumsOf(before)
  const comparable = unknownDays(daily) === 0 && unknownDays(before) === 0
  const { own, others } = split(labelsOf(reply), sums)

  const columns = own.map((label, i) =>
    column(reply.by === 'total' ? 'All actions' : label, colourOf(reply.by, label, i), [label])
  )
  if (others.length > 0) columns.push(column(`${others.length} other labels`, colourOf(reply.by, '', -1), others))
  return {
    reply,
    columns,
    total: totalOf(sums),
    totalBefore: comparable ? totalOf(sumsBefore) : null,
    comparison: compare(daily, before)
  }

  /** @param {string} name @param {string} colour @param {string[]} labels */
  function column(name, colour, labels) {
    return {
      name,
      colour,
      values: reply.series.map((row) => sumOf(labels.map((label) => row[label] ?? null))),
      total: labels.reduce((sum, label) => sum + (sums.get(label) ?? 0), 0),
      // A label that had no event has no column there: covered as it is, that is zero.
      before: comparable ? labels.reduce((sum, label) => sum + (sumsBefore.get(label) ?? 0), 0) : null
    }
  }
}

/** Those with a colour of their own, in their order, and the rest. @param {string[]} labels @param {Map<string, number>} sums */
function split(labels, sums) {
  if (labels.length <= COLOURS) return { own: labels, others: [] }
  const largest = new Set(labels.toSorted((a, b) => (sums.get(b) ?? 0) - (sums.get(a) ?? 0)).slice(0, COLOURS - 1))
  return {
    own: labels.filter((label) => largest.has(label)),
    others: labels.filter((label) => !largest.has(label))
  }
}

/** Of the days that are known. @param {import('./types.js').SeriesReply} reply */
function sumsOf(reply) {
  return new Map(
    labelsOf(reply).map((label) => [label, reply.series.reduce((sum, row) => sum + Number(row[label] ?? 0), 0)])
  )
}

/** @param {Map<string, number>} sums */
function totalOf(sums) {
  return [...sums.values()].reduce((sum, each) => sum + each, 0)
}

/** Not known, if one of them is not. @param {(string | number | null)[]} values */
function sumOf(values) {
  return values.includes(null) ? null : values.reduce((/** @type {number} */ sum, value) => sum + Number(value), 0)
}

/** @param {import('./types.js').SeriesReply} now @param {import('./types.js').SeriesReply} before */
function compare(now, before) {
  const days = now.series.length
  const unknown = unknownDays(now)
  if (unknown > 0) {
    return `No change is shown: ${formatNumber(unknown)} of these ${countDays(days)} ${are(unknown)} not known, and the totals are of the others.`
  }
  const unknownBefore = unknownDays(before)
  if (unknownBefore > 0) {
    return `No change is shown: of the ${countDays(days)} before (${formatRange(before)}) ${formatNumber(unknownBefore)} ${are(unknownBefore)} not known.`
  }
  const early = now.coverage.provisional
  const caution =
    early === 0 ? '' : ` ${countDays(early)} of this range ${are(early)} provisional, and may still change.`
  return `Changes are against the ${countDays(days)} before, ${formatRange(before)}.${caution}`
}

/** @param {number} count */
function are(count) {
  return count === 1 ? 'is' : 'are'
}
