// The table of all settings: it is what the environment is read by, what `--help` prints, and what
// docs/configuration.md is compared with.
import { apiKeys, listOf, listOrFalse, workspaces } from './lists.ts'
import {
  allowedHost,
  audience,
  choice,
  flag,
  guid,
  hostName,
  httpsUrl,
  origin,
  proxy,
  publicUrl,
  schedule,
  storeUrl,
  tokenAudience,
  wholeNumber,
  type Parser
} from './values.ts'

/** One environment variable of ours. */
export interface Setting<T> {
  readonly name: string
  /** The value of an unset variable. */
  readonly fallback: T
  /** The default as it is told to people. */
  readonly told: string
  /** One line, for `--help`. */
  readonly about: string
  readonly parse: Parser<T>
  /** Its text is never shown. */
  readonly secret: boolean
  /** Set and empty is a value of its own, and not the same as unset. */
  readonly mayBeEmpty: boolean
}

// Twice the longest retention that Log Analytics has for such a table; it protects against a slip of the finger.
const MOST_RETENTION_DAYS = 4_000

// More than any machine answers: it stands for no limit.
const MOST_REQUESTS_PER_MINUTE = 100_000_000

export const settings = {
  host: setting('HOST', '127.0.0.1', 'address to listen on', hostName),
  port: setting('PORT', '8080', 'port to listen on; 0 takes a free one', wholeNumber(0, 65_535)),
  publicUrl: optional('PUBLIC_URL', 'from the request', 'our address as others see it', publicUrl),
  logLevel: setting(
    'LOG_LEVEL',
    'info',
    'fatal, error, warn, info, debug, trace, silent',
    choice('fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent')
  ),
  accessLog: setting('ACCESS_LOG', 'false', 'true: a log line for each request', flag),

  storeUrl: secret(
    setting('STORE_URL', 'sqlite:data/series.db', 'where the days are kept: sqlite: or postgres://', storeUrl)
  ),

  source: setting(
    'SOURCE',
    'sample',
    'the source: sample, log-analytics, graph',
    choice('sample', 'log-analytics', 'graph')
  ),
  workspaces: optional('WORKSPACES', 'sample', 'name=id pairs, comma or line separated', workspaces),
  timeColumn: setting(
    'TIME_COLUMN',
    'auto',
    'time of an event: auto, Timestamp, TimeGenerated',
    choice('auto', 'Timestamp', 'TimeGenerated')
  ),
  azureCloud: setting('AZURE_CLOUD', 'public', 'public, usgov, china', choice('public', 'usgov', 'china')),
  logAnalyticsEndpoint: optional('LOG_ANALYTICS_ENDPOINT', 'of the cloud', 'https address of Log Analytics', httpsUrl),
  logAnalyticsAudience: optional('LOG_ANALYTICS_AUDIENCE', 'of the cloud', 'what its tokens are asked for', audience),
  graphEndpoint: optional('GRAPH_ENDPOINT', 'of the cloud', 'https address of Microsoft Graph', httpsUrl),
  azureClientSecret: secret(
    optional('AZURE_CLIENT_SECRET', 'empty', 'read by the identity library of Azure', (text) => text)
  ),

  ingestCron: {
    ...setting('INGEST_CRON', '7 * * * *', 'when to run, in UTC; empty: only serve', schedule),
    mayBeEmpty: true
  },
  ingestOnStart: setting('INGEST_ON_START', 'true', 'run at once when serve starts', flag),
  lagDays: setting(
    'INGEST_LAG_DAYS',
    '7',
    'late events are expected for so long',
    wholeNumber(0, MOST_RETENTION_DAYS - 1)
  ),
  retentionDays: optional(
    'SOURCE_RETENTION_DAYS',
    '90; 30 for graph',
    'older days are never asked for',
    wholeNumber(1, MOST_RETENTION_DAYS)
  ),
  ingestTimeoutSeconds: setting(
    'INGEST_TIMEOUT_SECONDS',
    '180',
    'deadline of one query, 1 to 600',
    wholeNumber(1, 600)
  ),

  auth: optional('AUTH', 'off on loopback, else on', 'on: a key is wanted; off: none is', choice('on', 'off')),
  apiKeys: secret(setting('API_KEYS', '', 'name=key pairs, comma or line separated', apiKeys)),
  entraTenantId: optional('ENTRA_TENANT_ID', 'empty', 'tenant whose access tokens are accepted', guid),
  entraAudience: setting('ENTRA_AUDIENCE', '', 'what these tokens must be made for', listOf(tokenAudience)),
  entraClients: setting('ENTRA_CLIENTS', '', 'client ids that may show them; empty: any', listOf(guid)),
  rateLimitPerMinute: setting(
    'RATE_LIMIT_PER_MINUTE',
    '600',
    'requests for each key, or address where AUTH=off',
    wholeNumber(1, MOST_REQUESTS_PER_MINUTE)
  ),
  allowedHosts: setting('ALLOWED_HOSTS', '', 'Host names answered where AUTH=off', listOf(allowedHost)),
  trustProxy: setting('TRUST_PROXY', 'false', 'addresses or CIDRs of your proxies', listOrFalse(proxy)),
  corsOrigins: setting('CORS_ORIGINS', '', 'origins whose pages may read', listOf(origin)),

  drainSeconds: setting('DRAIN_SECONDS', '0', 'go on serving so long after SIGTERM', wholeNumber(0, 600)),

  changesKeepDays: optional(
    'CHANGES_KEEP_DAYS',
    'empty: for ever',
    'so far back /changes and asOf tell all',
    wholeNumber(1, 36_600)
  ),

  backupCron: optional('BACKUP_CRON', 'empty', 'when to copy the store, in UTC', schedule),
  backupDir: optional('BACKUP_DIR', 'empty', 'folder of the copies', (text) => text),
  backupKeep: setting('BACKUP_KEEP', '7', 'so many copies are kept, the newest', wholeNumber(1, 1_000))
}

/** A setting whose default is a text like any other; empty text is an empty list. */
function setting<T>(name: string, standard: string, about: string, parse: Parser<T>): Setting<T> {
  const told = standard === '' ? 'empty' : standard
  return { name, fallback: parse(standard), told, about, parse, secret: false, mayBeEmpty: false }
}

/** A setting whose default is null, for it depends on others. */
function optional<T>(name: string, told: string, about: string, parse: Parser<T>): Setting<T | null> {
  return { name, fallback: null, told, about, parse, secret: false, mayBeEmpty: false }
}

function secret<T>(one: Setting<T>): Setting<T> {
  return { ...one, secret: true }
}
