// Advanced hunting, against a server that speaks as Microsoft Graph does.
import t from 'tap'
import { IDLE_MS } from '../../src/ingest/azure/ask-beside.ts'
import { openGraphSource } from '../../src/ingest/graph.ts'
import type { AzureSourceOptions } from '../../src/ingest/azure/types.ts'
import type { Clock } from '../../src/model/clock.ts'
import type { Day } from '../../src/model/day.ts'
import { startAzure, type Reply } from '../support/azure-server.ts'
import { fakeClock } from '../support/fake-clock.ts'

const range = { from: '2026-11-03' as Day, to: '2026-11-04' as Day }
const never = new AbortController().signal
const fabrikam = { name: 'fabrikam', id: '99999999-2222-3333-4444-555555555555' }
const time = fakeClock('2026-11-20T09:30:00Z')
const azure = await startAzure(t, time)
const pauses: number[] = []
const clock: Clock = {
  now: () => time.now(),
  async after(ms, signal) {
    if (ms === 180_000 || ms === IDLE_MS) return time.after(ms, signal)
    pauses.push(ms)
    await time.advance(ms)
  }
}
const open = (changes?: Partial<AzureSourceOptions>) => openGraphSource(azure.options({ clock, ...changes }))

t.beforeEach(() => {
  azure.columns = { Timestamp: true, TimeGenerated: false }
  azure.events = [
    { at: '2026-11-02T23:59:59Z' },
    { at: '2026-11-03T12:00:00Z', deliveryLocation: 'Junk folder' },
    { at: '2026-11-12T12:00:00Z' },
    { at: '2026-11-19T12:00:00Z' }
  ]
  azure.replies.length = 0
  pauses.length = 0
})

t.test('days and bounds are read, by the time of the events', async (t) => {
  const source = open()
  t.equal(source.name, 'graph')
  t.same(await source.fetchDays(fabrikam, range, never), [
    {
      day: '2026-11-03',
      cells: [
        {
          deliveryLocation: 'Junk folder',
          actionType: 'Phish ZAP',
          actionTrigger: '',
          actionResult: 'Success',
          count: 1
        }
      ]
    },
    { day: '2026-11-04', cells: [] }
  ])
  t.same(await source.fetchBounds(fabrikam, never), {
    today: '2026-11-20',
    bounds: { today: '2026-11-20', firstArrival: '2026-11-02', lastArrival: '2026-11-19', proof: '2026-11-12' },
    binding: { kind: 'graph', id: fabrikam.id, timeColumn: 'Timestamp' }
  })
})

t.test('the question goes to Microsoft Graph as it wants it', async (t) => {
  await open().fetchDays(fabrikam, range, never)
  await open({ retentionDays: 90 }).fetchDays(fabrikam, range, never)
  const [first, second] = azure.requests.slice(-2)
  t.match(first, {
    path: '/v1.0/security/runHuntingQuery',
    headers: { authorization: 'Bearer test-token', 'cache-control': 'no-cache', 'content-type': 'application/json' },
    timespan: 'P30D'
  })
  t.equal(second?.timespan, 'P90D')
  t.match(azure.identityRequests.at(-1), /resource=https%3A%2F%2Flocalhost%3A\d+(&|$)/)
})

t.test('a time column that is not there is an error, and not a quiet month', async (t) => {
  const source = open({ timeColumn: 'TimeGenerated' })
  await t.rejects(source.fetchBounds(fabrikam, never), { code: 'source-rejected', message: /TIME_COLUMN=auto/ })
  await t.rejects(source.fetchDays(fabrikam, range, never), { code: 'source-rejected', message: /TIME_COLUMN=auto/ })
})

t.test('a cloud without advanced hunting says so', async (t) => {
  const options = azure.options()
  const source = open({ azure: { ...options.azure, graphEndpoint: null } })
  await t.rejects(source.fetchBounds(fabrikam, never), { code: 'source-rejected', message: /SOURCE=log-analytics/ })
})

const jwt = (claims: object): string => `e30.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.c2ln`
const tokenOf = (tid: string): Reply => ({
  body: {
    access_token: jwt({ tid }),
    expires_on: String(Math.floor(Date.now() / 1000) + 3000),
    resource: 'r',
    token_type: 'Bearer'
  }
})

