import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { readConfig, SettingsError } from '../src/config.ts'
import type { Environment } from '../src/config/reader.ts'
import { settings } from '../src/config/settings.ts'

const A = '11111111-aaaa-4aaa-8aaa-111111111111'
const B = '22222222-BBBB-4bbb-8bbb-222222222222'
const KEY = 'k'.repeat(32)
const ENTRA = { ENTRA_TENANT_ID: A, ENTRA_AUDIENCE: 'api://series' }
const REAL = { SOURCE: 'log-analytics', WORKSPACES: A }

function mistakesOf(env: Environment): readonly string[] {
  try {
    readConfig(env)
  } catch (err) {
    if (err instanceof SettingsError) return err.mistakes
    throw err
  }
  return []
}

t.test('without any variable the sample is served on loopback, without a key', async (t) => {
  t.same(readConfig({}), {
    host: '127.0.0.1',
    port: 8080,
    publicUrl: null,
    logLevel: 'info',
    storeUrl: 'sqlite:data/series.db',
    source: 'sample',
    workspaces: [{ name: 'sample', id: 'sample' }],
    azure: {
      cloud: 'public',
      logAnalyticsEndpoint: 'https://api.loganalytics.io',
      logAnalyticsAudience: 'https://api.loganalytics.io',
      graphEndpoint: 'https://graph.microsoft.com',
      authority: 'https://login.microsoftonline.com',
      clientId: null,
      clientSecret: null
    },
    timeColumn: 'auto',
    ingestCron: '7 * * * *',
    ingestOnStart: true,
    lagDays: 7,
    retentionDays: 90,
    ingestTimeoutMs: 180_000,
    auth: 'off',
    apiKeys: [],
    entra: null,
    rateLimitPerMinute: 600,
    allowedHosts: [],
    trustProxy: [],
    accessLog: false,
    corsOrigins: [],
    drainMs: 0,
    backupCron: null,
    backupDir: null,
    backupKeep: 7,
    changesKeepDays: null,
    warnings: []
  })
})

t.test('every variable that is set and empty means the same as one that is unset, but INGEST_CRON', async (t) => {
  const { INGEST_CRON: _, ...others } = Object.fromEntries(Object.values(settings).map(({ name }) => [name, '']))
  t.same(readConfig(others), readConfig({}))
  t.equal(readConfig({ INGEST_CRON: '' }).ingestCron, null)
})

t.test('the settings are frozen, whatever is in them', async (t) => {
  const config = readConfig({ ...REAL, API_KEYS: `siem=${KEY}` })
  t.throws(() => Object.assign(config, { port: 1 }))
  t.throws(() => Object.assign(config.azure, { cloud: 'china' }))
  t.throws(() => Object.assign(config.apiKeys[0] ?? {}, { key: '' }))
})

t.test('values are taken as they are meant', async (t) => {
  const cases: [Environment, object][] = [
    [{ PORT: ' 0 ' }, { port: 0 }],
    [{ PORT: '65535' }, { port: 65_535 }],
    [{ PUBLIC_URL: 'https://series.example.org/mail/' }, { publicUrl: 'https://series.example.org/mail' }],
    [{ STORE_URL: 'sqlite:///var/lib/series.db' }, { storeUrl: 'sqlite:///var/lib/series.db' }],
    ...[
      'postgres://db/series',
      'postgresql://series:p%40ss@db.example.org:6432/series?sslmode=verify-full&sslrootcert=/etc/ca.pem',
      'postgres://[::1]:5432/series',
      'postgres:///series?host=/run/postgresql'
    ].map((url): [Environment, object] => [{ STORE_URL: url }, { storeUrl: url }]),
    [{ INGEST_CRON: '*/30 * * * * *' }, { ingestCron: '*/30 * * * * *' }],
    [
      { INGEST_ON_START: 'false', ACCESS_LOG: 'true' },
      { ingestOnStart: false, accessLog: true }
    ],
    [
      { INGEST_LAG_DAYS: '0', SOURCE_RETENTION_DAYS: '1' },
      { lagDays: 0, retentionDays: 1 }
    ],
    [
      { INGEST_LAG_DAYS: '3999', SOURCE_RETENTION_DAYS: '4000' },
      { lagDays: 3_999, retentionDays: 4_000 }
    ],
    [
      { INGEST_TIMEOUT_SECONDS: '600', DRAIN_SECONDS: '5' },
      { ingestTimeoutMs: 600_000, drainMs: 5_000 }
    ],
    [{ ALLOWED_HOSTS: 'Series.Example.org, [FD00::1]' }, { allowedHosts: ['series.example.org', 'fd00::1'] }],
    [{ TRUST_PROXY: 'false' }, { trustProxy: [] }],
    [{ TRUST_PROXY: '10.0.0.0/8\nfd00::/8, 192.0.2.1' }, { trustProxy: ['10.0.0.0/8', 'fd00::/8', '192.0.2.1'] }],
    [{ CORS_ORIGINS: 'https://Grafana.example.org:443/' }, { corsOrigins: ['https://grafana.example.org'] }],
    [{ CORS_ORIGINS: 'http://localhost:3000,' }, { corsOrigins: ['http://localhost:3000'] }],
    // A key in base64 may end with an equals sign.
    [{ API_KEYS: `siem=${KEY}==` }, { apiKeys: [{ name: 'siem', key: `${KEY}==` }] }],
    [{ WORKSPACES: 'sample' }, { workspaces: [{ name: 'sample', id: 'sample' }] }]
  ]
  for (const [env, expected] of cases) t.match(readConfig(env), expected, JSON.stringify(env))
})

