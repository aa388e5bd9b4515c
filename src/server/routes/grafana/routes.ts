// /grafana: the protocol of the JSON data source, which is not part of the description of the API.
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { callerOf } from '../../caller.ts'
import { membersOf } from '../../members.ts'
import { NoParameters } from '../../schemas.ts'
import { sendUnlessWritten } from '../../unwritten.ts'
import type { Answer, GrafanaOptions } from './answer.ts'
import { MAX_BODY_BYTES } from './body.ts'
import { createAnnotations } from './marks.ts'
import { createMetrics, createPayloadOptions } from './metrics.ts'
import { isLongQuery, readQuery } from './query.ts'
import { createTagKeys, createTagValues } from './tags.ts'
import { createSearch, createVariable } from './variable.ts'

export const grafanaRoutes: FastifyPluginAsyncTypebox<GrafanaOptions> = async (app, options) => {
  const schema = { hide: true, querystring: NoParameters }
  const answers: Readonly<Record<string, Answer>> = {
    metrics: createMetrics(options),
    'metric-payload-options': createPayloadOptions(options),
    variable: createVariable(options),
    'tag-keys': createTagKeys(),
    'tag-values': createTagValues(options),
    search: createSearch(options),
    annotations: createAnnotations(options)
  }

  // "Save & test" wants exactly 200; the key has been looked at by then.
  app.get('/grafana', { schema }, async () => ({ status: 'ok' }))

  for (const [name, answer] of Object.entries(answers)) {
    app.post(`/grafana/${name}`, { schema, bodyLimit: MAX_BODY_BYTES }, async (request) => {
      return answer(callerOf(request), membersOf(request.body))
    })
  }

  // Each panel of each open dashboard asks this, again and again.
  app.post('/grafana/query', { schema, bodyLimit: MAX_BODY_BYTES }, async (request, reply) => {
    const caller = callerOf(request)
    const body = membersOf(request.body)
    const long = isLongQuery(body, options.clock.now())
    const { question, answer } = readQuery(caller, body, options)
    const compute = long ? () => app.expensive.run(caller, answer) : answer
    return sendUnlessWritten(request, reply, { store: options.store, question, compute })
  })
}
