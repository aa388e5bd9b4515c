import { mutate } from './room.mjs'

export default mutate('ingest', {
  last: [
    'azure-identity',
    'log-analytics',
    'graph',
    'azure-examine',
    'log-analytics-faults',
    'azure-deadline',
    'ingester',
    'histories',
    'run'
  ],
  // Against a whole server and an engine for KQL: half a minute each time.
  without: ['azure-end-to-end']
})