t.test('workspaces are pairs, separated by commas or lines; an id alone is named default', async (t) => {
  t.same(readConfig(REAL).workspaces, [{ name: 'default', id: A }])
  t.same(readConfig({ ...REAL, WORKSPACES: `contoso = ${A},\r\n\n fabrikam=${B}\n` }).workspaces, [
    { name: 'contoso', id: A },
    { name: 'fabrikam', id: B }
  ])
})

t.test('AUTH is off where only this machine can ask, else on, unless it is said', async (t) => {
  for (const HOST of [
    '127.0.0.1',
    '127.8.9.1',
    '::1',
    '0:0:0:0:0:0:0:1',
    '::ffff:127.0.0.1',
    'localhost',
    'LOCALHOST'
  ]) {
    t.equal(readConfig({ HOST }).auth, 'off', HOST)
    t.equal(readConfig({ HOST, AUTH: 'on' }).auth, 'on', HOST)
  }
  for (const HOST of ['0.0.0.0', '::', '10.0.0.1', '128.0.0.1', '::2', 'series.example.org', 'localhost.example.org']) {
    t.equal(readConfig({ HOST }).auth, 'on', HOST)
    t.equal(readConfig({ HOST, AUTH: 'off' }).auth, 'off', HOST)
  }
})

t.test('a cloud brings endpoint, audience, authority and Graph together, and each can be set alone', async (t) => {
  t.match(readConfig({ ...REAL, AZURE_CLOUD: 'usgov' }).azure, {
    logAnalyticsEndpoint: 'https://api.loganalytics.us',
    logAnalyticsAudience: 'https://api.loganalytics.us',
    graphEndpoint: 'https://graph.microsoft.us',
    authority: 'https://login.microsoftonline.us'
  })
  t.match(readConfig({ ...REAL, AZURE_CLOUD: 'china' }).azure, {
    logAnalyticsEndpoint: 'https://api.loganalytics.azure.cn',
    graphEndpoint: null,
    authority: 'https://login.chinacloudapi.cn'
  })
  t.match(readConfig({ ...REAL, LOG_ANALYTICS_ENDPOINT: 'https://localhost:8443/' }).azure, {
    logAnalyticsEndpoint: 'https://localhost:8443',
    logAnalyticsAudience: 'https://api.loganalytics.io'
  })
  t.match(readConfig({ ...REAL, AZURE_AUTHORITY_HOST: 'https://login.example.org' }).azure, {
    authority: 'https://login.example.org'
  })
})

t.test('Entra ID is asked at the authority of the cloud, for GUIDs in lower case', async (t) => {
  const env = { ENTRA_TENANT_ID: B, ENTRA_AUDIENCE: `api://Series, ${B}`, ENTRA_CLIENTS: `${B}\n${A}` }
  const b = B.toLowerCase()
  t.same(readConfig({ ...env, AZURE_CLOUD: 'usgov' }).entra, {
    tenantId: b,
    audience: ['api://Series', b],
    clients: [b, A],
    authority: 'https://login.microsoftonline.us'
  })
  t.match(readConfig({ ...ENTRA, AZURE_AUTHORITY_HOST: 'https://login.example' }).entra, {
    clients: [],
    authority: 'https://login.example'
  })
})

