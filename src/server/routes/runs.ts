// Runs of the ingester: their records, and how to ask for one.
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Clock } from '../../model/clock.ts'
import { OperationalError } from '../../model/errors.ts'
import { asHeard, inProgress, RUNS_KEPT, type IngestRun } from '../../model/run.ts'
import type { HeardRun, SeriesStore } from '../../model/store.ts'
import type { BaseUrl } from '../base-url.ts'
import { callerOf } from '../caller.ts'
import { NoParameters, problems, refTo, RunReply, WorkspaceParameter } from '../schemas.ts'
import type { WorkspaceChooser } from '../workspaces.ts'

export interface RunRouteOptions {
  readonly store: SeriesStore
  readonly workspaces: WorkspaceChooser
  readonly clock: Clock
  readonly ingestTimeoutMs: number
  readonly baseUrl: BaseUrl
}

const RunsReply = Type.Object(
  { runs: Type.Array(refTo(RunReply), { description: 'Newest first.' }) },
  { $id: 'IngestRuns' }
)

/** So many runs are shown, unless more are asked for. */
const RUNS_SHOWN = 50

/** So long a client waits before it looks again how a run goes on. */
const POLL_SECONDS = 5

/** What a run that has not ended is answered with: 202, its own address, and when to look again. */
export const ACCEPTED = {
  ...refTo(RunReply),
  description: 'The run is queued or running: ask again at `Location`.',
  headers: {
    Location: { type: 'string', description: 'The absolute address of the run.' },
    'Retry-After': { type: 'integer', description: 'Seconds.' }
  }
}

export function acceptRun(run: IngestRun, baseUrl: string, reply: FastifyReply): IngestRun {
  reply.code(202)
  reply.headers({ location: `${baseUrl}/runs/${encodeURIComponent(run.id)}`, 'retry-after': POLL_SECONDS })
  return run
}

export const runRoutes: FastifyPluginAsyncTypebox<RunRouteOptions> = async (app, options) => {
  const { store, workspaces, clock, ingestTimeoutMs, baseUrl } = options
  app.addSchema(RunsReply)
  const tell = ({ run, heardAt }: HeardRun): IngestRun => asHeard(run, heardAt, clock.now(), ingestTimeoutMs)

  app.get(
    '/runs',
    {
      schema: {
        operationId: 'listRuns',
        summary: 'Runs of the ingester, newest first',
        description: `Of one workspace, or of all that the caller may read. The newest ${RUNS_KEPT} of a workspace are kept.`,
        tags: ['ingest'],
        querystring: Type.Object(
          {
            workspace: Type.Optional({ ...WorkspaceParameter, description: 'The name of a workspace. Default: all.' }),
            limit: Type.Optional(
              Type.Integer({ minimum: 1, maximum: RUNS_KEPT, default: RUNS_SHOWN, description: 'At most so many.' })
            )
          },
          { additionalProperties: false }
        ),
        response: { 200: refTo(RunsReply), ...problems(400, 401, 403, 404, 503) }
      }
    },
    // A rule for Express: Fastify waits for its handlers.
    // oxlint-disable-next-line oxc/no-async-endpoint-handlers
    async (request) => {
      const { workspace: asked, limit = RUNS_SHOWN } = request.query
      const caller = callerOf(request)
      const chosen = asked === undefined ? await workspaces.readable(caller) : [await workspaces.choose(caller, asked)]
      const stored = chosen.flatMap((each) => (each.stored === null ? [] : [each.stored]))
      const runs = await store.runs(stored, limit)
      return { runs: runs.map(tell) }
    }
  )

  app.get(
    '/runs/:id',
    {
      // Whoever may start a run may see how it goes on.
      config: { scopes: ['read', 'ingest'] },
      schema: {
        operationId: 'getRun',
        summary: 'One run of the ingester',
        description: 'Answers 202 while the run is queued or running, then 200; the body is the same.',
        tags: ['ingest'],
        params: Type.Object({ id: Type.String({ maxLength: 64, description: 'The `id` of a run.' }) }),
        querystring: NoParameters,
        response: {
          200: { ...refTo(RunReply), description: 'The run has ended.' },
          202: ACCEPTED,
          ...problems(400, 401, 403, 404, 503)
        }
      }
    },
    async (request: FastifyRequest<{ Params: { id: string } }>, reply) => {
      const heard = await store.findRun(request.params.id)
      // One answer for what does not exist and for what this caller may not see.
      if (heard === undefined || !callerOf(request).mayRead(heard.run.workspace)) {
        throw new OperationalError('not-found', `there is no run '${request.params.id}' that you may read`)
      }
      const run = tell(heard)
      return inProgress(run) ? acceptRun(run, baseUrl(request), reply) : run
    }
  )
}
