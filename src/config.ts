// The settings: the environment, read once into one validated, frozen object.
import { readFileSync } from 'node:fs'
import { readBackupCron } from './config/backup.ts'
import type { ApiKey, NamedWorkspace } from './config/lists.ts'
import { readEntra, type EntraSettings } from './config/entra.ts'
import { openReader, type Environment } from './config/reader.ts'
import { settings } from './config/settings.ts'
import { readAzure, readReach, readWorkspaces, type AzureSettings, type SourceKind } from './config/source.ts'
import { isLoopback, mistyped, unwise } from './config/warnings.ts'

/** All settings, checked; see docs/configuration.md for what each means. */
export interface Config {
  readonly host: string
  readonly port: number
  /** Without a closing slash. */
  readonly publicUrl: string | null
  readonly logLevel: string
  /** `sqlite:` with a path, or a `postgres:` URL. May hold a secret. */
  readonly storeUrl: string
  readonly source: SourceKind
  readonly workspaces: readonly NamedWorkspace[]
  readonly azure: AzureSettings
  readonly timeColumn: 'auto' | 'Timestamp' | 'TimeGenerated'
  /** Null: this process only serves. */
  readonly ingestCron: string | null
  readonly ingestOnStart: boolean
  readonly lagDays: number
  readonly retentionDays: number
  readonly ingestTimeoutMs: number
  readonly auth: 'on' | 'off'
  /** Secret. */
  readonly apiKeys: readonly ApiKey[]
  /** Null: access tokens are not accepted. */
  readonly entra: EntraSettings | null
  readonly rateLimitPerMinute: number
  /** In lower case, without port and brackets. */
  readonly allowedHosts: readonly string[]
  /** Addresses and CIDRs; empty: no proxy is believed. */
  readonly trustProxy: readonly string[]
  readonly accessLog: boolean
  readonly corsOrigins: readonly string[]
  readonly drainMs: number
  /** How far back the log is kept in full; null: for ever. */
  readonly changesKeepDays: number | null
  /** Null: no copy is made by itself. */
  readonly backupCron: string | null
  readonly backupDir: string | null
  /** So many copies are kept, the newest. */
  readonly backupKeep: number
  /** What is allowed, but should be told when the service starts. */
  readonly warnings: readonly string[]
}

/** Settings that cannot be used: all mistakes at once, a line each. No line shows the value of a secret. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError'
  readonly mistakes: readonly string[]

  constructor(mistakes: readonly string[]) {
    super(mistakes.join('\n'))
    this.mistakes = mistakes
  }
}

/** The settings that an environment holds, frozen; throws a `SettingsError` with everything that is wrong with them. */
export function readConfig(
  env: Environment,
  readFile: (path: string) => string = (path) => readFileSync(path, 'utf8')
): Config {
  const reader = openReader(env, readFile)
  const { read } = reader
  const host = read(settings.host)
  const source = read(settings.source)
  const auth = read(settings.auth) ?? (isLoopback(host) ? 'off' : 'on')
  const azure = readAzure(reader, source, env)

  const config: Config = {
    host,
    port: read(settings.port),
    publicUrl: read(settings.publicUrl),
    logLevel: read(settings.logLevel),
    storeUrl: read(settings.storeUrl),
    source,
    workspaces: readWorkspaces(reader, source),
    azure,
    timeColumn: read(settings.timeColumn),
    ingestCron: read(settings.ingestCron),
    ingestOnStart: read(settings.ingestOnStart),
    ...readReach(reader, source),
    ingestTimeoutMs: read(settings.ingestTimeoutSeconds) * 1_000,
    auth,
    apiKeys: read(settings.apiKeys),
    entra: readEntra(reader, azure.authority),
    rateLimitPerMinute: read(settings.rateLimitPerMinute),
    allowedHosts: read(settings.allowedHosts),
    trustProxy: read(settings.trustProxy),
    accessLog: read(settings.accessLog),
    corsOrigins: read(settings.corsOrigins),
    drainMs: read(settings.drainSeconds) * 1_000,
    changesKeepDays: read(settings.changesKeepDays),
    backupCron: readBackupCron(reader),
    backupDir: read(settings.backupDir),
    backupKeep: read(settings.backupKeep),
    warnings: [...mistyped(env), ...unwise(host, auth)]
  }
  if (reader.mistakes.length > 0) throw new SettingsError(reader.mistakes)
  return freeze(config)
}

function freeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) Object.values(value).forEach(freeze)
  return Object.freeze(value)
}