t.test('Graph has its events for 30 days unless it is said', async (t) => {
  t.equal(readConfig({ SOURCE: 'graph', WORKSPACES: A }).retentionDays, 30)
  t.equal(readConfig({ SOURCE: 'graph', WORKSPACES: A, SOURCE_RETENTION_DAYS: '180' }).retentionDays, 180)
})

t.test('any variable of ours may be the path of a file instead', async (t) => {
  const dir = t.testdir({ key: `siem=${KEY}\r\n`, secret: 'from a file\n', cron: '\n', bom: '\uFEFF9000\n', empty: '' })
  const config = readConfig({
    API_KEYS: '',
    API_KEYS_FILE: join(dir, 'key'),
    AZURE_CLIENT_SECRET_FILE: join(dir, 'secret'),
    INGEST_CRON_FILE: join(dir, 'cron'),
    PORT_FILE: join(dir, 'bom'),
    LOG_LEVEL_FILE: join(dir, 'empty')
  })
  t.match(config, { apiKeys: [{ name: 'siem', key: KEY }], ingestCron: null, port: 9000, logLevel: 'info' })
  t.equal(config.azure.clientSecret, 'from a file')

  const files = Object.values(settings).map(({ name }) => [`${name}_FILE`, '/nowhere/at/all'])
  const mistakes = mistakesOf(Object.fromEntries(files))
  for (const { name } of Object.values(settings)) {
    t.ok(
      mistakes.some((line) => line.startsWith(`${name}_FILE is '/nowhere/at/all'`)),
      name
    )
  }
  t.match(mistakesOf({ PORT_FILE: dir }), [/^PORT_FILE is .*EISDIR/])
})

t.test('a variable and its file together are a mistake, for nobody knows which is meant', async (t) => {
  t.same(mistakesOf({ PORT: '1', PORT_FILE: '/nowhere' }), ['PORT and PORT_FILE are both set: keep one of them'])
  t.match(mistakesOf({ INGEST_CRON: '', INGEST_CRON_FILE: '/nowhere' }), [/both set/])
})

