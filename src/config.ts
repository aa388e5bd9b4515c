// The settings: the environment, read once into one validated, frozen object.

export type SourceKind = 'sample' | 'log-analytics' | 'graph'

/** All settings, checked; see docs/configuration.md for what each means. */
export interface Config {
  readonly host: string
  readonly port: number
  readonly publicUrl: string | null
  readonly logLevel: string
  /** `sqlite:` with a path, or a `postgres:` URL. May hold a secret. */
  readonly storeUrl: string
  readonly source: SourceKind
  readonly workspaces: readonly { readonly name: string; readonly id: string }[]
  readonly azure: {
    readonly cloud: 'public' | 'usgov' | 'china'
    readonly logAnalyticsEndpoint: string
    readonly logAnalyticsAudience: string
    readonly graphEndpoint: string | null
    readonly authority: string
  }
  readonly timeColumn: 'auto' | 'Timestamp' | 'TimeGenerated'
  /** Null: this process only serves. */
  readonly ingestCron: string | null
  readonly ingestOnStart: boolean
  readonly lagDays: number
  readonly retentionDays: number
  readonly ingestTimeoutMs: number
  readonly auth: 'on' | 'off'
  /** Secret. */
  readonly apiKeys: readonly { readonly name: string; readonly key: string }[]
  readonly allowedHosts: readonly string[]
  readonly trustProxy: readonly string[]
  readonly accessLog: boolean
  readonly corsOrigins: readonly string[]
  readonly drainMs: number
}
