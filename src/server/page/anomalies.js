// Days that are out of line with the same weekdays before, as the service finds them.
import { byId, element } from './dom.js'
import { formatDay, formatNumber } from './format.js'

/** @param {import('./types.js').Anomaly[]} anomalies */
export function showAnomalies(anomalies) {
  byId('anomalies', HTMLElement).hidden = anomalies.length === 0
  byId('anomaly-list', HTMLUListElement).replaceChildren(
    ...anomalies
      .toSorted((a, b) => (a.date < b.date ? 1 : -1))
      .map(({ date, location: where, count, expected: [low, high], reason }) =>
        element(
          'li',
          {},
          element('strong', {}, `${formatDay(date)}, ${where}: ${formatNumber(count)}`),
          ` (usual: ${formatNumber(low)} to ${formatNumber(high)}). ${reason}`
        )
      )
  )
}
