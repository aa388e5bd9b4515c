import t from 'tap'
import Database from 'better-sqlite3'
import type { CellCount, DayCounts } from '../../src/model/cube.ts'
import { addDays } from '../../src/model/day.ts'
import { BY, STEPS } from '../../src/model/series.ts'
import { d } from '../support/counts.ts'
import { createRandom, type Random } from '../support/random-changes.ts'
import { cell, newService, type Service } from '../support/service.ts'

const START = '2026-11-02T06:00:00.000Z'
const START_MS = Date.parse(START)
const HOUR_MS = 3_600_000

const PLACES = ['Quarantine', 'Deleted items', 'Junk folder', 'Inbox/folder', 'Failed', ''] as const
const TYPES = ['Phish ZAP', 'SPAM zap', 'spam ZAP', 'Malware ZAP', 'Redelivery', '', 'date'] as const
const ASKED = ['phish zap', 'Spam Zap', 'Malware ZAP', 'redelivery', '(none)', 'never', 'Date (label)'] as const

/** Labels appear one after another, so that early questions name some that are not there yet. */
function randomDay(random: Random, round: number): DayCounts {
  const cells = Array.from({ length: random.below(4) }, (): CellCount => {
    const actionType = TYPES[random.below(1 + Math.min(TYPES.length - 1, round / 4))] ?? TYPES[0]
    return cell(random.oneOf(PLACES), 1 + random.below(30), { actionType })
  })
  return { day: addDays(d('2026-09-20'), random.below(60)), cells }
}

async function writeAtRandom({ store }: Service, random: Random, round: number): Promise<void> {
  const workspace = await store.ensureWorkspace('default')
  if (random.below(6) === 0) {
    await store.markLost(workspace, addDays(d('2026-09-20'), random.below(60)))
    return
  }
  const days = Array.from({ length: 1 + random.below(8) }, () => randomDay(random, round))
  const terms = { today: d('2026-12-31'), lagDays: 7, ranged: random.below(2) === 0, replace: true }
  await store.applyImport(workspace, [...new Map(days.map((day) => [day.day, day])).values()], terms)
}

function randomQuestion(random: Random): string {
  const query = new URLSearchParams({
    by: random.oneOf(BY),
    step: random.oneOf(STEPS),
    layout: random.oneOf(['wide', 'long']),
    format: random.oneOf(['json', 'json', 'csv', 'ndjson'])
  })
  if (random.below(3) > 0) query.set('from', addDays(d('2026-09-10'), random.below(60)))
  if (random.below(3) === 0) query.set('to', addDays(d('2026-11-10'), random.below(40)))
  if (random.below(4) === 0) query.set('location', random.oneOf(['Inbox', 'junk,other', 'quarantine,delete']))
  if (random.below(2) === 0) query.set('actionType', `${random.oneOf(ASKED)},${random.oneOf(ASKED)}`)
  if (random.below(6) === 0) query.set('deliveryLocation', random.oneOf(['inbox/FOLDER', '(None)', 'nowhere']))
  return query.toString()
}

interface Recorded {
  readonly question: string
  readonly at: string
  readonly revision: string
  readonly body: string
}

/** All but what is told as of now. */
function lasting(body: string): unknown {
  if (!body.startsWith('{"workspace":"default","by"')) return body
  const { unmatched, ...rest } = JSON.parse(body) as Record<string, unknown>
  return rest
}

t.test('what was answered is answered again, by its time and by its revision, in every form', async (t) => {
  const service = await newService(t, { now: START })
  const { app, clock } = service
  const random = createRandom(7)
  const recorded: Recorded[] = []
  for (let round = 0; round < 40; round++) {
    await writeAtRandom(service, random, round)
    await clock.advance(random.oneOf([0, 1, 1_000, HOUR_MS, 20 * HOUR_MS]))
    const at = clock.now().toISOString()
    const { revision } = (await app.inject('/series')).json<{ revision: string }>()
    for (let i = 0; i < 10; i++) {
      const question = randomQuestion(random)
      const { statusCode, body } = await app.inject(`/series?${question}`)
      if (statusCode === 200) recorded.push({ question, at, revision, body })
    }
    await clock.advance(1)
  }
  t.ok(recorded.length > 300)

  const differ: object[] = []
  for (const { question, at, revision, body } of recorded) {
    const dayOfRevision = new Date(Number(revision)).toISOString().slice(0, 10)
    // Of a revision, today is the day on which it was stored.
    for (const asOf of at.startsWith(dayOfRevision) ? [at, revision] : [at]) {
      const again = await app.inject(`/series?${question}&asOf=${asOf}`)
      if (JSON.stringify(lasting(again.body)) !== JSON.stringify(lasting(body))) {
        differ.push({ question, asOf, body, again: again.body })
      }
    }
  }
  t.strictSame(differ, [])
})

