import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { parse } from 'yaml'
import { readConfig } from '../../src/config.ts'
import { settings } from '../../src/config/settings.ts'

const DOCKER = new URL('../../docker/', import.meta.url)
const read = (name: string): string => readFileSync(new URL(name, DOCKER), 'utf8')

interface Compose {
  readonly services: Readonly<Record<string, ComposeService>>
  readonly volumes: Readonly<Record<string, unknown>>
  readonly secrets: Readonly<Record<string, { readonly file: string }>>
}

interface ComposeService {
  readonly image: string
  readonly build?: { readonly context: string; readonly dockerfile: string }
  readonly environment: Readonly<Record<string, string>>
  readonly secrets: readonly string[]
  readonly ports?: readonly string[]
  readonly volumes: readonly string[]
  readonly tmpfs: readonly string[]
  readonly [setting: string]: unknown
}

// Anchors of YAML are merged by its rules of 1.1, as Compose does.
const compose = parse(read('compose.yaml'), { merge: true }) as Compose
const older = parse(read('compose.grafana-11.yaml')) as Pick<Compose, 'services'>
const { series, grafana, postgres } = compose.services
const SETTINGS = new Set(Object.values(settings).flatMap(({ name }) => [name, `${name}_FILE`]))

/** The secrets whose files are named there. */
function secretsIn(text: string): string[] {
  return [...text.matchAll(/\/run\/secrets\/([a-z-]+)/g)].map(([, name = '']) => name)
}

t.test('every service runs without privileges, on a root that is read-only, within limits', async (t) => {
  for (const [name, service] of Object.entries(compose.services)) {
    t.same(
      {
        readOnly: service['read_only'],
        drop: service['cap_drop'],
        add: service['cap_add'],
        privileged: service['privileged']
      },
      { readOnly: true, drop: ['ALL'], add: undefined, privileged: undefined },
      name
    )
    t.same(service['security_opt'], ['no-new-privileges:true'], name)
    t.ok(/^\d+[mg]$/.test(String(service['mem_limit'])) && Number(service['pids_limit']) > 0, name)
    t.ok(
      service.tmpfs.every((each) => /^\/(tmp|var\/run\/postgresql):.*\bnosuid\b.*\bsize=\d+m\b/.test(each)),
      name
    )
    t.ok(
      (service.ports ?? []).every((port) => port.startsWith('127.0.0.1:')),
      `${name} is reached from this machine only`
    )
    t.notMatch(service.volumes.join(), /docker\.sock/, name)
  }
  for (const service of [series, postgres]) t.match(service?.['user'], /^[1-9]\d*:[1-9]\d*$/)
})

t.test('the service has longer to stop than it takes', async (t) => {
  const drain = /DRAIN_SECONDS=(\d+)/.exec(read('Dockerfile'))?.[1]
  t.ok(Number.parseInt(String(series?.['stop_grace_period']), 10) >= Number(drain) + 10 + 10)
})

t.test('every variable that is set for the service is one of its settings', async (t) => {
  const names = Object.keys(series?.environment ?? {})
  t.ok(names.length > 0)
  t.same(
    names.filter((name) => !SETTINGS.has(name)),
    []
  )
})

