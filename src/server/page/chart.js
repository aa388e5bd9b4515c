// The time chart: drawn by ECharts, read by pointer, by touch and by keyboard.
import { chartOption } from './chart-option.js'
import { byId, element, swatch } from './dom.js'
import { formatNumber, formatRange, formatRow } from './format.js'
import { inkOf } from './palette.js'
import { STATE_WORDS } from './table.js'

/** @returns {typeof import('echarts') | undefined} */
const loadedLibrary = () => Reflect.get(window, 'echarts')

/** The library, which is loaded beside the page. @returns {Promise<typeof import('echarts')>} */
function loadLibrary() {
  const script = byId('chart-library', HTMLScriptElement)
  return new Promise((resolve, reject) => {
    const settle = () => {
      const library = loadedLibrary()
      if (library === undefined) reject(new Error('The chart could not be loaded; the table shows the same.'))
      else resolve(library)
    }
    if (loadedLibrary() !== undefined) return settle()
    script.addEventListener('load', settle)
    script.addEventListener('error', settle)
  })
}

/** Draws whatever it was shown last, as soon as it can. */
export function createChart() {
  const home = byId('chart', HTMLDivElement)
  const library = loadLibrary()
  // Told where it is waited for.
  library.catch(() => {})
  /** @type {import('echarts').ECharts | undefined} */
  let chart
  /** @type {{ result: import('./types.js').Result, stacked: boolean, dark: boolean } | undefined} */
  let shown
  let chosen = -1

  async function draw() {
    const echarts = await library
    if (shown === undefined || home.clientWidth === 0) return
    const { result, stacked, dark } = shown
    chart ??= echarts.init(home, undefined, { renderer: 'canvas' })
    chart.resize()
    const option = chartOption(result, {
      stacked,
      dark,
      width: home.clientWidth,
      bands: bandsOf(dark),
      stripes: stripesOf(dark),
      detail: (index) => detailOf(result, index)
    })
    chart.setOption(/** @type {import('echarts').EChartsCoreOption} */ (option), { notMerge: true })
    if (document.activeElement === home) point()
  }

  new ResizeObserver(() => {
    if (chart !== undefined) void draw()
  }).observe(home)

  /** @param {number} index */
  function choose(index) {
    if (shown === undefined) return
    const rows = shown.result.reply.series
    chosen = Math.min(Math.max(index, 0), rows.length - 1)
    home.setAttribute('aria-valuenow', String(chosen))
    home.setAttribute('aria-valuetext', wordsOf(shown.result, chosen))
    point()
  }

  /** Shows what there is to the chosen day. By its place, since a day without a count is no point of a line. */
  function point() {
    if (chart === undefined || chosen === -1) return
    chart.dispatchAction({
      type: 'showTip',
      x: chart.convertToPixel({ xAxisIndex: 0 }, chosen),
      y: home.clientHeight / 2
    })
  }

  home.addEventListener('keydown', (event) => {
    const last = (shown?.result.reply.series.length ?? 0) - 1
    const from = chosen === -1 ? last + 1 : chosen
    /** @type {Record<string, number>} */
    const to = {
      ArrowLeft: from - 1,
      ArrowDown: from - 1,
      ArrowRight: chosen === -1 ? last : from + 1,
      ArrowUp: chosen === -1 ? last : from + 1,
      PageDown: from - 7,
      PageUp: from + 7,
      Home: 0,
      End: last
    }
    const index = to[event.key]
    if (event.key === 'Escape') chart?.dispatchAction({ type: 'hideTip' })
    if (index === undefined || event.altKey || event.ctrlKey || event.metaKey) return
    event.preventDefault()
    choose(index)
  })
  home.addEventListener('blur', () => chart?.dispatchAction({ type: 'hideTip' }))

  return {
    /** Rejects, in words, where the library could not be loaded. @param {NonNullable<typeof shown>} what */
    async show(what) {
      if (shown?.result !== what.result) {
        chosen = -1
        home.setAttribute('aria-valuenow', '0')
        home.setAttribute('aria-valuetext', 'no day chosen')
      }
      shown = what
      const { reply, total } = what.result
      home.setAttribute('aria-valuemax', String(Math.max(0, reply.series.length - 1)))
      home.setAttribute(
        'aria-label',
        `Chart of ${formatNumber(total)} actions, ${formatRange(reply)}. Choose a day with the arrow keys; the view Table shows all.`
      )
      await draw()
    }
  }
}

