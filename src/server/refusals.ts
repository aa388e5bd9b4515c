// Every error leaves as a problem document, wherever it came up.
import type { Socket } from 'node:net'
import { STATUS_CODES } from 'node:http'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { OperationalError } from '../model/errors.ts'
import { MISSED_DETAIL, missesGrafana, readableProblem } from './grafana-errors.ts'
import { HEADERS, VARY, varyWith } from './headers.ts'
import { INTERNAL, PROBLEM_TYPE, RequestError, toProblem, type Problem } from './problem.ts'
import { hideSecrets } from './redact.ts'
import { lineOf } from './request-log.ts'

/** After so many seconds it makes sense to ask again what was refused for now. */
const RETRY_AFTER_SECONDS = 5

export function addRefusals(app: FastifyInstance): void {
  const allowed = collectMethods(app)

  app.setErrorHandler((error, request, reply) => refuse(error, request, reply))

  app.setNotFoundHandler((request, reply) => {
    const path = request.url.split('?', 1)[0] ?? '/'
    if (missesGrafana(request.method, path)) throw new OperationalError('not-found', MISSED_DETAIL)
    const methods = allowed(path)
    if (methods.length === 0 || methods.includes(request.method))
      throw new OperationalError('not-found', `there is nothing at ${path.slice(0, 100)}`)
    reply.header('allow', [...methods, 'OPTIONS'].join(', '))
    if (request.method === 'OPTIONS') return reply.code(204).send()
    throw new OperationalError('method-not-allowed', `${request.method} is not allowed here, but ${methods.join(', ')}`)
  })

  // To whoever takes us for a proxy; Node itself would say nothing.
  app.server.on('connect', (_request, socket: Socket) => refuseBroken(new Error('CONNECT'), socket))

  // An expectation that we do not know is no reason to refuse a request.
  app.server.on('checkExpectation', (request, response) => app.server.emit('request', request, response))
}

/** Answers with the problem that an error is; what is ours to repair is logged whole. */
export function refuse(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const problem = tell(error)
  reply.code(problem.status).headers({ ...HEADERS, vary: varyWith(reply.getHeader('vary')) })
  reply.removeHeader('etag')
  if (problem.status === 503) reply.header('retry-after', RETRY_AFTER_SECONDS)
  if (problem.status >= 500) {
    reply.header('x-request-id', request.id)
    // Being too busy for somebody is no failure, and a flood of it need not fill the log with stacks.
    if (problem.code === 'overloaded') request.log.warn(lineOf(request, reply), 'request refused')
    else request.log.error({ ...lineOf(request, reply), err: error }, 'request failed')
  }
  return reply.type(PROBLEM_TYPE).send(bytesOf(readableProblem(problem, request)))
}

/** Also of an error that cannot even be described nothing is told but that. */
function tell(error: unknown): Problem {
  try {
    return hideSecretsIn(toProblem(error))
  } catch {
    return INTERNAL
  }
}

/** What a caller sent comes back in some details; a key that stands in the wrong place does not. */
function hideSecretsIn(problem: Problem): Problem {
  const { detail, errors } = problem
  return {
    ...problem,
    ...(detail !== undefined && { detail: hideSecrets(detail) }),
    ...(errors && {
      errors: errors.map((each) => ({ parameter: hideSecrets(each.parameter), detail: hideSecrets(each.detail) }))
    })
  }
}

/** As bytes, since to a text of this type the framework would add a charset that RFC 9457 does not know. */
function bytesOf(problem: object): Buffer {
  return Buffer.from(JSON.stringify(problem))
}

/** The methods by which a path can be asked, by the routes registered from here on. */
function collectMethods(app: FastifyInstance): (path: string) => readonly string[] {
  const routes: { readonly pattern: RegExp; readonly methods: readonly string[] }[] = []
  app.addHook('onRoute', ({ url, method }) => {
    // The route of preflights stands for every path, and so for none.
    if (url === '*') return
    const pattern = url
      .replace(/[.+?^${}()|[\]\\]/g, String.raw`\$&`)
      .replace(/:\w+/g, '[^/]+')
      .replace('*', '.*')
    routes.push({ pattern: new RegExp(`^${pattern.replace(/\/$/, '')}/?$`), methods: [method].flat() })
  })
  return (path) => [...new Set(routes.filter(({ pattern }) => pattern.test(path)).flatMap(({ methods }) => methods))]
}

/** What cannot be read as a request is answered on the bare connection, which ends with it. */
export function refuseBroken(error: NodeJS.ErrnoException, socket: Socket): void {
  // Nobody is there any more, or the answer was given already and more of the same comes in behind it.
  if (error.code === 'ECONNRESET' || !socket.writable) return
  const problem = toProblem(requestErrorOf(error))
  const body = JSON.stringify(problem)
  const headers = {
    ...HEADERS,
    vary: VARY,
    'content-type': PROBLEM_TYPE,
    'content-length': Buffer.byteLength(body),
    connection: 'close'
  }
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`)
  const status = `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status] ?? ''}`
  socket.end([status, ...lines, '', body].join('\r\n'))
  // Bytes left unread would make the system reset the connection, and the answer would be lost with it. So they are
  // read and dropped, though not for ever.
  socket.resume()
  setTimeout(() => socket.destroy(), LINGER_MS).unref()
}

const LINGER_MS = 1_000

/** All that comes before a body, together. */
export const MAX_HEADER_BYTES = 16 * 1_024

interface BrokenRequest extends NodeJS.ErrnoException {
  /** The bytes at hand when it broke. */
  readonly rawPacket?: Buffer
}

function requestErrorOf({ code, rawPacket }: BrokenRequest): RequestError {
  if (code === 'HPE_HEADER_OVERFLOW' && isLongAddress(rawPacket?.toString('latin1') ?? '')) {
    return new RequestError('invalid-request', 'the address is longer than 16 kB', { status: 414 })
  }
  if (code === 'HPE_HEADER_OVERFLOW') {
    return new RequestError('invalid-request', 'the address and the headers are longer than 16 kB', { status: 431 })
  }
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') {
    return new RequestError('invalid-request', 'the request did not come to its end in time', { status: 408 })
  }
  return new RequestError('invalid-request', 'this is no HTTP request')
}

/** Whether the first line of a request is what is too long. */
function isLongAddress(bytes: string): boolean {
  const end = bytes.indexOf('\n')
  return /^[A-Z]+ \//.test(bytes) && (end === -1 || end > MAX_HEADER_BYTES)
}

/** A request of HTTP/1.1 has to say whom it is for; what Node itself answers to one that does not has no body. */
export function requireHost(app: FastifyInstance): void {
  app.addHook('onRequest', ({ raw }, _reply, done) => {
    const hosts = countHosts(raw.rawHeaders)
    if (hosts > 1) throw new OperationalError('invalid-request', 'a request has one Host, and not several')
    if (hosts === 0 && raw.httpVersion === '1.1') {
      throw new OperationalError('invalid-request', 'a request of HTTP/1.1 must have a Host')
    }
    done()
  })
}

/** Of several, Node shows the first, and somebody before us may have gone by another. */
function countHosts(rawHeaders: readonly string[]): number {
  let count = 0
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] ?? ''
    if (name.length === 4 && name.toLowerCase() === 'host') count++
  }
  return count
}
