// Freshness and gaps of the workspace, from `/status`.
import { byId, element } from './dom.js'
import { countDays, formatDay, formatInstant, formatRange, formatSpan } from './format.js'

/** How many ranges are named, before the rest is only counted. */
const MOST_RANGES = 6

/** @param {import('./types.js').WorkspaceStatus} status @param {number} now by the clock of the service */
export function showStatus(status, now) {
  const { word, tone } = freshnessOf(status, now)
  const pill = byId('freshness', HTMLAnchorElement)
  pill.hidden = false
  pill.className = `pill ${tone}`
  pill.textContent = word
  byId('facts', HTMLDListElement).replaceChildren(
    ...factsOf(status, now).flatMap(([name, ...said]) => [element('dt', {}, name), element('dd', {}, ...said)])
  )
}

/** @param {import('./types.js').WorkspaceStatus} status @param {number} now */
export function freshnessOf(status, now) {
  const { lastSuccessAt, stale, lastRun } = status
  const age = lastSuccessAt === null ? null : formatSpan(now - Date.parse(lastSuccessAt))
  if (isImported(status)) return { word: 'Imported', tone: 'unknown' }
  if (age === null) return { word: 'Never read yet', tone: stale === true ? 'bad' : 'unknown' }
  if (stale === true) return { word: `Stale: read ${age} ago`, tone: 'bad' }
  if (lastRun?.status === 'failed') return { word: `Last run failed; read ${age} ago`, tone: 'warn' }
  return { word: `Read ${age} ago`, tone: 'good' }
}

/** Days without any run come from files. @param {import('./types.js').WorkspaceStatus} status */
function isImported({ lastRun, firstDate }) {
  return lastRun === null && firstDate !== null
}

/**
 * Names, and what is said of each.
 * @param {import('./types.js').WorkspaceStatus} status
 * @param {number} now
 * @returns {[string, ...(Node | string)[]][]}
 */
function factsOf(status, now) {
  const { lastSuccessAt, nextRunAt, lastRun, firstDate, lastDate, finalThrough, sourceFirstDate, sourceLastDate } =
    status
  /** @type {[string, ...(Node | string)[]][]} */
  const facts = [
    [
      'Last successful reading',
      lastSuccessAt === null
        ? isImported(status)
          ? 'none: these days were imported'
          : 'none yet'
        : `${formatSpan(now - Date.parse(lastSuccessAt))} ago, ${formatInstant(lastSuccessAt)}`
    ],
    ['Next one', nextRunAt === null ? 'this process schedules none' : nextIn(Date.parse(nextRunAt) - now, nextRunAt)]
  ]
  if (lastRun !== null && lastRun.status !== 'succeeded') {
    facts.push(['Last run', `${lastRun.status}${lastRun.error ? `: ${lastRun.error.message}` : ''}`])
  }
  facts.push([
    'Days with counts',
    firstDate === null || lastDate === null ? 'none yet' : formatRange({ from: firstDate, to: lastDate })
  ])
  if (finalThrough !== null) facts.push(['Final through', formatDay(finalThrough)])
  if (sourceFirstDate !== null && sourceLastDate !== null) {
    facts.push(['Source shows arrivals', formatRange({ from: sourceFirstDate, to: sourceLastDate })])
  }
  const gaps = gapsOf(status)
  if (gaps.length === 0) facts.push(['Gaps', firstDate === null ? 'nothing is known yet' : 'none'])
  return [...facts, ...gaps]
}

/** @param {import('./types.js').WorkspaceStatus} status @returns {[string, ...(Node | string)[]][]} */
function gapsOf({ missing, lost, shrunk, damaged, atRisk, missingDays, lostDays, atRiskDays }) {
  /** @type {[string, ...(Node | string)[]][]} */
  const gaps = []
  if (atRisk.length > 0) {
    const said = atRisk.map((range) => `${formatRange(range)}, lost after ${formatDay(range.lostAfter)}`)
    gaps.push(['At risk', `${countDays(atRiskDays)}: ${firstOf(said)}`])
  }
  if (missing.length > 0) gaps.push(['Not read', `${countDays(missingDays)}: ${firstOf(missing.map(formatRange))}`])
  if (lost.length > 0) gaps.push(['Lost', `${countDays(lostDays)}: ${firstOf(lost.map(formatRange))}`])
  if (shrunk.length > 0) gaps.push(['Came back empty, old counts kept', firstOf(shrunk.map(formatRange))])
  if (damaged.length > 0) gaps.push(['Damaged in the store', firstOf(damaged.map(formatRange))])
  return gaps
}

/** @param {string[]} said */
function firstOf(said) {
  const rest = said.length - MOST_RANGES
  return `${said.slice(0, MOST_RANGES).join('; ')}${rest > 0 ? `; and ${rest} more` : ''}`
}

/** @param {number} ms @param {string} instant */
function nextIn(ms, instant) {
  return `${ms <= 0 ? 'about now' : `in ${formatSpan(ms)}`}, ${formatInstant(instant)}`
}