/** What is told of a row, to those who point at it. @param {import('./types.js').Result} result @param {number} index */
function detailOf({ reply, columns, anomalies }, index) {
  const row = reply.series[index]
  if (row === undefined) return element('div')
  const known = row.state === 'final' || row.state === 'provisional'
  const lines = columns.map(({ name, colour, values }) =>
    element(
      'tr',
      {},
      element('td', {}, swatch(colour), name),
      element('td', { class: 'count' }, formatNumber(values[index] ?? 0))
    )
  )
  if (columns.length > 1) {
    const sum = columns.reduce((all, { values }) => all + (values[index] ?? 0), 0)
    lines.push(
      element('tr', { class: 'sum' }, element('td', {}, 'All'), element('td', { class: 'count' }, formatNumber(sum)))
    )
  }
  return element(
    'div',
    { class: 'tip-body' },
    element('strong', {}, formatRow(row, reply.step)),
    element('span', { class: `tip-state ${row.state}` }, STATE_WORDS[row.state]),
    ...(known ? [element('table', {}, ...lines)] : []),
    ...anomalies
      .filter(({ date }) => date === row.date)
      .map(({ location, reason }) => element('span', { class: 'tip-unusual' }, `Unusual, ${location}: ${reason}`))
  )
}

/** The same, to those who hear it. @param {import('./types.js').Result} result @param {number} index */
function wordsOf({ reply, columns, anomalies }, index) {
  const row = reply.series[index]
  if (row === undefined) return 'no day chosen'
  const counts = columns.map(({ name, values }) => `${name} ${values[index] ?? 'not known'}`)
  const unusual = anomalies
    .filter(({ date }) => date === row.date)
    .map(({ location, reason }) => `unusual, ${location}: ${reason}`)
  const known = row.state === 'final' || row.state === 'provisional'
  return [formatRow(row, reply.step), STATE_WORDS[row.state], ...(known ? counts : []), ...unusual].join('; ')
}

/** The ground of days that are not final; as the signs under the chart have it. @param {boolean} dark */
function bandsOf(dark) {
  const ink = inkOf(dark)
  return {
    final: 'transparent',
    provisional: ink.early,
    missing: pattern(ink.missing, ink.hatch, false),
    lost: pattern(ink.lost, ink.hatch, true)
  }
}

/** The background shows through: a colour stays what it is, and looks lighter. @param {boolean} dark */
function stripesOf(dark) {
  return { symbol: 'rect', color: inkOf(dark).stripe, dashArrayX: [1, 0], dashArrayY: [2, 4], rotation: -Math.PI / 4 }
}

/** Stripes, or crossed stripes. @param {string} back @param {string} front @param {boolean} crossed */
function pattern(back, front, crossed) {
  const size = 8
  const image = document.createElement('canvas')
  image.width = size
  image.height = size
  const pen = image.getContext('2d')
  if (pen === null) return front
  pen.fillStyle = back
  pen.fillRect(0, 0, size, size)
  pen.strokeStyle = front
  pen.lineWidth = 1.2
  pen.beginPath()
  // Beyond the corners as well, so that one tile goes on in the next.
  for (const shift of [-size, 0, size]) {
    pen.moveTo(shift, size)
    pen.lineTo(shift + size, 0)
    if (!crossed) continue
    pen.moveTo(shift, 0)
    pen.lineTo(shift + size, size)
  }
  pen.stroke()
  return { image, repeat: 'repeat' }
}
