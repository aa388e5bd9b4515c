import t from 'tap'
import { cell, newService } from '../support/service.ts'

const DAYS = {
  '2026-11-01': [cell('Quarantine', 18), cell('Junk folder', 30), cell('Inbox', 36), cell('On-premises', 2)],
  '2026-11-02': []
}

t.test('a day that was read and quiet is zero, a day never read is null', async (t) => {
  const { app, fill } = await newService(t)
  await fill('default', DAYS, '2026-11-02')

  const res = await app.inject('/series?from=2026-11-01&to=2026-11-03')

  t.equal(res.statusCode, 200)
  t.equal(res.headers['content-type'], 'application/json; charset=utf-8')
  const { revision, ...answer } = res.json<Record<string, unknown>>()
  t.match(revision, /^\d{13}$/)
  t.same(answer, {
    workspace: 'default',
    by: 'location',
    unit: 'actions',
    timeZone: 'UTC',
    from: '2026-11-01',
    to: '2026-11-03',
    step: 'day',
    coverage: { final: 1, provisional: 1, missing: 1, lost: 0 },
    series: [
      { date: '2026-11-01', state: 'final', Quarantine: 18, Delete: 0, Junk: 30, Inbox: 36, Other: 2 },
      { date: '2026-11-02', state: 'provisional', Quarantine: 0, Delete: 0, Junk: 0, Inbox: 0, Other: 0 },
      { date: '2026-11-03', state: 'missing', Quarantine: null, Delete: null, Junk: null, Inbox: null, Other: null }
    ]
  })
})

t.test('without a range the 30 full days that end yesterday are served', async (t) => {
  const { app } = await newService(t, { now: '2026-11-24T00:00:00Z' })
  const { from, to, series } = (await app.inject('/series')).json()
  t.same([from, to, series.length], ['2026-10-25', '2026-11-23', 30])
})

t.test('locations may be named in any case, repeated or comma separated, and come in their fixed order', async (t) => {
  const { app, fill } = await newService(t)
  await fill('default', DAYS)
  for (const query of [
    'location=inbox,QUARANTINE',
    'location=Inbox&location=quarantine',
    'location=inbox, Quarantine,,inbox'
  ]) {
    const [row] = (await app.inject(`/series?from=2026-11-01&to=2026-11-01&${query}`)).json().series
    t.same(Object.keys(row), ['date', 'state', 'Quarantine', 'Inbox'], query)
  }
})

t.test('an empty parameter counts as absent, also an empty list', async (t) => {
  const { app, fill } = await newService(t)
  await fill('default', DAYS)
  const plain = await app.inject('/series?from=2026-11-01&to=2026-11-02')
  const empty = await app.inject(
    '/series?from=2026-11-01&to=2026-11-02&location=&workspace=&by=&step=&layout=&format=&actionType=,,&deliveryLocation=&x='
  )
  t.equal(empty.statusCode, 200)
  t.equal(empty.body, plain.body)
})

t.test('a filter holds whatever the columns are, and never changes a state', async (t) => {
  const { app, fill } = await newService(t)
  await fill('default', {
    '2026-11-01': [cell('Inbox', 5), cell('Quarantine', 7), cell('Inbox', 1, { actionResult: '' })]
  })
  const rowOf = async (query: string): Promise<object> =>
    (await app.inject(`/series?from=2026-11-01&to=2026-11-01&${query}`)).json().series[0]
  const day = { date: '2026-11-01', state: 'provisional' }
  t.same(await rowOf('by=total'), { ...day, total: 13 })
  t.same(await rowOf('by=total&location=inbox'), { ...day, total: 6 })
  t.same(await rowOf('by=total&location=inbox&actionResult=(NONE)'), { ...day, total: 1 })
  t.same(await rowOf('by=actionResult'), { ...day, '(none)': 1, Success: 12 })
  t.same(await rowOf('by=actionResult&actionResult=success'), { ...day, Success: 12 })
  t.same(await rowOf('by=deliveryLocation&actionResult=(none),success'), { ...day, Inbox: 6, Quarantine: 7 })
  t.same(await rowOf('by=location&actionType=never'), { ...day, Quarantine: 0, Delete: 0, Junk: 0, Inbox: 0, Other: 0 })
})

t.test('filter values that the workspace has never seen are named, and those of other days are not', async (t) => {
  const { app, fill } = await newService(t)
  await fill('default', {
    '2026-11-01': [cell('Inbox', 5)],
    '2026-11-05': [cell('Inbox', 5, { actionType: 'Malware ZAP' })]
  })
  const unmatchedOf = async (query: string): Promise<unknown> =>
    (await app.inject(`/series?from=2026-11-01&to=2026-11-01&${query}`)).json().unmatched
  t.equal(await unmatchedOf('actionType=phish zap,malware zap'), undefined)
  t.same(await unmatchedOf('actionType=phishzap,Phish ZAP&actionResult=(none)'), [
    { parameter: 'actionType', value: 'phishzap' },
    { parameter: 'actionResult', value: '(none)' }
  ])
})

