// GET /annotations: what happened beside the counts, as marks on a chart.
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import type { Clock } from '../../model/clock.ts'
import type { SeriesStore } from '../../model/store.ts'
import { callerOf } from '../caller.ts'
import { toDayRange } from '../day-range.ts'
import { readAnnotations } from '../findings.ts'
import { FromParameter, problems, refTo, ToParameter, WorkspaceParameter } from '../schemas.ts'
import type { WorkspaceChooser } from '../workspaces.ts'

export interface AnnotationRouteOptions {
  readonly store: SeriesStore
  readonly workspaces: WorkspaceChooser
  readonly clock: Clock
  readonly ingestTimeoutMs: number
}

const instant = (description: string): ReturnType<typeof Type.Integer> => Type.Integer({ description })

const AnnotationsReply = Type.Object(
  {
    annotations: Type.Array(
      Type.Object({
        time: instant('Where it begins, in milliseconds since 1970.'),
        timeEnd: instant('Where it ends, in milliseconds since 1970; of days, the last millisecond of the last one.'),
        title: Type.String(),
        text: Type.String({ description: 'Which days, and why.' }),
        tags: Type.String({
          description:
            'Words divided by commas. The first is `gap`, `shrunk`, `run` or `anomaly`; the others tell more: a state, an error code, a location.'
        })
      }),
      { description: 'By time. Days are cut off at the ends of the range.' }
    )
  },
  {
    $id: 'Annotations',
    examples: [
      {
        annotations: [
          {
            time: 1_793_664_000_000,
            timeEnd: 1_793_750_399_999,
            title: 'Missing: 1 day',
            text: '2026-11-03: not read yet',
            tags: 'gap,missing'
          }
        ]
      }
    ]
  }
)

export const annotationRoutes: FastifyPluginAsyncTypebox<AnnotationRouteOptions> = async (app, options) => {
  const { store, workspaces, clock, ingestTimeoutMs } = options
  app.addSchema(AnnotationsReply)
  app.get(
    '/annotations',
    {
      config: { expensive: true },
      schema: {
        operationId: 'listAnnotations',
        summary: 'Gaps, failed runs and unusual days',
        description:
          'What to mark on a chart of the counts: days that are missing, lost, damaged or shrunk, runs of the ingester that failed, and unusual days. Grafana reads it as annotations.',
        tags: ['series'],
        querystring: Type.Object(
          {
            from: Type.Optional(FromParameter),
            to: Type.Optional(ToParameter),
            workspace: Type.Optional(WorkspaceParameter)
          },
          { additionalProperties: false }
        ),
        response: { 200: refTo(AnnotationsReply), ...problems(400, 401, 403, 404, 503) }
      }
    },
    // A rule for Express: Fastify waits for its handlers.
    // oxlint-disable-next-line oxc/no-async-endpoint-handlers
    async (request) => {
      const workspace = await workspaces.choose(callerOf(request), request.query.workspace)
      const now = clock.now()
      const range = toDayRange(request.query, now)
      return { annotations: await readAnnotations(workspace, range, { store, now, ingestTimeoutMs }) }
    }
  )
}
