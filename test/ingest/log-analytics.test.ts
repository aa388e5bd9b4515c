// The real library, against a server that speaks as Azure does.
import t from 'tap'
import { openLogAnalyticsSource } from '../../src/ingest/log-analytics.ts'
import type { Day } from '../../src/model/day.ts'
import { startAzure } from '../support/azure-server.ts'
import { fakeClock } from '../support/fake-clock.ts'

const d = (text: string): Day => text as Day
const contoso = { name: 'contoso', id: '11111111-2222-3333-4444-555555555555' }
const never = new AbortController().signal
const clock = fakeClock('2026-11-20T09:30:00Z')
const azure = await startAzure(t, clock)
const quarantined = {
  deliveryLocation: 'Quarantine',
  actionType: 'Phish ZAP',
  actionTrigger: '',
  actionResult: 'Success'
}

t.test('the events of a day are counted by their labels, and a quiet day is there and empty', async (t) => {
  azure.events = [
    { at: '2026-11-02T23:59:59.9999999Z' },
    { at: '2026-11-03T00:00:00Z' },
    { at: '2026-11-03T23:59:59.9999999Z', deliveryLocation: 'Inbox/Folder' },
    { at: '2026-11-03T11:00:00Z' },
    { at: '2026-11-05T12:00:00Z' },
    { at: '2026-11-06T00:00:00Z' }
  ]
  const source = openLogAnalyticsSource(azure.options())

  const days = await source.fetchDays(contoso, { from: d('2026-11-03'), to: d('2026-11-05') }, never)

  t.same(days, [
    {
      day: '2026-11-03',
      cells: [
        { ...quarantined, count: 2 },
        { ...quarantined, deliveryLocation: 'Inbox/Folder', count: 1 }
      ]
    },
    { day: '2026-11-04', cells: [] },
    { day: '2026-11-05', cells: [{ ...quarantined, count: 1 }] }
  ])
})

t.test('an event that came in weeks late is counted on its day', async (t) => {
  azure.events = [{ at: '2026-11-03T12:00:00Z', generated: '2026-11-19T12:00:00Z' }]
  const source = openLogAnalyticsSource(azure.options())
  const days = await source.fetchDays(contoso, { from: d('2026-11-03'), to: d('2026-11-03') }, never)
  t.same(days, [{ day: '2026-11-03', cells: [{ ...quarantined, count: 1 }] }])
})

t.test('the bounds are told by arrival, whatever the time of the event', async (t) => {
  azure.events = [
    { at: '2026-10-30T12:00:00Z', generated: '2026-11-02T12:00:00Z', arrived: '2026-11-02T12:01:00Z' },
    { at: '2026-11-12T12:00:00Z', arrived: '2026-11-13T00:00:01Z' },
    { at: '2026-11-12T12:00:00Z', arrived: '2026-11-14T00:00:01Z' },
    { at: '2026-11-19T23:00:00Z', arrived: '2026-11-20T01:00:00Z' }
  ]
  const source = openLogAnalyticsSource(azure.options())
  t.same(await source.fetchBounds(contoso, never), {
    today: '2026-11-20',
    bounds: { today: '2026-11-20', firstArrival: '2026-11-02', lastArrival: '2026-11-20', proof: '2026-11-13' },
    binding: { kind: 'log-analytics', id: contoso.id, timeColumn: 'Timestamp' }
  })
})

t.test('rows that do not know when they arrived count by the time at which they were generated', async (t) => {
  azure.events = [
    { at: '2026-11-02T12:00:00Z', arrived: null },
    { at: '2026-11-12T12:00:00Z', arrived: null }
  ]
  const source = openLogAnalyticsSource(azure.options())
  const { bounds } = await source.fetchBounds(contoso, never)
  t.match(bounds, { firstArrival: '2026-11-04', lastArrival: '2026-11-12', proof: '2026-11-12' })
})

t.test('a place that does not know ingestion_time() at all is asked without it', async (t) => {
  azure.events = [{ at: '2026-11-02T12:00:00Z' }]
  const message = "'where' operator: Unknown function: 'ingestion_time'"
  azure.replies.push({ status: 400, body: { error: { code: 'BadArgumentError', message } } })
  const source = openLogAnalyticsSource(azure.options())
  t.match(await source.fetchBounds(contoso, never), { bounds: { firstArrival: '2026-11-04' } })
  t.notMatch(azure.requests.at(-1)?.kql, /ingestion_time/)
})