t.test('a label with commas is asked for with a backslash before each, alone or in a list', async (t) => {
  const { app, fill } = await newService(t)
  const labels = ['a', 'b', 'a,b', String.raw`a\,b`, 'a\\', String.raw`\\a`, String.raw`a\b`, ',']
  await fill('default', { '2026-11-01': labels.map((actionType, i) => cell('Inbox', 2 ** i, { actionType })) })
  const countedBy = async (query: URLSearchParams): Promise<unknown> => {
    const url = `/series?from=2026-11-01&to=2026-11-01&by=total&${query.toString()}`
    const { series, unmatched } = (await app.inject(url)).json()
    return { total: series[0].total, unmatched }
  }
  for (const [i, label] of labels.entries()) {
    const item = label.replaceAll(/(\\*),/g, String.raw`$1$1\,`)
    const alone = await countedBy(new URLSearchParams({ actionType: item }))
    t.same(alone, { total: 2 ** i, unmatched: undefined }, `${item} for ${label}`)
  }
  const list = String.raw`a\,b,a\\,b`
  t.same(await countedBy(new URLSearchParams({ actionType: list })), { total: 4 + 16 + 2, unmatched: undefined }, list)
})

t.test('a label that a filter names is a column even without an event', async (t) => {
  const { app, fill } = await newService(t)
  await fill('default', { '2026-11-01': [cell('Inbox', 5)] })
  const res = await app.inject('/series?from=2026-11-01&to=2026-11-02&by=actionType&actionType=Spam%20ZAP')
  t.same(res.json().series, [
    { date: '2026-11-01', state: 'provisional', 'Spam ZAP': 0 },
    { date: '2026-11-02', state: 'missing', 'Spam ZAP': null }
  ])
})

t.test('no label can hide a field of its row, in any spelling, nor another label', async (t) => {
  const { app, fill } = await newService(t)
  const labels = ['__proto__', 'date', 'State', 'DAYS', 'workspace', 'date (label)', 'constructor', '(None)', '']
  await fill('default', { '2026-11-01': labels.map((label, i) => cell(label, i + 1)) })
  const url = '/series?from=2026-11-01&to=2026-11-01&by=deliveryLocation'

  const text = (await app.inject(url)).body
  const rows = text.slice(text.indexOf('"series":') + 9, -1)
  t.equal(
    rows,
    '[{"date":"2026-11-01","state":"provisional","(None) (label)":8,"(none)":9,"DAYS (label)":4,"State (label)":3,' +
      '"__proto__":1,"constructor":7,"date (label)":2,"date (label) (label)":6,"workspace (label)":5}]'
  )
  const keys = [...rows.matchAll(/"([^"]*)":/g)].map((match) => match[1]?.toLowerCase())
  t.equal(new Set(keys).size, keys.length, 'no two names are equal but for case')

  const one = await app.inject(`${url}&deliveryLocation=DATE%20(label)`)
  t.same(
    one.json().series,
    [{ date: '2026-11-01', state: 'provisional', 'date (label)': 2 }],
    'a name is also a filter'
  )
})

t.test('weeks and months say how many of their days take part, and are as bad as their worst day', async (t) => {
  const { app, fill } = await newService(t, { now: '2026-11-11T12:00:00Z' })
  const quiet = ['01', '02', '03', '04', '05', '06', '07', '08', '09', '11'].map((day) => [
    `2026-11-${day}`,
    [cell('Inbox', 1)]
  ])
  await fill('default', Object.fromEntries(quiet), '2026-11-09')
  const series = async (query: string): Promise<object> =>
    (await app.inject(`/series?from=2026-11-01&by=total&${query}`)).json().series
  t.same(await series('to=2026-11-12&step=week'), [
    { date: '2026-10-26', state: 'final', days: 1, total: 1 },
    { date: '2026-11-02', state: 'final', days: 7, total: 7 },
    { date: '2026-11-09', state: 'missing', days: 3, total: null }
  ])
  t.same(await series('to=2026-12-02&step=month'), [
    { date: '2026-11-01', state: 'missing', days: 11, total: null },
    { date: '2026-12-01', state: 'missing', days: 0, total: null }
  ])
})

t.test('the long layout has a row for each date and label, sorted by date, then label', async (t) => {
  const { app, fill } = await newService(t)
  await fill('default', DAYS)
  const url = '/series?from=2026-11-01&to=2026-11-03&layout=long'
  t.same((await app.inject(`${url}&location=Quarantine,Inbox`)).json().series, [
    { date: '2026-11-01', state: 'provisional', location: 'Inbox', count: 36 },
    { date: '2026-11-01', state: 'provisional', location: 'Quarantine', count: 18 },
    { date: '2026-11-02', state: 'provisional', location: 'Inbox', count: 0 },
    { date: '2026-11-02', state: 'provisional', location: 'Quarantine', count: 0 },
    { date: '2026-11-03', state: 'missing', location: 'Inbox', count: null },
    { date: '2026-11-03', state: 'missing', location: 'Quarantine', count: null }
  ])
  t.same((await app.inject(`${url}&by=total&step=month`)).json().series, [
    { date: '2026-11-01', state: 'missing', days: 3, count: null }
  ])
})

t.test('more than 500,000 values are refused, however many columns the labels make', async (t) => {
  const { app, fill } = await newService(t)
  const labels = Array.from({ length: 137 }, (_, i) => cell(`folder ${i}`, 1))
  await fill('default', { '2026-11-01': labels })
  const url = '/series?by=deliveryLocation&to=2026-11-01&from='
  t.equal((await app.inject(`${url}2016-11-08`)).statusCode, 200, '3,646 days of 137 columns are 499,502')
  const res = await app.inject(`${url}2016-11-01`)
  t.equal(res.statusCode, 400)
  t.match(res.json(), { code: 'invalid-range', errors: [{ parameter: 'from', detail: /3653 rows of 137 columns/ }] })
})
