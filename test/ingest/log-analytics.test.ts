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

t.test('the days of a range are counted by their labels, and a quiet day is there and empty', async (t) => {
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

  const quarantine = {
    deliveryLocation: 'Quarantine',
    actionType: 'Phish ZAP',
    actionTrigger: '',
    actionResult: 'Success'
  }
  t.same(days, [
    {
      day: '2026-11-03',
      cells: [
        { ...quarantine, count: 2 },
        { ...quarantine, deliveryLocation: 'Inbox/Folder', count: 1 }
      ]
    },
    { day: '2026-11-04', cells: [] },
    { day: '2026-11-05', cells: [{ ...quarantine, count: 1 }] }
  ])
})

t.test('the bounds', async (t) => {
  azure.events = [{ at: '2026-11-02T12:00:00Z' }, { at: '2026-11-12T12:00:00Z' }, { at: '2026-11-19T12:00:00Z' }]
  const source = openLogAnalyticsSource(azure.options())
  t.same(await source.fetchBounds(contoso, never), {
    today: '2026-11-20',
    bounds: { today: '2026-11-20', firstArrival: '2026-11-02', lastArrival: '2026-11-19', proof: '2026-11-12' },
    binding: { kind: 'log-analytics', id: contoso.id, timeColumn: 'Timestamp' }
  })
})
