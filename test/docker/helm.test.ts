import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { parse, parseAllDocuments } from 'yaml'
import { readConfig } from '../../src/config.ts'
import { settings } from '../../src/config/settings.ts'
import { STOP_MS } from '../../src/stop.ts'
import { usage } from '../../src/usage.ts'
import { findHelm, type Helm } from '../support/helm.ts'
import { checkSchema, checkTypes, type Manifest, type PodSpec } from '../support/kubernetes.ts'
import { newService } from '../support/service.ts'

const ROOT = new URL('../../', import.meta.url)
const CHART = new URL('docker/helm/post-delivery-series', ROOT).pathname
const read = (name: string): string => readFileSync(new URL(name, ROOT), 'utf8')

type Values = Readonly<Record<string, unknown>>

const GUID = '00000000-0000-0000-0000-000000000001'
const PLAIN: Values = { image: { repository: 'registry.example/series' } }
const IDENTITY = { enabled: true, clientId: GUID, tenantId: GUID }
const SECRETS: Values = {
  apiKeys: { existingSecret: 'series-keys' },
  azureClientSecret: { existingSecret: 'azure', key: 'password' }
}
const FULL: Values = {
  ...PLAIN,
  ...SECRETS,
  image: { repository: 'registry.example/series', digest: `sha256:${'a'.repeat(64)}` },
  imagePullSecrets: [{ name: 'registry' }],
  settings: {
    SOURCE: 'log-analytics',
    WORKSPACES: `contoso=${GUID}`,
    INGEST_CRON: '',
    ACCESS_LOG: true,
    RATE_LIMIT_PER_MINUTE: 100_000_000,
    TRUST_PROXY: '10.244.0.0/16'
  },
  drainSeconds: 10,
  workloadIdentity: { ...IDENTITY, webhook: false },
  persistence: { storageClass: 'managed-csi' },
  backups: { existingClaim: 'series-copies' },
  ingress: { enabled: true, host: 'series.example', className: 'nginx', annotations: { a: 'b' }, tlsSecret: 'tls' },
  networkPolicy: {
    fromNamespaces: ['monitoring', 'ingress-nginx'],
    extraEgress: [{ to: [{ ipBlock: { cidr: '169.254.169.254/32' } }], ports: [{ protocol: 'TCP', port: 80 }] }]
  },
  serviceMonitor: { enabled: true, labels: { release: 'prometheus' }, apiKey: { existingSecret: 'series-prometheus' } },
  userId: 1_000_650_000,
  podAnnotations: { a: 'b' },
  podLabels: { c: 'd' },
  nodeSelector: { disk: 'ssd' },
  tolerations: [{ key: 'a', operator: 'Exists' }],
  affinity: { podAntiAffinity: {} },
  priorityClassName: 'high'
}
const WEBHOOK: Values = { ...PLAIN, workloadIdentity: IDENTITY }
const WAITING: Values = { ...FULL, maintenance: true }
const SHARED: Values = { ...PLAIN, postgres: { existingSecret: 'series-db' } }
const SHARED_FULL: Values = {
  ...FULL,
  backups: {},
  postgres: { existingSecret: 'series-db', key: 'url', files: ['ca.crt'], replicas: 5 },
  networkPolicy: { postgres: { port: 6432, to: [{ ipBlock: { cidr: '10.20.0.4/32' } }] } }
}
const MOVING: Values = { ...SHARED_FULL, maintenance: true }
const ON_SQLITE: readonly Values[] = [PLAIN, { ...PLAIN, ...SECRETS }, FULL, WEBHOOK, WAITING, MOVING]
const ON_POSTGRES: readonly Values[] = [SHARED, SHARED_FULL]
const ALL: readonly Values[] = [...ON_SQLITE, ...ON_POSTGRES]

const folder = t.testdir()
const found = findHelm(folder)
if (found === null) {
  t.plan(0, 'there is no Helm for this machine: name one in HELM')
  process.exit()
}
const helm: Helm = found

let written = 0
async function render(values: Values, { chart = CHART, more = [] as readonly string[] } = {}): Promise<Manifest[]> {
  const file = join(folder, `values-${written++}.json`)
  writeFileSync(file, JSON.stringify(values))
  const options = ['--kube-version', '1.31.0', '--namespace', 'soc', '-f', file, ...more]
  const text = await helm('template', 'mail', chart, ...options)
  // Kubernetes reads YAML by its rules of 1.1, where 0440 is octal.
  return parseAllDocuments(text, { version: '1.1' }).map((document) => document.toJS() as Manifest)
}

