// Advanced hunting as the source, through Microsoft Graph: for tenants whose events are in no workspace.
import { createLimits } from './azure/limits.ts'
import { createOpener, openAzureSource, type AzureParts } from './azure/source.ts'
import type { AzureSourceOptions, Service } from './azure/types.ts'
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

export function openGraphSource(options: AzureSourceOptions): EventSource {
  return openAzureSource(graphParts(options), options)
}

/** What is particular to advanced hunting; whoever shares it shares its limits. */
export function graphParts(options: AzureSourceOptions): AzureParts {
  return {
    service: SERVICE,
    dialect: 'advanced-hunting',
    limits: createLimits(LIMITS, options.share),
    openSession: createOpener(SERVICE, options)
  }
}
