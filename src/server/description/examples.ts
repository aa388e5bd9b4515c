// Answers to look at, where the schema of a route brings none: a stranger sees what comes before asking.
import type { RequestErrorCode } from '../../model/errors.ts'
import { PROBLEM_TYPE, problemOf } from '../problem.ts'
import {
  componentNamed,
  mapMembers,
  mapOperations,
  type Document,
  type MediaType,
  type Members,
  type Operation,
  type Schema
} from './document.ts'

/** With an example of each answer that is known here or in its schema. Nothing of the document given is changed. */
export function withExamples(document: Document): Document {
  const { schemas } = document.components
  const illustrate = ({ responses, ...operation }: Operation): Operation => ({
    ...operation,
    responses: mapMembers(responses, ({ content, ...response }, status) => ({
      ...response,
      ...(content && {
        content: mapMembers(content, (media, type) => illustrateMedia(media, { status, type, schemas, ...operation }))
      })
    }))
  })
  return mapOperations(document, illustrate)
}

interface Place {
  readonly operationId: string
  readonly status: string
  readonly type: string
  readonly schemas: Members<Schema>
}

function illustrateMedia(media: MediaType, { operationId, status, type, schemas }: Place): MediaType {
  if (media.example !== undefined) return media
  const example =
    type === PROBLEM_TYPE
      ? PROBLEMS[status]
      : (ANSWERS[`${operationId} ${status}`]?.[type] ?? exampleOf(media, schemas))
  return example === undefined ? media : { ...media, example }
}

function exampleOf({ schema: { $ref = '' } }: MediaType, schemas: Members<Schema>): unknown {
  return componentNamed(schemas, $ref).examples?.[0] ?? COMPONENTS[$ref.split('/').at(-1) ?? '']
}

const RUN = {
  id: '01K0Z4T7Q2',
  trigger: 'request',
  workspace: 'default',
  source: 'log-analytics',
  status: 'succeeded',
  from: '2026-11-17',
  to: '2026-11-24',
  startedAt: '2026-11-24T06:07:00.000Z',
  finishedAt: '2026-11-24T06:07:04.210Z',
  daysPlanned: 8,
  daysStored: 8,
  daysChanged: 2
}

const WORKSPACE = {
  workspace: 'default',
  revision: '1794182400042',
  sourceFirstDate: '2026-08-27',
  sourceLastDate: '2026-11-24',
  firstDate: '2026-08-27',
  lastDate: '2026-11-24',
  finalThrough: '2026-11-16',
  missing: [{ from: '2026-11-03', to: '2026-11-03' }],
  lost: [],
  shrunk: [],
  damaged: [],
  atRisk: [],
  missingDays: 1,
  lostDays: 0,
  atRiskDays: 0,
  lastRun: RUN,
  lastSuccessAt: '2026-11-24T06:07:04.210Z',
  lastSuccessAgeSeconds: 176,
  nextRunAt: '2026-11-24T07:07:00.000Z',
  stale: false
}

const LABEL = { firstDate: '2026-08-27', lastDate: '2026-11-24', count: 1_204 }

/** Not in the schemas themselves, where a validator would take the `id` of an example for that of a schema. */
const COMPONENTS: Members<unknown> = {
  IngestRun: RUN,
  IngestRuns: { runs: [RUN] },
  Labels: { by: 'actionType', labels: [{ label: 'Phish ZAP', ...LABEL }] },
  Locations: {
    locations: [
      { location: 'Quarantine', deliveryLocations: [{ deliveryLocation: 'Quarantine', ...LABEL }] },
      { location: 'Delete', deliveryLocations: [{ deliveryLocation: 'Deleted items', ...LABEL }] },
      { location: 'Junk', deliveryLocations: [{ deliveryLocation: 'Junk folder', ...LABEL }] },
      { location: 'Inbox', deliveryLocations: [{ deliveryLocation: 'Inbox/folder', ...LABEL }] },
      { location: 'Other', deliveryLocations: [] }
    ]
  },
  WorkspaceStatus: WORKSPACE,
  Status: {
    service: 'post-delivery-series',
    version: '1.0.0',
    source: 'log-analytics',
    now: '2026-11-24T06:10:00.210Z',
    stale: false,
    workspaces: [WORKSPACE]
  }
}

/** What else than a component is answered; and a run that has not ended, which has the schema of one that has. */
const ACCEPTED = {
  'application/json': { ...RUN, status: 'queued', finishedAt: null, daysPlanned: 0, daysStored: 0, daysChanged: 0 }
}

const ANSWERS: Members<Members<unknown>> = {
  'getSeries 200': {
    'text/csv':
      'date,state,Quarantine,Delete,Junk,Inbox,Other\r\n2026-11-01,final,18,0,30,36,2\r\n2026-11-03,missing,,,,,\r\n',
    'application/x-ndjson':
      '{"workspace":"default","date":"2026-11-01","state":"final","Quarantine":18,"Delete":0,"Junk":30,"Inbox":36,"Other":2}\n'
  },
  'listChanges 200': {
    'application/x-ndjson':
      '{"revision":"1794182400042","workspace":"default","date":"2026-11-02","state":"lost","counts":null,"previous":null,"changedAt":"2026-11-09T00:00:00.042Z"}\n'
  },
  'startIngest 202': ACCEPTED,
  'getRun 202': ACCEPTED,
  'isLive 200': { 'application/json': { status: 'ok' } },
  'isReady 200': { 'application/json': { status: 'ok' } },
  'getMetrics 200': {
    'text/plain':
      '# TYPE post_delivery_events gauge\npost_delivery_events{workspace="default",location="Quarantine"} 18\n'
  }
}

const problem = (code: RequestErrorCode, detail: string, parameter?: string): object =>
  parameter === undefined
    ? problemOf(code, detail)
    : problemOf(code, `${parameter}: ${detail}`, { errors: [{ parameter, detail }] })

const PROBLEMS: Members<object> = {
  400: problem('invalid-range', '2026-11-30 is after 2026-11-01, the end', 'from'),
  401: problem('unauthorized', 'a valid key is wanted'),
  403: problem('forbidden', 'the key has not the scope that this needs'),
  404: problem('unknown-workspace', "there is no workspace 'contoso' that you may read"),
  410: problem('cursor-gone', '1794182400042 is not in the log: begin again, without since'),
  413: problem('payload-too-large', 'the body is larger than 64 kB'),
  414: problemOf('invalid-request', 'the address is longer than 16 kB', { status: 414 }),
  415: problem('unsupported-media-type', 'send the body as application/json'),
  429: problem('rate-limited', 'those were more than 600 requests in a minute'),
  431: problemOf('invalid-request', 'the headers are longer than 16 kB', { status: 431 }),
  503: problem('store-unavailable', 'the store cannot be read now')
}
