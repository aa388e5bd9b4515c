// What to do where a check fails. The messages of our errors say what is wrong; these say how it is put right.
import type { Check } from './findings.ts'
import type { Identity } from './identity.ts'
import type { AzureSourceOptions, Service } from './types.ts'

export interface RemedyFacts {
  readonly service: Service
  readonly options: AzureSourceOptions
  readonly status: number | null
  readonly identity: Identity | null
}

/** One or two sentences; never empty. */
export function remedyOf(check: Check, facts: RemedyFacts): string {
  return `${REMEDIES[check](facts)} (docs/operations.md)`
}

const REMEDIES: { readonly [C in Check]: (facts: RemedyFacts) => string } = {
  clock: () => 'let this machine take its time from the network: chrony, systemd-timesyncd or w32time',
  identity: ({ options }) =>
    'give this machine a managed identity or a workload identity, or set AZURE_TENANT_ID, AZURE_CLIENT_ID and ' +
    `AZURE_CLIENT_SECRET_FILE; it must reach ${options.azure.authority}, or its identity endpoint`,
  workspace: ofWorkspace,
  table: ({ service }) => service.whyNoTable,
  'time-column': () => 'set TIME_COLUMN=auto, or leave it out',
  labels: ({ service }) => `${service.title} answered the first question and not this one: run doctor again`,
  bounds: () => 'run doctor again',
  yesterday: () => 'run doctor again'
}

function ofWorkspace({ service, options, status, identity }: RemedyFacts): string {
  const { kind, title } = service
  const endpoint = kind === 'graph' ? options.azure.graphEndpoint : options.azure.logAnalyticsEndpoint
  if (status === 401)
    return 'let AZURE_CLOUD, the endpoint, its audience and the tenant of the identity belong together'
  if (status === 403) return kind === 'graph' ? GRANT_PERMISSION : grantRole(identity)
  if (status === 404) {
    return kind === 'graph'
      ? 'write the tenant id that Entra ID shows into WORKSPACES'
      : 'write the id that "az monitor log-analytics workspace show --query customerId" gives into WORKSPACES'
  }
  if (status === 204) return service.whyNoTable
  if (status === 400) return 'report it with these words: the question is meant to fit every kind of this table'
  if (status === 200) return 'run doctor again; a proxy in between must pass the answers on unchanged'
  if (status === 429) return 'wait a few minutes: others of this identity or tenant ask too much at the same time'
  if (status !== null && status >= 500) return 'wait, and look at https://azure.status.microsoft'
  return (
    `let this machine reach ${endpoint ?? title}: DNS, firewall, the proxy in HTTPS_PROXY, ` +
    'a company CA by NODE_EXTRA_CA_CERTS'
  )
}

function grantRole(identity: Identity | null): string {
  const objectId = identity?.objectId ?? '<object id of the identity>'
  return (
    `az role assignment create --assignee-object-id ${objectId} --assignee-principal-type ServicePrincipal ` +
    '--role "Log Analytics Reader" --scope <resource id of the workspace>; it takes effect within some minutes'
  )
}

const GRANT_PERMISSION =
  'give the application the permission ThreatHunting.Read.All (of the kind application) on Microsoft Graph, and let an ' +
  'administrator consent; an hour-old token does not have it yet'
