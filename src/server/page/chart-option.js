// What the chart library is told. Pure, but for the patterns that it is handed.
import { formatMonth, formatNumber, formatShortDay } from './format.js'
import { inkOf } from './palette.js'

const SYMBOLS = ['circle', 'rect', 'triangle', 'diamond', 'pin', 'arrow', 'circle', 'rect']

/** So many points can be told from each other; more would be a thick line. */
const MOST_SYMBOLS = 62

/** The second pair of axes. */
const onGround = { xAxisIndex: 1, yAxisIndex: 1 }

/** Columns that are narrower, in pixels, run into each other: an area shows the same. */
const NARROWEST_COLUMN = 2

/**
 * @typedef {object} ChartView
 * @property {boolean} stacked
 * @property {boolean} dark
 * @property {number} width in pixels
 * @property {Record<import('./types.js').DayState, object | string>} bands how the ground of a day is painted
 * @property {object} stripes what lies over the columns of provisional days
 * @property {(index: number) => Node} detail what is told of a row
 */

/** @param {import('./types.js').Result} result @param {ChartView} view */
export function chartOption({ reply, columns, anomalies }, view) {
  const ink = inkOf(view.dark)
  const rows = reply.series
  const dates = rows.map((row) => row.date)
  const narrow = view.width < 520
  const asColumns = view.stacked && view.width / rows.length >= NARROWEST_COLUMN
  const text = { color: ink.text, fontFamily: 'inherit', fontSize: 12 }

  return {
    animation: false,
    textStyle: { fontFamily: getFont() },
    grid: {
      left: 4,
      right: narrow ? 8 : 14,
      top: anomalies.length > 0 ? 26 : 14,
      bottom: 4,
      outerBoundsMode: 'same',
      outerBoundsContain: 'axisLabel'
    },
    xAxis: [
      {
        type: 'category',
        data: dates,
        axisLine: { lineStyle: { color: ink.line } },
        axisTick: { show: rows.length <= MOST_SYMBOLS, alignWithLabel: true, lineStyle: { color: ink.line } },
        axisLabel: { ...text, hideOverlap: true, margin: 10, ...dateLabels(dates, reply.step) }
      },
      // The same for the ground: on one axis, columns share the room.
      { type: 'category', data: dates, show: false, axisPointer: { show: false } }
    ],
    yAxis: [
      {
        type: 'value',
        min: 0,
        minInterval: 1,
        splitNumber: narrow ? 4 : 5,
        axisLabel: { ...text, formatter: formatNumber },
        splitLine: { lineStyle: { color: ink.grid } }
      },
      // The ground: it has the full height, whatever the counts are.
      { type: 'value', min: 0, max: 1, show: false }
    ],
    tooltip: {
      trigger: 'axis',
      confine: true,
      className: 'tip',
      // Its looks come from the style sheet.
      backgroundColor: 'transparent',
      borderWidth: 0,
      padding: 0,
      extraCssText: 'box-shadow:none',
      transitionDuration: 0,
      axisPointer: asColumns
        ? { type: 'shadow', shadowStyle: { color: ink.pointed } }
        : { type: 'line', lineStyle: { color: ink.text, type: 'solid', width: 1 } },
      formatter: (/** @type {{ dataIndex: number }[]} */ points) => view.detail(points[0]?.dataIndex ?? 0)
    },
    series: [ground(), ...columns.map((column, i) => (asColumns ? bars(column) : lines(column, i))), ...marks()]
  }

  function ground() {
    return {
      type: 'bar',
      name: 'state',
      ...onGround,
      // A little over the next, so that no seam shows.
      barWidth: '102%',
      silent: true,
      z: 1,
      data: rows.map(({ state }) => (state === 'final' ? null : { value: 1, itemStyle: { color: view.bands[state] } }))
    }
  }

  /** @param {import('./types.js').Column} column */
  function bars({ name, colour, values }) {
    const gap = rows.length > 120 ? '10%' : '28%'
    return {
      type: 'bar',
      name,
      stack: 'all',
      z: 2,
      barCategoryGap: gap,
      barMaxWidth: 56,
      itemStyle: { color: colour },
      emphasis: { disabled: true },
      data: values.map((value, i) =>
        rows[i]?.state === 'provisional' ? { value, itemStyle: { decal: view.stripes } } : value
      )
    }
  }

  /** @param {import('./types.js').Column} column @param {number} i */
  function lines({ name, colour, values }, i) {
    return {
      type: 'line',
      name,
      z: 3,
      ...(view.stacked && { stack: 'all', areaStyle: { color: colour, opacity: 0.75 } }),
      connectNulls: false,
      // A known day between two that are not has no line, but a point.
      showSymbol: rows.length <= MOST_SYMBOLS || values.includes(null),
      symbol: view.stacked ? 'circle' : SYMBOLS[i % SYMBOLS.length],
      symbolSize: rows.length <= MOST_SYMBOLS ? 6 : 3,
      lineStyle: { color: colour, width: view.stacked ? 1 : 2 },
      itemStyle: { color: colour },
      emphasis: { disabled: true },
      data: values
    }
  }

  function marks() {
    if (anomalies.length === 0) return []
    return [
      {
        type: 'scatter',
        name: 'unusual',
        ...onGround,
        symbol: 'triangle',
        symbolRotate: 180,
        symbolSize: 10,
        symbolOffset: [0, -9],
        clip: false,
        z: 5,
        itemStyle: { color: ink.mark },
        data: [...new Set(anomalies.map(({ date }) => date))]
          .filter((date) => dates.includes(date))
          .map((date) => [date, 1])
      }
    ]
  }
}

/** Long ranges are labelled by month. @param {string[]} dates @param {string} step */
function dateLabels(dates, step) {
  const byMonth = step === 'month' || dates.length > 100
  return {
    formatter: byMonth ? formatMonth : formatShortDay,
    ...(byMonth && step !== 'month' && { interval: (/** @type {number} */ i) => startsMonth(dates, i) })
  }
}

/** @param {string[]} dates @param {number} i */
function startsMonth(dates, i) {
  return i > 0 && dates[i]?.slice(0, 7) !== dates[i - 1]?.slice(0, 7)
}

function getFont() {
  return getComputedStyle(document.body).fontFamily
}
