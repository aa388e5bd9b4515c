// The whole program before an Azure that executes the KQL it is sent: what is served equals a plain count of the
// events, and stays right whatever the source does.
import t, { type Test } from 'tap'
import type { Reply } from '../support/azure-server.ts'
import type { FakeEvent } from '../support/azure-table.ts'
import { instantOf, runKql, textOf } from '../support/kql-engine.ts'
import { mailEvents, shownAt, tableOf } from '../support/mail-events.ts'
import { openProgram, type Program, type Row, type Served } from '../support/whole-program.ts'

const ID = '11111111-2222-3333-4444-555555555555'
const MS_PER_DAY = 86_400_000

/** https://github.com/Azure/Azure-Sentinel (MIT): Post Delivery Events by Location. */
const SEED = ['Quarantine', 'Delete', 'Junk', 'Inbox']
  .map(
    (location) => `let ${location.toLowerCase()}=EmailPostDeliveryEvents
| where Timestamp >= TimeStart
| where DeliveryLocation has '${location}'
| make-series Count= count() default = 0 on Timestamp from TimeStart to TimeEnd step 1d
| extend Details = "${location}";`
  )
  .join('\n')
const SEED_QUERY = `let TimeStart = startofday(ago(30d));
let TimeEnd = startofday(now());
${SEED}
union quarantine,delete,junk,inbox
| project Count, Details, Timestamp
| render timechart`

/** The counts of one line of the seed's chart by day. */
function seedLine({ events, keepDays, now }: Program, details: string): Map<string, number> {
  const table = tableOf(shownAt(events, now(), keepDays))
  const { rows, scans } = runKql(SEED_QUERY, { EmailPostDeliveryEvents: table }, instantOf(now().toISOString()) ?? 0n)
  t.equal(scans, 4)
  const [counts, , days] = (rows.find((row) => row[1] === details) ?? [[], details, []]) as [number[], string, bigint[]]
  return new Map(days.map((day, i) => [textOf(day).slice(0, 10), counts[i] ?? 0]))
}

/** How many events of each folded delivery location each day has: as plainly as it can be counted. */
function plainCount(events: readonly FakeEvent[]): Map<string, Record<string, number>> {
  const days = new Map<string, Record<string, number>>()
  for (const { at, deliveryLocation = '' } of events) {
    const day = days.get(at.slice(0, 10)) ?? {}
    const label = deliveryLocation === '' ? '(none)' : deliveryLocation.toLowerCase()
    day[label] = (day[label] ?? 0) + 1
    days.set(at.slice(0, 10), day)
  }
  return days
}

/** A row without its zeros, by folded label. */
function countsOf({ date, state, ...counts }: Row): Record<string, number> {
  return Object.fromEntries(
    Object.entries(counts).flatMap(([label, count]) =>
      Number(count) > 0 ? [[label.toLowerCase(), Number(count)]] : []
    )
  )
}

async function seriesOf({ get }: Served, query: string): Promise<Row[]> {
  const { status, body } = await get(`/series?${query}`)
  if (status !== 200) throw new Error(`/series answered ${status}`)
  return body['series'] as Row[]
}

/** Every served day from there on says what a plain count of what is shown now says. */
async function equalsPlainCount(
  t: Test,
  program: Program,
  served: Served,
  from: string,
  workspace: string
): Promise<void> {
  const to = program.now().toISOString().slice(0, 10)
  const plain = plainCount(shownAt(program.events, program.now(), program.keepDays))
  const rows = await seriesOf(served, `from=${from}&to=${to}&by=deliveryLocation&workspace=${workspace}`)
  t.same(
    rows.map((row) => [row.date, countsOf(row)]),
    rows.map(({ date }) => [date, plain.get(date) ?? {}]),
    `${workspace} equals a plain count from ${from} to ${to}`
  )
  t.same(
    rows.filter(({ state }) => state !== 'final' && state !== 'provisional'),
    [],
    'all of them are covered'
  )
}

