// Advanced hunting as the source, through Microsoft Graph: for tenants whose events are in no workspace.
// https://learn.microsoft.com/graph/api/security-security-runhuntingquery
import type { TokenCredential } from '@azure/identity'
import { OperationalError } from '../model/errors.ts'
import { readBody } from './azure/body.ts'
import { createLimits } from './azure/limits.ts'
import { openAzureSource, type AzureParts } from './azure/source.ts'
import type { AzureSourceOptions, Service, Session } from './azure/types.ts'
import type { EventSource } from './source.ts'

const SERVICE: Service = {
  kind: 'graph',
  title: 'Microsoft Graph',
  place: 'tenant',
  role: 'the application permission ThreatHunting.Read.All, with the consent of an administrator',
  whyNoTable: 'advanced hunting has it with Microsoft Defender for Office 365 Plan 2 only',
  rowLimit: 100_000
}

/** At least 45 calls a minute are allowed to each tenant. */
const LIMITS = { atOnce: 4, requests: 45, windowMs: 60_000, each: true }

/** What advanced hunting keeps, unless Sentinel's tables are joined to it. */
const KEPT_DAYS = 30

export function openGraphSource(options: AzureSourceOptions): EventSource {
  return openAzureSource(graphParts(options), options)
}

/** What is particular to advanced hunting; whoever shares it shares its limits. */
export function graphParts(options: AzureSourceOptions): AzureParts {
  return {
    service: SERVICE,
    dialect: 'advanced-hunting',
    limits: createLimits(LIMITS, options.share),
    openSession: (credential) => openSession(options, credential)
  }
}

async function openSession(
  { azure, retentionDays }: AzureSourceOptions,
  credential: TokenCredential
): Promise<Session> {
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
