// Two worlds that differ only in what belongs to others: a key of one workspace cannot tell which of them it is in.
import { join } from 'node:path'
import t, { type Test } from 'tap'
import type { IngestRun } from '../../src/model/run.ts'
import fc from '../support/properties.ts'
import { addKey, type AddedKey } from '../support/keys.ts'
import { cell, newService, type Scope, type Service } from '../support/service.ts'

const SECRET_LABEL = 'Label of others'

interface World extends Service {
  readonly limited: AddedKey
  readonly unlimited: AddedKey
}

function runOf(workspace: string, id: string): IngestRun {
  return {
    id,
    trigger: 'request',
    workspace,
    source: 'sample',
    status: 'queued',
    from: null,
    to: null,
    startedAt: '2026-11-24T06:00:00.000Z',
    finishedAt: null,
    daysPlanned: 0,
    daysStored: 0,
    daysChanged: 0
  }
}

/** `alpha` is the same in both; `beta`, of the settings, and `gamma` hold something only where others are busy. */
async function newWorld(t: Scope, others: 'silent' | 'busy'): Promise<World> {
  let asked = 0
  const recorded: { store?: Service['store'] } = {}
  const service = await newService(t, {
    auth: 'on',
    workspaces: ['beta', 'alpha'],
    ingest: {
      async request(workspace) {
        const run = runOf(workspace, `run-${workspace}-${++asked}`)
        await recorded.store?.recordRun(run)
        return run
      }
    }
  })
  const { store, fill, clock } = service
  recorded.store = store
  if (others === 'busy') {
    const quiet = { '2026-10-30': [], '2026-10-31': [] }
    for (const name of ['beta', 'gamma']) {
      await fill(name, { ...quiet, '2026-11-01': [cell(SECRET_LABEL, 7, { actionType: SECRET_LABEL })] })
      await store.recordRun({ ...runOf(name, `run-of-${name}`), status: 'failed' })
    }
    await addKey(store, { name: 'others', workspaces: ['beta', 'gamma'] })
  }
  await clock.set('2026-11-24T07:00:00Z')
  await fill('alpha', {
    '2026-10-31': [cell('Quarantine', 3)],
    '2026-11-01': [cell('Inbox', 5), cell('Junk folder', 2, { actionType: 'Malware ZAP' })],
    '2026-11-03': [cell('Inbox', 1)]
  })
  await store.recordRun({ ...runOf('alpha', 'run-of-alpha'), status: 'succeeded' })
  await clock.set('2026-11-24T08:00:00Z')
  if (others === 'busy') await fill('beta', { '2026-11-02': [cell('Inbox', 90)] })
  const limited = await addKey(store, { name: 'limited', scopes: ['read', 'ingest'], workspaces: ['alpha'] })
  const unlimited = await addKey(store, { name: 'unlimited' })
  return { ...service, limited, unlimited }
}

async function newWorlds(t: Test): Promise<{ silent: World; busy: World }> {
  const folder = t.testdir({ silent: {}, busy: {} })
  const within = (name: string): Scope => ({
    testdir: () => join(folder, name),
    teardown: (end) => t.teardown(end)
  })
  return { silent: await newWorld(within('silent'), 'silent'), busy: await newWorld(within('busy'), 'busy') }
}

interface Asked {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'OPTIONS' | 'DELETE'
  readonly url: string
  readonly headers: Record<string, string>
  readonly payload?: object
}