t.test('a first fill equals a plain count of the events, and the Quarantine of the well-known query', async (t) => {
  const program = await openProgram(t, { WORKSPACES: `contoso=${ID}` })
  program.events = mailEvents('2026-08-01', '2026-11-22')
  await program.setTime('2026-11-20T15:00:00Z')
  t.match(await program.run(['ingest']), { status: 0, out: /^contoso: succeeded/ })
  const { days, bounds, labelled } = program.scans
  t.equal(days, 3, '90 days in questions of 30')
  t.equal(bounds, 2, 'at the start, and at the edge of the window')
  const inReach = shownAt(program.events, program.now(), 90).filter(({ at }) => at >= '2026-08-23')
  t.equal(labelled, inReach.length, 'each event had its labels read once')

  const served = await program.serve()
  await equalsPlainCount(t, program, served, '2026-08-24', 'contoso')
  for (const location of ['Quarantine', 'Junk', 'Inbox']) {
    const rows = await seriesOf(served, `location=${location}`)
    t.equal(rows.length, 30)
    const line = seedLine(program, location)
    t.same(new Map(rows.map((row) => [row.date, row[location]])), line, location)
    t.ok([...line.values()].some((count) => count > 0))
  }

  Object.assign(program.scans, { days: 0, bounds: 0 })
  for (let hour = 0; hour < 24; hour++) {
    await program.setTime(new Date(Date.parse('2026-11-21T00:05:00Z') + (hour * MS_PER_DAY) / 24).toISOString())
    t.match(await served.ingest('contoso'), { status: 'succeeded' })
  }
  t.match(program.scans, { days: 24, bounds: 24 }, 'a day of hourly runs: two questions each')
  await equalsPlainCount(t, program, served, '2026-08-24', 'contoso')
})

t.test('advanced hunting: the same over the 30 days that it keeps', async (t) => {
  const program = await openProgram(t, { SOURCE: 'graph', WORKSPACES: `contoso=${ID}` })
  program.events = mailEvents('2026-09-01', '2026-11-22')
  program.keepDays = 30
  await program.setTime('2026-11-20T15:00:00Z')
  t.match(await program.run(['ingest']), { status: 0 })
  const served = await program.serve()
  await equalsPlainCount(t, program, served, '2026-10-23', 'contoso')
  const line = seedLine(program, 'Quarantine')
  const rows = await seriesOf(served, 'location=Quarantine&from=2026-10-23')
  t.same(
    rows.map((row) => row['Quarantine']),
    rows.map(({ date }) => line.get(date))
  )
})

interface Table {
  columns: { name: string; type: string }[]
  rows: (string | number | null)[][]
}
interface Fault {
  /** Which question it meets: either, or only the one for days or for bounds. */
  readonly at: 'both' | 'days' | 'bounds'
  readonly reply: Reply
  readonly code: string
  readonly status?: string
}

/** The right answer, changed. */
function spoilt(change: (table: Table, answer: { tables: Table[]; error?: object }) => unknown): Reply {
  return (_request, response, right) => {
    const answer = right() as { tables: [Table] }
    change(answer.tables[0], answer)
    response.end(JSON.stringify(answer))
  }
}
/** The right answer as text, changed. */
function torn(change: (text: string) => string): Reply {
  return (_request, response, right) => response.end(change(JSON.stringify(right())))
}
function firstRow(table: Table): (string | number | null)[] {
  const [row] = table.rows
  if (row === undefined) throw new Error('an answer without rows cannot be spoilt')
  return row
}

const hang: Reply = () => {}
const PARTIAL = { code: 'PartialError', message: 'There were some errors', details: [{ code: 'EngineError' }] }
const status = (code: number, headers: Record<string, string> = {}): Reply => ({ status: code, headers, body: {} })
const noTable: Reply = {
  status: 400,
  body: { error: { message: "Failed to resolve table 'EmailPostDeliveryEvents'" } }
}

