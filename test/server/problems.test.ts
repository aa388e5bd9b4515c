import t from 'tap'
import { connect, type AddressInfo } from 'node:net'
import type { Test } from 'tap'
import { OperationalError } from '../../src/model/errors.ts'
import { newService, type Service } from '../support/service.ts'

interface Raw {
  readonly head: string
  readonly body: string
}

const get = (url: string): string => `GET ${url} HTTP/1.1\r\nHost: localhost\r\n`

/** Sends the bytes as they are, and reads until the server ends the connection. */
async function send({ app }: Service, text: string): Promise<Raw> {
  const { port } = app.server.address() as AddressInfo
  const socket = connect(port, '127.0.0.1')
  socket.write(text)
  let answer = ''
  for await (const chunk of socket) answer += String(chunk)
  const end = answer.indexOf('\r\n\r\n')
  return { head: answer.slice(0, end), body: answer.slice(end + 4) }
}

async function listening(t: Test): Promise<Service> {
  const service = await newService(t)
  await service.app.listen({ host: '127.0.0.1', port: 0 })
  return service
}

t.test('every error is a problem document with its code', async (t) => {
  const { app } = await newService(t)
  const json = { 'content-type': 'application/json' }
  const ingest = { method: 'POST', url: '/ingest' } as const
  const cases = [
    [{ url: '/series?location=Inbx' }, 400, 'invalid-request'],
    [{ url: '/series?asOf=1' }, 400, 'invalid-range'],
    [{ url: '/series?theme=dark' }, 400, 'invalid-request'],
    [{ url: '/series?from=a&from=b' }, 400, 'invalid-request'],
    [{ url: '/series?from=2026-11-02&to=2026-11-01' }, 400, 'invalid-range'],
    [{ url: '/series?from=2001-01-01' }, 400, 'invalid-range'],
    [{ url: '/series?workspace=none' }, 404, 'unknown-workspace'],
    [{ url: '/status?x=1' }, 400, 'invalid-request'],
    [{ url: '/health/live?x=1' }, 400, 'invalid-request'],
    [{ url: '/labels' }, 400, 'invalid-request'],
    [{ url: '/labels?by=location' }, 400, 'invalid-request'],
    [{ url: '/runs?limit=0' }, 400, 'invalid-request'],
    [{ url: '/runs?limit=1001' }, 400, 'invalid-request'],
    [{ url: '/runs?limit=1.5' }, 400, 'invalid-request'],
    [{ url: '/runs?limit=Infinity' }, 400, 'invalid-request'],
    [{ url: '/runs?limit=-Infinity' }, 400, 'invalid-request'],
    [{ url: '/runs?limit=NaN' }, 400, 'invalid-request'],
    [{ url: '/changes?limit=1e999' }, 400, 'invalid-request'],
    [{ url: '/runs/none' }, 404, 'not-found'],
    [{ url: `/runs/${'x'.repeat(65)}` }, 400, 'invalid-request'],
    [{ url: `/runs/${'x'.repeat(1_001)}` }, 414, 'invalid-request'],
    [{ url: '/runs/%zz' }, 400, 'invalid-request'],
    [{ url: '/nothing' }, 404, 'not-found'],
    [{ url: '/docs/static/nothing.js' }, 404, 'not-found'],
    [{ method: 'POST', url: '/nothing' }, 404, 'not-found'],
    [{ method: 'DELETE', url: '/series' }, 405, 'method-not-allowed'],
    [{ method: 'GET', url: '/ingest' }, 405, 'method-not-allowed'],
    [{ ...ingest, headers: json, payload: '{' }, 400, 'invalid-request'],
    [{ ...ingest, headers: json, payload: '[]' }, 400, 'invalid-request'],
    [{ ...ingest, headers: json, payload: '{"__proto__":{}}' }, 400, 'invalid-request'],
    [{ ...ingest, payload: { days: 3 } }, 400, 'invalid-request'],
    [{ ...ingest, payload: { from: 'x' } }, 400, 'invalid-request'],
    [{ ...ingest, payload: { workspace: 'none' } }, 404, 'unknown-workspace'],
    [{ url: '/ingest?from=2026-11-01', method: 'POST' }, 400, 'invalid-request'],
    [{ ...ingest, payload: { from: 'x'.repeat(65 * 1_024) } }, 413, 'payload-too-large'],
    [{ ...ingest, headers: { 'content-type': 'text/plain' }, payload: '{}' }, 415, 'unsupported-media-type'],
    [{ ...ingest, headers: { 'content-type': 'x' }, payload: '{}' }, 415, 'unsupported-media-type']
  ] as const
  for (const [request, status, code] of cases) {
    const res = await app.inject(request)
    const problem = res.json<{ detail: string }>()
    const name = `${'method' in request ? request.method : 'GET'} ${request.url.slice(0, 60)}`
    t.equal(res.statusCode, status, name)
    t.equal(res.headers['content-type'], 'application/problem+json', name)
    t.match(problem, { type: new RegExp(`/${code}$`), status, code, title: String, detail: String }, name)
    t.ok(problem.detail.length < 500, name)
    t.equal(res.headers['x-content-type-options'], 'nosniff')
    t.equal(res.headers['cache-control'], 'no-store')
  }
})

