// Everything that Azure and the way to it can do instead of answering, one after another, against the real library.
import { once } from 'node:events'
import { createServer } from 'node:https'
import type { ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { inspect } from 'node:util'
import t from 'tap'
import { IDLE_MS } from '../../src/ingest/azure/ask-beside.ts'
import { openLogAnalyticsSource } from '../../src/ingest/log-analytics.ts'
import type { AzureSourceOptions } from '../../src/ingest/azure/types.ts'
import type { Clock } from '../../src/model/clock.ts'
import type { Day } from '../../src/model/day.ts'
import { startAzure, type Reply } from '../support/azure-server.ts'
import { fakeClock } from '../support/fake-clock.ts'
import { makeCertificate } from '../support/test-ca.ts'

const contoso = { name: 'contoso', id: '11111111-2222-3333-4444-555555555555' }
const range = { from: '2026-11-03' as Day, to: '2026-11-04' as Day }
const never = new AbortController().signal
const TIMEOUT_MS = 180_000
const time = fakeClock('2026-11-20T09:30:00Z')
const azure = await startAzure(t, time)

/** The pauses between attempts pass at once, and are noted; the deadline comes only when a test lets time pass. */
const pauses: number[] = []
const clock: Clock = {
  now: () => time.now(),
  async after(ms, signal) {
    if (ms === TIMEOUT_MS || ms === IDLE_MS) return time.after(ms, signal)
    pauses.push(ms)
    await time.advance(ms)
  }
}
const open = (changes?: Partial<AzureSourceOptions>) =>
  openLogAnalyticsSource(azure.options({ clock, timeoutMs: TIMEOUT_MS, ...changes }))

t.beforeEach(() => {
  azure.events = [{ at: '2026-11-03T12:00:00Z' }]
  azure.replies.length = 0
  pauses.length = 0
})

const error = (code: string, message: string, innermost: object = {}): object => ({
  error: { code, message, innererror: innermost }
})
const missingTable = error('BadArgumentError', 'The request had some invalid properties', {
  code: 'SemanticError',
  message: 'A semantic error occurred.',
  innererror: {
    code: 'SEM0100',
    message: "'where' operator: Failed to resolve table or column expression named 'EmailPostDeliveryEvents'"
  }
})
const cutShort = (response: ServerResponse, body: string): void => {
  response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': 10_000 })
  response.write(body, () => response.destroy())
}

interface Fault {
  readonly name: string
  readonly reply: Reply
  readonly code: string
  readonly message?: RegExp
  /** How often the question is sent, if the fault stays. */
  readonly attempts?: number
}
const FAULTS: readonly Fault[] = [
  {
    name: 'a partial answer',
    reply: (_request, response, right) => {
      const partial = {
        code: 'PartialError',
        message: 'There were some errors',
        details: [
          {
            code: 'EngineError',
            innererror: { code: '-2133196797', message: 'the result set is too large', severityName: 'Error' }
          }
        ]
      }
      response.end(JSON.stringify({ ...right(), error: partial }))
    },
    code: 'source-incomplete',
    message: /the result set is too large/
  },
  { name: 'an empty 200', reply: { body: '' }, code: 'source-incomplete', message: /empty/ },
  { name: 'a 204', reply: { status: 204, body: '' }, code: 'source-incomplete', message: /204/ },
  { name: 'a 202', reply: { status: 202, body: {} }, code: 'source-incomplete' },
  { name: 'no tables', reply: { body: { tables: [] } }, code: 'source-incomplete' },
  { name: 'an empty object', reply: { body: {} }, code: 'source-incomplete' },
  { name: 'HTML', reply: { body: '<html><body>Sign in</body></html>' }, code: 'source-rejected', message: /proxy/ },
  { name: 'truncated JSON', reply: { body: '{"tables":[{"name":"PrimaryResult","col' }, code: 'source-incomplete' },
  { name: 'JSON of another kind', reply: { body: [] }, code: 'source-rejected' },
  {
    name: 'a body that breaks off',
    reply: (_request, response) => cutShort(response, '{"tables":['),
    code: 'source-incomplete',
    message: /broke off/,
    attempts: 3
  },
  {
    name: 'a connection that is reset',
    reply: (request) => request.socket.destroy(),
    code: 'source-unavailable',
    message: /ECONNRESET/,
    attempts: 3
  },
  {
    name: 'XML',
    reply: { headers: { 'Content-Type': 'application/xml' }, body: '<error/>' },
    code: 'source-rejected'
  },
  {
    name: 'bytes that are no text',
    reply: (_request, response) => response.end(Buffer.from([0x7b, 0xff, 0xfe, 0x7d])),
    code: 'source-rejected',
    message: /UTF-8/
  },
  {
    name: 'a missing table',
    reply: { status: 400, body: missingTable },
    code: 'source-rejected',
    message: /'contoso' has no table EmailPostDeliveryEvents: connect Microsoft Defender XDR.*data lake.*SEM0100/
  },
  {
    name: 'a missing column',
    reply: {
      status: 400,
      body: error('BadArgumentError', 'invalid', {
        code: 'SEM0100',
        message: "Failed to resolve scalar expression named 'ActionResult'"
      })
    },
    code: 'source-rejected',
    message: /refuses the query.*'ActionResult'/
  },
  {
    name: 'a 401',
    reply: { status: 401, body: error('InvalidTokenError', 'expired') },
    code: 'source-unauthorized',
    message: /AZURE_CLOUD/
  },
  {
    name: 'a 403',
    reply: { status: 403, body: error('InsufficientAccessError', 'The provided credentials have insufficient access') },
    code: 'source-unauthorized',
    message: /Log Analytics Reader.*insufficient access/
  },
  {
    name: 'a 404',
    reply: { status: 404, body: error('WorkspaceNotFoundError', 'not found') },
    code: 'source-rejected',
    message: /WORKSPACES/
  },
  { name: 'a 429 without Retry-After', reply: { status: 429, body: {} }, code: 'source-throttled', attempts: 3 },
  {
    name: 'a 429 with one',
    reply: { status: 429, headers: { 'Retry-After': '7' }, body: {} },
    code: 'source-throttled',
    attempts: 3
  },
  {
    name: 'a 429 for an hour',
    reply: { status: 429, headers: { 'Retry-After': '3600' }, body: {} },
    code: 'source-throttled',
    attempts: 1
  },
  {
    name: 'a 500',
    reply: { status: 500, body: error('InternalServerError', 'oops') },
    code: 'source-unavailable',
    message: /oops/,
    attempts: 3
  },
  {
    name: 'a 502 in HTML',
    reply: { status: 502, body: '<html>Bad gateway</html>' },
    code: 'source-unavailable',
    message: /502/,
    attempts: 3
  },
  {
    name: 'a 503',
    reply: { status: 503, headers: { 'Retry-After': '1' }, body: '' },
    code: 'source-unavailable',
    attempts: 3
  },
  {
    name: 'a 504',
    reply: { status: 504, body: error('GatewayTimeout', 'took too long') },
    code: 'source-timeout',
    message: /took too long/
  },
  ...[301, 302, 303, 307, 308].map((status) => ({
    name: `a ${status} to itself`,
    reply: { status, headers: { Location: '/v1/elsewhere' }, body: '' },
    code: 'source-rejected',
    message: /elsewhere/
  })),
  {
    name: 'a body without an end',
    reply: (_request, response) => {
      const spaces = Buffer.alloc(1024 * 1024, ' ')
      response.write('{"tables":[')
      const more = (): void => {
        while (!response.destroyed && response.write(spaces));
      }
      response.on('drain', more)
      more()
    },
    code: 'source-rejected',
    message: /longer than/
  }
]

for (const { name, reply, code, message = /./, attempts = 1 } of FAULTS) {
  t.test(`${name} is refused whole as ${code}, after ${attempts} attempts, and does not outlast itself`, async (t) => {
    const source = open()
    const asks: (() => Promise<unknown>)[] = [
      () => source.fetchDays(contoso, range, never),
      () => source.fetchBounds(contoso, never)
    ]
    for (const ask of asks) {
      const before = azure.requests.length
      azure.replies.push(...Array.from({ length: attempts }, () => reply))
      await t.rejects(ask(), { name: 'OperationalError', code, message })
      t.equal(azure.requests.length - before, attempts)
      t.equal(azure.replies.length, 0)
    }
    t.match(await source.fetchDays(contoso, range, never), [{ cells: [{ count: 1 }] }, { cells: [] }])
  })
}

t.test('what passes by itself is asked again after a pause, at least as long as the source asks for', async (t) => {
  const source = open()
  azure.replies.push({ status: 503, body: '' }, (request) => request.socket.destroy())
  t.match(await source.fetchDays(contoso, range, never), [{ cells: [{ count: 1 }] }, { cells: [] }])
  t.same(pauses.splice(0), [1000, 2000])

  azure.replies.push({ status: 429, headers: { 'Retry-After': '42' }, body: {} })
  await source.fetchDays(contoso, range, never)
  t.same(pauses.splice(0), [42_000])

  const inHalfAMinute = new Date(time.now().getTime() + 30_000).toUTCString()
  azure.replies.push({ status: 503, headers: { 'Retry-After': inHalfAMinute }, body: {} })
  await source.fetchDays(contoso, range, never)
  t.same(pauses.splice(0), [30_000])
})

t.test('a pause that would outlast the deadline is left to the next run', async (t) => {
  const source = open()
  const wait: Reply = { status: 429, headers: { 'Retry-After': '100' }, body: {} }
  azure.replies.push(wait, wait)
  await t.rejects(source.fetchDays(contoso, range, never), { code: 'source-throttled' })
  t.same(pauses, [100_000])
})

t.test('no message shows a token or more than a line of what came', async (t) => {
  const source = open()
  const said = `secret\nBearer ${'A'.repeat(200)} ${'long '.repeat(1000)}`
  azure.replies.push({ status: 400, body: error('BadArgumentError', said) })
  const thrown = await source.fetchDays(contoso, range, never).catch((caught: unknown) => caught)
  t.type(thrown, Error)
  t.ok((thrown as Error).message.length < 700)
  t.notMatch((thrown as Error).message, /\n|AAAA/)
  t.notMatch(inspect(thrown, { depth: 10, showHidden: true }), /test-token|AAAA|test-identity-header/)
})

t.test('a server that nobody vouches for is not asked', async (t) => {
  const stranger = createServer(makeCertificate(), () => t.fail('asked'))
  stranger.listen(0, '127.0.0.1')
  await once(stranger, 'listening')
  t.teardown(() => stranger.close())
  const endpoint = `https://localhost:${(stranger.address() as AddressInfo).port}`
  const options = azure.options()
  const source = open({ azure: { ...options.azure, logAnalyticsEndpoint: endpoint } })
  await t.rejects(source.fetchDays(contoso, range, never), {
    code: 'source-unavailable',
    message: /NODE_EXTRA_CA_CERTS/
  })
})

t.test('a server that is not there is unavailable', async (t) => {
  const options = azure.options()
  const source = open({ azure: { ...options.azure, logAnalyticsEndpoint: 'https://localhost:1' } })
  await t.rejects(source.fetchDays(contoso, range, never), { code: 'source-unavailable', message: /ECONNREFUSED/ })
  t.same(pauses, [1000, 2000])
})
