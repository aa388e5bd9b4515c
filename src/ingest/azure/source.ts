// What both Azure sources do: ask, check, and answer in the terms of the model.
import { addDays, dayOf, earlier, type Day } from '../../model/day.ts'
import { OperationalError } from '../../model/errors.ts'
import { boundsQuestion, daysQuestion, type Dialect } from '../query.ts'
import type { EventSource, SourceWorkspace } from '../source.ts'
import { askBeside } from './ask-beside.ts'
import { createAsk, type Answer } from './ask.ts'
import { readBoundsAnswer } from './bounds.ts'
import type { Limits } from './limits.ts'
import { parseBody } from './parse.ts'
import { unpackDays } from './packed-days.ts'
import type { AzureSourceOptions, IdentitySeen, Service, Session } from './types.ts'

export interface AzureParts {
  readonly service: Service
  readonly limits: Limits
  readonly dialect: Dialect
  readonly openSession: (how?: SessionOptions) => Session
}

export interface SessionOptions {
  /** With a token that nobody accepts. */
  readonly anonymous?: boolean
  /** Hears whose tokens the session uses. */
  readonly onIdentity?: (seen: IdentitySeen) => void
}

/** Opens sessions that ask beside. */
export function createOpener(
  service: Service,
  { azure, timeoutMs, retentionDays, clock }: AzureSourceOptions
): AzureParts['openSession'] {
  const { logAnalyticsEndpoint, logAnalyticsAudience, graphEndpoint, authority, certificates = [] } = azure
  const known = { logAnalyticsEndpoint, logAnalyticsAudience, graphEndpoint, authority, certificates }
  return ({ anonymous = false, onIdentity } = {}) =>
    askBeside.open({ service, azure: known, timeoutMs, retentionDays, anonymous }, clock, onIdentity)
}

export function openAzureSource(parts: AzureParts, options: AzureSourceOptions): EventSource {
  const { service, dialect } = parts
  const { clock, lagDays, retentionDays, timeColumn, log } = options
  const { rowLimit, kind } = service
  const ask = createAsk({ ...options, ...parts })
  const leave = askBeside.join()
  const closed = new AbortController()
  const untilClosed = (signal: AbortSignal): AbortSignal => AbortSignal.any([signal, closed.signal])

  const askBounds = async (workspace: SourceWorkspace, from: Day, signal: AbortSignal): Promise<Answer> => {
    try {
      return await ask(workspace, boundsQuestion(from, timeColumn, dialect), signal)
    } catch (error) {
      if (dialect !== 'log-analytics' || !refusesIngestionTime(error)) throw error
      return await ask(workspace, boundsQuestion(from, timeColumn, 'log-analytics-by-time-generated'), signal)
    }
  }

  return {
    name: kind,
    async fetchBounds(workspace, signal) {
      // T is known only with the answer: it is this day or the one before.
      const from = addDays(dayOf(clock.now()), -retentionDays - 3)
      const { text, sentAt, date } = await askBounds(workspace, from, untilClosed(signal))
      if (date === null) {
        log.warn({ workspace: workspace.name }, 'the source does not tell its time, so the clocks are not compared')
      }
      const today = earlier(dayOf(sentAt), dayOf(date ?? sentAt))
      const read = readBoundsAnswer(parseBody(text), { from, today, lagDays, retentionDays, timeColumn, rowLimit })
      return { today, bounds: read.bounds, binding: { kind, id: workspace.id, timeColumn: read.timeColumn } }
    },
    async fetchDays(workspace, range, signal) {
      const until = untilClosed(signal)
      const { days } = await ask(workspace, daysQuestion(range, timeColumn), until)
      if (days === null) throw new Error('days were asked for, and none came')
      return unpackDays(days, until)
    },
    async close() {
      closed.abort()
      await leave()
    }
  }
}

/** Not every place that speaks KQL knows when a row arrived. */
function refusesIngestionTime(error: unknown): boolean {
  return (
    error instanceof OperationalError && error.code === 'source-rejected' && error.message.includes('ingestion_time')
  )
}
