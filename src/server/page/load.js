// Everything that is asked of the service for one view.
import { askJson, ProblemError } from './api.js'
import { rangeBefore, resolveRange } from './range.js'
import { seriesQuery } from './state.js'
import { buildResult } from './totals.js'

/** @param {AbortSignal} [signal] @returns {Promise<import('./types.js').StatusReply>} */
export function loadStatus(signal) {
  return askJson('status', undefined, signal)
}

/** The workspace that the state means, as far as the service tells of it. @param {import('./types.js').StatusReply} status @param {string} name */
export function statusOf({ workspaces }, name) {
  if (name !== '') return workspaces.find(({ workspace }) => workspace === name)
  // As the service chooses: the sample only if there is no other.
  return workspaces.find(({ workspace }) => workspace !== 'sample') ?? workspaces[0]
}

/** @param {import('./types.js').PageState} state @param {import('./types.js').StatusReply} status */
export function rangeOf(state, status) {
  return resolveRange(state, status.now, statusOf(status, state.workspace)?.firstDate ?? null)
}

/**
 * @param {import('./types.js').PageState} state
 * @param {import('./types.js').Range} range
 * @param {AbortSignal} signal
 * @returns {Promise<import('./types.js').Result>}
 */
export async function loadResult(state, range, signal) {
  /** @param {string} step @param {import('./types.js').Range} days @returns {Promise<import('./types.js').SeriesReply>} */
  const series = (step, days) => askJson('series', seriesQuery({ ...state, step }, days), signal)

  const [daily, before, folded, anomalies] = await Promise.all([
    series('day', range),
    // Only its sums are used, and these are none where a day is not known: months are shorter to send.
    series('month', rangeBefore(range)),
    state.step === 'day' ? null : series(state.step, range),
    loadAnomalies(state, range, signal)
  ])
  return { ...buildResult({ reply: folded ?? daily, daily, before }), anomalies }
}

/**
 * Unusual days, where the service tells of them and the chart shows what they are about: days and locations, unfiltered.
 * @param {import('./types.js').PageState} state
 * @param {import('./types.js').Range} range
 * @param {AbortSignal} signal
 * @returns {Promise<import('./types.js').Anomaly[]>}
 */
async function loadAnomalies({ by, step, workspace, filters }, { from, to }, signal) {
  const { location, ...others } = filters
  if (by !== 'location' || step !== 'day' || Object.values(others).some((values) => values.length > 0)) return []
  const query = new URLSearchParams({ from, to, ...(workspace !== '' && { workspace }) })
  for (const each of location) query.append('location', each)
  try {
    return (await askJson('anomalies', query, signal)).anomalies
  } catch (error) {
    // The chart stands without its marks.
    if (error instanceof ProblemError) return []
    throw error
  }
}