t.test('a picture of then is drawn again, byte for byte', async (t) => {
  const { app, clock, fill } = await newService(t, { now: START })
  await fill('default', { '2026-10-20': [cell('Inbox', 5)] })
  const picture = await app.inject('/series?format=svg')
  await clock.advance(40 * 24 * HOUR_MS)
  await fill('default', { '2026-10-20': [cell('Inbox', 500)] })
  t.equal((await app.inject(`/series?format=svg&asOf=${START}`)).body, picture.body)
  t.not((await app.inject('/series?format=svg')).body, picture.body)
})

t.test('a revision or a time means the end of a transaction, and before the first all is missing', async (t) => {
  const { app, clock, fill } = await newService(t, { now: START })
  await fill('default', { '2026-10-01': [cell('Inbox', 1)], '2026-10-02': [cell('Inbox', 2)] })
  await clock.advance(HOUR_MS)
  await fill('default', { '2026-10-02': [cell('Inbox', 20)] })
  const told = async (asOf: string): Promise<unknown[]> => {
    const res = await app.inject(`/series?from=2026-10-01&to=2026-10-02&by=total&asOf=${encodeURIComponent(asOf)}`)
    const { series, revision } = res.json<{ series: { total: number | null }[]; revision: string }>()
    return [...series.map(({ total }) => total), revision]
  }
  const first = String(START_MS + 1)
  const second = String(START_MS + HOUR_MS)
  t.strictSame(await told(String(START_MS)), [1, 2, first], 'the first day of two')
  t.strictSame(await told(first), [1, 2, first])
  t.strictSame(await told(String(START_MS + 2)), [1, 2, first], 'a revision of another workspace')
  t.strictSame(await told(START), [1, 2, first])
  t.strictSame(await told('2026-11-02T06:59:59.9999'), [1, 2, first])
  t.strictSame(await told('2026-11-02 08:00+01:00'), [1, 20, second])
  t.strictSame(await told(second), [1, 20, second])
  for (const before of ['0', '1', '2026-11-02', '2026-11-02T05:59:59.999Z', '1000-01-01']) {
    t.strictSame(await told(before), [null, null, '0'], before)
  }
})

t.test('today is the day of that time: for the range that is left open, and for the end of weeks', async (t) => {
  const { app, clock, fill } = await newService(t, { now: START })
  await fill('default', { '2026-10-31': [cell('Inbox', 1)] })
  const { revision } = (await app.inject('/series')).json()
  await clock.advance(20 * 24 * HOUR_MS)
  for (const asOf of [revision, START]) {
    const { from, to } = (await app.inject(`/series?asOf=${asOf}`)).json()
    t.strictSame([from, to], ['2026-10-03', '2026-11-01'], asOf)
    const week = (await app.inject(`/series?from=2026-11-01&to=2026-11-10&step=week&asOf=${asOf}`)).json().series
    t.strictSame(
      week.map(({ days }: { days: number }) => days),
      [1, 1, 0],
      asOf
    )
  }
})

t.test('a state that is still to come is refused, and so is what is no state', async (t) => {
  const { app, fill } = await newService(t, { now: START, workspaces: ['default', 'empty'] })
  await fill('default', { '2026-10-31': [cell('Inbox', 1)] })
  const cases: Record<string, string> = {
    [`asOf=${START_MS + 1}`]: 'invalid-range',
    [`asOf=${'9'.repeat(40)}`]: 'invalid-range',
    'asOf=2026-11-02T06:00:00.001Z': 'invalid-range',
    'asOf=2026-11-03': 'invalid-range',
    'asOf=1&workspace=empty': 'invalid-range',
    'asOf=yesterday': 'invalid-request',
    'asOf=-1': 'invalid-request',
    'asOf=1.5': 'invalid-request',
    'asOf=1&asOf=2': 'invalid-request'
  }
  for (const [query, code] of Object.entries(cases)) {
    const res = await app.inject(`/series?${query}`)
    t.equal(res.statusCode, 400, query)
    t.match(res.json(), { code, errors: [{ parameter: 'asOf' }] }, query)
  }
  t.match((await app.inject('/series?asOf=0&workspace=empty')).json(), { revision: '0', coverage: { missing: 30 } })
  t.equal((await app.inject('/series?asOf=')).statusCode, 200)
})