t.test('a wrong value is refused with its name, itself and the remedy', async (t) => {
  const cases: [Environment, RegExp][] = [
    [{ HOST: '[::1]' }, /^HOST is '\[::1\]': write an IP address without brackets/],
    [{ HOST: '999.1.1.1' }, /^HOST is/],
    [{ HOST: 'a b' }, /^HOST is/],
    [{ PORT: '65536' }, /^PORT is '65536': write a whole number from 0 to 65535$/],
    [{ PORT: '8080x' }, /^PORT is '8080x'/],
    [{ PORT: '-1' }, /^PORT is/],
    [{ PORT: '1e3' }, /^PORT is/],
    [{ PUBLIC_URL: 'series.example.org' }, /^PUBLIC_URL is .*http or https/],
    [{ PUBLIC_URL: 'ftp://series.example.org' }, /^PUBLIC_URL is/],
    [{ PUBLIC_URL: 'https://series.example.org/?a=1' }, /^PUBLIC_URL is .*without query/],
    [{ LOG_LEVEL: 'verbose' }, /^LOG_LEVEL is 'verbose': write one of fatal, error, warn, info, debug, trace, silent$/],
    [{ SOURCE: 'azure' }, /^SOURCE is 'azure': write one of sample, log-analytics, graph$/],
    [{ AZURE_CLOUD: 'germany' }, /^AZURE_CLOUD is 'germany': write one of public, usgov, china$/],
    [{ AZURE_CLOUD: 'china', SOURCE: 'graph', WORKSPACES: A }, /^AZURE_CLOUD: china has no .*SOURCE=log-analytics/],
    [{ LOG_ANALYTICS_ENDPOINT: 'http://localhost' }, /^LOG_ANALYTICS_ENDPOINT is 'http:\/\/localhost': write an https/],
    [
      { LOG_ANALYTICS_AUDIENCE: 'https://api.loganalytics.io/.default' },
      /^LOG_ANALYTICS_AUDIENCE is .*leave \/\.default/
    ],
    [{ GRAPH_ENDPOINT: 'https://graph.example.org/#x' }, /^GRAPH_ENDPOINT is/],
    [{ TIME_COLUMN: 'timestamp' }, /^TIME_COLUMN is 'timestamp': write one of auto, Timestamp, TimeGenerated$/],
    [{ INGEST_CRON: '7 * * *' }, /^INGEST_CRON is '7 \* \* \*': write a cron expression of five or six fields/],
    [{ INGEST_CRON: '61 * * * *' }, /^INGEST_CRON is/],
    [{ INGEST_CRON: '* * * * * * *' }, /^INGEST_CRON is/],
    [{ INGEST_CRON: '@hourly' }, /^INGEST_CRON is/],
    [{ INGEST_CRON: '0 0 31 2 *' }, /^INGEST_CRON is/],
    [{ INGEST_ON_START: 'yes' }, /^INGEST_ON_START is 'yes': write one of true, false$/],
    [{ INGEST_LAG_DAYS: '90' }, /^INGEST_LAG_DAYS: 90 is not less than SOURCE_RETENTION_DAYS, which is 90/],
    [{ INGEST_LAG_DAYS: '30', SOURCE: 'graph', WORKSPACES: A }, /^INGEST_LAG_DAYS: 30 .*which is 30/],
    [{ SOURCE_RETENTION_DAYS: '7' }, /^INGEST_LAG_DAYS: 7 .*which is 7/],
    [{ SOURCE_RETENTION_DAYS: '4001' }, /^SOURCE_RETENTION_DAYS is '4001'/],
    [{ INGEST_TIMEOUT_SECONDS: '0' }, /^INGEST_TIMEOUT_SECONDS is '0'/],
    [{ INGEST_TIMEOUT_SECONDS: '601' }, /^INGEST_TIMEOUT_SECONDS is/],
    [{ AUTH: 'true' }, /^AUTH is 'true': write one of on, off$/],
    [{ ENTRA_TENANT_ID: 'contoso.onmicrosoft.com' }, /^ENTRA_TENANT_ID is 'contoso\.onmicrosoft\.com': write a GUID/],
    [{ ENTRA_TENANT_ID: A }, /^ENTRA_TENANT_ID: is not enough: set ENTRA_AUDIENCE too/],
    [{ ENTRA_AUDIENCE: B }, /^ENTRA_AUDIENCE: means nothing alone: set ENTRA_TENANT_ID too$/],
    [{ ENTRA_CLIENTS: B }, /^ENTRA_CLIENTS: means nothing alone/],
    [{ ...ENTRA, ENTRA_AUDIENCE: 'series' }, /^ENTRA_AUDIENCE has 'series': write the application's id/],
    [{ ...ENTRA, ENTRA_AUDIENCE: 'api://series/.default' }, /^ENTRA_AUDIENCE has .*without \/\.default/],
    [{ ...ENTRA, ENTRA_CLIENTS: `${A},x` }, /^ENTRA_CLIENTS has 'x': write a GUID/],
    [{ ...ENTRA, AZURE_AUTHORITY_HOST: 'http://login.example' }, /^ENTRA_TENANT_ID: needs an https address/],
    [{ RATE_LIMIT_PER_MINUTE: '0' }, /^RATE_LIMIT_PER_MINUTE is '0': write a whole number from 1/],
    [{ ALLOWED_HOSTS: 'a.example.org:8080' }, /^ALLOWED_HOSTS has 'a\.example\.org:8080': .*without scheme and port/],
    [{ ALLOWED_HOSTS: 'b.example.org,https://a.example.org' }, /^ALLOWED_HOSTS has 'https:\/\/a\.example\.org'/],
    [{ TRUST_PROXY: 'true' }, /^TRUST_PROXY has 'true': to believe everyone/],
    [{ TRUST_PROXY: '0.0.0.0/0' }, /^TRUST_PROXY has/],
    [{ TRUST_PROXY: '10.0.0.0/33' }, /^TRUST_PROXY has/],
    [{ TRUST_PROXY: '10.0.0.0/8/8' }, /^TRUST_PROXY has/],
    [{ TRUST_PROXY: '1' }, /^TRUST_PROXY has/],
    [{ TRUST_PROXY: 'loopback' }, /^TRUST_PROXY has/],
    [{ TRUST_PROXY: 'fe80::1%eth0' }, /^TRUST_PROXY has/],
    [{ CORS_ORIGINS: '*' }, /^CORS_ORIGINS has '\*'/],
    [{ CORS_ORIGINS: 'https://*.example.org' }, /^CORS_ORIGINS has/],
    [{ CORS_ORIGINS: 'https://example.org/path' }, /^CORS_ORIGINS has/],
    [{ CORS_ORIGINS: 'example.org' }, /^CORS_ORIGINS has/],
    [{ CORS_ORIGINS: 'null' }, /^CORS_ORIGINS has/],
    [{ DRAIN_SECONDS: '1.5' }, /^DRAIN_SECONDS is '1\.5'/],
    [{ STORE_URL: 'data/series.db' }, /^STORE_URL: write sqlite: and a path/],
    [{ STORE_URL: 'sqlite:' }, /^STORE_URL: /],
    [{ STORE_URL: 'sqlite::memory:' }, /^STORE_URL: /],
    [{ STORE_URL: 'sqlite://data/series.db' }, /^STORE_URL: /],
    [{ STORE_URL: 'mysql://db/series' }, /^STORE_URL: write sqlite: .* or postgres:/],
    [{ STORE_URL: 'postgres://db' }, /^STORE_URL: write postgres:.*database/],
    [{ STORE_URL: 'postgres://db/' }, /^STORE_URL: write postgres:/],
    [{ STORE_URL: 'postgres:///series' }, /^STORE_URL: write postgres:/],
    [{ STORE_URL: 'postgres://u:pass#word@db/series' }, /^STORE_URL: write postgres:.*special characters/],
    [{ STORE_URL: 'postgres://u:p@one,two/series' }, /^STORE_URL: name one host/],
    [{ WORKSPACES: A }, /^WORKSPACES: SOURCE=sample takes no workspace/],
    [{ SOURCE: 'log-analytics' }, /^WORKSPACES: SOURCE=log-analytics needs at least one/],
    [{ SOURCE: 'graph', WORKSPACES: ',' }, /^WORKSPACES: SOURCE=graph needs at least one/],
    [{ ...REAL, WORKSPACES: 'contoso' }, /^WORKSPACES has 'default=contoso': .*id of a workspace is a GUID/],
    [{ SOURCE: 'graph', WORKSPACES: `contoso=${A}0` }, /^WORKSPACES has .*id of a tenant is a GUID/],
    [{ ...REAL, WORKSPACES: `sample=${A}` }, /^WORKSPACES has 'sample=.*kept for sample data/],
    [{ ...REAL, WORKSPACES: `-x=${A}` }, /^WORKSPACES has '-x=.*a name is 1 to 64 letters/],
    [{ ...REAL, WORKSPACES: `${'x'.repeat(65)}=${A}` }, /^WORKSPACES has/],
    [{ ...REAL, WORKSPACES: `a=${A},a=${B}` }, /^WORKSPACES has 'a=22222222-.*this name is there already/],
    [{ ...REAL, WORKSPACES: `${A}\n${B}` }, /^WORKSPACES has 'default=22222222-.*this name is there already/],
    [{ ...REAL, WORKSPACES: `a=${B},b=${B.toLowerCase()}` }, /^WORKSPACES has 'b=.*this id is there already/],
    [{ API_KEYS: `siem=${KEY.slice(1)}` }, /^API_KEYS: entry 1: a key has 32 to 512 characters/],
    [{ API_KEYS: KEY }, /^API_KEYS: entry 1: write name=key/],
    [{ API_KEYS: `a=${KEY}\nb=${KEY}` }, /^API_KEYS: entry 2: its key is there already/],
    [{ API_KEYS: `a=${KEY},a=${KEY}x` }, /^API_KEYS: entry 2: its name is there already/],
    [{ API_KEYS: `a=${KEY} x` }, /^API_KEYS: entry 1: a key is of ASCII/],
    [{ API_KEYS: `a=${KEY}ü` }, /^API_KEYS: entry 1: a key is of ASCII/]
  ]
  for (const [env, line] of cases) {
    const mistakes = mistakesOf(env)
    t.equal(mistakes.length, 1, JSON.stringify(env))
    t.match(mistakes[0], line)
  }
})

t.test('all mistakes are told at once, a line each', async (t) => {
  const env = { PORT: 'x', AUTH: 'maybe', SOURCE: 'graph', WORKSPACES: 'a=1,b=2', TRUST_PROXY: 'x,y' }
  const mistakes = mistakesOf(env)
  t.match(mistakes, [/^AUTH /, /^PORT /, /^WORKSPACES has 'a=1'/, /^WORKSPACES has 'b=2'/, /has 'x'/, /has 'y'/])
  t.equal(mistakes.length, 6)
  t.throws(() => readConfig(env), { name: 'SettingsError', message: mistakes.join('\n') })
})

t.test('a mistake that only follows from another one is not told', async (t) => {
  t.match(mistakesOf({ SOURCE: 'log-analytic', WORKSPACES: A, INGEST_LAG_DAYS: '60' }), [/^SOURCE is/])
  t.match(mistakesOf({ SOURCE_RETENTION_DAYS: 'x', INGEST_LAG_DAYS: '100' }), [/^SOURCE_RETENTION_DAYS is/])
  t.match(mistakesOf({ ...REAL, WORKSPACES: '', WORKSPACES_FILE: '/nowhere/at/all' }), [/^WORKSPACES_FILE is/])
})

t.test('no message shows any part of a secret, nor breaks its line', async (t) => {
  const secret = 'hunter2'
  const envs: Environment[] = [
    { STORE_URL: `postgres://series:${secret}#@db/series` },
    { STORE_URL: `postgres://series:${secret}@one,two/series` },
    { API_KEYS: secret },
    { API_KEYS: `${secret}=` },
    { API_KEYS: `siem=${secret}` },
    { API_KEYS: `siem=${secret}${KEY} ` + KEY },
    { PUBLIC_URL: `https://me:${secret}@series.example.org` },
    { CORS_ORIGINS: `https://me:${secret}/x@series.example.org` },
    { LOG_ANALYTICS_ENDPOINT: `http://me:${secret}@proxy` },
    { API_KEY: secret }
  ]
  for (const env of envs) {
    const told = [...mistakesOf(env), ...(mistakesOf(env).length === 0 ? readConfig(env).warnings : [])]
    t.equal(told.length, 1, Object.keys(env).join(','))
    t.notMatch(told.join('\n'), new RegExp(secret))
  }
  const [line = ''] = mistakesOf({ LOG_LEVEL: `info\nfake log line ${'x'.repeat(1_000)}` })
  t.notMatch(line, /\n/)
  t.ok(line.length < 350)
})

t.test('a variable that looks like one of ours is named as a hint, and is no mistake', async (t) => {
  const env = { INGEST_LAG_DAY: '3', STORE_URI: 'x', WORKSPACE: 'y', API_KEYS_FILES: 'z', HOME: '/root', PATH: '/bin' }
  t.same(readConfig(env).warnings, [
    'INGEST_LAG_DAY is no setting and was not read: was INGEST_LAG_DAYS meant?',
    'STORE_URI is no setting and was not read: was STORE_URL meant?',
    'WORKSPACE is no setting and was not read: was WORKSPACES meant?',
    'API_KEYS_FILES is no setting and was not read: was API_KEYS_FILE meant?'
  ])
})

t.test('a service that is open to others is warned of', async (t) => {
  t.match(readConfig({ HOST: '0.0.0.0', AUTH: 'off' }).warnings, [/^AUTH=off with HOST=0\.0\.0\.0/])
  t.same(readConfig({ HOST: '0.0.0.0' }).warnings, [])
  t.same(readConfig({ AUTH: 'off' }).warnings, [])
})

t.test('a schedule of copies needs a folder for them', async (t) => {
  const copies = readConfig({ BACKUP_CRON: '0 3 * * *', BACKUP_DIR: 'copies', BACKUP_KEEP: '30' })
  t.match(copies, { backupCron: '0 3 * * *', backupDir: 'copies', backupKeep: 30 })
  t.throws(() => readConfig({ BACKUP_CRON: '0 3 * * *' }), { message: /BACKUP_CRON.*BACKUP_DIR/ })
  const elsewhere = { BACKUP_CRON: '0 3 * * *', BACKUP_DIR: 'copies', STORE_URL: 'postgres://db/series' }
  t.match(mistakesOf(elsewhere), [/^BACKUP_CRON: only a SQLite store is copied/])
})

t.test('docs/configuration.md tells of every setting with its default, and of no other', async (t) => {
  const text = readFileSync(new URL('../docs/configuration.md', import.meta.url), 'utf8')
  const rows = [...text.matchAll(/^\| `(\w+)` +\| ([^|]+?) +\|/gm)].map(([, name, told]) => [
    name,
    told?.replaceAll('`', '')
  ])
  t.same(
    rows,
    Object.values(settings).map(({ name, told }) => [name, told])
  )
})
