// What is answered and is no part of the description: the protocol of Grafana's JSON data source, and what a browser
// loads. Written by hand in the form of a description, so that it is asked and held to account in the same way.
import type { Description, DescribedReply, Schema } from './described.ts'

const text: Schema = { type: 'string' }
const texts: Schema = { type: 'array', items: text }
const object = (properties: Readonly<Record<string, Schema>>, ...required: readonly string[]): Schema => ({
  type: 'object',
  properties,
  required
})

const range = object({ from: { ...text, maxLength: 40 }, to: { ...text, maxLength: 40 } })
const KEYS = ['workspace', 'location', 'deliveryLocation', 'actionType']
const filters: Schema = {
  type: 'array',
  items: object({
    key: { enum: KEYS },
    operator: { enum: ['=', '!=', '=~', '!~'] },
    value: text
  })
}
const payload = object({
  workspace: text,
  by: { enum: ['location', 'actionType', 'total', ['actionResult']] },
  step: { enum: ['day', 'week', 'month'] },
  location: { enum: ['Inbox', '(Inbox|Junk)', ['Delete']] },
  actionType: texts,
  actionTrigger: text
})
const targets: Schema = {
  type: 'array',
  items: object({ target: text, refId: { enum: ['A', 'Anno'] }, payload, hide: { type: 'boolean' } })
}

const PROBLEM: DescribedReply = {
  content: {
    'application/problem+json': {
      schema: {
        type: 'object',
        properties: {
          type: text,
          title: text,
          status: { type: 'integer' },
          detail: text,
          code: text,
          message: text,
          error: object({ code: text, message: text }),
          errors: { type: 'array', items: object({ parameter: text, detail: text }) }
        }
      }
    }
  }
}

const problems = (...statuses: readonly number[]): Record<string, DescribedReply> =>
  Object.fromEntries(statuses.map((status) => [status, PROBLEM]))

const JSON_REPLY: DescribedReply = { content: { 'application/json': {} } }

const call = (body: Schema): Description['paths'][string] => ({
  post: {
    requestBody: { content: { 'application/json': { schema: body } } },
    responses: { 200: JSON_REPLY, ...problems(400, 401, 403, 404, 413, 414, 415, 429, 431, 503) }
  }
})

const file = (type: string): Description['paths'][string] => ({
  get: { responses: { 200: { content: { [type]: {} } }, 304: {}, ...problems(400, 403, 414, 431) } }
})

export const UNDESCRIBED: Description = {
  paths: {
    '/grafana': { get: { responses: { 200: JSON_REPLY, ...problems(400, 401, 403, 414, 429, 431) } } },
    '/grafana/metrics': call(object({ metric: text, payload })),
    '/grafana/metric-payload-options': call(
      object({ name: { enum: ['workspace', 'by', 'actionType'] }, payload }, 'name')
    ),
    '/grafana/query': call(object({ range, targets, filters, adhocFilters: filters })),
    '/grafana/variable': call(object({ payload: object({ target: { enum: ['actionTypes', 'workspace', ''] } }) })),
    '/grafana/tag-keys': call(object({})),
    '/grafana/tag-values': call(object({ key: { enum: KEYS }, filters }, 'key')),
    '/grafana/search': call(object({ target: text })),
    '/grafana/annotations': call(object({ range, filters })),
    '/openapi.json': file('application/json'),
    '/openapi-3.0.json': file('application/json'),
    '/swagger.json': file('application/json'),
    '/': file('text/html'),
    '/docs': file('text/html')
  }
}