t.test('a past state keeps its validator, whatever is stored later', async (t) => {
  const { app, clock, fill } = await newService(t, { now: START })
  await fill('default', { '2026-10-31': [cell('Inbox', 1)] })
  const range = 'from=2026-10-31&to=2026-10-31'
  const tagOf = async (query: string): Promise<unknown> => (await app.inject(`/series?${range}&${query}`)).headers.etag
  const [plain, past, filtered] = await Promise.all([
    tagOf(''),
    tagOf(`asOf=${START}`),
    tagOf(`asOf=${START}&actionType=Spam ZAP`)
  ])
  t.match(past, /^"/)
  t.equal(await tagOf(`asOf=${START_MS}`), past, 'the same state by its revision')
  await clock.advance(1_000)
  await fill('default', { '2026-10-31': [cell('Inbox', 2, { actionType: 'Spam ZAP' })] })
  t.not(await tagOf(''), plain)
  t.equal(await tagOf(`asOf=${START}`), past)
  t.not(await tagOf(`asOf=${START_MS + 1_000}`), past)
  t.not(await tagOf(`asOf=${START}&actionType=Spam ZAP`), filtered, 'the value is no longer one that was never seen')
  const again = await app.inject({ url: `/series?${range}&asOf=${START}`, headers: { 'if-none-match': String(past) } })
  t.equal(again.statusCode, 304)
})

t.test('an entry of the log that is damaged is a missing day, and the answer has no validator', async (t) => {
  const { app, clock, fill, file } = await newService(t, { now: START })
  await fill('default', { '2026-10-31': [cell('Inbox', 1)] })
  await clock.advance(1_000)
  await fill('default', { '2026-10-31': [cell('Inbox', 2)] })
  const db = new Database(file)
  db.exec('update change set checksum = checksum + 1 where revision = (select min(revision) from change)')
  db.close()
  const url = `/series?from=2026-10-31&to=2026-10-31&asOf=${START}`
  t.equal((await app.inject(url)).json().series[0].state, 'missing')
  for (const format of ['json', 'csv', 'ndjson', 'svg']) {
    t.equal((await app.inject(`${url}&format=${format}`)).headers.etag, undefined, format)
    t.type((await app.inject(`/series?format=${format}`)).headers.etag, 'string', format)
  }
})

t.test('a column that only a filter names is spelled as the label was stored, once it was', async (t) => {
  const { app, clock, fill } = await newService(t, { now: START })
  await fill('default', { '2026-10-01': [cell('Inbox', 1)] })
  await clock.advance(1_000)
  await fill('default', { '2026-10-02': [cell('Inbox', 1, { actionType: 'Spam ZAP' })] })
  await clock.advance(1_000)
  await fill('default', { '2026-10-02': [cell('Inbox', 1)] })
  const columnsOf = async (query: string): Promise<string[]> => {
    const url = `/series?from=2026-10-01&to=2026-10-02&by=actionType&actionType=spam%20zap,PHISH%20ZAP&${query}`
    return Object.keys((await app.inject(url)).json().series[0]).slice(2)
  }
  t.strictSame(await columnsOf(''), ['Phish ZAP', 'Spam ZAP'])
  t.strictSame(await columnsOf('actionResult=Error'), ['Phish ZAP', 'Spam ZAP'])
  t.strictSame(await columnsOf(`asOf=${START_MS + 2_000}`), ['Phish ZAP', 'Spam ZAP'])
  t.strictSame(await columnsOf(`asOf=${START_MS + 1_000}`), ['Phish ZAP', 'Spam ZAP'])
  t.strictSame(await columnsOf(`asOf=${START_MS}`), ['Phish ZAP', 'spam zap'])
})
