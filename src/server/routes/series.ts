// GET /series: daily counts, the reason for all the rest.
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { Clock } from '../../model/clock.ts'
import { DIMENSIONS, foldLabel } from '../../model/cube.ts'
import { buildSeries, labelNamed, type SeriesQuery, type SeriesTable } from '../../model/series.ts'
import type { StoredDay } from '../../model/reading.ts'
import type { Revision } from '../../model/revision.ts'
import { callerOf } from '../caller.ts'
import { sendCacheable } from '../etag.ts'
import { FORMATS, formatOf, MEDIA_TYPES, type Format } from '../media.ts'
import { problems, refTo } from '../schemas.ts'
import { csvOf, jsonRows, ndjsonOf, type Shape } from '../series-text.ts'
import type { ServedWorkspace, WorkspaceChooser } from '../workspaces.ts'
import { checkSize, SeriesQuerystring, toSeriesQuery } from './series-query.ts'
import { SeriesReply } from './series-reply.ts'

export interface SeriesRouteOptions {
  readonly workspaces: WorkspaceChooser
  readonly clock: Clock
  readonly version: string
}

export const seriesRoutes: FastifyPluginAsyncTypebox<SeriesRouteOptions> = async (app, options) => {
  const { workspaces, clock, version } = options
  app.addSchema(SeriesReply)
  app.get(
    '/series',
    {
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
            headers: { ETag: { type: 'string', description: 'For `If-None-Match`.' } },
            content: {
              'application/json': { schema: refTo(SeriesReply) },
              'text/csv': {
                schema: { type: 'string', description: 'RFC 4180 with a header line; an empty field is null.' }
              },
              'application/x-ndjson': {
                schema: { type: 'string', description: 'A JSON object a line: the rows, each with its `workspace`.' }
              }
            }
          },
          304: { type: 'null', description: 'What `If-None-Match` names is still right.' },
          ...problems(400, 401, 403, 404, 503)
        }
      }
    },
    async (request, reply) => {
      const workspace = await workspaces.choose(callerOf(request), request.query.workspace)
      const query = toSeriesQuery(request.query, clock.now())
      const format = request.query.format ?? formatOf(request.headers.accept, FORMATS)
      if (query.by === 'location') checkSize(query, query.locations.length)
      return sendCacheable(request, reply, {
        question: [version, workspace.name, workspace.stored?.key, query],
        mediaType: MEDIA_TYPES[format],
        revision: () => workspace.revision(),
        compute: () => computeSeries(workspace, query, format)
      })
    }
  )
}

async function computeSeries(
  workspace: ServedWorkspace,
  query: SeriesQuery & Shape,
  format: Format
): Promise<{ body: string; unstable: boolean }> {
  const { revision, days } = await workspace.readDays(query.range)
  const table = buildSeries(query, days)
  checkSize(query, table.columns.length)
  const unstable = days.some((day) => day.damaged)
  if (format === 'csv') return { body: csvOf(table, query), unstable }
  if (format === 'ndjson') return { body: ndjsonOf(table, query, workspace.name), unstable }
  return {
    body: jsonOf(table, query, {
      workspace: workspace.name,
      revision,
      unmatched: await unmatched(workspace, query, days)
    }),
    unstable
  }
}

interface Facts {
  readonly workspace: string
  readonly revision: Revision
  readonly unmatched: readonly { readonly parameter: string; readonly value: string }[]
}

function jsonOf(table: SeriesTable, query: SeriesQuery & Shape, facts: Facts): string {
  const head = JSON.stringify({
    workspace: facts.workspace,
    by: query.by,
    unit: 'actions',
    timeZone: 'UTC',
    from: query.range.from,
    to: query.range.to,
    step: query.step,
    revision: String(facts.revision),
    coverage: table.coverage,
    ...(facts.unmatched.length > 0 && { unmatched: facts.unmatched })
  })
  return `${head.slice(0, -1)},"series":[${jsonRows(table, query).join(',')}]}`
}

/** Filter values that the workspace has never seen, so that a typing mistake does not look like quiet. */
async function unmatched(
  workspace: ServedWorkspace,
  { labels }: SeriesQuery,
  days: readonly StoredDay[]
): Promise<Facts['unmatched']> {
  const found: { parameter: string; value: string }[] = []
  for (const dimension of DIMENSIONS) {
    // What the days at hand show needs no look at all the others.
    const here = new Set(
      labels[dimension] && days.flatMap(({ cells }) => cells.map((cell) => foldLabel(cell[dimension])))
    )
    const absent = (labels[dimension] ?? []).filter((value) => !here.has(foldLabel(labelNamed(value))))
    if (absent.length === 0) continue
    const ever = new Set((await workspace.labels(dimension)).map(({ label }) => foldLabel(label)))
    const never = absent.filter((value) => !ever.has(foldLabel(labelNamed(value))))
    found.push(...never.map((value) => ({ parameter: dimension, value })))
  }
  return found
}
