// What is shown, to and from the address of the page. What is as usual is not in it.

/** @type {import('./types.js').Filter[]} */
export const FILTERS = ['location', 'deliveryLocation', 'actionType', 'actionTrigger', 'actionResult']

/** @type {import('./types.js').Preset[]} */
export const PRESETS = ['7d', '30d', '90d', '1y', 'all']
const BY = [...FILTERS, 'total']
export const STEPS = ['day', 'week', 'month']
/** @type {import('./types.js').PageState['view'][]} */
export const VIEWS = ['stacked', 'lines', 'table']

/** Whatever the address holds that means nothing here is left out. @param {string} search @returns {import('./types.js').PageState} */
export function readState(search) {
  const query = new URLSearchParams(search)
  const custom = { from: dayOf(query.get('from')), to: dayOf(query.get('to')) }
  const given = custom.from !== '' && custom.to !== ''
  return {
    preset: given ? null : oneOf(PRESETS, query.get('range'), '30d'),
    custom: given ? custom : { from: '', to: '' },
    by: oneOf(BY, query.get('by'), 'location'),
    step: oneOf(STEPS, query.get('step'), 'day'),
    view: oneOf(VIEWS, query.get('view'), 'stacked'),
    workspace: query.get('workspace') ?? '',
    filters: filtersBy((filter) => [...new Set(query.getAll(filter).filter((value) => value !== ''))])
  }
}

/** The same as a query, with its question mark; empty where all is as usual. @param {import('./types.js').PageState} state */
export function writeState({ preset, custom, by, step, view, workspace, filters }) {
  const query = new URLSearchParams()
  if (preset === null) {
    query.set('from', custom.from)
    query.set('to', custom.to)
  } else if (preset !== '30d') query.set('range', preset)
  if (step !== 'day') query.set('step', step)
  if (by !== 'location') query.set('by', by)
  if (view !== 'stacked') query.set('view', view)
  if (workspace !== '') query.set('workspace', workspace)
  for (const filter of FILTERS) for (const value of filters[filter]) query.append(filter, value)
  const text = query.toString()
  return text === '' ? '' : `?${text}`
}

/** @param {(filter: import('./types.js').Filter) => string[]} valuesOf */
export function filtersBy(valuesOf) {
  return {
    location: valuesOf('location'),
    deliveryLocation: valuesOf('deliveryLocation'),
    actionType: valuesOf('actionType'),
    actionTrigger: valuesOf('actionTrigger'),
    actionResult: valuesOf('actionResult')
  }
}

/**
 * The question to `/series`. It names both days and the workspace, so that whoever takes the address along asks the same.
 * @param {import('./types.js').PageState} state
 * @param {import('./types.js').Range} range
 */
export function seriesQuery({ by, step, workspace, filters }, { from, to }) {
  const query = new URLSearchParams({ from, to })
  if (workspace !== '') query.set('workspace', workspace)
  if (by !== 'location') query.set('by', by)
  if (step !== 'day') query.set('step', step)
  for (const filter of FILTERS) for (const value of filters[filter]) query.append(filter, itemOf(value))
  return query
}

/** A value as the API takes it among others, with its commas in it. @param {string} value */
function itemOf(value) {
  return value.replaceAll(/(\\*),/g, String.raw`$1$1\,`)
}

/** @param {string | null} text */
function dayOf(text) {
  const day = /^\d{4}-\d\d-\d\d$/.test(text ?? '') ? String(text) : ''
  const instant = Date.parse(day)
  return Number.isNaN(instant) || new Date(instant).toISOString().slice(0, 10) !== day ? '' : day
}

/**
 * @template {string} T
 * @param {readonly T[]} known
 * @param {string | null} value
 * @param {T} usual
 */
function oneOf(known, value, usual) {
  return known.find((each) => each === value) ?? usual
}
