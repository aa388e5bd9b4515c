// POST /ingest: asks for a run now.
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import type { Clock } from '../../model/clock.ts'
import { toDayRange } from '../day-range.ts'
import { callerOf, requireScope, type Caller } from '../caller.ts'
import type { BaseUrl } from '../base-url.ts'
import type { IngestDoor } from '../options.ts'
import { badParameter } from '../problem.ts'
import { FromParameter, NoParameters, problems, ToParameter, WorkspaceParameter } from '../schemas.ts'
import type { WorkspaceChooser } from '../workspaces.ts'
import { ACCEPTED, acceptRun } from './runs.ts'

export interface IngestRouteOptions {
  readonly workspaces: WorkspaceChooser
  readonly ingest: IngestDoor
  readonly clock: Clock
  readonly baseUrl: BaseUrl
}

/** As in an address, an empty text counts as absent. */
const orEmpty = <T extends object>(schema: T): T => ({ ...schema, minLength: 0 })

const IngestBody = Type.Object(
  {
    from: Type.Optional(orEmpty(FromParameter)),
    to: Type.Optional(orEmpty(ToParameter)),
    workspace: Type.Optional({
      ...orEmpty(WorkspaceParameter),
      description: 'The name of a workspace of the settings. Default: the first of them that the caller may read.'
    })
  },
  {
    additionalProperties: false,
    description:
      'Without a range: the days that are due. With one, even by one end: its days, those that are final too.'
  }
)

export const ingestRoutes: FastifyPluginAsyncTypebox<IngestRouteOptions> = async (app, options) => {
  const { ingest, clock, baseUrl } = options
  app.post(
    '/ingest',
    {
      config: { scopes: ['ingest'] },
      schema: {
        operationId: 'startIngest',
        summary: 'Read from the source now',
        description:
          'Queues a run, or joins the one in progress where it covers every day asked for. The key needs the scope `ingest`. The body may be left out.',
        tags: ['ingest'],
        querystring: NoParameters,
        body: IngestBody,
        response: { 202: ACCEPTED, ...problems(400, 401, 403, 404, 413, 415, 503) }
      },
      // No body at all is an empty question.
      preValidation: async (request) => {
        request.body ??= {}
      }
    },
    async (request, reply) => {
      const caller = callerOf(request)
      requireScope(caller, 'ingest')
      const { from, to, workspace } = request.body
      const name = await chooseIngested(caller, workspace === '' ? undefined : workspace, options)
      const ends = { ...(from !== '' && from !== undefined && { from }), ...(to !== '' && to !== undefined && { to }) }
      const range = Object.keys(ends).length === 0 ? null : toDayRange(ends, clock.now())
      const run = await ingest.request(name, range)
      return acceptRun(run, baseUrl(request), reply)
    }
  )
}

/** Only what the settings name can be read from a source. */
async function chooseIngested(
  caller: Caller,
  asked: string | undefined,
  { workspaces, ingest }: IngestRouteOptions
): Promise<string> {
  const name = asked ?? ingest.workspaces.find((each) => caller.mayRead(each))
  if (name !== undefined && caller.mayRead(name) && ingest.workspaces.includes(name)) return name
  const known = await workspaces.choose(caller, asked)
  throw badParameter('workspace', `'${known.name}' is not one of WORKSPACES, so there is no source to read it from`)
}
