import { mutate } from './room.mjs'

export default mutate('ingest', {
  last: ['azure-deadline', 'histories', 'random-history', 'run'],
  // Against a whole server and an engine for KQL, in minutes.
  without: ['azure-end-to-end']
})