const isOf = (kind: string) => (manifest: Manifest) => manifest.kind === kind
function only(kind: string, manifests: readonly Manifest[]): unknown {
  const found = manifests.filter(isOf(kind))
  if (found.length !== 1) throw new Error(`${found.length} of ${kind}`)
  return found[0]?.['spec']
}

interface Workload {
  readonly replicas: number
  readonly selector: { readonly matchLabels: Record<string, string> }
  readonly template: { readonly metadata: { readonly labels: Record<string, string> }; readonly spec: PodSpec }
}

interface SetSpec extends Workload {
  readonly volumeClaimTemplates: readonly { readonly spec: { readonly accessModes: readonly string[] } }[]
}

interface DeploymentSpec extends Workload {
  readonly strategy: unknown
  readonly minReadySeconds: number
  readonly progressDeadlineSeconds: number
}

const setOf = (manifests: readonly Manifest[]): SetSpec => only('StatefulSet', manifests) as SetSpec
const deploymentOf = (manifests: readonly Manifest[]): DeploymentSpec => only('Deployment', manifests) as DeploymentSpec
const workloadOf = (manifests: readonly Manifest[]): Workload =>
  manifests.some(isOf('Deployment')) ? deploymentOf(manifests) : setOf(manifests)
const podOf = (manifests: readonly Manifest[]): PodSpec => workloadOf(manifests).template.spec
function containerOf(pod: PodSpec): PodSpec['containers'][number] {
  const [container] = pod.containers
  if (container === undefined) throw new Error('there is no container')
  return container
}
const envOf = (pod: PodSpec): Record<string, string> =>
  Object.fromEntries((containerOf(pod).env ?? []).map(({ name, value }) => [name, String(value)]))
const tokensOf = (pod: PodSpec): unknown[] => (pod.volumes ?? []).flatMap(({ projected }) => projected?.sources ?? [])
/** Where a file of a secret is found, by the secret's name. */
function pathsOf(pod: PodSpec, secretName: string): string[] {
  const volume = pod.volumes?.find(({ secret }) => secret?.secretName === secretName)
  const mount = containerOf(pod).volumeMounts?.find(({ name }) => name === volume?.name)
  return (volume?.secret?.items ?? []).map(({ path }) => `${mount?.mountPath}/${path}`)
}
const mountsOf = (pod: PodSpec): string[] => (containerOf(pod).volumeMounts ?? []).map(({ mountPath }) => mountPath)

t.test('the linter of Helm has nothing to say', async (t) => {
  const said = await helm('lint', CHART, '--strict', '--set', 'image.repository=registry.example/series')
  t.match(said, '0 chart(s) failed')
  t.notMatch(said, /\[(ERROR|WARNING)\]/)
})

t.test('whatever is rendered fits the schemas of Kubernetes, and has no field that it does not know', async (t) => {
  const manifests = (await Promise.all(ALL.map((values) => render(values)))).flat()
  for (const manifest of manifests) t.doesNotThrow(() => checkSchema(manifest), manifest.kind)
  const types = join(folder, 'types')
  mkdirSync(types)
  t.equal(await checkTypes(types, manifests), '')

  const set = manifests.find(isOf('StatefulSet'))
  const broken = { ...set, spec: { ...(set?.['spec'] as object), replica: 1 } } as unknown as Manifest
  t.match(await checkTypes(types, [broken]), /'"replica"' does not exist/, 'a field with a slip would be noticed')
  const wrong = { ...set, spec: { ...(set?.['spec'] as object), replicas: 'one' } } as unknown as Manifest
  t.throws(() => checkSchema(wrong), 'so would a wrong value')
})

