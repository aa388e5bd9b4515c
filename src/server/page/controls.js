// The controls above the chart: they show the state, and change it.
import { byId, element, radios } from './dom.js'
import { faultOf } from './range.js'
import { PRESETS, STEPS, VIEWS } from './state.js'

/**
 * `onChange` is called with what is other than before, and the name of the control.
 * @param {(change: Partial<import('./types.js').PageState>, control: string) => void} onChange
 */
export function createControls(onChange) {
  const from = byId('from', HTMLInputElement)
  const to = byId('to', HTMLInputElement)
  const fault = byId('range-fault', HTMLParagraphElement)
  const by = byId('by', HTMLSelectElement)
  const workspace = byId('workspace', HTMLSelectElement)

  whenPicked('range', PRESETS, (preset) => onChange({ preset }, 'range'))
  whenPicked('step', STEPS, (step) => onChange({ step }, 'step'))
  whenPicked('view', VIEWS, (view) => onChange({ view }, 'view'))
  by.addEventListener('change', () => onChange({ by: by.value }, 'by'))
  workspace.addEventListener('change', () => onChange({ workspace: workspace.value }, 'workspace'))
  for (const input of [from, to]) {
    input.addEventListener('change', () => {
      const custom = { from: from.value, to: to.value }
      tell(faultOf(custom))
      if (faultOf(custom) === '') onChange({ preset: null, custom }, 'dates')
    })
  }

  /** @param {string} text */
  function tell(text) {
    fault.textContent = text
    fault.hidden = text === ''
    for (const input of [from, to]) input.setAttribute('aria-invalid', String(text !== ''))
  }

  return {
    /**
     * @param {import('./types.js').PageState} state
     * @param {import('./types.js').Range} range the days that the state comes to
     */
    show(state, range) {
      pick('range', state.preset)
      pick('step', state.step)
      pick('view', state.view)
      by.value = state.by
      from.value = range.from
      to.value = range.to
      tell(faultOf(range))
    },
    /** @param {string[]} names @param {string} chosen */
    showWorkspaces(names, chosen) {
      const offered = names.includes(chosen) || chosen === '' ? names : [...names, chosen]
      workspace.replaceChildren(...offered.map((name) => element('option', { value: name }, name)))
      workspace.value = chosen
    }
  }
}

/**
 * @template {string} T
 * @param {string} name
 * @param {readonly T[]} known
 * @param {(value: T) => void} then
 */
function whenPicked(name, known, then) {
  for (const radio of radios(name)) {
    const value = known.find((each) => each === radio.value)
    if (value !== undefined) radio.addEventListener('change', () => then(value))
  }
}

/** @param {string} name @param {string | null} value */
function pick(name, value) {
  for (const radio of radios(name)) radio.checked = radio.value === value
}
