// Real processes that are told to stop while they are asked.
import { once } from 'node:events'
import { Agent, get, type IncomingMessage } from 'node:http'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import t, { type Test } from 'tap'
import { start, type Command } from '../support/command.ts'

interface Served extends Command {
  readonly url: string
}

async function serve(t: Test, env: Record<string, string> = {}): Promise<Served> {
  const service = start(t.testdir(), ['serve'], { PORT: '0', INGEST_CRON: '', ...env })
  t.teardown(() => service.child.kill('SIGKILL'))
  const rest = await service.seen('listening at ')
  return { ...service, url: rest.slice(0, rest.indexOf('"')) }
}

interface Answer {
  readonly status: number | undefined
  readonly connection: string | undefined
  readonly body: string
}

function ask(url: string, agent: Agent): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = get(url, { agent }, (response: IncomingMessage) => {
      let body = ''
      response.setEncoding('utf8').on('data', (text: string) => (body += text))
      response.on('end', () => resolve({ status: response.statusCode, connection: response.headers.connection, body }))
      response.on('error', reject)
    })
    request.on('error', reject)
  })
}

/** Asks again and again, as long as the service says that it is ready; what was answered in between. */
async function followReadiness(url: string, agent: Agent): Promise<Answer[]> {
  const answers: Answer[] = []
  for (;;) {
    const ready = await ask(`${url}/health/ready`, agent)
    if (ready.status !== 200) return answers
    for (let i = 0; i < 5; i++) answers.push(await ask(`${url}/series`, agent))
  }
}

t.test('whoever follows readiness sees no request fail, and every connection is told its end', async (t) => {
  const { url, child, ended } = await serve(t, { DRAIN_SECONDS: '1' })
  const agent = new Agent({ keepAlive: true })
  t.teardown(() => agent.destroy())
  const clients = Promise.all(Array.from({ length: 4 }, () => followReadiness(url, agent)))
  t.equal((await ask(`${url}/series`, agent)).connection, 'keep-alive')
  child.kill('SIGTERM')
  const answers = (await clients).flat()
  t.same(new Set(answers.map(({ status }) => status)), new Set([200]))

  // Those who did not look at readiness are served until the drain is over.
  const late = await ask(`${url}/series`, agent)
  t.match(late, { status: 200, connection: 'close' })
  const ready = await ask(`${url}/health/ready`, agent)
  t.match(ready, { status: 503, connection: 'close' })
  t.match(JSON.parse(ready.body), { code: 'overloaded', detail: /draining/ })
  t.equal((await ask(`${url}/health/live`, agent)).status, 200)
  t.match(await ended, { status: 0, err: '' })
})

t.test(
  'an end comes with 0 whatever hangs: idle and half-open connections, slow readers, a silent source',
  async (t) => {
    const source = await silent(t)
    const { url, child, ended } = await serve(t, {
      SOURCE: 'log-analytics',
      WORKSPACES: '11111111-aaaa-4aaa-8aaa-111111111111',
      LOG_ANALYTICS_ENDPOINT: `https://127.0.0.1:${source.port}`,
      IDENTITY_ENDPOINT: `http://127.0.0.1:${source.port}/msi/token`,
      IDENTITY_HEADER: 'x',
      AZURE_TOKEN_CREDENTIALS: 'ManagedIdentityCredential',
      INGEST_CRON: '0 0 1 1 *'
    })
    await source.asked
    const idle = await open(t, url, '')
    const half = await open(t, url, 'POST /ingest HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n{')
    const slow = await open(
      t,
      url,
      'GET /series?from=2017-01-01&to=2026-11-01 HTTP/1.1\r\nHost: localhost\r\n\r\n'.repeat(40)
    )
    slow.pause()
    const kept = await open(t, url, 'GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n')
    await once(kept, 'data')
    child.kill('SIGTERM')
    const { status, err, out } = await ended
    t.same({ status, err }, { status: 0, err: '' })
    t.match(out, /"msg":"stopped"\}\n$/)
    t.match(out, /"status":"failed".*"code":"cancelled"/, 'the run has its record')
    for (const socket of [idle, half, slow, kept]) socket.destroy()
  }
)

t.test('a second signal ends it at once', async (t) => {
  const { child, ended, seen } = await serve(t, { DRAIN_SECONDS: '600' })
  child.kill('SIGTERM')
  await seen('"msg":"stopping"')
  child.kill('SIGINT')
  t.match(await ended, { status: 1 })
})

/** A server that takes connections and never says a word. */
async function silent(t: Test): Promise<{ port: number; asked: Promise<unknown> }> {
  const server = createServer((socket) => socket.on('error', () => {}))
  const asked = once(server, 'connection')
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  return { port: (server.address() as AddressInfo).port, asked }
}

async function open(t: Test, url: string, text: string): Promise<Socket> {
  const { hostname, port } = new URL(url)
  const socket = connect(Number(port), hostname)
  socket.on('error', () => {})
  t.teardown(() => socket.destroy())
  await once(socket, 'connect')
  if (text !== '') await new Promise<void>((resolve) => socket.write(text, () => resolve()))
  return socket
}
