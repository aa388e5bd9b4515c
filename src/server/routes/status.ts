// GET /status: what is there, what is missing, and whether it goes on.
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type, type Static } from 'typebox'
import type { Clock } from '../../model/clock.ts'
import { lengthOf, type DayRange } from '../../model/day.ts'
import { asHeard, type IngestRun } from '../../model/run.ts'
import { completenessOf, type RiskRange } from '../../model/status.ts'
import type { SeriesStore } from '../../model/store.ts'
import { callerOf } from '../caller.ts'
import { inTurns } from '../in-turns.ts'
import type { IngestDoor } from '../options.ts'
import {
  DayText,
  Instant,
  NoParameters,
  NullableDay,
  NullableInstant,
  problems,
  refTo,
  Revision,
  RunReply
} from '../schemas.ts'
import { unlessGone, type ServedWorkspace, type WorkspaceChooser } from '../workspaces.ts'

export interface StatusRouteOptions {
  readonly store: SeriesStore
  readonly workspaces: WorkspaceChooser
  readonly clock: Clock
  readonly ingest: IngestDoor
  readonly version: string
  readonly ingestTimeoutMs: number
}

const Range = Type.Object({ from: DayText, to: DayText })
const Stale = Type.Unsafe<boolean | null>({
  type: ['boolean', 'null'],
  description:
    'Three scheduled times have passed since the last success, or since the start; null where this process schedules nothing.'
})
const count = (description: string): ReturnType<typeof Type.Integer> => Type.Integer({ minimum: 0, description })
const ranges = (description: string): ReturnType<typeof Type.Unsafe<readonly DayRange[]>> =>
  Type.Unsafe<readonly DayRange[]>(Type.Array(Range, { description }))
const describedDay = (description: string): typeof NullableDay => Object.assign({}, NullableDay, { description })

const WorkspaceStatus = Type.Object(
  {
    workspace: Type.String(),
    revision: Revision,
    sourceFirstDate: describedDay('The day on which the oldest row that the source still shows arrived there.'),
    sourceLastDate: describedDay('The day on which its newest row arrived.'),
    firstDate: describedDay('The first day that has counts.'),
    lastDate: describedDay('The last one.'),
    finalThrough: describedDay('All that the source reaches is final up to this day.'),
    missing: ranges('Days that were not read, and that the source could still give.'),
    lost: ranges('Days that were not read, and that the source has no more.'),
    shrunk: ranges('Days whose last reading was empty, although they have events; the old counts stay.'),
    damaged: ranges('Days that cannot be read from the store, and are served as missing.'),
    atRisk: Type.Unsafe<readonly RiskRange[]>(
      Type.Array(Type.Object({ from: DayText, to: DayText, lostAfter: DayText }), {
        description: 'Missing days that the source is about to forget, after the day `lostAfter`.'
      })
    ),
    missingDays: count('How many days are missing.'),
    lostDays: count('How many are lost.'),
    atRiskDays: count('How many are at risk.'),
    lastRun: Type.Union([refTo(RunReply), Type.Null()]),
    lastSuccessAt: NullableInstant,
    lastSuccessAgeSeconds: Type.Unsafe<number | null>({ type: ['integer', 'null'], minimum: 0 }),
    nextRunAt: NullableInstant,
    stale: Stale
  },
  { $id: 'WorkspaceStatus' }
)

const StatusReply = Type.Object(
  {
    service: Type.String({ examples: ['post-delivery-series'] }),
    version: Type.String(),
    source: Type.String({ description: '`sample`: the counts of the workspace `sample` are invented.' }),
    now: Instant,
    stale: { ...Stale, description: 'Whether any of the workspaces is.' },
    workspaces: Type.Array(refTo(WorkspaceStatus), { description: 'Those that the caller may read.' })
  },
  { $id: 'Status' }
)

export const statusRoutes: FastifyPluginAsyncTypebox<StatusRouteOptions> = async (app, options) => {
  const { store, workspaces, clock, ingest, version, ingestTimeoutMs } = options
  const startedAt = clock.now()
  app.addSchema(WorkspaceStatus)
  app.addSchema(StatusReply)

  app.get(
    '/status',
    {
      schema: {
        operationId: 'getStatus',
        summary: 'Completeness and freshness',
        description:
          'For each workspace: which days are there, which are missing, lost or at risk, and how its ingest goes.',
        tags: ['service'],
        querystring: NoParameters,
        response: { 200: refTo(StatusReply), ...problems(400, 401, 403, 503) }
      }
    },
    // A rule for Express: Fastify waits for its handlers.
    // oxlint-disable-next-line oxc/no-async-endpoint-handlers
    async (request) => {
      const now = clock.now()
      const readable = await workspaces.readable(callerOf(request))
      const all = await inTurns(readable, (workspace) => unlessGone(statusOf(workspace, now)))
      const told = all.filter((each) => each !== undefined)
      const stale = told.map((each) => each.stale).filter((each) => each !== null)
      return {
        service: 'post-delivery-series',
        version,
        source: ingest.source,
        now: now.toISOString(),
        stale: stale.length === 0 ? null : stale.includes(true),
        workspaces: told
      }
    }
  )

  const statusOf = async (workspace: ServedWorkspace, now: Date): Promise<Static<typeof WorkspaceStatus>> => {
    const { coverage, bounds, revision } = await workspace.facts()
    const completeness = completenessOf(coverage, bounds, now)
    const { lastRun, lastSuccessAt } = await runsOf(workspace, now)
    // A workspace that has left the settings is served, but nobody ingests it any more.
    const scheduled = ingest.workspaces.includes(workspace.name)
    return {
      workspace: workspace.name,
      revision: String(revision),
      ...completeness,
      missingDays: countDays(completeness.missing),
      lostDays: countDays(completeness.lost),
      atRiskDays: countDays(completeness.atRisk),
      lastRun,
      lastSuccessAt: lastSuccessAt?.toISOString() ?? null,
      lastSuccessAgeSeconds: lastSuccessAt === null ? null : secondsBetween(lastSuccessAt, now),
      nextRunAt: (scheduled ? ingest.nextRunAt() : null)?.toISOString() ?? null,
      stale: scheduled ? ingest.stale(lastSuccessAt ?? startedAt) : null
    }
  }

  const runsOf = async (
    { stored }: ServedWorkspace,
    now: Date
  ): Promise<{ lastRun: IngestRun | null; lastSuccessAt: Date | null }> => {
    if (stored === null) return { lastRun: null, lastSuccessAt: null }
    const [last] = await store.runs([stored], 1)
    return {
      lastRun: last === undefined ? null : asHeard(last.run, last.heardAt, now, ingestTimeoutMs),
      lastSuccessAt: await store.lastSuccessAt(stored)
    }
  }
}

function countDays(of: readonly DayRange[]): number {
  return of.reduce((sum, range) => sum + lengthOf(range), 0)
}

function secondsBetween(from: Date, to: Date): number {
  return Math.max(0, Math.floor((to.getTime() - from.getTime()) / 1_000))
}
