// What an attacker writes on a connection: each is answered once, in the words of the API, and moves nothing inside.
import { gzipSync } from 'node:zlib'
import type { AddressInfo } from 'node:net'
import t, { type Test } from 'tap'
import { addDays } from '../../src/model/day.ts'
import type { Answer } from '../support/answer-check.ts'
import { exchange, parseAnswer } from '../support/ask.ts'
import { d } from '../support/counts.ts'
import { newService, type Service } from '../support/service.ts'

const HOST = 'Host: localhost\r\n'
const CLOSE = 'Connection: close\r\n'
const JSON_BODY = 'Content-Type: application/json\r\n'

type Listening = Service & { send(text: string | Buffer): Promise<Answer> }

async function listening(t: Test): Promise<Listening> {
  const service = await newService(t)
  await service.app.listen({ host: '127.0.0.1', port: 0 })
  const { port } = service.app.server.address() as AddressInfo
  return {
    ...service,
    // Throws where another answer stands behind the first.
    send: async (text) => parseAnswer(await exchange(port, text))
  }
}

function codeOf({ headers, body }: Answer): unknown {
  if (headers['content-type'] !== 'application/problem+json') return `no problem but ${headers['content-type']}`
  const { code }: { code: unknown } = JSON.parse(body)
  return code
}

t.test('a request whose end could be taken for another is refused, and what is behind it not answered', async (t) => {
  const { send, lines } = await listening(t)
  const hidden = `0\r\n\r\nGET /status HTTP/1.1\r\n${HOST}\r\n`
  const forms = [
    'Content-Length: 4\r\nTransfer-Encoding: chunked\r\n',
    'Transfer-Encoding: chunked\r\nContent-Length: 4\r\n',
    'Content-Length: 4\r\nContent-Length: 0\r\n',
    'Content-Length: +4\r\n',
    'Content-Length: 4, 4\r\n',
    'Transfer-Encoding: xchunked\r\n',
    'Transfer-Encoding: chunked, identity\r\n',
    'Transfer-Encoding : chunked\r\n',
    'Transfer-Encoding:\r\n chunked\r\n',
    'X: a\0b\r\n',
    'X: a\r\n b\r\n',
    'X: a\nContent-Length: 4\r\n'
  ]
  for (const form of forms) {
    const answer = await send(`POST /ingest HTTP/1.1\r\n${HOST}${JSON_BODY}${form}\r\n${hidden}`)
    t.same([form, answer.status, codeOf(answer)], [form, 400, 'invalid-request'])
    t.equal(answer.headers['connection'], 'close')
  }
  t.same(
    lines.filter(({ path }) => path === '/ingest' || path === '/status'),
    []
  )
})

t.test('a body that a reading request brings is no further request', async (t) => {
  const { send } = await listening(t)
  const inner = `GET /status HTTP/1.1\r\n${HOST}\r\n`
  const length = `Content-Length: ${inner.length}\r\n`
  const answer = await send(`GET /health/live HTTP/1.1\r\n${HOST}${CLOSE}${length}\r\n${inner}`)
  t.match(answer, { status: 200, body: '{"status":"ok"}' })
})

t.test('a target with a host is meant for that host, whatever else is said', async (t) => {
  const { send } = await listening(t)
  const cases: readonly [target: string, host: string, status: number][] = [
    ['http://localhost/series', 'localhost', 200],
    ['http://127.0.0.1:8080/series?from=2026-11-01', 'evil.example', 200],
    ['http://localhost', 'localhost', 200],
    ['http://localhost?x=1', 'localhost', 200],
    ['http://evil.example/series', 'localhost', 403],
    ['HTTPS://evil.example:443/series', 'localhost', 403],
    ['http://localhost@evil.example/series', 'localhost', 403],
    ['http://evil.example', 'localhost', 403],
    ['http:///series', 'localhost', 403],
    ['ftp://localhost/series', 'localhost', 404]
  ]
  for (const [target, host, status] of cases) {
    const answer = await send(`GET ${target} HTTP/1.1\r\nHost: ${host}\r\n${CLOSE}\r\n`)
    t.same([target, answer.status], [target, status])
  }
  const missed = await send(`POST http://localhost/grafana/query HTTP/1.1\r\n${HOST}${CLOSE}${JSON_BODY}\r\n`)
  t.same([missed.status, missed.body], [200, '[]'], 'it is answered as if it had none')
})

