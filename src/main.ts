// The service: the API and the scheduled ingest in one process, from its start to its end.
import closeWithGrace from 'close-with-grace'
import type { FastifyInstance } from 'fastify'
import { missingStore, startBackups, withRemedy } from './backups.ts'
import { UsageError } from './commands/command.ts'
import type { Config } from './config.ts'
import type { Ingester } from './ingest/ingester.ts'
import { startSchedule, type Schedule } from './ingest/schedule.ts'
import { openIngestParts, serviceLog, type Sharing } from './parts.ts'
import { buildServer } from './server/app.ts'
import type { IngestDoor } from './server/options.ts'
import { warnOfNoWayIn } from './server/way-in.ts'
import { STOP_MS, stopInOrder } from './stop.ts'
import { systemClock } from './system-clock.ts'
import { version } from './version.ts'

/**
 * Rejects with a `UsageError` where there is no store and there are copies of one, unless an empty one is wanted.
 * Resolves once the service answers; it then runs until SIGTERM or SIGINT, and exits with 0. A second one ends it
 * at once.
 */
export async function serve(config: Config, { newStore }: { readonly newStore: boolean }): Promise<void> {
  const missing = newStore ? undefined : missingStore(config)
  if (missing !== undefined) throw new UsageError(missing)
  const log = serviceLog(config)
  for (const warning of config.warnings) log.warn(warning)
  const { ingestCron: cron } = config
  const sharing: Sharing = { takes: cron === null ? 'own' : 'all', leaves: 'for others' }
  const parts = await openIngestParts(config, log, sharing).catch((error: unknown) => {
    throw withRemedy(error, config)
  })
  const { ingester } = parts
  const schedule = cron === null ? null : startSchedule({ cron, tick: (at) => ingester.requestDue('schedule', at) })
  const backups = startBackups(config, log)
  const app = await buildServer({
    ...config,
    store: parts.store,
    clock: systemClock,
    logger: log,
    version,
    ingest: createIngestDoor(config, ingester, schedule)
  })

  closeWithGrace({ delay: config.drainMs + STOP_MS, logger: log }, async ({ signal, err }) => {
    if (err === undefined) log.info({ signal, drainMs: config.drainMs }, 'stopping')
    else log.fatal({ err }, 'stopping after an error that nobody caught')
    await stopInOrder({
      clock: systemClock,
      log,
      // After an error of ours nobody knows what still works: there is nothing to serve on with.
      drainMs: err === undefined ? config.drainMs : 0,
      beginDrain: () => app.drain.begin(),
      stopSchedule: async () => {
        await schedule?.stop()
        await backups?.stop()
      },
      abortRuns: () => ingester.stop(),
      closeServer: async () => app.close(),
      cutConnections: () => app.server.closeAllConnections(),
      closeStore: () => parts.close()
    })
    log.info('stopped')
  })

  await listen(app, config)
  const noWayIn = await warnOfNoWayIn({ ...config, store: parts.store, clock: systemClock })
  if (noWayIn !== null) log.warn(noWayIn)
  if (config.source === 'sample') log.warn('SOURCE=sample: the workspace sample holds invented counts')
  if (schedule !== null && config.ingestOnStart) ingester.requestDue('start', null)
}

/** Rejects with a `UsageError` where the address cannot be listened on. */
async function listen(app: FastifyInstance, { host, port }: Config): Promise<void> {
  try {
    await app.listen({ host, port })
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : ''
    const remedy = LISTEN_REMEDIES[code]
    if (remedy === undefined) throw error
    throw new UsageError(`cannot listen on HOST ${host}, PORT ${port} (${code}): ${remedy}`, { cause: error })
  }
}

const LISTEN_REMEDIES: { readonly [code: string]: string } = {
  EADDRINUSE: 'something listens there already; stop it, or set another PORT',
  EADDRNOTAVAIL: 'this machine has no such address; set HOST to one of its own, or to 0.0.0.0',
  ENOTFOUND: 'no such name is known here; set HOST to an address of this machine',
  EACCES: 'this user may not; set a PORT above 1023'
}

function createIngestDoor(config: Config, ingester: Ingester, schedule: Schedule | null): IngestDoor {
  return {
    workspaces: config.workspaces.map(({ name }) => name),
    source: config.source,
    async request(workspace, range) {
      const { run } = await ingester.request(workspace, 'request', { range, force: false })
      return run
    },
    onRunEnd: (listener) => ingester.onRunEnd(listener),
    nextRunAt: () => schedule?.nextRunAt() ?? null,
    stale: (since) => schedule?.hasMissedThree(since, systemClock.now()) ?? null
  }
}
