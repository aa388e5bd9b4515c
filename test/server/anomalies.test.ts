import t, { type Test } from 'tap'
import Database from 'better-sqlite3'
import { addDays, eachDay, numberOfDay, type Day } from '../../src/model/day.ts'
import type { CellCount } from '../../src/model/cube.ts'
import { d } from '../support/counts.ts'
import { cell, newService, type Service } from '../support/service.ts'

const TODAY = '2026-11-24'
const FROM = '2026-06-01'
const RANGE = 'from=2026-10-01&to=2026-11-23'

interface Found {
  readonly anomalies: readonly Record<string, unknown>[]
  readonly unjudged: readonly object[]
  readonly silenceJudged: boolean
  readonly note: string | null
}

/** Busy weeks and quiet weekends, and whatever is planted. */
function ordinary(planted: Readonly<Record<string, readonly CellCount[]>> = {}, from = FROM): Record<Day, CellCount[]> {
  const days = eachDay({ from: d(from), to: d('2026-11-23') }).map((day) => {
    const weekend = [2, 3].includes(numberOfDay(day) % 7)
    const noise = (numberOfDay(day) * 7) % 5
    return [day, planted[day] ?? [cell('Quarantine', (weekend ? 12 : 64) + noise), cell('Inbox', weekend ? 6 : 30)]]
  })
  return Object.fromEntries(days) as Record<Day, CellCount[]>
}

async function newFilled(t: Test, planted: Readonly<Record<string, readonly CellCount[]>>): Promise<Service> {
  const service = await newService(t, { now: `${TODAY}T06:00:00Z` })
  await service.fill('default', ordinary(planted), '2026-11-17')
  return service
}

async function find({ app }: Service, query = RANGE): Promise<Found> {
  return (await app.inject(`/anomalies?${query}`)).json<Found>()
}

t.test('a planted attack is found, told whole, and a weekend or a quiet range is none', async (t) => {
  const service = await newFilled(t, { '2026-11-10': [cell('Quarantine', 300), cell('Inbox', 30)] })
  const found = await find(service)
  t.strictSame(Object.keys(found), ['anomalies', 'unjudged', 'silenceJudged', 'note'])
  const [first, ...others] = found.anomalies
  t.strictSame(others, [])
  t.match(first, {
    date: '2026-11-10',
    until: '2026-11-10',
    location: 'Quarantine',
    kind: 'high',
    count: 300,
    expected: [Number, Number],
    reason: /^300 events in Quarantine on Tuesday 2026-11-10: more than the /
  })
  t.ok(Number(first?.['score']) > 4.5)
  t.strictSame(
    { unjudged: found.unjudged, silenceJudged: found.silenceJudged, note: found.note },
    { unjudged: [], silenceJudged: true, note: null }
  )
  t.strictSame((await find(service, 'from=2026-10-01&to=2026-11-09')).anomalies, [])
})

t.test('only the locations asked for are judged, in any case, repeated or comma separated', async (t) => {
  const service = await newFilled(t, { '2026-11-10': [cell('Quarantine', 900), cell('Inbox', 900), cell('Junk', 900)] })
  const locationsOf = async (query: string): Promise<unknown[]> =>
    (await find(service, `${RANGE}&${query}`)).anomalies.map(({ location }) => location)
  t.strictSame(await locationsOf(''), ['Quarantine', 'Junk', 'Inbox'])
  t.strictSame(await locationsOf('location=inbox,QUARANTINE'), ['Quarantine', 'Inbox'])
  t.strictSame(await locationsOf('location=junk&location=Delete'), ['Junk'])
})

t.test('a connector that falls silent is noticed, whatever the location asked for', async (t) => {
  const quiet = eachDay({ from: d('2026-11-20'), to: d('2026-11-23') }).map((day) => [day, []] as const)
  const service = await newFilled(t, Object.fromEntries(quiet))
  const found = await find(service, 'from=2026-11-01&to=2026-11-30&location=Delete')
  t.match(found.anomalies, [
    { date: '2026-11-20', until: '2026-11-23', location: 'total', kind: 'silent', count: 0, score: -18 }
  ])
})