t.test('every container keeps to the restricted profile of Pod Security, and more', async (t) => {
  for (const pod of (await Promise.all(ALL.map((values) => render(values)))).map(podOf)) {
    t.notOk(pod.hostNetwork ?? pod.hostPID ?? pod.hostIPC ?? pod.initContainers)
    const allowed = new Set(['emptyDir', 'persistentVolumeClaim', 'projected', 'secret'])
    const kinds = (pod.volumes ?? []).flatMap((volume) => Object.keys(volume).filter((key) => key !== 'name'))
    t.ok(
      kinds.every((kind) => allowed.has(kind)),
      kinds.join()
    )
    const { runAsNonRoot, runAsUser, runAsGroup, seccompProfile, sysctls } = pod.securityContext ?? {}
    t.same(
      { runAsNonRoot, seccompProfile, sysctls },
      { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } }
    )
    t.ok(Number.isSafeInteger(runAsUser) && Number(runAsUser) > 0 && Number(runAsGroup) > 0)
    t.same(
      pod.containers.map(({ securityContext }) => securityContext),
      [
        {
          allowPrivilegeEscalation: false,
          privileged: false,
          readOnlyRootFilesystem: true,
          runAsNonRoot: true,
          capabilities: { drop: ['ALL'] }
        }
      ]
    )
    t.ok(containerOf(pod).resources?.limits?.['memory'])
    t.ok(containerOf(pod).ports?.every(({ hostPort }) => hostPort === undefined))
  }
})

t.test('one pod alone holds a SQLite store, and nothing keeps its node from being drained', async (t) => {
  for (const manifests of await Promise.all(ON_SQLITE.map((values) => render(values)))) {
    const set = setOf(manifests)
    t.equal(set.replicas, 1)
    t.same(
      set.volumeClaimTemplates.map(({ spec }) => spec.accessModes),
      [['ReadWriteOncePod']]
    )
    const kinds = new Set(manifests.map(({ kind }) => kind))
    t.notOk(kinds.has('PodDisruptionBudget') || kinds.has('Deployment') || kinds.has('Secret'))
  }
})

t.test('with PostgreSQL there are equal pods, which keep nothing of their own', async (t) => {
  for (const values of ON_POSTGRES) {
    const manifests = await render(values)
    t.notOk(manifests.some(isOf('StatefulSet')))
    const pod = podOf(manifests)
    t.notOk(pod.volumes?.some((volume) => 'persistentVolumeClaim' in volume))
    t.notOk(mountsOf(pod).some((path) => path === '/data' || path === '/backups'))
    t.notOk(Object.keys(envOf(pod)).some((name) => name === 'STORE_URL' || name.startsWith('BACKUP_')))
  }
  t.equal(deploymentOf(await render(SHARED)).replicas, 2)
  t.equal(deploymentOf(await render(SHARED_FULL)).replicas, 5)
})

t.test('a pod on PostgreSQL is that on SQLite but for the store', async (t) => {
  const shared = without(podOf(await render(SHARED_FULL)), ['STORE_URL_FILE', 'store-url-file'])
  const alone = without(podOf(await render({ ...FULL, backups: {} })), ['STORE_URL', 'data'])
  t.same(shared, alone)
})

function without(pod: PodSpec, names: readonly string[]): unknown {
  const other = ({ name = '' }: { readonly name?: string }): boolean => !names.includes(name)
  const { env, volumeMounts, ...container } = containerOf(pod)
  const { topologySpreadConstraints: _, ...rest } = pod
  const ours = { ...container, env: env?.filter(other), volumeMounts: volumeMounts?.filter(other) }
  return { ...rest, containers: [ours], volumes: pod.volumes?.filter(other) }
}

t.test(
  'the service takes the address of the database from its secret, and finds the files that it names',
  async (t) => {
    const pod = podOf(await render(SHARED_FULL))
    const { API_KEYS_FILE: _, AZURE_CLIENT_SECRET_FILE: __, ...env } = envOf(pod)
    const [path, ca] = pathsOf(pod, 'series-db')
    t.equal(env['STORE_URL_FILE'], path)
    const url = `postgres://series:secret@db.example:5432/series?sslmode=verify-full&sslrootcert=${ca}`
    writeFileSync(join(folder, 'url'), url)
    t.equal(readConfig({ ...env, STORE_URL_FILE: join(folder, 'url') }).storeUrl, url)
    for (const file of ['docker/helm/post-delivery-series/values.yaml', 'docker/README.md']) {
      t.match(read(file), `sslrootcert=${ca}`, `as ${file} says`)
    }
    t.same(pathsOf(podOf(await render(SHARED)), 'series-db'), ['/etc/post-delivery-series/STORE_URL_FILE/store-url'])
  }
)

t.test('a pod goes when its successor is there, and the next one when it has gone', async (t) => {
  for (const drainSeconds of [0, 5, 600]) {
    const spec = deploymentOf(await render({ ...SHARED, drainSeconds }))
    t.same(spec.strategy, { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } })
    t.ok(spec.minReadySeconds >= drainSeconds + STOP_MS / 1_000)
    t.ok(spec.progressDeadlineSeconds > spec.minReadySeconds, 'or Kubernetes refuses it')
  }
})

