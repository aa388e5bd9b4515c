// Puts the parts together as the settings say: what `serve` and the commands have in common.
import pino, { type Logger, type LoggerOptions } from 'pino'
import type { Config } from './config.ts'
import { createIngester, type Ingester, type IngesterOptions } from './ingest/ingester.ts'
import { openExaminer, type Examine } from './ingest/examine.ts'
import { openSource, type SourceOptions } from './ingest/open.ts'
import type { SharedIngesterOptions } from './ingest/shared/ingester.ts'
import { escapeUnseen } from './log-line.ts'
import type { IngestRun } from './model/run.ts'
import type { SeriesStore } from './model/store.ts'
import { openStore, sqlitePath } from './store/open.ts'
import { systemClock } from './system-clock.ts'

export interface IngestParts {
  readonly store: SeriesStore
  readonly ingester: Ingester
  /** Ends all of it in the order in which work flows: runs, source, store. */
  close(): Promise<void>
}

/**
 * How runs are shared where several processes have one store: whether this one works on all of them or only on those
 * that it was asked for, and what becomes of them when it stops.
 */
export type Sharing = Pick<SharedIngesterOptions, 'takes' | 'leaves'>

/** Opens the store and the source; nothing is asked of the source before the first run. */
export async function openIngestParts(
  config: Config,
  log: Logger,
  sharing: Sharing,
  onProgress?: (run: IngestRun) => void
): Promise<IngestParts> {
  const clock = systemClock
  const store = await openStore(config.storeUrl, clock)
  const { lagDays, retentionDays, workspaces, ingestTimeoutMs: timeoutMs, changesKeepDays } = config
  const options = {
    store,
    clock,
    log,
    workspaces,
    lagDays,
    retentionDays,
    timeoutMs,
    changesKeepDays,
    ...(onProgress && { onProgress })
  }
  const ingester = sqlitePath(config.storeUrl)
    ? openOwnIngester(options, sourceOptions(config, log))
    : await openSharedIngester({ ...options, ...sharing }, config, sourceOptions(config, log))
  return {
    store,
    ingester,
    async close() {
      await ingester.stop()
      await store.close()
    }
  }
}

type IngesterOptionsOf<T> = Omit<T, 'source' | 'openSource' | 'url' | 'identity'>

/** Of the one process that has the store. */
function openOwnIngester(options: IngesterOptionsOf<IngesterOptions>, of: SourceOptions): Ingester {
  const source = openSource(of)
  const ingester = createIngester({ ...options, source })
  return {
    ...ingester,
    async stop() {
      await ingester.stop()
      await source.close()
    }
  }
}

/** Of one of the processes that have the store together. */
async function openSharedIngester(
  options: IngesterOptionsOf<SharedIngesterOptions>,
  { storeUrl: url, source, azure }: Config,
  of: SourceOptions
): Promise<Ingester> {
  // It costs whoever uses SQLite nothing.
  const { createSharedIngester } = await import('./ingest/shared/ingester.ts')
  return createSharedIngester({
    ...options,
    url,
    source,
    identity: `${source} ${azure.clientId ?? ''}`,
    openSource: (share) => openSource({ ...of, share })
  })
}

/** What looks at the source for `doctor`, and stores nothing. */
export function openSourceExaminer(config: Config, log: Logger): Examine {
  return openExaminer(sourceOptions(config, log))
}

function sourceOptions(config: Config, log: Logger): SourceOptions {
  const { source: kind, lagDays, retentionDays, ingestTimeoutMs: timeoutMs, timeColumn, azure } = config
  // Azure's identity library reads it from there, and knows nothing of a file that holds it.
  if (azure.clientSecret !== null) process.env['AZURE_CLIENT_SECRET'] = azure.clientSecret
  return { kind, clock: systemClock, log, lagDays, retentionDays, timeoutMs, timeColumn, azure }
}

/** How every line of a log of ours is written. */
export const LOG_LINES: LoggerOptions = {
  base: null,
  timestamp: pino.stdTimeFunctions.isoTime,
  hooks: { streamWrite: escapeUnseen }
}

/** The log of `serve`, a line of JSON each on standard output. */
export function serviceLog(config: Config): Logger {
  // Whoever reads our lines may go away. Serving goes on without them; the logger's own stream would try for ever to
  // write its last line, also while the process ends.
  process.stdout.on('error', () => {})
  return pino({ ...LOG_LINES, level: config.logLevel }, process.stdout)
}

/** The log of a command, on standard error: silent unless asked for, since a command says itself what it did. */
export function commandLog(config: Config): Logger {
  const level = config.logLevel === 'debug' || config.logLevel === 'trace' ? config.logLevel : 'silent'
  return pino({ ...LOG_LINES, level }, pino.destination({ fd: 2, sync: true }))
}
