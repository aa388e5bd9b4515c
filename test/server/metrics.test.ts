import Fastify, { type FastifyInstance } from 'fastify'
import t, { type Test } from 'tap'
import type { CellCount } from '../../src/model/cube.ts'
import { eachDay, parseDay } from '../../src/model/day.ts'
import type { IngestRun } from '../../src/model/run.ts'
import { ANYONE, type Caller } from '../../src/server/caller.ts'
import { addProcessMetrics } from '../../src/server/metrics/process.ts'
import { metricsRoutes } from '../../src/server/routes/metrics.ts'
import { addSharedSchemas } from '../../src/server/schemas.ts'
import { createWorkspaceChooser } from '../../src/server/workspaces.ts'
import { d } from '../support/counts.ts'
import { cell, newService, type Service } from '../support/service.ts'

const RUN: IngestRun = {
  id: 'run-1',
  trigger: 'schedule',
  workspace: 'default',
  source: 'log-analytics',
  status: 'succeeded',
  from: parseDay('2026-11-01'),
  to: parseDay('2026-11-24'),
  startedAt: '2026-11-24T05:59:00.000Z',
  finishedAt: '2026-11-24T06:00:00.000Z',
  daysPlanned: 24,
  daysStored: 24,
  daysChanged: 2
}

/** The samples of a name, by their labels as they are written. */
function samplesOf(text: string, name: string): Record<string, number> {
  const lines = text.split('\n').filter((line) => line.startsWith(`${name}{`))
  return Object.fromEntries(
    lines.map((line) => [line.slice(name.length, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ')))])
  )
}

async function scrape({ app }: Pick<Service, 'app'>): Promise<string> {
  const res = await app.inject('/metrics')
  if (res.statusCode !== 200) throw new Error(res.body)
  return res.body
}

async function askBounds({ store, clock }: Service, workspace: Awaited<ReturnType<Service['fill']>>): Promise<void> {
  await store.recordBounds(workspace, {
    binding: { kind: 'log-analytics', id: 'guid', timeColumn: 'Timestamp' },
    bounds: { today: d('2026-11-24'), firstArrival: d('2026-10-31'), lastArrival: d('2026-11-24'), proof: null },
    askedAt: clock.now(),
    retentionDays: 30,
    firstAsked: d('2026-10-31')
  })
}

t.test('metrics tell of a workspace what happened yesterday, what it has, and when it was last read', async (t) => {
  const service = await newService(t, { ingest: { source: 'log-analytics' } })
  const workspace = await service.fill(
    'default',
    {
      '2026-11-01': [cell('Inbox', 1)],
      '2026-11-04': [],
      '2026-11-23': [cell('Quarantine', 7), cell('Deleted items', 2), cell('Inbox/folder', 3), cell('Inbox', 4)]
    },
    '2026-11-10'
  )
  await askBounds(service, workspace)
  await service.store.markLost(workspace, d('2026-11-03'))
  await service.store.recordRun(RUN)

  const res = await service.app.inject('/metrics')

  t.equal(res.headers['content-type'], 'text/plain; version=0.0.4; charset=utf-8')
  t.same(samplesOf(res.body, 'post_delivery_events'), {
    '{workspace="default",location="Quarantine"}': 7,
    '{workspace="default",location="Delete"}': 2,
    '{workspace="default",location="Junk"}': 0,
    '{workspace="default",location="Inbox"}': 7,
    '{workspace="default",location="Other"}': 0
  })
  t.same(samplesOf(res.body, 'post_delivery_events_day_timestamp_seconds'), {
    '{workspace="default"}': Date.parse('2026-11-23') / 1_000
  })
  t.same(samplesOf(res.body, 'post_delivery_last_success_timestamp_seconds'), {
    '{workspace="default"}': Date.parse('2026-11-24T06:00:00Z') / 1_000
  })
  t.same(samplesOf(res.body, 'post_delivery_days'), {
    '{workspace="default",state="final"}': 2,
    '{workspace="default",state="provisional"}': 1,
    '{workspace="default",state="missing"}': 19,
    '{workspace="default",state="lost"}': 1
  })
  t.same(samplesOf(res.body, 'post_delivery_days_at_risk'), { '{workspace="default"}': 0 })
  t.same(samplesOf(res.body, 'post_delivery_build_info'), { '{version="1.2.3",source="log-analytics"}': 1 })
})

t.test('a day that is unread, and a workspace that was never read, have no sample and no zero', async (t) => {
  const { app, fill } = await newService(t, { workspaces: ['default', 'new'] })
  await fill('default', { '2026-11-01': [cell('Inbox', 1)] })
  const text = await scrape({ app })
  for (const name of [
    'post_delivery_events',
    'post_delivery_events_day_timestamp_seconds',
    'post_delivery_last_success_timestamp_seconds',
    'post_delivery_anomaly'
  ]) {
    t.same(samplesOf(text, name), {}, name)
    t.match(text, new RegExp(`^# TYPE ${name} gauge$`, 'm'))
  }
  t.equal(samplesOf(text, 'post_delivery_days')['{workspace="new",state="missing"}'], 0)
})

t.test('a missing day that the source forgets within a week is at risk', async (t) => {
  const service = await newService(t)
  const workspace = await service.fill('default', { '2026-11-01': [cell('Inbox', 1)], '2026-11-04': [] })
  await askBounds(service, workspace)
  await service.clock.advance(3 * 86_400_000)
  t.same(samplesOf(await scrape(service), 'post_delivery_days_at_risk'), { '{workspace="default"}': 3 })
})

t.test('a day that cannot be read from the store counts as missing', async (t) => {
  const { app } = await newService(t, {
    wrapStore: (store) =>
      new Proxy(store, {
        get(target, name: keyof typeof store) {
          if (name !== 'facts') return target[name]
          return async () => ({
            revision: 1,
            bounds: null,
            firstAsked: null,
            coverage: [{ day: d('2026-11-01'), state: 'missing', revision: 1, damaged: true, shrunk: false }]
          })
        }
      })
  })
  await app.inject({ method: 'POST', url: '/ingest' })
  t.equal(samplesOf(await scrape({ app }), 'post_delivery_days')['{workspace="default",state="missing"}'], 1)
})

/** Junk is high on the 23rd, and higher on the 24th. */
function cellsOn(day: string): CellCount[] {
  const junk = day === '2026-11-23' ? 400 : day === '2026-11-24' ? 900 : 20
  return [cell('Inbox', 20), cell('Junk', junk)]
}

t.test('what is unusual yesterday or today has its score, by location', async (t) => {
  const service = await newService(t)
  const days = eachDay({ from: d('2026-08-01'), to: d('2026-11-24') })
  await service.fill('default', Object.fromEntries(days.map((day) => [day, cellsOn(day)])), '2026-11-23')
  const scores = samplesOf(await scrape(service), 'post_delivery_anomaly')
  t.same(Object.keys(scores), ['{workspace="default",location="Junk"}'])
  const { anomalies } = (await service.app.inject('/anomalies?from=2026-11-24&to=2026-11-24')).json()
  t.equal(Object.values(scores)[0], anomalies[0].score, 'the stranger of the two days')
})

t.test('every count of runs is there from the start, and rises once for each run that ends', async (t) => {
  const service = await newService(t, { workspaces: ['default', 'other'] })
  const before = await scrape(service)
  t.equal(Object.keys(samplesOf(before, 'post_delivery_runs_total')).length, 2 * 3)
  t.equal(Object.keys(samplesOf(before, 'post_delivery_ingest_errors_total')).length, 2 * 12)
  t.ok(Object.values(samplesOf(before, 'post_delivery_runs_total')).every((count) => count === 0))

  // The second one joins the first.
  await Promise.all([1, 2].map(() => service.app.inject({ method: 'POST', url: '/ingest' })))
  const succeeded = '{workspace="default",status="succeeded"}'
  let counts: Record<string, number> = {}
  while (counts[succeeded] !== 1) counts = samplesOf(await scrape(service), 'post_delivery_runs_total')
  t.same(counts, {
    [succeeded]: 1,
    '{workspace="default",status="partial"}': 0,
    '{workspace="default",status="failed"}': 0,
    '{workspace="other",status="succeeded"}': 0,
    '{workspace="other",status="partial"}': 0,
    '{workspace="other",status="failed"}': 0
  })
})

t.test('a run that met an error counts under the code in its record, also where it succeeded', async (t) => {
  const listeners: ((run: IngestRun) => void)[] = []
  const service = await newService(t, { ingest: { onRunEnd: (listener) => void listeners.push(listener) } })
  const end = (run: IngestRun): void => listeners.forEach((listener) => listener(run))
  const failure = { code: 'source-throttled', message: 'too many' } as const
  end({ ...RUN, status: 'failed', error: failure })
  end({ ...RUN, status: 'partial', error: failure })
  end({ ...RUN, error: { code: 'source-shrunk', message: 'empty' } })
  end({ ...RUN, workspace: 'gone' })
  const text = await scrape(service)
  t.same(Object.values(samplesOf(text, 'post_delivery_runs_total')), [1, 1, 1])
  const errors = samplesOf(text, 'post_delivery_ingest_errors_total')
  t.equal(errors['{workspace="default",code="source-throttled"}'], 2)
  t.equal(errors['{workspace="default",code="source-shrunk"}'], 1)
  t.equal(errors['{workspace="default",code="internal"}'], 0)
})

t.test('requests are counted by the pattern of their route, so that nobody can make up labels', async (t) => {
  const service = await newService(t)
  await service.app.inject('/runs/one')
  await service.app.inject('/runs/two')
  await service.app.inject('/nothing/here?at=all')
  await service.app.inject({ method: 'PUT', url: '/series' })
  await service.app.inject({ method: 'HEAD', url: '/health/live' })
  const text = await scrape(service)
  t.match(text, /^# TYPE http_request_duration_seconds histogram$/m)
  t.same(samplesOf(text, 'http_request_duration_seconds_count'), {
    '{method="GET",route="/runs/:id",status_code="404"}': 2,
    '{method="GET",route="(none)",status_code="404"}': 1,
    '{method="other",route="(none)",status_code="405"}': 1,
    '{method="HEAD",route="/health/live",status_code="200"}': 1
  })
  t.match(text, /^process_cpu_seconds_total \d/m)
  t.match(text, /^process_start_time_seconds \d/m)
})

t.test('no name of a workspace breaks the format', async (t) => {
  const name = 'a"b\\c\nd,e} 1 é'
  const { app, fill } = await newService(t, { workspaces: [name] })
  await fill(name, { '2026-11-23': [cell('Inbox', 3)] })
  const text = await scrape({ app })
  t.ok(text.includes(String.raw`post_delivery_events{workspace="a\"b\\c\nd,e} 1 é",location="Inbox"} 3`))
  const sample = /^[a-z\d_]+(\{([a-z_]+="([^"\\\n]|\\["\\n])*",?)*\})? -?[\d.e+-]+$/
  t.same(
    text.split('\n').filter((line) => line !== '' && !line.startsWith('# ') && !sample.test(line)),
    []
  )
})

t.test('all samples of a name stand in one place, each once', async (t) => {
  const { app, fill } = await newService(t, { workspaces: ['a', 'b'] })
  for (const name of ['a', 'b']) await fill(name, { '2026-11-23': [cell('Inbox', 3)] })
  const lines = (await scrape({ app })).split('\n').filter((line) => line !== '')
  const types = lines.flatMap((line) => /^# TYPE (\S+)/.exec(line)?.[1] ?? [])
  t.equal(new Set(types).size, types.length)
  const samples = lines.filter((line) => !line.startsWith('#')).map((line) => line.slice(0, line.lastIndexOf(' ')))
  t.equal(new Set(samples).size, samples.length)
  let family = ''
  const strays = lines.filter((line) => {
    family = /^# TYPE (\S+)/.exec(line)?.[1] ?? family
    return !line.startsWith('#') && !line.startsWith(family)
  })
  t.same(strays, [])
})

/** The route alone, for a caller that the keys of the settings cannot be. */
async function newLimited(t: Test, service: Service, caller: Caller): Promise<FastifyInstance> {
  const app = Fastify()
  t.teardown(() => app.close())
  const processMetrics = addProcessMetrics(app)
  app.decorateRequest('caller', null)
  app.addHook('onRequest', async (request) => {
    request.caller = caller
  })
  addSharedSchemas(app)
  await app.register(metricsRoutes, {
    store: service.store,
    workspaces: createWorkspaceChooser(service.store, ['a', 'b']),
    clock: service.clock,
    ingest: {
      workspaces: ['a', 'b'],
      source: 'sample',
      request: () => Promise.reject(new Error('not here')),
      onRunEnd: () => {},
      nextRunAt: () => null,
      stale: () => null
    },
    version: '1.2.3',
    processMetrics
  })
  return app
}

t.test('a key limited to workspaces gets the series of these only, and none that is counted over all', async (t) => {
  const service = await newService(t)
  for (const name of ['a', 'b']) await service.fill(name, { '2026-11-23': [cell('Inbox', 3)] })
  const all = await scrape({ app: await newLimited(t, service, ANYONE) })
  t.match(all, 'workspace="b"')
  t.match(all, 'http_request_duration_seconds')
  const caller = { ...ANYONE, name: 'a only', mayRead: (name: string) => name === 'a' }
  const text = await scrape({ app: await newLimited(t, service, caller) })
  t.match(text, /^post_delivery_events\{workspace="a",location="Inbox"\} 3$/m)
  t.match(text, /^post_delivery_runs_total\{workspace="a",/m)
  t.match(text, /^post_delivery_build_info\{/m)
  t.notMatch(text, 'workspace="b"')
  t.notMatch(text, /http_|process_|nodejs_/)
})

t.test('days are read again only after something was written, or at midnight', async (t) => {
  let reads = 0
  const service = await newService(t, {
    wrapStore: (store) =>
      new Proxy(store, {
        get(target, name: keyof typeof store) {
          if (name === 'facts') reads++
          return target[name]
        }
      })
  })
  const workspace = await service.fill('default', { '2026-11-22': [], '2026-11-23': [cell('Inbox', 3)] })
  const inbox = async (): Promise<number | undefined> =>
    samplesOf(await scrape(service), 'post_delivery_events')['{workspace="default",location="Inbox"}']
  t.equal(await inbox(), 3)
  t.equal(await inbox(), 3)
  t.equal(reads, 1)

  await service.fill('default', { '2026-11-23': [cell('Inbox', 5)] })
  t.equal(await inbox(), 5, 'a change of a day')
  await askBounds(service, workspace)
  await service.store.recordRun(RUN)
  t.equal(samplesOf(await scrape(service), 'post_delivery_days')['{workspace="default",state="missing"}'], 21, 'a run')
  await service.store.unbindWorkspace(workspace)
  t.equal(samplesOf(await scrape(service), 'post_delivery_days')['{workspace="default",state="missing"}'], 0, 'unbound')
  await service.clock.advance(86_400_000)
  t.equal(await inbox(), undefined, 'another day is yesterday')
  t.equal(reads, 5)
})

t.test('between two workspaces others have their turn', async (t) => {
  const { app } = await newService(t, { workspaces: Array.from({ length: 50 }, (_, i) => `w${i}`) })
  let turns = 0
  let ended = false
  const take = (): void => {
    turns++
    if (!ended) setImmediate(take)
  }
  setImmediate(take)
  await scrape({ app })
  ended = true
  t.ok(turns >= 50, `${turns} turns`)
})

t.test('metrics want a key, and no parameter', async (t) => {
  const key = 'k'.repeat(32)
  const { app } = await newService(t, { auth: 'on', apiKeys: [{ name: 'prometheus', key }] })
  t.equal((await app.inject('/metrics')).statusCode, 401)
  const headers = { authorization: `Bearer ${key}` }
  t.equal((await app.inject({ url: '/metrics', headers })).statusCode, 200)
  t.equal((await app.inject({ url: '/metrics?x=1', headers })).statusCode, 400)
  t.equal((await app.inject({ method: 'HEAD', url: '/metrics', headers })).statusCode, 200)
})
