// GET /anomalies: days whose count is out of line, and silence. docs/anomalies.md tells how they are found.
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { ANOMALY_KINDS, WHOLE_TABLE } from '../../model/anomalies.ts'
import type { Clock } from '../../model/clock.ts'
import { LOCATIONS } from '../../model/cube.ts'
import { callerOf } from '../caller.ts'
import { toDayRange } from '../day-range.ts'
import { sendCacheable } from '../etag.ts'
import { openFromOf, readAnomalies } from '../findings.ts'
import { MEDIA_TYPES } from '../media.ts'
import {
  DayText,
  FromParameter,
  LocationsParameter,
  problems,
  refTo,
  ToParameter,
  WorkspaceParameter
} from '../schemas.ts'
import type { WorkspaceChooser } from '../workspaces.ts'

export interface AnomalyRouteOptions {
  readonly workspaces: WorkspaceChooser
  readonly clock: Clock
  readonly version: string
}

const AnomaliesReply = Type.Object(
  {
    anomalies: Type.Array(
      Type.Object({
        date: {
          ...DayText,
          description:
            'The day; of a silence, the day on which it was noticed, or the first of the range if that is later.'
        },
        until: { ...DayText, description: 'The last day of a silence so far; else the day itself.' },
        location: Type.Enum([...LOCATIONS, WHOLE_TABLE], {
          type: 'string',
          description: `\`${WHOLE_TABLE}\` of a silence, which concerns all locations.`
        }),
        kind: Type.Enum([...ANOMALY_KINDS], {
          type: 'string',
          description:
            '`high` or `low`: a count out of line with the same weekday of the twelve weeks before. `silent`: no event at all for longer than ever before.'
        }),
        count: Type.Integer({ minimum: 0 }),
        expected: Type.Unsafe<readonly [number, number]>({
          type: 'array',
          items: { type: 'integer', minimum: 0 },
          minItems: 2,
          maxItems: 2,
          description: 'The lowest and the highest count that would have been in line.'
        }),
        score: Type.Number({
          description:
            'How far out the count is: above 4.5 it is too high, below -4.5 too low; further out is stranger.'
        }),
        reason: Type.String({ description: 'Why, in words.' })
      }),
      { description: 'By date.' }
    ),
    unjudged: Type.Array(Type.Object({ from: DayText, to: DayText }), {
      description: 'Covered days of the range that have too little history to be judged.'
    }),
    silenceJudged: Type.Boolean({
      description: 'Whether, at the end of the range, enough is known to notice that no events come any more.'
    }),
    note: Type.Unsafe<string | null>({
      type: ['string', 'null'],
      description: 'What was not judged, and why, in words; null where everything was.'
    })
  },
  {
    $id: 'Anomalies',
    examples: [
      {
        anomalies: [
          {
            date: '2026-11-10',
            until: '2026-11-10',
            location: 'Quarantine',
            kind: 'high',
            count: 300,
            expected: [21, 139],
            score: 11.4,
            reason:
              '300 events in Quarantine on Tuesday 2026-11-10: more than the 139 to be expected after the 12 Tuesdays before, which usually had 65 to 67'
          }
        ],
        unjudged: [],
        silenceJudged: true,
        note: null
      }
    ]
  }
)

export const anomalyRoutes: FastifyPluginAsyncTypebox<AnomalyRouteOptions> = async (app, options) => {
  const { workspaces, clock, version } = options
  app.addSchema(AnomaliesReply)
  app.get(
    '/anomalies',
    {
      config: { expensive: true },
      schema: {
        operationId: 'listAnomalies',
        summary: 'Days whose count is out of line',
        description:
          'Days with far more or far fewer events in a location than the same weekday of the weeks before, and silence of the whole table. Only days that were read are judged; a provisional day can only be too high. An empty list with a `note` says that there is too little history.',
        tags: ['series'],
        querystring: Type.Object(
          {
            location: Type.Optional({
              ...LocationsParameter,
              description:
                'Which locations to judge, each by itself; in any case, repeated or comma separated. Silence is told whatever stands here. Default: all five.'
            }),
            from: Type.Optional(FromParameter),
            to: Type.Optional(ToParameter),
            workspace: Type.Optional(WorkspaceParameter)
          },
          { additionalProperties: false }
        ),
        response: {
          200: {
            ...refTo(AnomaliesReply),
            headers: { ETag: { type: 'string', description: 'For `If-None-Match`.' } }
          },
          304: { type: 'null', description: 'What `If-None-Match` names is still right.' },
          ...problems(400, 401, 403, 404, 503)
        }
      }
    },
    async (request, reply) => {
      const workspace = await workspaces.choose(callerOf(request), request.query.workspace)
      const now = clock.now()
      const { location } = request.query
      const question = {
        range: toDayRange(request.query, now),
        locations: LOCATIONS.filter((each) => location?.includes(each) ?? true),
        openFrom: openFromOf(await workspace.facts(), now)
      }
      return sendCacheable(request, reply, {
        question: ['anomalies', version, workspace.name, workspace.stored?.binding, question],
        key: workspace.stored?.key,
        mediaType: MEDIA_TYPES.json,
        revision: () => workspace.revision(),
        async compute() {
          const { found, damaged } = await readAnomalies(workspace, question)
          return { body: JSON.stringify(found), unstable: damaged }
        }
      })
    }
  )
}
