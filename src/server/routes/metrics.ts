// GET /metrics: for Prometheus.
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import type { Clock } from '../../model/clock.ts'
import type { SeriesStore } from '../../model/store.ts'
import { callerOf, type Caller } from '../caller.ts'
import { createFigures } from '../metrics/figures.ts'
import type { ProcessMetrics } from '../metrics/process.ts'
import { createRunCounter } from '../metrics/run-counts.ts'
import { addSample, labelText, METRICS_TYPE, textOf, type Family } from '../metrics/text.ts'
import { workspaceMetrics } from '../metrics/workspaces.ts'
import type { IngestDoor } from '../options.ts'
import { NoParameters, problems } from '../schemas.ts'
import type { WorkspaceChooser } from '../workspaces.ts'

export interface MetricsRouteOptions {
  readonly store: SeriesStore
  readonly workspaces: WorkspaceChooser
  readonly clock: Clock
  readonly ingest: IngestDoor
  readonly version: string
  readonly processMetrics: ProcessMetrics
}

export const metricsRoutes: FastifyPluginAsyncTypebox<MetricsRouteOptions> = async (app, options) => {
  const { store, workspaces, clock, ingest, version, processMetrics } = options
  const figuresOf = createFigures(store, clock)
  const runs = createRunCounter(ingest.workspaces)
  ingest.onRunEnd((run) => runs.count(run))

  app.get(
    '/metrics',
    {
      config: { expensive: true },
      schema: {
        operationId: 'getMetrics',
        summary: 'Metrics for Prometheus',
        description:
          'Freshness, completeness, the events of yesterday, what is unusual, and how runs ended, for each workspace that the caller may read. Requests and the process itself only for a caller that may read all of them.',
        tags: ['service'],
        'x-ms-visibility': 'internal',
        querystring: NoParameters,
        response: {
          200: {
            description: 'The text format of Prometheus, version 0.0.4.',
            content: { 'text/plain': { schema: Type.String() } }
          },
          ...problems(400, 401, 403, 503)
        }
      }
    },
    async (request, reply) => {
      const caller = callerOf(request)
      const readable = await workspaces.readable(caller)
      const parts = [
        buildInfo(version, ingest.source),
        await workspaceMetrics(readable, { store, figuresOf, runs }),
        seesAll(caller) ? await processMetrics() : ''
      ]
      return reply.type(METRICS_TYPE).send(parts.join(''))
    }
  )
}

/** Whether nothing is hidden from the caller. What is counted over all workspaces tells of each. */
function seesAll(caller: Caller): boolean {
  // No workspace has this name, so no list of workspaces holds it.
  return caller.mayRead('')
}

function buildInfo(version: string, source: string): string {
  const help = 'Always 1; what runs, and what it reads from.'
  const family: Family = { name: 'post_delivery_build_info', type: 'gauge', help, samples: [] }
  addSample(family, labelText({ version, source }), 1)
  return textOf(family)
}