t.test('every parameter at fault is named, with the value and what is possible', async (t) => {
  const { app } = await newService(t)
  const res = await app.inject('/series?location=Inbx&step=year&x=1&layout=wide&layout=long')
  t.same(res.json().errors, [
    {
      parameter: 'x',
      detail:
        'is unknown: there are location, from, to, workspace, by, deliveryLocation, actionType, actionTrigger, actionResult, step, layout, asOf, format, theme'
    },
    { parameter: 'location', detail: "'Inbx' is none of Quarantine, Delete, Junk, Inbox, Other" },
    { parameter: 'step', detail: "'year' is none of day, week, month" },
    { parameter: 'layout', detail: 'is given more than once' }
  ])
  const range = await app.inject('/series?from=2026-11-31')
  t.match(range.json().errors, [{ parameter: 'from', detail: /2026-11-31/ }])
  const many = await app.inject(`/series?actionType=${Array.from({ length: 51 }, (_, i) => i).join(',')}`)
  t.same(many.json().errors, [{ parameter: 'actionType', detail: 'has more than 50 values' }])
  const long = await app.inject(`/series?actionType=${'x'.repeat(257)}`)
  t.same(long.json().errors, [{ parameter: 'actionType', detail: 'is longer than 256 characters' }])
  const proto = await app.inject('/series?__proto__=1&constructor=2')
  t.same(
    proto
      .json<{ errors: { parameter: string }[] }>()
      .errors.map(({ parameter }) => parameter)
      .toSorted(),
    ['__proto__', 'constructor']
  )
})

t.test('a method that is not allowed is answered with those that are', async (t) => {
  const { app } = await newService(t)
  const allowed: Record<string, string> = {
    '/series': 'GET, HEAD, OPTIONS',
    '/series/': 'GET, HEAD, OPTIONS',
    '/series?x=1': 'GET, HEAD, OPTIONS',
    '/runs/some-id': 'GET, HEAD, OPTIONS',
    '/ingest': 'POST, OPTIONS',
    '/health/live': 'GET, HEAD, OPTIONS'
  }
  for (const [url, allow] of Object.entries(allowed)) {
    const res = await app.inject({ method: 'PATCH', url })
    t.equal(res.statusCode, 405, url)
    t.same(String(res.headers.allow).split(', ').toSorted(), allow.split(', ').toSorted(), url)
    t.equal((await app.inject({ method: 'OPTIONS', url })).statusCode, 204, url)
  }
  t.equal((await app.inject({ method: 'OPTIONS', url: '/nothing' })).statusCode, 404)
})

t.test('a store that cannot be read is 503 everywhere, and only the log learns why', async (t) => {
  const cause = new Error('disk I/O error at /secret/path')
  const broken = async (): Promise<never> => {
    throw new OperationalError('store-unavailable', 'the store cannot be read', { cause })
  }
  const { app, lines } = await newService(t, {
    wrapStore: (store) => ({ ...store, workspaces: broken, findWorkspace: broken, findRun: broken })
  })
  for (const url of [
    '/series',
    '/locations',
    '/labels?by=actionType',
    '/status',
    '/runs',
    '/runs/x',
    '/health/ready'
  ]) {
    const res = await app.inject(url)
    t.equal(res.statusCode, 503, url)
    t.match(res.json(), { code: 'store-unavailable', detail: 'the store cannot be read' }, url)
    t.equal(res.headers['retry-after'], '5')
    t.notOk(res.headers.etag)
    t.notMatch(res.body, /secret/)
  }
  t.equal((await app.inject('/health/live')).statusCode, 200)
  const failed = lines.filter(({ msg }) => msg === 'request failed')
  t.equal(failed.length, 7)
  t.match(JSON.stringify(failed[0]), /disk I\/O error at \/secret\/path/)
})