const FAULTS: Readonly<Record<string, Fault>> = {
  partial: { at: 'days', reply: spoilt((_, answer) => (answer.error = PARTIAL)), code: 'source-incomplete' },
  'partial-bounds': { at: 'bounds', reply: spoilt((_, answer) => (answer.error = PARTIAL)), code: 'source-incomplete' },
  'half-the-rows': {
    at: 'days',
    reply: spoilt((table, answer) => {
      table.rows.length = Math.floor(table.rows.length / 2)
      answer.error = PARTIAL
    }),
    code: 'source-incomplete'
  },
  empty: { at: 'both', reply: { body: '' }, code: 'source-incomplete' },
  'empty-days': { at: 'days', reply: { body: '' }, code: 'source-incomplete' },
  'no-tables': { at: 'both', reply: { body: { tables: [] } }, code: 'source-incomplete' },
  'no-tables-of-days': { at: 'days', reply: { body: { tables: [] } }, code: 'source-incomplete' },
  'null-day': { at: 'days', reply: spoilt((table) => (firstRow(table)[0] = null)), code: 'source-rejected' },
  'null-label': { at: 'days', reply: spoilt((table) => (firstRow(table)[1] = null)), code: 'source-rejected' },
  'null-count': { at: 'days', reply: spoilt((table) => (firstRow(table)[5] = null)), code: 'source-rejected' },
  'null-bounds': { at: 'bounds', reply: spoilt((table) => (firstRow(table)[0] = null)), code: 'source-rejected' },
  'text-count': { at: 'days', reply: spoilt((table) => (firstRow(table)[5] = '12')), code: 'source-rejected' },
  'negative-count': { at: 'days', reply: spoilt((table) => (firstRow(table)[5] = -1)), code: 'source-rejected' },
  'wrong-type': {
    at: 'days',
    reply: spoilt((table) => table.columns.forEach((column) => (column.type = 'dynamic'))),
    code: 'source-rejected'
  },
  'missing-column': {
    at: 'days',
    reply: spoilt((table) => table.columns.forEach((column) => (column.name = `x${column.name}`))),
    code: 'source-rejected'
  },
  'other-day': {
    at: 'days',
    reply: spoilt((table) => (firstRow(table)[0] = '2026-01-01T00:00:00Z')),
    code: 'source-rejected'
  },
  'no-midnight': {
    at: 'days',
    reply: spoilt((table) => (firstRow(table)[0] = '2026-11-20T12:00:00Z')),
    code: 'source-rejected'
  },
  twice: { at: 'days', reply: spoilt((table) => table.rows.push(firstRow(table))), code: 'source-rejected' },
  truncated: { at: 'days', reply: torn((text) => text.slice(0, -20)), code: 'source-incomplete' },
  html: { at: 'both', reply: torn(() => '<html>sign in</html>'), code: 'source-rejected' },
  cut: {
    at: 'days',
    reply: (_request, response, right) => {
      const text = JSON.stringify(right())
      response.writeHead(200, { 'Content-Length': text.length })
      response.write(text.slice(0, 40), () => response.destroy())
    },
    code: 'source-incomplete'
  },
  204: { at: 'both', reply: { status: 204, body: '' }, code: 'source-incomplete' },
  'no-table': { at: 'both', reply: noTable, code: 'source-rejected' },
  302: { at: 'both', reply: status(302, { Location: 'https://localhost:1/' }), code: 'source-rejected' },
  401: { at: 'both', reply: status(401), code: 'source-unauthorized' },
  403: { at: 'both', reply: status(403), code: 'source-unauthorized' },
  '403-days': { at: 'days', reply: status(403), code: 'source-unauthorized' },
  404: { at: 'both', reply: status(404), code: 'source-rejected' },
  429: { at: 'both', reply: status(429), code: 'source-throttled' },
  '429-an-hour': { at: 'both', reply: status(429, { 'Retry-After': '3600' }), code: 'source-throttled' },
  500: { at: 'both', reply: status(500), code: 'source-unavailable' },
  503: { at: 'both', reply: status(503), code: 'source-unavailable' },
  504: { at: 'days', reply: status(504), code: 'source-timeout' },
  hangs: { at: 'days', reply: hang, code: 'source-timeout' },
  trickles: {
    at: 'bounds',
    reply: (_request, response) => void response.write('{"tables":'),
    code: 'source-timeout'
  },
  'wrong-clock': {
    at: 'both',
    reply: (_request, response, right) => {
      response.setHeader('Date', new Date(Date.parse('2026-12-20T00:00:00Z')).toUTCString())
      response.end(JSON.stringify(right()))
    },
    code: 'clock-skew'
  },
  'empty-table': {
    at: 'bounds',
    reply: spoilt((table) => (table.rows = [])),
    code: 'source-shrunk',
    status: 'succeeded'
  },
  'empty-days-of-a-full-table': {
    at: 'days',
    reply: spoilt((table) => (table.rows = [])),
    code: 'source-shrunk',
    status: 'succeeded'
  }
}

