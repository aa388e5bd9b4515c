// GET /changes: every change of every day in the order in which it was stored, for whoever follows it by a cursor.
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type, type Static } from 'typebox'
import { setImmediate as turn } from 'node:timers/promises'
import { OperationalError } from '../../model/errors.ts'
import { NO_REVISION, type Revision } from '../../model/revision.ts'
import type { BaseUrl } from '../base-url.ts'
import { callerOf } from '../caller.ts'
import { createLineWriter } from '../change-lines.ts'
import { parseInstant } from '../instant.ts'
import { formatOf, MEDIA_TYPES } from '../media.ts'
import { problems, refTo, WorkspaceParameter } from '../schemas.ts'
import type { ServedWorkspace, WorkspaceChooser } from '../workspaces.ts'
import { ChangesReply } from './changes-reply.ts'

export interface ChangeRouteOptions {
  readonly workspaces: WorkspaceChooser
  readonly baseUrl: BaseUrl
}

const FORMS = ['json', 'ndjson'] as const
const LIMIT = 500
const MAX_LIMIT = 5_000

/** So many entries are read at once, so that a long page holds up nobody. */
const BATCH = 200

const ChangesQuerystring = Type.Object(
  {
    since: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 40,
        description:
          'The `next` of the page before: only what changed after it is told. `0` is the beginning. Or a time (RFC 3339, or a date-time without offset, which is UTC; a day means its beginning): what was stored after it. Default: from the beginning.'
      })
    ),
    limit: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: MAX_LIMIT,
        default: LIMIT,
        description:
          'At most so many changes in one page. Only what is left of a log that is cut short (`CHANGES_KEEP_DAYS`) comes whole in the first one.'
      })
    ),
    workspace: Type.Optional(WorkspaceParameter),
    format: Type.Optional(
      Type.Enum([...FORMS], {
        type: 'string',
        description: 'The form of the answer. Default: what `Accept` prefers of the two, else JSON.'
      })
    )
  },
  { additionalProperties: false }
)

export const changeRoutes: FastifyPluginAsyncTypebox<ChangeRouteOptions> = async (app, { workspaces, baseUrl }) => {
  app.addSchema(ChangesReply)
  app.get(
    '/changes',
    {
      schema: {
        operationId: 'listChanges',
        summary: 'Changes since a cursor',
        description:
          'The log of one workspace, oldest first, with an entry for each change of each day: a feed for SIEM tools. Keep `next` and send it as `since`: nothing is skipped, and nothing told twice. A cursor that is not in the log (from before a restore, or of another workspace), or is older than the log is kept in full, is answered with 410: begin again. Of what is older each day has its newest change, whose `previous` is null.',
        tags: ['series'],
        querystring: ChangesQuerystring,
        response: {
          200: {
            description: 'A page of the log.',
            headers: {
              Link: { type: 'string', description: 'The address of the next page, `rel="next"`; only if `more`.' }
            },
            content: {
              'application/json': { schema: refTo(ChangesReply) },
              'application/x-ndjson': {
                schema: {
                  type: 'string',
                  description:
                    'A JSON object a line: the changes. The cursor to keep is the `revision` of the last line; of an empty page, the one before.'
                }
              }
            }
          },
          ...problems(400, 401, 403, 404, 410, 503)
        }
      }
    },
    async (request, reply) => {
      const { since: asked, limit = LIMIT, format = formatOf(request.headers.accept, FORMS) } = request.query
      const workspace = await workspaces.choose(callerOf(request), request.query.workspace)
      const since = asked === undefined ? NO_REVISION : await resolveCursor(workspace, asked)
      const { lines, next, more } = await readPage(workspace, since, limit)
      if (more) reply.header('link', `<${baseUrl(request)}${nextPage(request.query, workspace, next)}>; rel="next"`)
      const body =
        format === 'ndjson'
          ? lines.map((line) => `${line}\n`).join('')
          : `{"changes":[${lines.join(',')}],"next":"${next}","more":${more}}`
      return reply.type(MEDIA_TYPES[format]).send(body)
    }
  )
}

/** The revision after which the entries are asked for; 410 where some of these are not kept any more. A time is that of the last transaction that is not after it. */
async function resolveCursor(workspace: ServedWorkspace, since: string): Promise<Revision> {
  if (!/^\d+$/.test(since)) {
    const { revision = NO_REVISION } = (await workspace.momentOf(parseInstant('since', since))) ?? {}
    const first = await workspace.keptSince()
    return revision < first.revision ? gone(workspace, since) : revision
  }
  const cursor = Number(since)
  return Number.isSafeInteger(cursor) ? cursor : gone(workspace, since)
}

async function readPage(
  workspace: ServedWorkspace,
  since: Revision,
  limit: number
): Promise<{ lines: readonly string[]; next: Revision; more: boolean }> {
  const write = createLineWriter(workspace.name)
  const lines: string[] = []
  let next = since
  for (;;) {
    // An entry that is there stays as it is, and others come only behind the last: batches fit together.
    const page = await workspace.changes(next, Math.min(BATCH, limit - lines.length))
    const { entries, more } = page ?? gone(workspace, String(next))
    lines.push(...entries.map(write))
    next = entries.at(-1)?.revision ?? next
    if (!more || lines.length >= limit) return { lines, next, more }
    await turn()
  }
}

/** The workspace is named, so that the next page is of the same one, whatever becomes of the default. */
function nextPage(
  { limit, format }: Static<typeof ChangesQuerystring>,
  { name }: ServedWorkspace,
  next: Revision
): string {
  const query = new URLSearchParams({
    since: String(next),
    workspace: name,
    ...(limit !== undefined && { limit: String(limit) }),
    ...(format !== undefined && { format })
  })
  return `/changes?${query.toString()}`
}

function gone({ name }: ServedWorkspace, cursor: string): never {
  throw new OperationalError('cursor-gone', `${cursor} is not in the log of '${name}': begin again, without since`)
}