t.test('one pod at a time may be taken from its node, and any that is of no use', async (t) => {
  const manifests = await render({ ...SHARED, podLabels: { a: 'b' } })
  const { selector, ...budget } = only('PodDisruptionBudget', manifests) as { selector: Workload['selector'] }
  t.same(budget, { maxUnavailable: 1, unhealthyPodEvictionPolicy: 'AlwaysAllow' })
  t.same(selector, deploymentOf(manifests).selector)
})

t.test('pods are spread over nodes and zones, and run on one where there is one', async (t) => {
  const { selector, template } = deploymentOf(await render(SHARED))
  const rule = { maxSkew: 1, whenUnsatisfiable: 'ScheduleAnyway', labelSelector: selector }
  t.match(template.spec.topologySpreadConstraints, [
    { ...rule, topologyKey: 'kubernetes.io/hostname' },
    { ...rule, topologyKey: 'topology.kubernetes.io/zone' }
  ])
  t.equal(podOf(await render(PLAIN)).topologySpreadConstraints, undefined)
})

t.test('the pod that waits has the SQLite store and the address of the database, to move the one', async (t) => {
  const pod = podOf(await render(MOVING))
  t.ok(mountsOf(pod).includes('/data'))
  t.same([envOf(pod)['STORE_URL'], envOf(pod)['STORE_URL_FILE']], ['sqlite:/data/series.db', undefined])
  const [path] = pathsOf(pod, 'series-db')
  t.match(await notes(MOVING), `exec mail-post-delivery-series-0 -- sh -c '${PROGRAM} migrate --to "$(cat ${path})"'`)
  t.match(
    JSON.stringify(only('NetworkPolicy', await render(MOVING))),
    '"port":6432',
    'and the network lets it reach the database'
  )
  const [usual] = pathsOf(podOf(await render({ ...SHARED, maintenance: true })), 'series-db')
  t.match(read('docker/README.md'), `-0 -- sh -c '${PROGRAM} migrate --to "$(cat ${usual})"'`)
})

const PROGRAM = 'node /app/bin/post-delivery-series.mjs'

/** What is said after an installation. `helm template` does not say it, so a copy of the chart says it in a manifest. */
async function notes(values: Values, ...more: readonly string[]): Promise<string> {
  const chart = join(folder, `chart-${written++}`)
  cpSync(CHART, chart, { recursive: true })
  const text = read('docker/helm/post-delivery-series/templates/NOTES.txt')
  const file = `{{- define "notes" }}${text}{{ end }}\nkind: Notes\ntext: {{ include "notes" . | toJson }}\n`
  writeFileSync(join(chart, 'templates/notes.yaml'), file)
  return String((await render(values, { chart, more })).find(isOf('Notes'))?.['text'])
}

t.test('the notes name the pod that there is, commands that there are, and what is to be done next', async (t) => {
  for (const values of ALL) {
    const text = await notes(values)
    const shared = ON_POSTGRES.includes(values)
    const pods = new Set([...text.matchAll(/exec (\S+) --/g)].map(([, pod]) => pod))
    t.same([...pods], [`${shared ? 'deployment/' : ''}mail-post-delivery-series${shared ? '' : '-0'}`])
    for (const [, command = ''] of text.matchAll(/post-delivery-series\.mjs (\w+)/g)) t.match(usage(), `  ${command}`)
    t.equal(/port-forward/.test(text), !('maintenance' in values), 'nothing answers while it waits')
    t.equal(/The claim data-mail-post-delivery-series-0 stays/.test(text), !shared)
  }
  t.match(await notes(PLAIN), `${PROGRAM} keys add NAME`)
  t.match(await notes(WAITING), `${PROGRAM} restore /backups/NAME`)
  t.notMatch(await notes(SHARED), 'migrate')
  t.match(
    await notes(SHARED, '--is-upgrade'),
    /Was this release on SQLite\? .* data-mail-post-delivery-series-0 .*migrate/
  )
})

t.test('the pod has longer to stop than the service takes', async (t) => {
  for (const drainSeconds of [0, 5, 600]) {
    const pod = podOf(await render({ ...PLAIN, drainSeconds }))
    const { drainMs } = readConfig(envOf(pod))
    t.equal(drainMs, drainSeconds * 1_000)
    t.ok(Number(pod.terminationGracePeriodSeconds) > drainSeconds + 10)
  }
})