t.test('under every fault at once no number changes, each run ends with its code, the next heals', async (t) => {
  const names = [...Object.keys(FAULTS), 'healthy', 'throttled-for-a-second']
  const ids = names.map((_, i) => `11111111-2222-3333-4444-${String(i).padStart(12, '0')}`)
  const program = await openProgram(t, {
    WORKSPACES: names.map((name, i) => `${name}=${ids[i]}`).join(','),
    SOURCE_RETENTION_DAYS: '12',
    INGEST_LAG_DAYS: '1'
  })
  // No quiet day among the last, whose events could not be spoilt.
  const last = ['2026-11-18', '2026-11-19', '2026-11-20', '2026-11-21']
  program.events = [
    ...mailEvents('2026-10-20', '2026-11-22'),
    ...last.map((day) => ({ at: `${day}T06:00:00Z`, arrived: `${day}T06:05:00Z`, deliveryLocation: 'Quarantine' }))
  ]
  await program.setTime('2026-11-20T15:00:00Z')
  t.match(await program.run(['ingest']), { status: 0 }, 'first all is well')

  const served = await program.serve({ INGEST_TIMEOUT_SECONDS: '15' })
  // Loading the libraries takes a while, and is no fault.
  await served.ingest('healthy')
  await program.setTime('2026-11-21T15:00:00Z')
  const read = (name: string): Promise<Row[]> => seriesOf(served, `workspace=${name}&from=2026-11-10&to=2026-11-20`)
  const before = await Promise.all(names.map(read))

  const throttled = new Set<string>()
  const reads: Promise<void>[] = []
  // While the source works at a question of somebody, the next of us reads, and sees what was there before.
  const readMeanwhile = async (i: number): Promise<void> => {
    const name = Object.keys(FAULTS)[i] ?? 'healthy'
    const rows = await read(name)
    if (name !== 'healthy' && !alike(rows, before[i] ?? [])) t.fail(`${name} was served otherwise during its fault`)
  }
  program.azure.replyTo = ({ path, kql }) => {
    reads.push(readMeanwhile(reads.length % names.length))
    const name = names[ids.findIndex((id) => path.includes(id))] ?? ''
    if (name === 'throttled-for-a-second' && !throttled.has(kql)) {
      throttled.add(kql)
      return status(429, { 'Retry-After': '1' })
    }
    const fault = FAULTS[name]
    const asks = kql.includes('DeliveryLocation') ? 'days' : 'bounds'
    return fault?.at === 'both' || fault?.at === asks ? fault.reply : undefined
  }
  const runs = await Promise.all(names.map(async (name) => served.ingest(name)))
  await Promise.all(reads)
  t.ok(reads.length > names.length)

  for (const [i, name] of names.entries()) {
    const fault = FAULTS[name]
    if (fault === undefined) {
      t.match(runs[i], { status: 'succeeded', error: undefined }, name)
      await equalsPlainCount(t, program, served, '2026-11-11', name)
      continue
    }
    t.match(runs[i], { status: fault.status ?? 'failed', error: { code: fault.code } }, name)
    const after = await read(name)
    t.ok(alike(after, before[i] ?? []), `${name}: the same counts as before`)
    if (fault.status === undefined) t.strictSame(after, before[i], `${name}: the same states`)
  }

  program.azure.replyTo = () => undefined
  t.match(await program.run(['ingest']), { status: 0 }, 'the next good run')
  for (const name of names) await equalsPlainCount(t, program, served, '2026-11-11', name)
  t.match(await served.stop(), { status: 0, err: '' })
})

function alike(a: readonly Row[], b: readonly Row[]): boolean {
  return JSON.stringify(countsOnly(a)) === JSON.stringify(countsOnly(b))
}

function countsOnly(rows: readonly Row[]): object[] {
  return rows.map(({ state, ...counts }) => counts)
}

t.test('an identity that hangs ends a command and a run in time, and the next one gets past it', async (t) => {
  const program = await openProgram(t, { WORKSPACES: `contoso=${ID}` })
  program.events = mailEvents('2026-11-01', '2026-11-20')
  await program.setTime('2026-11-20T15:00:00Z')
  program.azure.identityReplies.push(hang)
  const command = await program.run(['ingest'], { INGEST_TIMEOUT_SECONDS: '1' })
  t.match(command, { status: 1, out: /^contoso: failed.*source-timeout: no answer within 1 s/, err: '' })

  const served = await program.serve({ INGEST_TIMEOUT_SECONDS: '6' })
  program.azure.identityReplies.push(hang)
  t.match(await served.ingest('contoso'), { status: 'failed', error: { code: 'source-timeout' } })
  // On a busy machine a good answer may also take longer than that; one that hung for ever would each time.
  let next = await served.ingest('contoso')
  for (let more = 2; more > 0 && next.error?.code === 'source-timeout'; more--) next = await served.ingest('contoso')
  t.match(next, { status: 'succeeded' })
  await equalsPlainCount(t, program, served, '2026-11-02', 'contoso')
})

