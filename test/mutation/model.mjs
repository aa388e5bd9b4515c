import { mutate } from './room.mjs'

export default mutate('model', {
  last: ['cube', 'status', 'anomalies', 'reading-table', 'day', 'series'],
  // How often findings are right, over hundreds of made-up years, says little about a single line.
  without: ['anomalies-rates'],
  thresholds: { high: 95, low: 90, break: 90 }
})