t.test(
  'the service takes what the chart sets, and keeps its store, copies and port where the pod has them',
  async (t) => {
    const pod = podOf(await render(FULL))
    const env = envOf(pod)
    const names = new Set(Object.values(settings).flatMap(({ name }) => [name, `${name}_FILE`]))
    t.same(
      Object.keys(env).filter((name) => !names.has(name)),
      ['AZURE_CLIENT_ID', 'AZURE_TENANT_ID', 'AZURE_FEDERATED_TOKEN_FILE'],
      "the rest are those of Azure's library"
    )
    writeFileSync(join(folder, 'api-keys'), `me=${'k'.repeat(64)}\n`)
    writeFileSync(join(folder, 'secret'), 'hidden')
    const files = { API_KEYS_FILE: join(folder, 'api-keys'), AZURE_CLIENT_SECRET_FILE: join(folder, 'secret') }
    const config = readConfig({ ...env, ...files })
    t.same(
      { auth: config.auth, keys: config.apiKeys.length, publicUrl: config.publicUrl, warnings: config.warnings },
      { auth: 'on', keys: 1, publicUrl: 'https://series.example', warnings: [] }
    )
    t.equal(config.rateLimitPerMinute, 100_000_000, 'large numbers stay what they are')
    t.equal(env['INGEST_CRON'], '', 'empty is not unset')
    t.equal(config.storeUrl, 'sqlite:/data/series.db')
    t.same(
      containerOf(pod).ports?.map(({ containerPort }) => containerPort),
      [config.port]
    )
    t.match(read('docker/Dockerfile'), `EXPOSE ${config.port}`)
    for (const path of ['/data', '/backups', '/tmp']) t.ok(mountsOf(pod).includes(path), path)
    t.equal(env['BACKUP_DIR'], '/backups')
  }
)

t.test('secrets come as files of secrets that exist, and only the group of the pod reads them', async (t) => {
  const pod = podOf(await render({ ...PLAIN, ...SECRETS }))
  for (const [setting, name, key] of [
    ['API_KEYS_FILE', 'series-keys', 'api-keys'],
    ['AZURE_CLIENT_SECRET_FILE', 'azure', 'password']
  ] as const) {
    const path = envOf(pod)[setting] ?? ''
    const mount = containerOf(pod).volumeMounts?.find(({ mountPath }) => path.startsWith(`${mountPath}/`))
    t.equal(`${mount?.mountPath}/${key}`, path)
    t.equal(mount?.readOnly, true)
    t.same(pod.volumes?.find((volume) => volume.name === mount?.name)?.secret, {
      secretName: name,
      defaultMode: 0o440,
      items: [{ key, path: key }]
    })
  }
  t.notOk(containerOf(pod).envFrom ?? containerOf(pod).env?.some(({ valueFrom }) => valueFrom !== undefined))
  t.ok(pod.securityContext?.fsGroup)
  t.same(
    Object.keys(envOf(podOf(await render(PLAIN)))).filter((name) => name.endsWith('_FILE')),
    []
  )
})

t.test('there is no token of Kubernetes in the pod; one for Azure only with workload identity', async (t) => {
  for (const manifests of await Promise.all(ALL.map((values) => render(values)))) {
    t.equal(podOf(manifests).automountServiceAccountToken, false)
    t.equal(manifests.find(isOf('ServiceAccount'))?.['automountServiceAccountToken'], false)
  }
  const label = 'azure.workload.identity/use'

  const without = setOf(await render(PLAIN))
  t.same([tokensOf(without.template.spec), without.template.metadata.labels[label]], [[], undefined])

  const manifests = await render(WEBHOOK)
  const byWebhook = setOf(manifests)
  t.same([tokensOf(byWebhook.template.spec), byWebhook.template.metadata.labels[label]], [[], 'true'])
  t.same(manifests.find(isOf('ServiceAccount'))?.metadata, {
    ...manifests.find(isOf('ServiceAccount'))?.metadata,
    annotations: { 'azure.workload.identity/client-id': GUID, 'azure.workload.identity/tenant-id': GUID }
  })

  const { spec, metadata } = setOf(await render(FULL)).template
  t.same(tokensOf(spec), [
    {
      serviceAccountToken: {
        path: 'azure-identity-token',
        audience: 'api://AzureADTokenExchange',
        expirationSeconds: 3600
      }
    }
  ])
  t.equal(metadata.labels[label], undefined, 'or both would bring one')
  t.ok(mountsOf(spec).some((path) => envOf(spec)['AZURE_FEDERATED_TOKEN_FILE'] === `${path}/azure-identity-token`))
})

