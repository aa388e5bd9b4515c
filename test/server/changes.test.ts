import t, { type Test } from 'tap'
import { addDays, eachDay } from '../../src/model/day.ts'
import { d } from '../support/counts.ts'
import { cell, newService, type Service } from '../support/service.ts'

const START = '2026-11-24T06:00:00.000Z'
const START_MS = Date.parse(START)

/** Two days at once, one of them again an hour later, and then a lost one. */
async function newFilled(t: Test, options = {}): Promise<Service> {
  const service = await newService(t, { now: START, ...options })
  const { store, clock, fill } = service
  const workspace = await fill('default', {
    '2026-11-01': [cell('Inbox', 3), cell('Deleted items', 2), cell('delete', 1)],
    '2026-11-03': []
  })
  await clock.advance(3_600_000)
  await fill('default', { '2026-11-03': [cell('Junk folder', 4)] })
  await clock.advance(3_600_000)
  await store.markLost(workspace, d('2026-11-03'))
  return service
}

const NONE = { Quarantine: 0, Delete: 0, Junk: 0, Inbox: 0, Other: 0 }
const common = { workspace: 'default' }
const LOG = [
  {
    revision: String(START_MS),
    ...common,
    date: '2026-11-01',
    state: 'provisional',
    counts: { ...NONE, Delete: 3, Inbox: 3 },
    previous: null,
    changedAt: START
  },
  {
    revision: String(START_MS + 1),
    ...common,
    date: '2026-11-03',
    state: 'provisional',
    counts: NONE,
    previous: null,
    changedAt: START
  },
  {
    revision: String(START_MS + 3_600_000),
    ...common,
    date: '2026-11-03',
    state: 'provisional',
    counts: { ...NONE, Junk: 4 },
    previous: NONE,
    changedAt: '2026-11-24T07:00:00.000Z'
  },
  {
    revision: String(START_MS + 7_200_000),
    ...common,
    date: '2026-11-02',
    state: 'lost',
    counts: null,
    previous: null,
    changedAt: '2026-11-24T08:00:00.000Z'
  }
]
const LAST = String(START_MS + 7_200_000)

t.test('each change of each day is told once, oldest first, beside what it replaced', async (t) => {
  const { app } = await newFilled(t)
  const res = await app.inject('/changes')
  t.strictSame(res.json(), { changes: LOG, next: LAST, more: false })
  t.strictSame(Object.keys(res.json().changes[0].counts), Object.keys(NONE), 'locations in their order')
  t.equal(res.headers['cache-control'], 'no-store')
  t.equal(res.headers.link, undefined)
  for (const query of ['since=0', 'since=', 'since=000', 'limit=&format=&workspace=']) {
    t.equal((await app.inject(`/changes?${query}`)).body, res.body, query)
  }
})

t.test('a page ends where it was told to, and names the next as long as there is one', async (t) => {
  const { app } = await newFilled(t)
  const first = await app.inject({ url: '/changes?limit=3', headers: { host: 'localhost:8080' } })
  t.strictSame(first.json(), { changes: LOG.slice(0, 3), next: LOG[2]?.revision, more: true })
  t.equal(
    first.headers.link,
    `<http://localhost:8080/changes?since=${LOG[2]?.revision}&workspace=default&limit=3>; rel="next"`
  )
  const second = await app.inject(String(first.headers.link).slice(1, -13))
  t.strictSame(second.json(), { changes: LOG.slice(3), next: LAST, more: false })
  t.equal(second.headers.link, undefined, 'a link that is always there would be followed for ever')
  const end = await app.inject(`/changes?since=${LAST}`)
  t.strictSame(end.json(), { changes: [], next: LAST, more: false }, 'the cursor is kept')
})

t.test('the next page has our address as others see it, and the form that was asked for', async (t) => {
  const { app } = await newFilled(t, { publicUrl: 'https://soc.example/series/' })
  const { headers } = await app.inject('/changes?limit=1&format=ndjson')
  t.equal(
    headers.link,
    `<https://soc.example/series/changes?since=${START_MS}&workspace=default&limit=1&format=ndjson>; rel="next"`
  )
})

t.test('each line of NDJSON is a change', async (t) => {
  const { app } = await newFilled(t)
  for (const request of [
    { url: '/changes?format=ndjson' },
    { url: '/changes', headers: { accept: 'application/x-ndjson' } },
    { url: '/changes', headers: { accept: 'text/csv, application/jsonl;q=0.2, application/json;q=0.1' } }
  ]) {
    const res = await app.inject(request)
    t.match(res.headers['content-type'], /^application\/x-ndjson/)
    t.equal(res.body, LOG.map((entry) => `${JSON.stringify(entry)}\n`).join(''))
  }
  const none = await app.inject(`/changes?format=ndjson&since=${LAST}`)
  t.strictSame([none.statusCode, none.body], [200, ''])
  const json = await app.inject({ url: '/changes?format=json', headers: { accept: 'application/x-ndjson' } })
  t.strictSame(json.json().changes, LOG, 'format goes before Accept')
})

