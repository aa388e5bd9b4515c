// The settings that say where counts come from: rules that hold among several variables.
import { CLOUDS } from './clouds.ts'
import { NAME, NAME_REMEDY, type NamedWorkspace } from './lists.ts'
import type { Environment, SettingsReader } from './reader.ts'
import { settings } from './settings.ts'
import { GUID } from './values.ts'

export type SourceKind = 'sample' | 'log-analytics' | 'graph'

export interface AzureSettings {
  readonly cloud: 'public' | 'usgov' | 'china'
  readonly logAnalyticsEndpoint: string
  readonly logAnalyticsAudience: string
  readonly graphEndpoint: string | null
  readonly authority: string
  /** Of AZURE_CLIENT_ID: who we are for Azure, where that is not left to the machine. */
  readonly clientId: string | null
  /** Secret. What the identity library has to find as AZURE_CLIENT_SECRET; it knows nothing of our `_FILE`. */
  readonly clientSecret: string | null
}

const ID_OF = { 'log-analytics': 'workspace', graph: 'tenant' } as const

/** The workspaces of a source; for `sample` the one of that name. */
export function readWorkspaces(reader: SettingsReader, source: SourceKind): readonly NamedWorkspace[] {
  const given = reader.read(settings.workspaces)
  const refuse = (remedy: string, entry?: NamedWorkspace): void => {
    const at = entry === undefined ? {} : { entry: `${entry.name}=${entry.id}` }
    reader.refuse(settings.workspaces, { remedy, ...at })
  }

  // Sample data has one workspace of its own, so that it never stands among real data.
  if (source === 'sample') {
    const sample = given === null || given.every(({ id }) => id === 'sample')
    if (!sample && reader.sound(settings.source, settings.workspaces)) {
      refuse('SOURCE=sample takes no workspace: set SOURCE=log-analytics or graph, or leave WORKSPACES out')
    }
    return [{ name: 'sample', id: 'sample' }]
  }
  if (given === null || given.length === 0) {
    if (reader.sound(settings.workspaces)) refuse(`SOURCE=${source} needs at least one: write name=id`)
    return []
  }
  const names = new Set<string>()
  const ids = new Set<string>()
  for (const entry of given) {
    const { name, id } = entry
    if (!NAME.test(name)) refuse(`write name=id: ${NAME_REMEDY}`, entry)
    if (name.toLowerCase() === 'sample') refuse('this name is kept for sample data: write another', entry)
    if (names.has(name)) refuse('this name is there already: write name=id with another name', entry)
    if (!GUID.test(id)) refuse(`write name=id, where the id of a ${ID_OF[source]} is a GUID`, entry)
    else if (ids.has(id.toLowerCase())) refuse('this id is there already: it takes one name', entry)
    names.add(name)
    ids.add(id.toLowerCase())
  }
  return given
}

/** Endpoints, audience and authority of the cloud, where no variable says otherwise. */
export function readAzure(reader: SettingsReader, source: SourceKind, env: Environment): AzureSettings {
  const { read } = reader
  const name = read(settings.azureCloud)
  const cloud = CLOUDS[name]
  if (source === 'graph' && cloud.graph === null) {
    const remedy = `${name} has no advanced hunting by Microsoft Graph: set SOURCE=log-analytics`
    reader.refuse(settings.azureCloud, { remedy })
  }
  return {
    cloud: name,
    logAnalyticsEndpoint: read(settings.logAnalyticsEndpoint) ?? cloud.logAnalytics,
    logAnalyticsAudience: read(settings.logAnalyticsAudience) ?? cloud.logAnalytics,
    graphEndpoint: read(settings.graphEndpoint) ?? cloud.graph,
    // Workload identity sets it for the pod; the identity library reads it where nobody says otherwise, and we do.
    authority: env['AZURE_AUTHORITY_HOST'] || cloud.authority,
    clientId: env['AZURE_CLIENT_ID'] || null,
    clientSecret: read(settings.azureClientSecret)
  }
}

/** How long late events are expected, and how far back the source is believed to have them: the lag is less. */
export function readReach(reader: SettingsReader, source: SourceKind): { lagDays: number; retentionDays: number } {
  const lagDays = reader.read(settings.lagDays)
  const retentionDays = reader.read(settings.retentionDays) ?? (source === 'graph' ? 30 : 90)
  if (lagDays >= retentionDays && reader.sound(settings.lagDays, settings.retentionDays, settings.source)) {
    const remedy = `${lagDays} is not less than SOURCE_RETENTION_DAYS, which is ${retentionDays}: write a smaller number`
    reader.refuse(settings.lagDays, { remedy })
  }
  return { lagDays, retentionDays }
}