interface Policy {
  readonly podSelector: { readonly matchLabels: Record<string, string> }
  readonly policyTypes: readonly string[]
  readonly ingress: readonly { readonly from: readonly unknown[]; readonly ports: readonly unknown[] }[]
  readonly egress: readonly { readonly to: readonly unknown[]; readonly ports: readonly { readonly port: number }[] }[]
}

t.test('only the namespaces that are named may ask, and only names and 443 are asked', async (t) => {
  const policy = only(
    'NetworkPolicy',
    await render({ ...PLAIN, networkPolicy: { fromNamespaces: ['grafana'] } })
  ) as Policy
  t.same(policy.policyTypes, ['Ingress', 'Egress'])
  t.same(policy.ingress, [
    {
      from: [{ podSelector: {} }, { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'grafana' } } }],
      ports: [{ port: 'http', protocol: 'TCP' }]
    }
  ])
  t.same(
    policy.egress.map(({ ports }) => ports.map(({ port }) => port)),
    [[53, 53], [443]]
  )
  t.match(JSON.stringify(policy.egress[1]), '"except":["169.254.0.0/16"]', 'nor the address that hands out identities')
  const more = only('NetworkPolicy', await render(FULL)) as Policy
  t.same(more.egress[2]?.ports, [{ protocol: 'TCP', port: 80 }])
  t.notOk((await render({ ...PLAIN, networkPolicy: { enabled: false } })).some(isOf('NetworkPolicy')))
})

t.test('a database is asked where the values say that it is, else anywhere but on the node', async (t) => {
  const { egress } = only('NetworkPolicy', await render(SHARED)) as Policy
  t.same(
    egress.map(({ ports }) => ports.map(({ port }) => port)),
    [[53, 53], [443], [5432]]
  )
  t.same(egress[2]?.to, egress[1]?.to)
  const named = only('NetworkPolicy', await render(SHARED_FULL)) as Policy
  t.same(named.egress[2], { to: [{ ipBlock: { cidr: '10.20.0.4/32' } }], ports: [{ protocol: 'TCP', port: 6432 }] })
})

for (const values of [FULL, SHARED_FULL])
  t.test(`whatever selects pods selects ours, ${values === FULL ? 'one' : 'or many'}`, async (t) => {
    const manifests = await render(values)
    const workload = workloadOf(manifests)
    const selectors = [
      workload.selector.matchLabels,
      (only('NetworkPolicy', manifests) as Policy).podSelector.matchLabels,
      (only('Service', manifests) as { selector: Record<string, string> }).selector
    ]
    for (const selector of selectors) {
      t.ok(Object.keys(selector).length > 0)
      t.match(workload.template.metadata.labels, selector)
    }
    const monitor = only('ServiceMonitor', manifests) as { selector: { matchLabels: Record<string, string> } }
    t.match(manifests.find(isOf('Service'))?.metadata.labels, monitor.selector.matchLabels)
  })

t.test('the ports that are named exist, from the ingress to the container', async (t) => {
  const manifests = await render(FULL)
  const [port] = (only('Service', manifests) as { ports: { name: string; targetPort: string }[] }).ports
  t.equal(containerOf(podOf(manifests)).ports?.[0]?.name, port?.targetPort)
  const text = JSON.stringify(only('Ingress', manifests))
  t.match(text, `"port":{"name":"${port?.name}"}`)
  t.match(text, `"service":{"name":"${manifests.find(isOf('Service'))?.metadata.name}"`)
  const [endpoint] = (only('ServiceMonitor', manifests) as { endpoints: Record<string, unknown>[] }).endpoints
  t.match(endpoint, {
    port: port?.name,
    path: '/metrics',
    authorization: { credentials: { name: 'series-prometheus', key: 'key' } }
  })
})

