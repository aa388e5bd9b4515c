// What others can hold of us: work, connections, answers that they do not read. Over real sockets where it matters.
import { once } from 'node:events'
import { connect, type AddressInfo, type Socket } from 'node:net'
import { setImmediate as turn } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { addDays, eachDay, parseDay } from '../../src/model/day.ts'
import { ANYONE } from '../../src/server/caller.ts'
import { MOST_CONNECTIONS, READ_WITHIN_MS } from '../../src/server/connections.ts'
import { createExpensiveWork } from '../../src/server/expensive.ts'
import { addKey } from '../support/keys.ts'
import { cell, newService, type Service, type ServiceOptions } from '../support/service.ts'

const HOST = 'Host: localhost\r\n'
const YEARS = '/series?from=2016-12-01&to=2026-11-01'
/** Other questions of the same length, since one that is asked twice at once is computed once. */
const years = (i: number): string => YEARS.replace(/from=[\d-]+/, `from=${addDays(parseDay('2018-01-01'), i)}`)

async function listening(t: Test, options: ServiceOptions = {}): Promise<Service & { port: number }> {
  const service = await newService(t, options)
  await service.app.listen({ host: '127.0.0.1', port: 0 })
  return { ...service, port: (service.app.server.address() as AddressInfo).port }
}

async function open(t: Test, port: number, text = ''): Promise<Socket> {
  const socket = connect(port, '127.0.0.1')
  socket.on('error', () => {})
  t.teardown(() => socket.destroy())
  await once(socket, 'connect')
  if (text !== '') socket.write(text)
  return socket
}

/** Everything that comes until the other side ends. */
async function read(socket: Socket): Promise<string> {
  let text = ''
  for await (const chunk of socket) text += String(chunk)
  return text
}

t.test('long answers are made one at a time, and too many are refused at once', async (t) => {
  const { app } = await newService(t)
  const asked = Array.from({ length: 100 }, (_, i) => app.inject(years(i)))
  const answers = await Promise.all(asked)
  const statuses = new Map<number, number>()
  for (const { statusCode } of answers) statuses.set(statusCode, (statuses.get(statusCode) ?? 0) + 1)
  t.same(new Set(statuses.keys()), new Set([200, 503]))
  t.ok((statuses.get(200) ?? 0) >= 16)
  const refused = answers.find(({ statusCode }) => statusCode === 503)
  t.match(refused?.json(), { code: 'overloaded', detail: /at once/ })
  t.match(refused?.headers['retry-after'], /^\d+$/)
  t.equal((await app.inject(YEARS)).statusCode, 200, 'when these are done it goes on')
})

t.test('a short answer, and the word that we are ready, wait for no long one', async (t) => {
  const { app, store } = await newService(t, { auth: 'on' })
  const busy = await addKey(store, { name: 'busy' })
  const other = await addKey(store, { name: 'other' })
  const answered: string[] = []
  const ask = async (name: string, url: string, headers: Record<string, string>): Promise<void> => {
    const { statusCode } = await app.inject({ url, headers })
    if (statusCode === 200) answered.push(name)
  }
  const long = Array.from({ length: 16 }, (_, i) => ask('long', `${years(i)}&format=svg`, busy.headers))
  await Promise.all([ask('short', '/series', other.headers), ask('ready', '/health/ready', {})])
  t.same(answered.filter((name) => name !== 'long').toSorted(), ['ready', 'short'])
  t.ok(answered.length < 8, 'while most of the others still wait')
  const theirs = ask('long of another', `${YEARS}&format=svg`, other.headers)
  await Promise.all([...long, theirs])
  t.ok(answered.includes('long of another'), 'who has all of their own turns does not take those of others')
})

t.test('work that fails gives its turn to the next, and nobody has more than their share', async (t) => {
  const work = createExpensiveWork(() => 0)
  const others = Array.from({ length: 3 }, (_, i) => ({ ...ANYONE, name: `caller ${i}` }))
  const started: string[] = []
  const all = others.flatMap((caller) =>
    Array.from({ length: 20 }, async () =>
      work
        .run(caller, async () => {
          started.push(caller.name)
          await turn()
          throw new Error('no')
        })
        .catch((error: unknown) => (error instanceof Error ? error.message : ''))
    )
  )
  const messages = await Promise.all(all)
  t.equal(messages.filter((message) => message === 'no').length, 32)
  t.equal(messages.filter((message) => /too many long answers/.test(message)).length, 28)
  t.equal(started.filter((name) => name === 'caller 0').length, 16)
  t.equal(await work.run(ANYONE, async () => 'later'), 'later')
})

t.test('nothing long is begun while too much that was made is not read', async (t) => {
  let unsent = 200_000_001
  const work = createExpensiveWork(() => unsent)
  await t.rejects(
    work.run(ANYONE, async () => {}),
    { code: 'overloaded', message: /not been read/ }
  )
  unsent = 0
  await t.resolves(work.run(ANYONE, async () => {}))
})

