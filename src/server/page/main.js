// The page: from the address to what is asked, and from the answers to what is shown.
import { showAnomalies } from './anomalies.js'
import { ProblemError } from './api.js'
import { createChart } from './chart.js'
import { createControls } from './controls.js'
import { announce, byId } from './dom.js'
import { createFilters, loadChoices } from './filters.js'
import { countDays, formatNumber, formatRange } from './format.js'
import { createKeyForm } from './key.js'
import { listenToCopy, showLinks } from './links.js'
import { loadResult, loadStatus, rangeOf, statusOf } from './load.js'
import { noticesOf, showNotices } from './notices.js'
import { readState, seriesQuery, writeState } from './state.js'
import { showStates } from './states.js'
import { showStatus } from './status.js'
import { showTable } from './table.js'
import { createTheme } from './theme.js'
import { showTiles } from './tiles.js'
import { unknownDays } from './totals.js'

/** How often the page looks whether there is something new. */
const LOOK_MS = 60_000

/** @type {Record<string, string>} */
const HEADINGS = {
  location: 'by location',
  deliveryLocation: 'by delivery location',
  actionType: 'by type of action',
  actionTrigger: 'by trigger',
  actionResult: 'by result',
  total: 'in total'
}

let state = readState(location.search)
/** @type {import('./types.js').StatusReply | undefined} */
let status
/** @type {import('./types.js').Result | undefined} */
let result
/** By how much the clock of the service is ahead of ours. */
let aheadMs = 0
/** The question that the result answers, and the workspace that the filters are of. */
let answered = ''
let offered = ''
let lastControl = ''
let loading = new AbortController()

const data = byId('data', HTMLDivElement)
const chart = createChart()
const theme = createTheme(() => showResult())
const controls = createControls(change)
const filters = createFilters((chosen, control) => change({ filters: chosen }, control))
const keyForm = createKeyForm({ onKey: () => void load(), onForget: () => location.reload() })
listenToCopy()

/** What somebody chose. @param {Partial<import('./types.js').PageState>} part @param {string} control */
function change(part, control) {
  state = { ...state, ...part }
  const address = `${location.pathname}${writeState(state)}`
  // Back undoes a choice. A day that is typed is a change with each of its parts, and one choice.
  if (control === 'dates' && control === lastControl) history.replaceState(null, '', address)
  else history.pushState(null, '', address)
  lastControl = control
  void load()
}

window.addEventListener('popstate', () => {
  state = readState(location.search)
  lastControl = ''
  void load()
})

/** Asks for what the state says, unless that is here; the last call wins. */
async function load({ again = false } = {}) {
  loading.abort()
  loading = new AbortController()
  const { signal } = loading
  data.setAttribute('aria-busy', 'true')
  try {
    const known = status === undefined || again ? takeStatus(await loadStatus(signal)) : status
    keyForm.done()
    data.hidden = false
    const range = rangeOf(state, known)
    const question = `${seriesQuery(state, range)}`
    controls.show(state, range)
    controls.showWorkspaces(
      known.workspaces.map(({ workspace }) => workspace),
      statusOf(known, state.workspace)?.workspace ?? state.workspace
    )
    filters.show(state.filters)
    if (again || question !== answered) {
      answered = ''
      const loaded = await loadResult(state, range, signal)
      signal.throwIfAborted()
      result = loaded
      answered = question
      announce(summary(result))
    }
    showResult()
    // What can be filtered by may come later.
    data.removeAttribute('aria-busy')
    await offerFilters(signal)
  } catch (error) {
    if (signal.aborted) return
    // What is still there answers another question.
    if (answered === '') showNothing()
    fail(error)
  } finally {
    if (!signal.aborted) data.removeAttribute('aria-busy')
  }
}

/** @param {import('./types.js').StatusReply} reply */
function takeStatus(reply) {
  status = reply
  aheadMs = Date.parse(reply.now) - Date.now()
  byId('version', HTMLSpanElement).textContent = `post-delivery-series ${reply.version}`
  return reply
}

const serviceNow = () => Date.now() + aheadMs

function showResult() {
  if (result === undefined || status === undefined) return
  byId('shown', HTMLDivElement).hidden = false
  const { reply } = result
  const ofWorkspace = statusOf(status, reply.workspace)
  showNotices(noticesNow(result))
  if (ofWorkspace !== undefined) showStatus(ofWorkspace, serviceNow())
  byId('heading', HTMLHeadingElement).textContent = `Actions ${HEADINGS[reply.by]}, ${formatRange(reply)}`
  showTiles(result)
  showStates(reply)
  showAnomalies(result.anomalies)
  showLinks(seriesQuery({ ...state, workspace: reply.workspace }, reply), { dark: theme.isDark(), onFault: fail })

  const asTable = state.view === 'table'
  byId('table', HTMLDivElement).hidden = !asTable
  byId('chart', HTMLDivElement).hidden = asTable
  byId('chart-hint', HTMLSpanElement).hidden = asTable
  if (asTable) return showTable(result)
  chart.show({ result, stacked: state.view === 'stacked', dark: theme.isDark() }).catch(fail)
}

function showNothing() {
  result = undefined
  byId('shown', HTMLDivElement).hidden = true
}

/** @param {import('./types.js').Result} of */
function noticesNow({ reply }) {
  return noticesOf(status && statusOf(status, reply.workspace), reply, serviceNow())
}

/** @param {AbortSignal} signal */
async function offerFilters(signal) {
  const workspace = result?.reply.workspace ?? ''
  if (workspace !== offered) {
    filters.offer(await loadChoices(workspace, signal), state.filters)
    offered = workspace
  }
  filters.show(state.filters)
}

/** @param {unknown} error */
function fail(error) {
  if (error instanceof ProblemError && error.status === 401) {
    showNothing()
    status = undefined
    answered = ''
    data.hidden = true
    showNotices([])
    byId('freshness', HTMLAnchorElement).hidden = true
    return keyForm.ask()
  }
  const text = error instanceof Error ? error.message : String(error)
  const others = result === undefined ? [] : noticesNow(result)
  showNotices([{ tone: 'bad', title: 'This could not be shown.', text }, ...others])
}

/** @param {import('./types.js').Result} of */
function summary({ reply, total }) {
  const unknown = unknownDays(reply)
  return `${formatRange(reply)}: ${formatNumber(total)} actions${unknown > 0 ? `, ${countDays(unknown)} not known` : ''}.`
}

/** Something new is shown by itself; else only the ages go on. */
async function look() {
  if (document.hidden || result === undefined || status === undefined) return
  const before = statusOf(status, result.reply.workspace)?.revision
  const day = status.now.slice(0, 10)
  try {
    takeStatus(await loadStatus())
  } catch (error) {
    return fail(error)
  }
  const isNew = statusOf(status, result.reply.workspace)?.revision !== before || status.now.slice(0, 10) !== day
  if (isNew) await load({ again: true })
  else showResult()
}

setInterval(() => void look(), LOOK_MS)
void load()