t.test('every variable of the systemd unit is a setting too', async (t) => {
  const lines = read('post-delivery-series.service').matchAll(/^#?Environment=(.*)$/gm)
  const names = [...lines].flatMap(([, pairs = '']) => pairs.split(' ').map((pair) => pair.replace(/=.*/, '')))
  t.ok(names.length > 2)
  t.same(
    names.filter((name) => name !== 'NODE_ENV' && !SETTINGS.has(name)),
    []
  )
})

t.test('Grafana and its plugins are pinned, and wait for the service', async (t) => {
  t.match(grafana?.image, /^docker\.io\/grafana\/grafana:1[2-9]\.\d+\.\d+$/)
  t.match(grafana?.environment['GF_PLUGINS_PREINSTALL_SYNC'], /^yesoreyeram-infinity-datasource@\d+\.\d+\.\d+$/)
  t.same(grafana?.['depends_on'], { series: { condition: 'service_healthy' } })
  // The JSON data source ends with Grafana 11, which needs 11.6 for Infinity.
  const { grafana: eleven } = older.services
  t.match(eleven?.image, /^docker\.io\/grafana\/grafana:11\.6\.\d+$/)
  t.match(
    eleven?.environment['GF_PLUGINS_PREINSTALL'],
    /^yesoreyeram-infinity-datasource@[\d.]+,simpod-json-datasource@[\d.]+$/
  )
})

t.test('every file that is mounted or built from exists, every volume and secret is declared', async (t) => {
  for (const service of [series, grafana, postgres, ...Object.values(older.services)]) {
    for (const volume of service?.volumes ?? []) {
      const [from = '', to = '', mode] = volume.split(':')
      t.match(to, /^\//, volume)
      if (from.startsWith('.')) {
        t.ok(existsSync(new URL(from, DOCKER)), volume)
        t.equal(mode, 'ro', volume)
      } else t.ok(Object.hasOwn(compose.volumes, from), volume)
    }
    for (const secret of service?.secrets ?? []) t.ok(Object.hasOwn(compose.secrets, secret), secret)
  }
  t.ok(existsSync(new URL(`${series?.build?.context}/${series?.build?.dockerfile}`, DOCKER)))
})

t.test('what is read from a secret file is given to the service that reads it', async (t) => {
  // Lines of the readme for series.env, which are the user's to write.
  const lines = read('README.md').match(/^STORE_URL_FILE=.*$/gm) ?? []
  t.strictSame(secretsIn(JSON.stringify(series?.environment) + lines.join('\n')), series?.secrets)
  t.strictSame(secretsIn(JSON.stringify(postgres?.environment)), postgres?.secrets)
  const provisioned = ['grafana/provisioning/datasources/post-delivery.yaml', 'grafana/json-data-source.yaml'].map(read)
  const mounted = new Set(secretsIn(JSON.stringify(grafana?.environment) + provisioned.join('\n')))
  t.strictSame([...mounted].toSorted(), grafana?.secrets.toSorted())
})

t.test('the one line of the readme makes the secrets that the service and Grafana take', async (t) => {
  const line = /^mkdir -m 700 docker\/secrets .*$/m.exec(read('README.md'))?.[0] ?? t.bailout('there is no such line')
  const folder = t.testdir()
  mkdirSync(join(folder, 'docker'))
  execFileSync('bash', ['-c', line ?? ''], { cwd: folder })

  const file = (name: string): string => join(folder, 'docker', String(compose.secrets[name]?.file))
  const { apiKeys, auth } = readConfig({ HOST: '0.0.0.0', API_KEYS_FILE: file('api-keys') })
  t.same(
    { apiKeys, auth },
    { apiKeys: [{ name: 'grafana', key: readFileSync(file('grafana-key'), 'utf8').trim() }], auth: 'on' }
  )
  const { storeUrl } = readConfig({ STORE_URL: '', STORE_URL_FILE: file('store-url') })
  const { POSTGRES_USER: user, POSTGRES_DB: database } = postgres?.environment ?? {}
  const password = readFileSync(file('postgres-password'), 'utf8').trim()
  t.equal(
    storeUrl,
    `postgres://${user}:${password}@postgres:5432/${database}`,
    'the way to the database of the profile'
  )
  // In the container another user reads the file; on the machine nobody else gets through the folder.
  for (const name of Object.keys(compose.secrets)) t.equal(statSync(file(name)).mode & 0o777, 0o644, name)
  t.equal(statSync(join(folder, 'docker/secrets')).mode & 0o777, 0o700)
})

t.test('the database is pinned, is there only with its profile, and is waited for where it is', async (t) => {
  t.match(postgres?.image, /^docker\.io\/library\/postgres:\d+\.\d+$/)
  t.strictSame(postgres?.['profiles'], ['postgres'])
  t.strictSame(series?.['depends_on'], { postgres: { condition: 'service_healthy', required: false } })
  t.equal(postgres?.ports, undefined, 'only the service reaches it')
  // From version 18 on the image keeps a folder for each version there.
  t.match(postgres?.volumes, ['postgres-data:/var/lib/postgresql'])
})