t.test('a bug is 500 without a word about it, and is logged whole, under the id that the caller got', async (t) => {
  const { app, lines } = await newService(t, {
    wrapStore: (store) => ({
      ...store,
      async findWorkspace() {
        throw new TypeError('x is not a function')
      },
      async workspaces() {
        throw new OperationalError('source-rejected', 'which is no reason to refuse a request')
      }
    })
  })
  const res = await app.inject('/series?workspace=default')
  t.equal(res.statusCode, 500)
  t.same(res.json(), { type: 'about:blank', title: 'Internal Server Error', status: 500, code: 'internal' })
  t.match(lines, [
    {
      msg: 'request failed',
      requestId: res.headers['x-request-id'],
      path: '/series',
      query: { workspace: 'default' },
      status: 500,
      err: { message: 'x is not a function', stack: /problems\.test/ }
    }
  ])
  t.equal((await app.inject('/status')).statusCode, 500)
})

t.test('what is no request is answered on the bare connection, which then ends', async (t) => {
  const service = await listening(t)
  const host = 'Host: localhost\r\n'
  const cases: readonly [string, number][] = [
    ['nonsense\r\n\r\n', 400],
    [`FOO /series HTTP/1.1\r\n${host}\r\n`, 400],
    [`GET /series HTTP/1.1\r\n${host}Content-Length: 1\r\nContent-Length: 2\r\n\r\n`, 400],
    [`GET /series HTTP/1.1\r\n${host}A: ${'a'.repeat(20_000)}\r\n\r\n`, 431],
    [`GET /${'a'.repeat(20_000)} HTTP/1.1\r\n${host}\r\n`, 414],
    [`GET /series HTTP/1.1\r\n${host}A: ${'a'.repeat(5_000_000)}\r\n\r\n`, 431]
  ]
  for (const [text, status] of cases) {
    const { head, body } = await send(service, text)
    t.match(head, new RegExp(`^HTTP/1.1 ${status} `), text.slice(0, 40))
    t.match(head, /content-type: application\/problem\+json/)
    t.match(head, /connection: close/)
    t.match(JSON.parse(body), { status, code: 'invalid-request' })
  }
})

t.test('a request without a Host is refused with a problem, and one of HTTP/1.0 cannot be checked', async (t) => {
  const service = await listening(t)
  const { head, body } = await send(service, 'GET /series HTTP/1.1\r\nConnection: close\r\n\r\n')
  t.match(head, /^HTTP\/1.1 400 /)
  t.match(JSON.parse(body), { code: 'invalid-request', detail: /Host/ })
  const old = await send(service, 'GET /series HTTP/1.0\r\n\r\n')
  t.match(old.head, /^HTTP\/1.1 403 /)
  const local = await send(service, 'GET /series HTTP/1.0\r\nHost: localhost\r\n\r\n')
  t.match(local.head, /^HTTP\/1.1 200 /)
})

t.test('an unknown expectation does not keep a request from its answer', async (t) => {
  const service = await listening(t)
  const { head } = await send(
    service,
    'GET /health/live HTTP/1.1\r\nHost: localhost\r\nExpect: tea\r\nConnection: close\r\n\r\n'
  )
  t.match(head, /^HTTP\/1.1 200 /)
})

t.test('a connection is kept for the next request, also after an error', async (t) => {
  const service = await listening(t)
  const text = `${get('/health/live')}\r\n${get('/series?x=1')}\r\n${get('/health/live')}Connection: close\r\n\r\n`
  const { head, body } = await send(service, text)
  t.same((head + body).match(/HTTP\/1\.1 \d+/g), ['HTTP/1.1 200', 'HTTP/1.1 400', 'HTTP/1.1 200'])
})

t.test('what a client can send or keep open has an end', async (t) => {
  const { app } = await newService(t)
  const { headersTimeout, requestTimeout, timeout, keepAliveTimeout } = app.server
  t.same(
    { headersTimeout, requestTimeout, timeout, keepAliveTimeout },
    {
      headersTimeout: 5_000,
      requestTimeout: 10_000,
      timeout: 15_000,
      keepAliveTimeout: 72_000
    }
  )
})