const workspace = fc.constantFrom('alpha', 'beta', 'gamma', 'delta', 'Alpha', '')
const day = fc.constantFrom('2026-10-30', '2026-10-31', '2026-11-01', '2026-11-02', '2026-11-03', '2026-11-23')
const location = fc.constantFrom('Inbox', 'Other', 'Quarantine')
const label = fc.constantFrom('Inbox', 'Junk folder', SECRET_LABEL, '(none)', 'Phish ZAP')
const instant = fc.constantFrom('2026-11-24T06:30:00Z', '2026-11-24T07:30:00Z', '2026-11-24T08:00:00Z')
const maybe = <T>(values: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(values, { nil: undefined })

/** Of anybody: revisions, validators and ids that the others' data has, and those that ours has. */
interface Known {
  readonly revisions: readonly string[]
  readonly etags: readonly string[]
}

function questions({ revisions, etags }: Known): fc.Arbitrary<Asked> {
  const revision = fc.constantFrom('0', '1', ...revisions)
  const by = fc.constantFrom('location', 'deliveryLocation', 'actionType', 'actionTrigger', 'actionResult', 'total')
  const parameters: Record<string, fc.Arbitrary<Record<string, unknown>>> = {
    '/series': fc.record({
      workspace: maybe(workspace),
      from: maybe(day),
      to: maybe(day),
      by: maybe(by),
      location: maybe(location),
      actionType: maybe(label),
      deliveryLocation: maybe(label),
      step: maybe(fc.constantFrom('day', 'week', 'month')),
      layout: maybe(fc.constantFrom('wide', 'long')),
      asOf: maybe(fc.oneof(revision, instant)),
      format: maybe(fc.constantFrom('json', 'csv', 'ndjson', 'svg')),
      unknown: fc.constantFrom(undefined, undefined, undefined, 'x')
    }),
    '/changes': fc.record({
      workspace: maybe(workspace),
      since: maybe(fc.oneof(revision, instant)),
      limit: maybe(fc.constantFrom(1, 2, 500)),
      format: maybe(fc.constantFrom('json', 'ndjson'))
    }),
    '/locations': fc.record({ workspace: maybe(workspace) }),
    '/labels': fc.record({ workspace: maybe(workspace), by }),
    '/anomalies': fc.record({ workspace: maybe(workspace), location: maybe(location), from: maybe(day) }),
    '/annotations': fc.record({ workspace: maybe(workspace), from: maybe(day), to: maybe(day) }),
    '/runs': fc.record({ workspace: maybe(workspace), limit: maybe(fc.constantFrom(1, 2, 1_000)) }),
    '/runs/run-of-alpha': fc.constant({}),
    '/runs/run-of-beta': fc.constant({}),
    '/runs/run-of-gamma': fc.constant({}),
    '/runs/run-of-nobody': fc.constant({}),
    '/status': fc.constant({}),
    '/metrics': fc.constant({}),
    '/grafana': fc.constant({}),
    '/health/ready': fc.constant({}),
    '/openapi.json': fc.constant({}),
    '/nothing': fc.constant({})
  }
  const headers = fc.record({
    accept: fc.constantFrom('*/*', 'text/csv', 'application/x-ndjson'),
    'accept-encoding': fc.constantFrom('identity', 'gzip', 'br'),
    'if-none-match': fc.constantFrom('"x"', '*', ...etags)
  })
  const reading = fc.oneof(
    ...Object.entries(parameters).map(([path, query]) =>
      fc.record({
        method: fc.constantFrom('GET', 'GET', 'GET', 'GET', 'HEAD', 'OPTIONS', 'DELETE'),
        url: query.map((given) => addressOf(path, given)),
        headers
      })
    )
  )
  const range = { from: '2026-10-25T00:00:00Z', to: '2026-11-23T00:00:00Z' }
  const payload = fc.record({ workspace, by: maybe(by), location: maybe(location) })
  const target = fc.record({
    refId: fc.constant('A'),
    target: fc.constantFrom('total', 'Inbox', 'location', 'actionType', 'Gaps and runs', `actionType: ${SECRET_LABEL}`),
    payload: fc.oneof(payload, fc.constant({}))
  })
  const filter = fc.record({
    key: fc.constantFrom('workspace', 'actionType'),
    operator: fc.constant('='),
    value: workspace
  })
  const bodies: Record<string, fc.Arbitrary<object>> = {
    '/ingest': fc.record({ workspace, from: maybe(day) }),
    '/grafana/metrics': fc.record({ payload: fc.oneof(payload, fc.constant({})) }),
    '/grafana/metric-payload-options': fc.record({
      name: fc.constantFrom('workspace', 'actionType', 'by'),
      metric: fc.constantFrom('total', 'Inbox'),
      payload
    }),
    '/grafana/query': fc.record({
      range: fc.constant(range),
      targets: fc.array(target, { minLength: 1, maxLength: 2 }),
      adhocFilters: fc.array(filter, { maxLength: 1 })
    }),
    '/grafana/variable': fc.record({
      payload: fc.record({ target: fc.constantFrom('workspaces', 'actionType', 'targets'), workspace })
    }),
    '/grafana/search': fc.record({ target: fc.constantFrom('workspaces', 'actionType', '') }),
    '/grafana/tag-keys': fc.constant({}),
    '/grafana/tag-values': fc.record({ key: fc.constantFrom('workspace', 'actionType') }),
    '/grafana/annotations': fc.record({
      range: fc.constant(range),
      annotation: fc.record({ name: fc.constant('x'), query: workspace })
    })
  }
  const posting = fc.oneof(
    ...Object.entries(bodies).map(([url, body]) =>
      fc.record({ method: fc.constant('POST' as const), url: fc.constant(url), headers, payload: body })
    )
  )
  return fc.oneof({ arbitrary: reading, weight: 2 }, { arbitrary: posting, weight: 1 })
}

function addressOf(path: string, parameters: Record<string, unknown>): string {
  const given = Object.entries(parameters).filter(([, value]) => value !== undefined)
  const query = new URLSearchParams(given.map(([name, value]): [string, string] => [name, String(value)]))
  return `${path}?${query.toString()}`
}

async function answer(
  { app, limited }: World,
  { payload, ...asked }: Asked
): Promise<{ status: number; bytes: string }> {
  const { statusCode, headers, rawPayload } = await app.inject({
    ...asked,
    headers: { ...asked.headers, ...limited.headers },
    ...(payload && { payload })
  })
  const { date: _, ...told } = headers
  return { status: statusCode, bytes: JSON.stringify([statusCode, told, rawPayload.toString('latin1')]) }
}

/** What somebody who may read everything finds where others are busy. */
async function findKnown({ app, store, unlimited }: World): Promise<Known> {
  const known = { revisions: new Set<string>(), etags: new Set<string>() }
  for (const each of await store.workspaces()) {
    const changes = await store.changes(each, 0, 100)
    for (const { revision } of changes?.entries ?? []) known.revisions.add(String(revision))
    for (const url of [`/series?workspace=${each.name}`, `/series?workspace=${each.name}&from=2026-11-01`]) {
      known.etags.add(String((await app.inject({ url, headers: unlimited.headers })).headers.etag))
    }
  }
  return { revisions: [...known.revisions], etags: [...known.etags] }
}

t.test('a key of one workspace finds both worlds equal, byte by byte', async (t) => {
  const { silent, busy } = await newWorlds(t)
  const statuses = new Set<number>()
  await fc.assert(
    fc.asyncProperty(questions(await findKnown(busy)), async (asked) => {
      const [one, other] = [await answer(silent, asked), await answer(busy, asked)]
      statuses.add(one.status)
      return one.bytes === other.bytes || Promise.reject(new Error(`${one.bytes}\n${other.bytes}`))
    }),
    { numRuns: 600 }
  )
  for (const status of [200, 202, 304, 400, 404, 405]) t.ok(statuses.has(status), `some answers were ${status}`)
})

t.test('and a key of all of them sees the difference, so it could be seen', async (t) => {
  const { silent, busy } = await newWorlds(t)
  for (const url of [
    '/status',
    '/series?workspace=beta',
    '/runs',
    '/metrics',
    '/labels?by=actionType&workspace=beta'
  ]) {
    const told = await Promise.all(
      [silent, busy].map(async ({ app, unlimited }) => (await app.inject({ url, headers: unlimited.headers })).body)
    )
    t.not(told[0], told[1], url)
  }
})
