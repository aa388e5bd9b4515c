// Who signs in with Entra ID: rules that hold among its settings.
import type { SettingsReader } from './reader.ts'
import { settings } from './settings.ts'

export interface EntraSettings {
  readonly tenantId: string
  /** At least one. */
  readonly audience: readonly string[]
  /** Empty: every client to which a role is assigned. */
  readonly clients: readonly string[]
  /** An https address, of the cloud. */
  readonly authority: string
}

/** Null: tokens are not accepted. */
export function readEntra(reader: SettingsReader, authority: string): EntraSettings | null {
  const tenantId = reader.read(settings.entraTenantId)
  const audience = reader.read(settings.entraAudience)
  const clients = reader.read(settings.entraClients)
  if (!reader.sound(settings.entraTenantId, settings.entraAudience, settings.entraClients)) return null
  if (tenantId === null) {
    // Half of it would look like a way in that is none.
    const lonely = [settings.entraAudience, settings.entraClients].filter((_, i) => [audience, clients][i]?.length)
    for (const setting of lonely) reader.refuse(setting, { remedy: 'means nothing alone: set ENTRA_TENANT_ID too' })
    return null
  }
  if (audience.length === 0) {
    const remedy = 'is not enough: set ENTRA_AUDIENCE too, or tokens for any other application would do'
    reader.refuse(settings.entraTenantId, { remedy })
  }
  if (!authority.startsWith('https://')) {
    reader.refuse(settings.entraTenantId, { remedy: 'needs an https address in AZURE_AUTHORITY_HOST' })
  }
  return { tenantId, audience, clients, authority }
}
