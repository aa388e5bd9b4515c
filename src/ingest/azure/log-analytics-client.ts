// A question to Log Analytics, as it goes over the wire, by Azure's own library.
import type { LogsQueryClientOptions } from '@azure/monitor-query'
import type { TokenCredential } from '@azure/identity'
import { addDays, dayOf } from '../../model/day.ts'
import { readBody } from './body.ts'
import type { Client, SessionSettings, WireAnswer } from './types.ts'

/** The service's own deadline, in seconds; it allows no longer one. */
const MAX_WAIT_SECONDS = 600

export async function openLogAnalyticsClient(
  { azure, timeoutMs }: SessionSettings,
  credential: TokenCredential,
  now: () => Date
): Promise<Client> {
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
      const span = { startTime: new Date(question.since), endTime: new Date(addDays(dayOf(now()), 2)) }
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
function captureAnswer(): { policy: Policy; answer(): WireAnswer | undefined } {
  let answer: WireAnswer | undefined
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
