// A question to advanced hunting, as it goes over the wire.
// https://learn.microsoft.com/graph/api/security-security-runhuntingquery
import type { TokenCredential } from '@azure/identity'
import { OperationalError } from '../../model/errors.ts'
import { readBody } from './body.ts'
import type { Client, SessionSettings } from './types.ts'

/** What advanced hunting keeps, unless Sentinel's tables are joined to it. */
const KEPT_DAYS = 30

export async function openGraphClient(
  { azure, retentionDays }: SessionSettings,
  credential: TokenCredential
): Promise<Client> {
  const endpoint = azure.graphEndpoint
  if (endpoint === null) {
    throw new OperationalError('source-rejected', 'this AZURE_CLOUD has no advanced hunting: set SOURCE=log-analytics')
  }
  const url = new URL('/v1.0/security/runHuntingQuery', endpoint)
  const scope = `${endpoint.replace(/\/+$/, '')}/.default`
  return {
    async send(workspace, question, signal) {
      const token = await credential.getToken(scope, { tenantId: workspace.id, abortSignal: signal })
      const response = await fetch(url, {
        method: 'POST',
        headers: {
          Authorization: `Bearer ${token?.token}`,
          'Content-Type': 'application/json',
          Accept: 'application/json',
          'Cache-Control': 'no-cache'
        },
        body: JSON.stringify({ Query: question.kql, Timespan: `P${Math.max(KEPT_DAYS, retentionDays)}D` }),
        // Elsewhere is nobody whom our token is for.
        redirect: 'manual',
        signal
      })
      const { status, headers, body } = response
      return {
        status,
        date: headers.get('Date'),
        retryAfter: headers.get('Retry-After'),
        text: body === null ? '' : await readBody(body)
      }
    }
  }
}
