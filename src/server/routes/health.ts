// For whoever keeps the process alive: never behind a key or a limit.
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { OperationalError } from '../../model/errors.ts'
import type { SeriesStore } from '../../model/store.ts'
import { NoParameters, problems } from '../schemas.ts'

const Health = Type.Object({ status: Type.Enum(['ok', 'degraded'], { type: 'string' }) })

/** Not for the lists of actions that automation tools make of the description. */
const INTERNAL = { 'x-ms-visibility': 'internal', security: [] }

export const healthRoutes: FastifyPluginAsyncTypebox<{ store: SeriesStore }> = async (app, { store }) => {
  app.get(
    '/health/live',
    {
      config: { open: true },
      schema: {
        operationId: 'isLive',
        summary: 'Whether the process runs',
        tags: ['service'],
        ...INTERNAL,
        querystring: NoParameters,
        response: { 200: { ...Health, description: 'It runs.' }, ...problems(400, 403) }
      }
    },
    async () => ({ status: 'ok' as const })
  )

  app.get(
    '/health/ready',
    {
      config: { open: true },
      schema: {
        operationId: 'isReady',
        summary: 'Whether questions can be answered',
        description: 'A source that is silent does not make the service unready.',
        tags: ['service'],
        ...INTERNAL,
        querystring: NoParameters,
        response: {
          200: { ...Health, description: 'The store can be read; `degraded`: it cannot be written at the moment.' },
          ...problems(400, 403, 503)
        }
      }
    },
    async () => {
      if (app.drain.begun) throw new OperationalError('overloaded', 'draining: this process stops, and takes no more')
      await store.workspaces()
      return { status: store.health() === null ? ('ok' as const) : ('degraded' as const) }
    }
  )
}
