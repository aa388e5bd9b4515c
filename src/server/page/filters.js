// What can be filtered by: the five locations, and the labels that the workspace has had.
import { askJson } from './api.js'
import { byId, element } from './dom.js'
import { filtersBy, FILTERS } from './state.js'

/** @type {Record<import('./types.js').Filter, string>} */
const TITLES = {
  location: 'Location',
  deliveryLocation: 'Delivery location',
  actionType: 'Type of action',
  actionTrigger: 'Trigger',
  actionResult: 'Result'
}

/**
 * All that the workspace offers.
 * @param {string} workspace
 * @param {AbortSignal} signal
 * @returns {Promise<Record<import('./types.js').Filter, import('./types.js').FilterChoice[]>>}
 */
export async function loadChoices(workspace, signal) {
  const of = (/** @type {Record<string, string>} */ more) =>
    new URLSearchParams({ ...more, ...(workspace !== '' && { workspace }) })
  /** @param {string} by @returns {Promise<import('./types.js').FilterChoice[]>} */
  const labels = async (by) => (await askJson('labels', of({ by }), signal)).labels
  const [{ locations }, actionType, actionTrigger, actionResult] = await Promise.all([
    askJson('locations', of({}), signal),
    labels('actionType'),
    labels('actionTrigger'),
    labels('actionResult')
  ])
  /** @type {{ location: string, deliveryLocations: { deliveryLocation: string }[] }[]} */
  const found = locations
  const behind = found.map(({ location, deliveryLocations }) => ({
    label: location,
    hint: deliveryLocations.map(({ deliveryLocation }) => deliveryLocation).join(', ')
  }))
  const raw = found.flatMap(({ deliveryLocations }) =>
    deliveryLocations.map(({ deliveryLocation }) => ({ label: deliveryLocation }))
  )
  return {
    location: behind,
    deliveryLocation: raw.toSorted((a, b) => (a.label < b.label ? -1 : 1)),
    actionType,
    actionTrigger,
    actionResult
  }
}

/**
 * `onChange` is called with all filters whenever one is set or cleared.
 * @param {(filters: import('./types.js').PageState['filters'], control: string) => void} onChange
 */
export function createFilters(onChange) {
  const grid = byId('filter-grid', HTMLDivElement)
  const clear = byId('clear-filters', HTMLButtonElement)
  const boxes = () => [...grid.querySelectorAll('input')]

  grid.addEventListener('change', () => {
    onChange(
      filtersBy((filter) =>
        boxes()
          .filter(({ name, checked }) => name === filter && checked)
          .map(({ value }) => value)
      ),
      'filters'
    )
  })
  clear.addEventListener('click', () =>
    onChange(
      filtersBy(() => []),
      'filters'
    )
  )

  return {
    /** @param {Awaited<ReturnType<typeof loadChoices>>} choices @param {import('./types.js').PageState['filters']} filters */
    offer(choices, filters) {
      grid.replaceChildren(...FILTERS.map((filter) => group(filter, choices[filter], filters[filter])))
    },
    /** @param {import('./types.js').PageState['filters']} filters */
    show(filters) {
      for (const box of boxes()) {
        const filter = FILTERS.find((each) => each === box.name)
        box.checked = filter !== undefined && holds(filters[filter], box.value)
      }
      const set = FILTERS.flatMap((filter) =>
        filters[filter].length === 0 ? [] : [`${TITLES[filter]}: ${filters[filter].join(', ')}`]
      )
      byId('filter-summary', HTMLSpanElement).textContent =
        set.length === 0 ? 'none: every action is counted' : set.join(' · ')
      clear.disabled = set.length === 0
    }
  }
}

/** @param {import('./types.js').Filter} filter @param {import('./types.js').FilterChoice[]} choices @param {string[]} chosen */
function group(filter, choices, chosen) {
  const strangers = chosen.filter((value) => !choices.some(({ label }) => fold(label) === fold(value)))
  const offered = [...choices, ...strangers.map((label) => ({ label, hint: 'never seen here' }))]
  return element(
    'fieldset',
    { class: 'checks' },
    element('legend', {}, TITLES[filter]),
    ...offered.map(({ label, hint }) => check(filter, label, hint, holds(chosen, label))),
    ...(offered.length === 0 ? [element('p', { class: 'muted' }, 'nothing yet')] : [])
  )
}

/** @param {string} name @param {string} value @param {string | undefined} hint @param {boolean} checked */
function check(name, value, hint, checked) {
  return element(
    'label',
    { class: 'check' },
    element('input', { type: 'checkbox', name, value, checked }),
    element('span', {}, value, ...(hint ? [element('small', { class: 'muted' }, hint)] : []))
  )
}

/** @param {string[]} values @param {string} label */
function holds(values, label) {
  return values.some((value) => fold(value) === fold(label))
}

/** @param {string} label */
function fold(label) {
  return label.toLowerCase()
}
