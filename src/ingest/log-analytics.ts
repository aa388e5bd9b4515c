// Log Analytics as the source, through Azure's own library.
import type { LogsQueryClientOptions } from '@azure/monitor-query'
import type { TokenCredential } from '@azure/identity'
import { addDays, dayOf } from '../model/day.ts'
import { readBody } from './azure/body.ts'
import { createLimits } from './azure/limits.ts'
import { openAzureSource, type AzureParts } from './azure/source.ts'
import type { AzureSourceOptions, RawAnswer, Service, Session } from './azure/types.ts'
import type { EventSource } from './source.ts'

const SERVICE: Service = {
  kind: 'log-analytics',
  title: 'Log Analytics',
  place: 'workspace',
  role: 'the role Log Analytics Reader on that workspace',
  whyNoTable:
    'connect Microsoft Defender XDR to it, with this table ticked; ' +
    'where the table goes to the data lake only, let it go to the analytics tier too',
  rowLimit: 500_000
}

/** https://learn.microsoft.com/azure/azure-monitor/service-limits: 200 in 30 s and 5 at once, of which one is left to others. */
const LIMITS = { atOnce: 4, requests: 200, windowMs: 30_000, each: false }

export function openLogAnalyticsSource(options: AzureSourceOptions): EventSource {
  return openAzureSource(logAnalyticsParts(options), options)
}

/** What is particular to Log Analytics; whoever shares it shares its limits. */
export function logAnalyticsParts(options: AzureSourceOptions): AzureParts {
  return {
    service: SERVICE,
    dialect: 'log-analytics',
    limits: createLimits(LIMITS, options.share),
    openSession: (credential) => openSession(options, credential)
  }
}

/** The service's own deadline, in seconds; it allows no longer one. */
const MAX_WAIT_SECONDS = 600

async function openSession(
  { azure, timeoutMs, clock }: AzureSourceOptions,
  credential: TokenCredential
): Promise<Session> {
  const { LogsQueryClient } = await import('@azure/monitor-query')
  const serverTimeoutInSeconds = Math.min(MAX_WAIT_SECONDS, Math.max(1, Math.floor(timeoutMs / 1000)))
  return {
    async send(workspace, question, signal) {
      const capture = captureAnswer()
      const client = new LogsQueryClient(credential, {
        endpoint: azure.logAnalyticsEndpoint,
        audience: azure.logAnalyticsAudience,
        // Repeating is decided in one place, within one deadline; a redirect would carry the question elsewhere.
        retryOptions: { maxRetries: 0 },
        redirectOptions: { maxRetries: 0 },
        additionalPolicies: [{ policy: capture.policy, position: 'perRetry' }]
      })
      // Whatever this span leaves out is not seen, so it goes from before the first wanted row to after the last late one.
      const span = { startTime: new Date(question.since), endTime: new Date(addDays(dayOf(clock.now()), 2)) }
      try {
        await client.queryWorkspace(workspace.id, question.kql, span, {
          abortSignal: signal,
          serverTimeoutInSeconds,
          requestOptions: {
            // The service gives the same answer to the same question for two minutes unless it is told not to.
            customHeaders: { 'Cache-Control': 'no-cache' },
            // Reads strings letter by letter, for seconds in which nothing else runs.
            shouldDeserialize: false
          }
        })
      } catch (error) {
        // What the library makes of an answer does not matter once we have the answer.
        if (capture.answer() === undefined) throw error
      }
      const answer = capture.answer()
      if (answer === undefined) throw new Error('the library answered without having asked')
      return answer
    }
  }
}

type Policy = NonNullable<LogsQueryClientOptions['additionalPolicies']>[number]['policy']

/**
 * Takes the answer off the wire before the library parses it (three times, and at any length), and hands the library
 * an empty one.
 */
function captureAnswer(): { policy: Policy; answer(): RawAnswer | undefined } {
  let answer: RawAnswer | undefined
  return {
    answer: () => answer,
    policy: {
      name: 'captureAnswer',
      async sendRequest(request, next) {
        answer = undefined
        request.streamResponseStatusCodes = new Set([Number.POSITIVE_INFINITY])
        // A packed body that breaks off is never reported by the library.
        request.headers.set('Accept-Encoding', 'identity')
        const response = await next(request)
        const { status, headers, readableStreamBody } = response
        answer = {
          status,
          date: headers.get('Date') ?? null,
          retryAfter: headers.get('Retry-After') ?? null,
          text: readableStreamBody === undefined ? '' : await readBody(readableStreamBody)
        }
        delete response.readableStreamBody
        response.bodyAsText = '{"tables":[]}'
        return response
      }
    }
  }
}