t.test('the probes are answered by a healthy service, with keys and without', async (t) => {
  const container = containerOf(podOf(await render(PLAIN)))
  const probes = [container.startupProbe, container.livenessProbe, container.readinessProbe]
  for (const auth of ['on', 'off'] as const) {
    const { app } = await newService(t, { auth })
    for (const probe of probes) {
      const { path = '', httpHeaders = [] } = probe?.httpGet ?? {}
      // Without a header of its own, the kubelet calls the pod by its address.
      const named = httpHeaders.map(({ name, value }) => [name.toLowerCase(), value] as const)
      const headers = { host: '10.244.1.7:8080', ...Object.fromEntries(named) }
      t.equal((await app.inject({ url: path, headers })).statusCode, 200, `${path}, AUTH=${auth}`)
    }
  }
  t.notOk(containerOf(podOf(await render(WAITING))).livenessProbe, 'nothing answers while it waits')
})

t.test('the image is named by its digest, else by a version', async (t) => {
  const { version } = JSON.parse(read('package.json')) as { version: string }
  t.equal(containerOf(podOf(await render(PLAIN))).image, `registry.example/series:${version}`)
  t.equal(containerOf(podOf(await render(FULL))).image, `registry.example/series@sha256:${'a'.repeat(64)}`)
  t.equal((parse(read('docker/helm/post-delivery-series/Chart.yaml')) as { appVersion: unknown }).appVersion, version)
})

t.test('mistakes in the values are refused with what to do', async (t) => {
  const refused: readonly (readonly [Values, RegExp])[] = [
    [{}, /set image\.repository/],
    [{ ...PLAIN, setings: {} }, /setings/],
    [{ ...PLAIN, userId: 0 }, /userId/],
    [{ ...PLAIN, drainSeconds: 601 }, /drainSeconds/],
    [{ ...PLAIN, settings: { source: 'graph' } }, /source/],
    [{ ...PLAIN, settings: { API_KEYS: 'me=secret' } }, /use apiKeys\.existingSecret/],
    [{ ...PLAIN, settings: { AZURE_CLIENT_SECRET: 'x' } }, /use azureClientSecret\.existingSecret/],
    [{ ...PLAIN, settings: { STORE_URL: 'sqlite:x' } }, /the chart sets it/],
    [{ ...PLAIN, settings: { STORE_URL_FILE: '/x' } }, /use postgres\.existingSecret/],
    [{ ...SHARED, settings: { PGPASSWORD: 'x' } }, /postgres\.existingSecret holds it/],
    [{ ...FULL, postgres: { existingSecret: 'series-db' } }, /backups\.existingClaim: .* pg_dump/],
    [{ ...SHARED, postgres: { existingSecret: 'series-db', replicas: 0 } }, /replicas/],
    [{ ...PLAIN, postgres: { existingSecret: 'series-db', url: 'postgres://x' } }, /url/],
    [{ ...PLAIN, networkPolicy: { postgres: { port: 0 } } }, /port/],
    [{ ...PLAIN, settings: { DRAIN_SECONDS: 5 } }, /use drainSeconds/],
    [{ ...PLAIN, settings: { BACKUP_DIR: '/x' } }, /use backups/],
    [{ ...FULL, settings: { AZURE_CLIENT_ID: GUID } }, /workloadIdentity sets it/],
    [{ ...PLAIN, workloadIdentity: { enabled: true } }, /set workloadIdentity\.clientId/],
    [{ ...PLAIN, ingress: { enabled: true } }, /set ingress\.host/],
    [{ ...PLAIN, serviceMonitor: { enabled: true } }, /set serviceMonitor\.apiKey\.existingSecret/],
    [{ ...PLAIN, serviceAccount: { create: false } }, /set serviceAccount\.name/],
    [{ ...PLAIN, persistence: { accessMode: 'ReadWriteMany' } }, /accessMode/],
    [{ image: { repository: 'x', digest: 'latest' } }, /digest/]
  ]
  for (const [values, words] of refused) await t.rejects(render(values), { message: words }, words.source)
})

t.test('every value is described by the schema, and none beside them', async (t) => {
  interface Schema {
    readonly properties: Readonly<Record<string, Partial<Schema>>>
  }
  const values = parse(read('docker/helm/post-delivery-series/values.yaml')) as Record<string, unknown>
  const { properties } = JSON.parse(read('docker/helm/post-delivery-series/values.schema.json')) as Schema
  t.same(Object.keys(properties).toSorted(), ['global', ...Object.keys(values)].toSorted())
  for (const [name, schema] of Object.entries(properties)) {
    if (schema.properties === undefined) continue
    t.same(Object.keys(schema.properties).toSorted(), Object.keys(values[name] as object).toSorted(), name)
  }
})