t.test('a provisional day can be too high, and never too low', async (t) => {
  const service = await newFilled(t, {
    '2026-11-19': [cell('Quarantine', 1), cell('Inbox', 30)],
    '2026-11-20': [cell('Quarantine', 300), cell('Inbox', 30)]
  })
  t.match((await find(service)).anomalies, [{ date: '2026-11-20', kind: 'high' }])
})

t.test('with too little history nothing is found, and it says so', async (t) => {
  const service = await newService(t, { now: `${TODAY}T06:00:00Z` })
  await service.fill('default', ordinary({}, '2026-11-01'), '2026-11-17')
  const { note, ...rest } = await find(service, '')
  t.strictSame(rest, {
    anomalies: [],
    unjudged: [{ from: '2026-11-01', to: '2026-11-23' }],
    silenceJudged: false
  })
  t.match(note, /^23 of 23 covered days not judged/)
})

t.test('a workspace that nothing is stored of has no unusual day', async (t) => {
  const service = await newService(t)
  t.match(await find(service), { anomalies: [], unjudged: [], silenceJudged: false, note: String })
})

t.test('the validator changes with the days, with the question, and with the day of the last reading', async (t) => {
  const service = await newFilled(t, {})
  const { app, store, clock, fill } = service
  const tagOf = async (query = RANGE): Promise<string> => String((await app.inject(`/anomalies?${query}`)).headers.etag)
  const workspace = await fill('default', {})
  const readOn = async (today: string): Promise<void> =>
    store.recordBounds(workspace, {
      binding: { kind: 'sample', id: 'default', timeColumn: null },
      bounds: { today: d(today), firstArrival: d(FROM), lastArrival: d(today), proof: null },
      askedAt: clock.now(),
      retentionDays: 365,
      firstAsked: null
    })
  await readOn(TODAY)
  const tag = await tagOf()
  t.match(tag, /^"/)
  t.equal((await app.inject({ url: `/anomalies?${RANGE}`, headers: { 'if-none-match': tag } })).statusCode, 304)

  t.not(await tagOf(`${RANGE}&location=Inbox`), tag)
  await clock.advance(60_000)
  t.equal(await tagOf(), tag, 'time alone changes nothing')
  await clock.advance(86_400_000)
  t.equal(await tagOf(), tag, 'nor does another day, as long as the source was not asked')
  await readOn(addDays(d(TODAY), 1))
  const tagAfterReading = await tagOf()
  t.not(tagAfterReading, tag)
  await fill('default', { '2026-06-10': [cell('Other', 1)] })
  t.not(await tagOf(), tagAfterReading)
})

t.test('where a day is damaged, also one that is only history, there is no validator', async (t) => {
  const { app, file } = await newFilled(t, {})
  t.type((await app.inject(`/anomalies?${RANGE}`)).headers.etag, 'string')
  const db = new Database(file)
  db.exec('update day set checksum = checksum + 1 where day = (select min(day) from day)')
  db.close()
  const res = await app.inject(`/anomalies?${RANGE}&location=Junk`)
  t.equal(res.statusCode, 200)
  t.equal(res.headers.etag, undefined)
})

t.test('what cannot be answered is refused as in /series', async (t) => {
  const { app } = await newService(t)
  const cases = {
    'from=2026-11-02&to=2026-11-01': 'invalid-range',
    'from=2001-01-01': 'invalid-range',
    'location=Inbx': 'invalid-request',
    'by=total': 'invalid-request',
    'workspace=none': 'unknown-workspace'
  }
  for (const path of ['/anomalies', '/annotations']) {
    for (const [query, code] of Object.entries(cases)) {
      const expected = path === '/annotations' && query.startsWith('location') ? 'invalid-request' : code
      t.equal((await app.inject(`${path}?${query}`)).json().code, expected, `${path}?${query}`)
    }
  }
})