t.test('a token of another tenant is not used, since it would bring the counts of that one', async (t) => {
  const other = { name: 'other', id: '88888888-2222-3333-4444-555555555555' }
  const source = open()
  const before = azure.requests.length
  azure.identityReplies.push(tokenOf(fabrikam.id))
  await t.rejects(source.fetchDays(other, range, never), {
    code: 'source-unauthorized',
    message: /belongs to the tenant 99999999-.*not to 88888888-/
  })
  t.equal(azure.requests.length, before)
  azure.identityReplies.push(tokenOf(other.id.toUpperCase()))
  await t.resolves(source.fetchDays(other, range, never))
})

const hunting = (results: object[]): object => ({
  schema: ['DeliveryLocation', 'ActionType', 'ActionTrigger', 'ActionResult']
    .map((name) => ({ name, type: 'String' }))
    .concat([
      { name: 'Day', type: 'DateTime' },
      { name: 'Count', type: 'Int64' }
    ]),
  results
})
const FAULTS: readonly { name: string; reply: Reply; code: string; message?: RegExp; attempts?: number }[] = [
  {
    name: 'a partial answer',
    reply: { body: { ...hunting([]), error: { code: 'Partial', message: 'too much' } } },
    code: 'source-incomplete',
    message: /too much/
  },
  {
    name: 'an answer that goes on elsewhere',
    reply: { body: { ...hunting([]), '@odata.nextLink': 'https://x.example' } },
    code: 'source-incomplete'
  },
  { name: 'an empty 200', reply: { body: '' }, code: 'source-incomplete' },
  { name: 'a 204', reply: (_request, response) => response.writeHead(204).end(), code: 'source-incomplete' },
  { name: 'no schema', reply: { body: { results: [] } }, code: 'source-incomplete' },
  { name: 'HTML', reply: { body: '<html></html>' }, code: 'source-rejected' },
  { name: 'truncated JSON', reply: { body: '{"schema":[' }, code: 'source-incomplete' },
  { name: 'nulls', reply: { body: hunting([{ Day: null, Count: null }]) }, code: 'source-rejected' },
  {
    name: 'a body that breaks off',
    reply: (_request, response) => {
      response.writeHead(200, { 'Content-Length': 10_000 })
      response.write('{"schema":[', () => response.destroy())
    },
    code: 'source-incomplete',
    message: /broke off/,
    attempts: 3
  },
  {
    name: 'a connection that is reset',
    reply: (request) => request.socket.destroy(),
    code: 'source-unavailable',
    attempts: 3
  },
  {
    name: 'a missing table',
    reply: {
      status: 400,
      body: {
        error: {
          code: 'BadRequest',
          message: "Failed to resolve table or column expression named 'EmailPostDeliveryEvents'"
        }
      }
    },
    code: 'source-rejected',
    message: /the tenant 'fabrikam' has no table.*Defender for Office 365/
  },
  { name: 'a 401', reply: { status: 401, body: {} }, code: 'source-unauthorized' },
  {
    name: 'a 403',
    reply: { status: 403, body: { error: { code: 'Forbidden', message: 'no' } } },
    code: 'source-unauthorized',
    message: /ThreatHunting\.Read\.All/
  },
  {
    name: 'a 429',
    reply: { status: 429, headers: { 'Retry-After': '5' }, body: {} },
    code: 'source-throttled',
    attempts: 3
  },
  { name: 'a 500', reply: { status: 500, body: {} }, code: 'source-unavailable', attempts: 3 },
  { name: 'a 504', reply: { status: 504, body: {} }, code: 'source-timeout' },
  {
    name: 'a redirect',
    reply: { status: 307, headers: { Location: '/v1.0/security/runHuntingQuery' }, body: '' },
    code: 'source-rejected'
  },
  {
    name: 'a body without an end',
    reply: (_request, response) => {
      const spaces = Buffer.alloc(1024 * 1024, ' ')
      const more = (): void => {
        while (!response.destroyed && response.write(spaces));
      }
      response.on('drain', more)
      response.write('{"schema":[')
      more()
    },
    code: 'source-rejected',
    message: /longer than/
  }
]

for (const { name, reply, code, message = /./, attempts = 1 } of FAULTS) {
  t.test(`${name} is refused whole as ${code}, after ${attempts} attempts`, async (t) => {
    const source = open()
    const before = azure.requests.length
    azure.replies.push(...Array.from({ length: attempts }, () => reply))
    await t.rejects(source.fetchDays(fabrikam, range, never), { name: 'OperationalError', code, message })
    t.equal(azure.requests.length - before, attempts)
    t.match(await source.fetchDays(fabrikam, range, never), [{ cells: [{ count: 1 }] }, { cells: [] }])
  })
}