t.test('what is too long is refused before it is read to its end', async (t) => {
  const { send } = await listening(t)
  const start = `GET /series HTTP/1.1\r\n${HOST}${CLOSE}`
  const cases: readonly [string, number][] = [
    [`GET /series?${'x'.repeat(1_000_000)} HTTP/1.1\r\n${HOST}${CLOSE}\r\n`, 414],
    [`GET /runs/${'x'.repeat(2_000)} HTTP/1.1\r\n${HOST}${CLOSE}\r\n`, 414],
    [`${start}If-None-Match: ${'"a",'.repeat(25_000)}\r\n\r\n`, 431],
    [`${start}${Array.from({ length: 3_000 }, (_, i) => `x${i}: 1\r\n`).join('')}\r\n`, 431],
    [`POST /ingest HTTP/1.1\r\n${HOST}${CLOSE}${JSON_BODY}Content-Length: 65537\r\n\r\n`, 413]
  ]
  for (const [text, status] of cases) {
    const answer = await send(text)
    t.equal(answer.status, status)
    t.match(codeOf(answer), status === 413 ? 'payload-too-large' : 'invalid-request')
    t.ok(answer.body.length < 500, 'and it is not sent back')
  }
  const { status } = await send(
    `${start}If-None-Match: ${'"'.repeat(12_000)}\r\nRange: bytes=${'0-,'.repeat(1_000)}1\r\n\r\n`
  )
  t.equal(status, 200, 'what is long and means nothing costs nothing')
})

t.test('no path leads out of what is served', async (t) => {
  const { send } = await listening(t)
  const paths = [
    '/docs/static/../../package.json',
    '/docs/static/..%2f..%2f..%2fpackage.json',
    '/docs/static/%2e%2e/%2e%2e/package.json',
    String.raw`/docs/static/..\..\package.json`,
    '/docs/static/..%5c..%5cpackage.json',
    '/docs/static//etc/passwd',
    '/docs/static/%00',
    '/docs/static/.env',
    '/page/../app.ts',
    '/page/..%2fapp.ts',
    '/page/%2e%2e/app.ts',
    '/../../etc/passwd',
    '//evil.example/..'
  ]
  for (const path of paths) {
    const answer = await send(`GET ${path} HTTP/1.1\r\n${HOST}${CLOSE}\r\n`)
    t.same([path, answer.status, codeOf(answer)], [path, 404, 'not-found'])
  }
})

t.test('a method that is for proxies or for looking at oneself does nothing', async (t) => {
  const { send } = await listening(t)
  const connected = await send('CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example:443\r\n\r\n')
  t.same([connected.status, codeOf(connected)], [400, 'invalid-request'])
  const traced = await send(`TRACE /series HTTP/1.1\r\n${HOST}${CLOSE}X-API-Key: very-secret\r\n\r\n`)
  t.same([traced.status, codeOf(traced)], [405, 'method-not-allowed'])
  t.notMatch(JSON.stringify(traced), /very-secret/)
  const upgraded = await send(
    `GET /health/live HTTP/1.1\r\n${HOST}${CLOSE}Upgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n\r\n`
  )
  t.equal(upgraded.status, 200, 'what we do not speak is not spoken')
})

t.test('a body that is packed is refused, since nobody knows how large it would become', async (t) => {
  const { send } = await listening(t)
  const body = gzipSync('{}')
  const head = `POST /ingest HTTP/1.1\r\n${HOST}${CLOSE}${JSON_BODY}Content-Encoding: gzip\r\nContent-Length: ${body.length}\r\n\r\n`
  const answer = await send(Buffer.concat([Buffer.from(head), body]))
  t.same([answer.status, codeOf(answer)], [415, 'unsupported-media-type'])
  t.match(answer.body, /Content-Encoding/)
})

t.test('who is told to come again leaves one short line in the log', async (t) => {
  const { app, lines } = await newService(t)
  const days = Array.from({ length: 60 }, (_, i) => addDays(d('2017-01-01'), i))
  const asked = days.map((day) => app.inject(`/series?from=${day}&to=2026-11-01`))
  const refused = (await Promise.all(asked)).filter(({ statusCode }) => statusCode === 503)
  t.ok(refused.length > 0)
  t.match(
    lines,
    Array.from(refused, () => ({ level: 40, msg: 'request refused', status: 503, err: undefined }))
  )
})
