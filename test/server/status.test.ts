import t from 'tap'
import { parseDay } from '../../src/model/day.ts'
import type { IngestRun } from '../../src/model/run.ts'
import { cell, newService } from '../support/service.ts'

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

t.test('status tells of each workspace what it has, what it lacks, and how its ingest goes', async (t) => {
  const { app, store, fill, clock } = await newService(t, {
    workspaces: ['default'],
    ingest: { source: 'log-analytics', nextRunAt: () => new Date('2026-11-24T07:07:00Z'), stale: () => false }
  })
  const workspace = await fill(
    'default',
    { '2026-11-01': [cell('Inbox', 1)], '2026-11-04': [], '2026-11-20': [cell('Junk', 2)] },
    '2026-11-10'
  )
  await store.recordBounds(workspace, {
    binding: { kind: 'log-analytics', id: 'guid', timeColumn: 'Timestamp' },
    bounds: {
      today: parseDay('2026-11-24'),
      firstArrival: parseDay('2026-10-31'),
      lastArrival: parseDay('2026-11-24'),
      proof: parseDay('2026-11-17')
    },
    askedAt: clock.now(),
    retentionDays: 30,
    firstAsked: parseDay('2026-10-31')
  })
  await store.recordRun(RUN)
  await clock.advance(90_500)

  const res = await app.inject('/status')

  t.equal(res.statusCode, 200)
  const { workspaces, ...service } = res.json()
  t.same(service, {
    service: 'post-delivery-series',
    version: '1.2.3',
    source: 'log-analytics',
    now: '2026-11-24T06:01:30.500Z',
    stale: false
  })
  const [{ revision, ...status }] = workspaces
  t.equal(revision, String(await store.revision(workspace)))
  t.same(status, {
    workspace: 'default',
    sourceFirstDate: '2026-10-31',
    sourceLastDate: '2026-11-24',
    firstDate: '2026-11-01',
    lastDate: '2026-11-20',
    finalThrough: '2026-11-01',
    missing: [
      { from: '2026-11-02', to: '2026-11-03' },
      { from: '2026-11-05', to: '2026-11-19' },
      { from: '2026-11-21', to: '2026-11-23' }
    ],
    lost: [],
    shrunk: [],
    damaged: [],
    atRisk: [{ from: '2026-11-02', to: '2026-11-02', lostAfter: '2026-12-01' }],
    missingDays: 20,
    lostDays: 0,
    atRiskDays: 1,
    lastRun: RUN,
    lastSuccessAt: '2026-11-24T06:00:00.000Z',
    lastSuccessAgeSeconds: 90,
    nextRunAt: '2026-11-24T07:07:00.000Z',
    stale: false
  })
})

t.test('staleness is asked since the last success, else since the start, and of what is scheduled alone', async (t) => {
  const asked: string[] = []
  const { app, store, fill, clock } = await newService(t, {
    workspaces: ['default', 'silent'],
    ingest: { stale: (since) => (asked.push(since.toISOString()), since < new Date('2026-11-24T07:00:00Z')) }
  })
  await fill('gone', { '2026-11-01': [] })
  await fill('default', { '2026-11-01': [] })
  await clock.advance(2 * 3_600_000)
  await store.recordRun(RUN)

  const status = (await app.inject('/status')).json()

  t.same(asked.toSorted(), ['2026-11-24T06:00:00.000Z', '2026-11-24T08:00:00.000Z'])
  t.same(
    status.workspaces.map(({ workspace, stale }: { workspace: string; stale: boolean }) => [workspace, stale]),
    [
      ['default', false],
      ['silent', true],
      ['gone', null]
    ]
  )
  t.equal(status.stale, true)
})

t.test('a process that schedules nothing says neither that it is stale nor that it is not', async (t) => {
  const { app } = await newService(t)
  const status = (await app.inject('/status')).json()
  t.equal(status.stale, null)
  t.match(status.workspaces, [{ workspace: 'default', revision: '0', stale: null, nextRunAt: null, lastRun: null }])
})

t.test('a run that was not heard of for two timeouts is told as failed', async (t) => {
  const { app, store, clock } = await newService(t)
  await store.ensureWorkspace('default')
  await store.recordRun({ ...RUN, status: 'running', finishedAt: null })
  await clock.advance(2 * 180_000)
  t.equal((await app.inject('/status')).json().workspaces[0].lastRun.status, 'running')
  await clock.advance(1)
  t.match((await app.inject('/status')).json().workspaces[0].lastRun, {
    status: 'failed',
    error: { code: 'cancelled' }
  })
})

t.test('locations are always all five, each with the values of the table behind it', async (t) => {
  const { app, fill } = await newService(t)
  await fill('default', {
    '2026-11-01': [cell('Inbox/folder', 3), cell('Deleted items', 1), cell('', 4)],
    '2026-11-09': [cell('INBOX/FOLDER', 2), cell('date', 1)]
  })
  t.same((await app.inject('/locations')).json(), {
    locations: [
      { location: 'Quarantine', deliveryLocations: [] },
      {
        location: 'Delete',
        deliveryLocations: [
          { deliveryLocation: 'Deleted items', firstDate: '2026-11-01', lastDate: '2026-11-01', count: 1 }
        ]
      },
      { location: 'Junk', deliveryLocations: [] },
      {
        location: 'Inbox',
        deliveryLocations: [
          { deliveryLocation: 'Inbox/folder', firstDate: '2026-11-01', lastDate: '2026-11-09', count: 5 }
        ]
      },
      {
        location: 'Other',
        deliveryLocations: [
          { deliveryLocation: '(none)', firstDate: '2026-11-01', lastDate: '2026-11-01', count: 4 },
          { deliveryLocation: 'date (label)', firstDate: '2026-11-09', lastDate: '2026-11-09', count: 1 }
        ]
      }
    ]
  })
})

t.test('labels are those of one column of the table, sorted by name', async (t) => {
  const { app, fill } = await newService(t)
  await fill('default', {
    '2026-11-01': [cell('Inbox', 3, { actionResult: 'Success' }), cell('Inbox', 2, { actionResult: 'Error' })],
    '2026-11-02': [cell('Inbox', 1, { actionResult: '' })]
  })
  t.same((await app.inject('/labels?by=actionResult')).json(), {
    by: 'actionResult',
    labels: [
      { label: '(none)', firstDate: '2026-11-02', lastDate: '2026-11-02', count: 1 },
      { label: 'Error', firstDate: '2026-11-01', lastDate: '2026-11-01', count: 2 },
      { label: 'Success', firstDate: '2026-11-01', lastDate: '2026-11-01', count: 3 }
    ]
  })
})