t.test('an answer that is not read in time is ended, though a byte be taken now and then', async (t) => {
  const { port, fill, clock, app } = await listening(t)
  const days = eachDay({ from: parseDay('2016-12-01'), to: parseDay('2026-11-01') })
  await fill('default', Object.fromEntries(days.map((day) => [day, [cell('Inbox', 1)]])))
  const request = `GET ${YEARS}&layout=long HTTP/1.1\r\n${HOST}\r\n`

  const slow = await open(t, port, request.repeat(30))
  const ended = once(slow, 'close')
  slow.pause()
  // So much lies unread in the system that the server has to keep the rest.
  const [held] = await unsentOf(app)
  t.ok(held !== undefined && held.writableLength > 0)

  await clock.advance(READ_WITHIN_MS)
  slow.read(1)
  await clock.advance(10_000)
  t.equal(held?.destroyed, true)
  slow.resume()
  await ended

  const quick = await open(t, port, `${request}${request.replace(HOST, `${HOST}Connection: close\r\n`)}`)
  await clock.advance(10_000)
  t.equal((await read(quick)).match(/HTTP\/1.1 200/g)?.length, 2, 'who reads gets all')
})

/** The server's side of connections that hold something unsent, as soon as there is one. */
async function unsentOf(app: Service['app']): Promise<Socket[]> {
  const found: Socket[] = []
  const watch = (socket: Socket): void => void found.push(socket)
  app.server.on('request', (request) => watch(request.socket))
  for (;;) {
    const held = found.filter((socket) => socket.writableLength > 0)
    if (held.length > 0) return held
    await turn()
  }
}

t.test('connections that say nothing make room for those that do', async (t) => {
  const { port, app } = await listening(t)
  const answered = await open(t, port, `GET /health/live HTTP/1.1\r\n${HOST}\r\n`)
  await once(answered, 'data')
  const first = await open(t, port)
  const firstEnded = once(first, 'close')
  for (let left = MOST_CONNECTIONS - 2; left > 0; left -= 100) {
    await Promise.all(Array.from({ length: Math.min(100, left) }, () => open(t, port)))
  }
  const late = await open(t, port, `GET /series HTTP/1.1\r\n${HOST}Connection: close\r\n\r\n`)
  t.match(await read(late), /^HTTP\/1.1 200/)
  await firstEnded
  t.equal(answered.destroyed, false, 'one that never asked goes before one that has')
  const held = await new Promise<number>((resolve) => app.server.getConnections((_error, count) => resolve(count)))
  t.ok(held <= MOST_CONNECTIONS)
})

t.test(
  'callers that come at once are all answered while others hold every connection with half a request',
  async (t) => {
    const { port, app } = await listening(t)
    for (let left = MOST_CONNECTIONS; left > 0; left -= 100) {
      await Promise.all(Array.from({ length: 100 }, () => open(t, port, 'GET /series HT')))
    }
    const ask = `GET /series HTTP/1.1\r\n${HOST}Connection: close\r\n\r\n`
    const callers = Array.from({ length: 50 }, async () => read(await open(t, port, ask)).catch(String))
    t.same(
      (await Promise.all(callers)).filter((answer) => !answer.startsWith('HTTP/1.1 200')),
      []
    )
    const held = await new Promise<number>((resolve) => app.server.getConnections((_error, count) => resolve(count)))
    t.ok(held <= MOST_CONNECTIONS)
  }
)

t.test('a megabyte of address, and garbage behind a request, end with an answer and the connection', async (t) => {
  const { port } = await listening(t)
  const long = await read(await open(t, port, `GET /series?from=${'x'.repeat(1_000_000)} HTTP/1.1\r\n${HOST}\r\n`))
  t.match(long, /^HTTP\/1.1 414 /)
  t.match(JSON.parse(long.slice(long.indexOf('\r\n\r\n'))), { code: 'invalid-request', status: 414 })
  const headers = await read(await open(t, port, `GET / HTTP/1.1\r\n${HOST}X: ${'x'.repeat(1_000_000)}\r\n\r\n`))
  t.match(headers, /^HTTP\/1.1 431 /)
  const garbage = `GET /health/live HTTP/1.1\r\n${HOST}\r\n\x00\x01garbage\r\n\r\n`
  t.same((await read(await open(t, port, garbage))).match(/HTTP\/1\.1 \d+/g), ['HTTP/1.1 400'])
  const two = await read(
    await open(t, port, `GET /series HTTP/1.1\r\n${HOST}Host: evil.example\r\nConnection: close\r\n\r\n`)
  )
  t.match(two, /^HTTP\/1.1 400 /, 'nobody can tell whom a request with two hosts is for')
})
