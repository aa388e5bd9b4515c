// Log Analytics as the source.
import { createLimits } from './azure/limits.ts'
import { createOpener, openAzureSource, type AzureParts } from './azure/source.ts'
import type { AzureSourceOptions, Service } from './azure/types.ts'
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
    openSession: createOpener(SERVICE, options)
  }
}
