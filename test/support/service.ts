// The server with real parts around it: a store on disk, and an ingester that reads the sample. Time stands still.
import type { FastifyInstance } from 'fastify'
import { Writable } from 'node:stream'
import { join } from 'node:path'
import pino from 'pino'
import { createIngester } from '../../src/ingest/ingester.ts'
import { openSampleSource } from '../../src/ingest/sample.ts'
import type { CellCount, DayCounts } from '../../src/model/cube.ts'
import { parseDay } from '../../src/model/day.ts'
import type { ReadingTerms } from '../../src/model/reading.ts'
import type { SeriesStore, Workspace } from '../../src/model/store.ts'
import { buildServer } from '../../src/server/app.ts'
import type { IngestDoor, ServerOptions } from '../../src/server/options.ts'
import { openSqliteStore } from '../../src/store/sqlite.ts'
import { fakeClock, type FakeClock } from './fake-clock.ts'

export interface Service {
  readonly app: FastifyInstance
  readonly store: SeriesStore
  readonly clock: FakeClock
  /** Of the store. */
  readonly file: string
  /** Every line of the log so far. */
  readonly lines: Record<string, unknown>[]
  /** Counts of a workspace, by day, as if the source had been read; made final where they lie before `provenThrough`. */
  fill(
    workspace: string,
    days: { readonly [day: string]: readonly CellCount[] },
    provenThrough?: string
  ): Promise<Workspace>
}

export type ServiceOptions = Partial<Omit<ServerOptions, 'store' | 'clock' | 'ingest' | 'logger'>> & {
  readonly now?: string
  readonly workspaces?: readonly string[]
  readonly ingest?: Partial<IngestDoor>
  /** The store that the server is handed, where it is not the plain one. */
  readonly wrapStore?: (store: SeriesStore) => SeriesStore
}

/** What a service lives in and as long as: a test, as a rule. */
export interface Scope {
  testdir(): string
  teardown(end: () => Promise<void>): unknown
}

/** A loopback service as the first start makes it, but for what is said; it ends with the test. */
export async function newService(t: Scope, options: ServiceOptions = {}): Promise<Service> {
  const { now = '2026-11-24T06:00:00Z', workspaces = ['default'], ingest, wrapStore, ...rest } = options
  const clock = fakeClock(now)
  const file = join(t.testdir(), 'series.db')
  const store = await openSqliteStore({ path: file, clock })
  const lines: Record<string, unknown>[] = []
  const logger = pino(
    { level: 'trace' },
    new Writable({
      write(chunk, _encoding, done) {
        lines.push(JSON.parse(String(chunk)) as Record<string, unknown>)
        done()
      }
    })
  )
  const terms = { lagDays: 7, retentionDays: 30 }
  const ingester = createIngester({
    ...terms,
    store,
    source: openSampleSource({ ...terms, clock }),
    clock,
    log: logger,
    workspaces: workspaces.map((name) => ({ name, id: name })),
    timeoutMs: 180_000
  })
  const door: IngestDoor = {
    workspaces,
    source: 'sample',
    request: async (workspace, range) => (await ingester.request(workspace, 'request', { range, force: false })).run,
    onRunEnd: (listener) => ingester.onRunEnd(listener),
    nextRunAt: () => null,
    stale: () => null,
    ...ingest
  }
  const app = await buildServer({
    store: wrapStore?.(store) ?? store,
    clock,
    ingest: door,
    logger,
    version: '1.2.3',
    publicUrl: null,
    auth: 'off',
    apiKeys: [],
    allowedHosts: [],
    trustProxy: [],
    corsOrigins: [],
    accessLog: false,
    ingestTimeoutMs: 180_000,
    ...rest
  })
  t.teardown(async () => {
    await app.close()
    await ingester.stop()
    await store.close()
  })
  return {
    app,
    store,
    clock,
    file,
    lines,
    async fill(name, days, provenThrough = '2026-11-01') {
      const workspace = await store.ensureWorkspace(name)
      const counts = Object.entries(days).map(([day, cells]): DayCounts => ({ day: parseDay(day), cells }))
      await store.applyReading(workspace, counts, proven(provenThrough))
      return workspace
    }
  }
}

/** Terms under which every day before this one is final; the source reaches back for ever. */
export function proven(through: string): ReadingTerms {
  const proof = parseDay(through)
  const bounds = { today: parseDay('2999-12-31'), firstArrival: parseDay('1000-01-01'), lastArrival: proof, proof }
  return { askedAt: Number.MAX_SAFE_INTEGER, bounds, force: false }
}

/** So many events that ended there, all else being ordinary. */
export function cell(deliveryLocation: string, count: number, labels: Partial<CellCount> = {}): CellCount {
  const ordinary = { actionType: 'Phish ZAP', actionTrigger: 'SpecialAction', actionResult: 'Success' }
  return { deliveryLocation, ...ordinary, ...labels, count }
}
