// What both Azure sources do: ask, check, and answer in the terms of the model.
import type { TokenCredential } from '@azure/identity'
import { addDays, dayOf, earlier, type Day } from '../../model/day.ts'
import { OperationalError } from '../../model/errors.ts'
import { boundsQuestion, daysQuestion, type Dialect } from '../query.ts'
import type { EventSource, SourceWorkspace } from '../source.ts'
import { createAsk, type Answer } from './ask.ts'
import { readBoundsAnswer } from './bounds.ts'
import { openCredential } from './credential.ts'
import type { Limits } from './limits.ts'
import { parseBody } from './parse.ts'
import { readDaysText } from './read-days.ts'
import type { AzureSourceOptions, Service, Session } from './types.ts'

export interface AzureParts {
  readonly service: Service
  readonly limits: Limits
  readonly dialect: Dialect
  readonly openSession: (credential: TokenCredential) => Promise<Session>
}

export function openAzureSource(parts: AzureParts, options: AzureSourceOptions): EventSource {
  const { service, dialect } = parts
  const { clock, lagDays, retentionDays, timeColumn, azure, log } = options
  const { rowLimit, kind } = service
  const openSession = async (): Promise<Session> => parts.openSession(await openCredential(azure.authority, clock))
  const ask = createAsk({ ...parts, ...options, openSession })
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
      const { text } = await ask(workspace, daysQuestion(range, timeColumn), until)
      return readDaysText({ text, range, rowLimit }, until)
    },
    async close() {
      closed.abort()
    }
  }
}

/** Not every place that speaks KQL knows when a row arrived. */
function refusesIngestionTime(error: unknown): boolean {
  return (
    error instanceof OperationalError && error.code === 'source-rejected' && error.message.includes('ingestion_time')
  )
}
