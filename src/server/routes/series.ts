// GET /series: daily counts, the reason for all the rest.
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { Clock } from '../../model/clock.ts'
import { lengthOf } from '../../model/day.ts'
import type { SeriesStore } from '../../model/store.ts'
import type { Again } from '../again.ts'
import { resolveAsOf } from '../as-of.ts'
import { callerOf } from '../caller.ts'
import { sendCacheable } from '../etag.ts'
import { FORMATS, formatOf, MEDIA_TYPES, SVG_TYPE } from '../media.ts'
import { problems, refTo } from '../schemas.ts'
import { computeSeries, type SeriesQuestion } from '../series-body.ts'
import { SAMPLE, type ServedWorkspace, type WorkspaceChooser } from '../workspaces.ts'
import { checkSize, SeriesQuerystring, toSeriesQuery } from './series-query.ts'
import { SeriesReply } from './series-reply.ts'

export interface SeriesRouteOptions {
  readonly store: Pick<SeriesStore, 'lastWrite'>
  readonly again: Again
  readonly workspaces: WorkspaceChooser
  readonly clock: Clock
  readonly version: string
}

export const seriesRoutes: FastifyPluginAsyncTypebox<SeriesRouteOptions> = async (app, options) => {
  const { store, workspaces, clock, version, again } = options
  app.addSchema(SeriesReply)
  app.get(
    '/series',
    {
      onRequest: (request, reply, done) => {
        if (!again.answer(request, reply)) done()
      },
      schema: {
        operationId: 'getSeries',
        summary: 'Daily counts of post-delivery actions',
        description:
          'How many post-delivery actions ended where, for each UTC day, ISO week or month of a range. Every date has its row. A count of 0 says that the day was read and was quiet; null says that it is not known.',
        tags: ['series'],
        querystring: SeriesQuerystring,
        response: {
          200: {
            description: 'The series. `ETag` is there, and changes whenever the answer may.',
            headers: {
              ETag: { type: 'string', description: 'For `If-None-Match`.' },
              'Cache-Status': {
                type: 'string',
                description:
                  'Only while the database is lost: what was known before, and by `ttl=-…` for how many seconds.'
              }
            },
            content: {
              'application/json': { schema: refTo(SeriesReply) },
              'text/csv': {
                schema: { type: 'string', description: 'RFC 4180 with a header line; an empty field is null.' }
              },
              'application/x-ndjson': {
                schema: { type: 'string', description: 'A JSON object a line: the rows, each with its `workspace`.' }
              },
              'image/svg+xml': { schema: { type: 'string', description: 'The time chart, 800 by 450 pixels.' } }
            }
          },
          304: { type: 'null', description: 'What `If-None-Match` names is still right.' },
          ...problems(400, 401, 403, 404, 503)
        }
      }
    },
    async (request, reply) => {
      const asked = request.query
      const caller = callerOf(request)
      const chosenAt = workspaces.named(caller, asked.workspace) === undefined ? store.lastWrite() : null
      const workspace = await workspaces.choose(caller, asked.workspace)
      const now = clock.now()
      const past = asked.asOf === undefined ? null : await resolveAsOf(workspace, asked.asOf, now)
      const question: SeriesQuestion = {
        query: toSeriesQuery(asked, past?.now ?? now),
        format: asked.format ?? formatOf(request.headers.accept, FORMATS),
        theme: asked.theme ?? 'light',
        sample: isSample(workspace),
        at: past?.revision ?? null
      }
      const { query, format } = question
      const admit = (columns: number): void => checkSize(query, columns)
      if (query.by === 'location') admit(query.locations.length)
      return sendCacheable(request, reply, {
        question: [version, workspace.name, workspace.stored?.binding, question],
        key: workspace.stored?.key,
        mediaType: format === 'svg' ? SVG_TYPE : MEDIA_TYPES[format],
        // A past state stays as it is; but which filter values have never been seen is told as of now.
        revision: async () => (past === null || tellsUnmatched(question) ? workspace.revision() : past.revision),
        compute: () => {
          const compute = async () => computeSeries(workspace, question, admit)
          return isLong(question) ? app.expensive.run(caller, compute) : compute()
        },
        onAnswer: (answered) => {
          const { stored } = workspace
          if (stored !== null && past === null) again.remember(request, { workspace: stored, chosenAt, now }, answered)
        }
      })
    }
  )
}

/** What takes some milliseconds to compute: more days than that are read, or a picture is drawn. */
const LONG_DAYS = 1_000

function isLong({ format, query }: SeriesQuestion): boolean {
  return format === 'svg' || lengthOf(query.range) > LONG_DAYS
}

function tellsUnmatched({ format, query }: SeriesQuestion): boolean {
  return format === 'json' && Object.keys(query.labels).length > 0
}

/** Whether the counts of a workspace are invented; before its first run, its name says what they will be. */
function isSample({ name, stored }: ServedWorkspace): boolean {
  return (stored?.binding?.kind ?? name) === SAMPLE
}
