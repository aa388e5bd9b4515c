// Puts the parts together as the settings say: what `serve` and the commands have in common.
import pino, { type Logger, type LoggerOptions } from 'pino'
import type { Config } from './config.ts'
import { createIngester, type Ingester } from './ingest/ingester.ts'
import { openExaminer, type Examine } from './ingest/examine.ts'
import { openSource, type SourceOptions } from './ingest/open.ts'
import { escapeUnseen } from './log-line.ts'
import type { IngestRun } from './model/run.ts'
import type { SeriesStore } from './model/store.ts'
import { openStore } from './store/open.ts'
import { systemClock } from './system-clock.ts'

export interface IngestParts {
  readonly store: SeriesStore
  readonly ingester: Ingester
  /** Ends all of it in the order in which work flows: runs, source, store. */
  close(): Promise<void>
}

/** Opens the store and the source; nothing is asked of the source before the first run. */
export async function openIngestParts(
  config: Config,
  log: Logger,
  onProgress?: (run: IngestRun) => void
): Promise<IngestParts> {
  const clock = systemClock
  const store = await openStore(config.storeUrl, clock)
  const { lagDays, retentionDays, workspaces, ingestTimeoutMs: timeoutMs, changesKeepDays } = config
  const source = openSource(sourceOptions(config, log))
  const ingester = createIngester({
    store,
    source,
    clock,
    log,
    workspaces,
    lagDays,
    retentionDays,
    timeoutMs,
    changesKeepDays,
    ...(onProgress && { onProgress })
  })
  return {
    store,
    ingester,
    async close() {
      await ingester.stop()
      await source.close()
      await store.close()
    }
  }
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