t.test('a table without Timestamp is read by TimeGenerated, and says so', async (t) => {
  azure.columns = { Timestamp: false, TimeGenerated: true }
  azure.events = [{ at: '2026-11-03T23:00:00Z', generated: '2026-11-04T01:00:00Z' }]
  const auto = openLogAnalyticsSource(azure.options())
  t.match(await auto.fetchBounds(contoso, never), { binding: { timeColumn: 'TimeGenerated' } })
  t.match(await auto.fetchDays(contoso, { from: d('2026-11-03'), to: d('2026-11-04') }, never), [
    { day: '2026-11-03', cells: [] },
    { day: '2026-11-04', cells: [{ count: 1 }] }
  ])
  const set = openLogAnalyticsSource(azure.options({ timeColumn: 'Timestamp' }))
  await t.rejects(set.fetchBounds(contoso, never), { code: 'source-rejected', message: /TIME_COLUMN/ })
  await t.rejects(set.fetchDays(contoso, { from: d('2026-11-03'), to: d('2026-11-04') }, never), {
    code: 'source-rejected',
    message: /TIME_COLUMN/
  })
  azure.columns = { Timestamp: true, TimeGenerated: true }
})

t.test('a table that shows no row has no bounds', async (t) => {
  azure.events = []
  const source = openLogAnalyticsSource(azure.options())
  t.match(await source.fetchBounds(contoso, never), { today: '2026-11-20', bounds: null })
})

t.test(
  'the question goes to the workspace as the service wants it, past its cache, with room for late rows',
  async (t) => {
    const source = openLogAnalyticsSource(azure.options())
    await source.fetchDays(contoso, { from: d('2026-11-03'), to: d('2026-11-04') }, never)
    t.match(azure.requests.at(-1), {
      path: `/v1/workspaces/${contoso.id}/query`,
      headers: { authorization: 'Bearer test-token', 'cache-control': 'no-cache', prefer: 'wait=180' },
      timespan: '2026-11-02T00:00:00.000Z/2026-11-22T00:00:00.000Z'
    })
    t.match(azure.identityRequests.at(-1), /resource=https%3A%2F%2Fapi-\d+\.example(&|$)/)
  }
)

t.test('one token serves many questions', async (t) => {
  const source = openLogAnalyticsSource(azure.options())
  const before = azure.identityRequests.length
  for (let i = 0; i < 3; i++) await source.fetchBounds(contoso, never)
  t.equal(azure.identityRequests.length - before, 1)
})

t.test('T is the earlier day of the two clocks', async (t) => {
  const source = openLogAnalyticsSource(azure.options())
  const midnight = fakeClock('2026-11-20T00:03:00Z')
  const late = openLogAnalyticsSource(azure.options({ clock: midnight }))
  azure.events = [{ at: '2026-10-17T00:00:00Z' }, { at: '2026-10-18T00:00:00Z' }]
  azure.aheadMs = Date.parse('2026-11-19T23:58:00Z') - clock.now().getTime()
  t.match(await late.fetchBounds(contoso, never), { today: '2026-11-19', bounds: { firstArrival: '2026-10-18' } })
  azure.aheadMs = 5 * 60_000
  t.match(await source.fetchBounds(contoso, never), { today: '2026-11-20' })
  azure.aheadMs = 0
})

t.test('clocks that differ by more than ten minutes are an error, whichever is ahead', async (t) => {
  const source = openLogAnalyticsSource(azure.options())
  for (const minutes of [-11, 11]) {
    azure.aheadMs = minutes * 60_000
    await t.rejects(source.fetchBounds(contoso, never), { code: 'clock-skew', message: /2026-11-20T09:30:00/ })
    await t.rejects(source.fetchDays(contoso, { from: d('2026-11-03'), to: d('2026-11-04') }, never), {
      code: 'clock-skew'
    })
  }
  for (const minutes of [-9, 9]) {
    azure.aheadMs = minutes * 60_000
    await t.resolves(source.fetchBounds(contoso, never))
  }
  azure.aheadMs = 0
})

t.test('a source without a Date header is believed, with a warning', async (t) => {
  azure.events = [{ at: '2026-11-03T12:00:00Z' }]
  const source = openLogAnalyticsSource(azure.options())
  azure.replies.push((_request, response, right) => {
    response.sendDate = false
    response.removeHeader('Date')
    response.end(JSON.stringify(right()))
  })
  t.match(await source.fetchBounds(contoso, never), { today: '2026-11-20', bounds: {} })
  t.match(azure.warnings, [/does not tell its time/])
})