t.test('twenty days down are healed by the next good run, newest days first', async (t) => {
  const program = await openProgram(t, { WORKSPACES: `contoso=${ID}` })
  program.events = mailEvents('2026-09-01', '2026-12-12')
  await program.setTime('2026-11-20T15:00:00Z')
  await program.run(['ingest'])
  const served = await program.serve()
  const before = await seriesOf(served, 'from=2026-09-02&to=2026-11-20')

  program.azure.replyTo = () => ({ status: 503, body: '<html>down</html>' })
  await program.setTime('2026-12-10T15:00:00Z')
  t.match(await served.ingest('contoso'), { status: 'failed', error: { code: 'source-unavailable' } })
  t.same(await seriesOf(served, 'from=2026-09-02&to=2026-11-20'), before)
  const { body } = await served.get('/status')
  t.match(body['workspaces'], [{ missing: [{ from: '2026-11-21', to: '2026-12-09' }], atRisk: [] }])

  program.azure.replyTo = () => undefined
  const asked = program.azure.requests.length
  t.match(await served.ingest('contoso'), { status: 'succeeded' })
  const ranges = program.azure.requests
    .slice(asked)
    .flatMap(({ kql }) => /EventTime >= datetime\((\S{10})/.exec(kql)?.[1] ?? [])
  t.same(ranges, ranges.toSorted().toReversed(), 'newest first')
  await equalsPlainCount(t, program, served, '2026-09-12', 'contoso')
})

t.test('what the source is about to forget is at risk before it is forgotten, and then lost, never zero', async (t) => {
  const program = await openProgram(t, { WORKSPACES: `contoso=${ID}` })
  program.events = mailEvents('2026-09-01', '2027-01-10')
  // Believed are 90 days.
  program.keepDays = 30
  await program.setTime('2026-11-15T15:00:00Z')
  const served = await program.serve()
  t.match(await served.ingest('contoso'), { status: 'succeeded' })
  await program.setTime('2026-11-20T15:00:00Z')
  t.match(await served.ingest('contoso'), { status: 'succeeded' })
  const covered = await seriesOf(served, 'from=2026-10-17&to=2026-11-20')
  const statusOf = async (): Promise<unknown> => ((await served.get('/status')).body['workspaces'] as unknown[])[0]

  program.azure.replyTo = () => ({ status: 403, body: {} })
  await program.setTime('2026-12-12T15:00:00Z')
  t.match(await statusOf(), { missing: [{ from: '2026-11-21', to: '2026-12-11' }], atRisk: [], atRiskDays: 0 })
  await program.setTime('2026-12-13T15:00:00Z')
  t.match(await statusOf(), {
    atRisk: [{ from: '2026-11-21', to: '2026-11-21', lostAfter: '2026-12-20' }],
    atRiskDays: 1
  })

  // On the last day of that warning the source still has it whole.
  await program.setTime('2026-12-20T15:00:00Z')
  program.azure.replyTo = () => undefined
  t.match(await served.ingest('contoso'), { status: 'succeeded' })
  await equalsPlainCount(t, program, served, '2026-11-21', 'contoso')
  t.match(await statusOf(), { missing: [], atRisk: [] })

  // Once more, and longer than the source remembers.
  program.azure.replyTo = () => ({ status: 403, body: {} })
  await program.setTime('2027-02-05T15:00:00Z')
  t.match(await served.ingest('contoso'), { status: 'failed' })
  program.events = [...program.events, ...mailEvents('2027-01-25', '2027-02-06', 2)]
  program.azure.replyTo = () => undefined
  t.match(await served.ingest('contoso'), { status: 'succeeded' })
  t.same(
    countsOnly(await seriesOf(served, 'from=2026-10-17&to=2026-11-20')),
    countsOnly(covered),
    'what was read stays'
  )
  const gone = await seriesOf(served, 'from=2026-12-22&to=2027-01-05')
  for (const { date, state, Quarantine } of gone) t.same([state, Quarantine], ['lost', null], date)
})