t.test('a time stands for the last transaction that is not after it', async (t) => {
  const { app } = await newFilled(t)
  const after: Record<string, number> = {
    '2026-11-24T05:59:59.999Z': 0,
    '2026-11-23': 0,
    [START]: 2,
    '2026-11-24T06:59:59.999999': 2,
    '2026-11-24T08:00:00+01:00': 3,
    '2026-11-24 07:59': 3,
    '2026-11-24T08:00:00Z': 4,
    '2030-01-01': 4
  }
  for (const [since, place] of Object.entries(after)) {
    const { changes, next } = (await app.inject(`/changes?since=${encodeURIComponent(since)}`)).json()
    t.strictSame(changes, LOG.slice(place), since)
    t.equal(next, LAST, since)
  }
  const { next } = (await app.inject('/changes?since=2030-01-01')).json()
  t.equal(next, LAST, 'a time that is still to come skips nothing')
})

t.test('an empty log has the cursor 0, also under a name that nothing is stored of', async (t) => {
  const { app, store } = await newService(t)
  for (const query of ['', 'since=0', 'since=2026-11-01']) {
    t.strictSame((await app.inject(`/changes?${query}`)).json(), { changes: [], next: '0', more: false }, query)
  }
  t.equal((await app.inject('/changes?since=17')).json().code, 'cursor-gone')
  await store.ensureWorkspace('default')
  t.strictSame((await app.inject('/changes?since=2026-11-01')).json(), { changes: [], next: '0', more: false })
})

t.test('a cursor that is not in the log of this workspace is gone', async (t) => {
  const { app, clock, fill } = await newFilled(t, { workspaces: ['default', 'other'] })
  await clock.advance(1_000)
  await fill('other', { '2026-11-01': [cell('Inbox', 1)] })
  const [foreign] = (await app.inject('/changes?workspace=other')).json().changes
  const unknown = [foreign.revision, String(START_MS + 2), '1', String(Number(LAST) + 1), '9'.repeat(40), `${LAST}0`]
  for (const since of unknown) {
    const res = await app.inject(`/changes?since=${since}`)
    t.equal(res.statusCode, 410, since)
    t.match(res.json(), { code: 'cursor-gone', detail: new RegExp(since) })
  }
})

t.test('what is no cursor, no time or no page is refused, and named', async (t) => {
  const { app } = await newService(t)
  const cases: Record<string, string> = {
    'since=yesterday': 'since',
    'since=-1': 'since',
    'since=1.5': 'since',
    'since=1e3': 'since',
    'since=2026-02-30': 'since',
    'since=2026-11-01T25:00Z': 'since',
    [`since=${'9'.repeat(41)}`]: 'since',
    'since=1&since=2': 'since',
    'limit=0': 'limit',
    'limit=5001': 'limit',
    'limit=1.5': 'limit',
    'format=csv': 'format',
    'cursor=1': 'cursor'
  }
  for (const [query, parameter] of Object.entries(cases)) {
    const res = await app.inject(`/changes?${query}`)
    t.equal(res.statusCode, 400, query)
    t.match(res.json(), { code: 'invalid-request', errors: [{ parameter }] }, query)
  }
  t.equal((await app.inject('/changes?workspace=none')).json().code, 'unknown-workspace')
})

t.test('a page may hold more than is read at once', async (t) => {
  const { app, fill } = await newService(t)
  const days = eachDay({ from: d('2020-01-01'), to: addDays(d('2020-01-01'), 1_200) })
  await fill('default', Object.fromEntries(days.map((day, i) => [day, [cell('Inbox', i + 1)]])))
  const told = async (query: string): Promise<[number, number, boolean]> => {
    const { changes, more } = (await app.inject(`/changes?${query}`)).json()
    t.strictSame(
      changes.map(({ counts }: { counts: { Inbox: number } }) => counts.Inbox),
      Array.from({ length: changes.length }, (_, i) => i + 1),
      query
    )
    return [changes.length, changes.at(-1).counts.Inbox, more]
  }
  t.strictSame(await told(''), [500, 500, true])
  t.strictSame(await told('limit=1200'), [1_200, 1_200, true])
  t.strictSame(await told('limit=1201'), [1_201, 1_201, false])
  t.strictSame(await told('limit=5000'), [1_201, 1_201, false])
})
