// How many days of the range are in which state: the legend of the chart's ground.
import { byId, element } from './dom.js'
import { countDays } from './format.js'

/** Each sign with its words. @param {import('./types.js').SeriesReply} reply */
export function showStates({ coverage }) {
  const { final, provisional, missing, lost } = coverage
  const said = [
    { state: 'final', count: final, text: 'final' },
    { state: 'provisional', count: provisional, text: 'provisional: may still change' },
    { state: 'missing', count: missing, text: 'not read: not known, not zero' },
    { state: 'lost', count: lost, text: 'lost: not read, and gone from the source' }
  ]
  byId('states', HTMLUListElement).replaceChildren(
    ...said
      .filter(({ count }) => count > 0)
      .map(({ state: name, count, text }) =>
        element(
          'li',
          {},
          element('span', { class: `sign ${name}`, 'aria-hidden': 'true' }),
          `${countDays(count)} ${text}`
        )
      )
  )
}
