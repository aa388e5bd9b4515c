// Which requests leave a line: those that failed, were slow or changed something; all of them on demand.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { membersOf } from './members.ts'
import { parametersOf } from './query.ts'
import { hideSecrets } from './redact.ts'

const SLOW_MS = 1_000
const READING = new Set(['GET', 'HEAD', 'OPTIONS'])

/** A failure leaves its line where it is answered, with its cause. */
export function addRequestLog(app: FastifyInstance, accessLog: boolean): void {
  app.addHook('onResponse', (request, reply, done) => {
    const changing = !READING.has(request.method)
    if (reply.statusCode < 500 && (accessLog || changing || reply.elapsedTime > SLOW_MS)) {
      request.log.info(lineOf(request, reply), 'request answered')
    }
    done()
  })
}

/**
 * What may be logged of a request: no header, and of its address only what we know. A parameter that we do not have may
 * be a key that somebody put there.
 */
export function lineOf(request: FastifyRequest, reply: FastifyReply): object {
  return {
    requestId: request.id,
    method: request.method,
    path: request.routeOptions.url ?? hideSecrets(request.url.split('?', 1)[0] ?? '').slice(0, 200),
    query: knownParameters(request),
    caller: request.caller?.name,
    status: reply.statusCode,
    ms: Math.round(reply.elapsedTime)
  }
}

function knownParameters(request: FastifyRequest): object | undefined {
  const known = membersOf(membersOf(request.routeOptions.schema?.querystring)['properties'])
  const given = Object.entries(parametersOf(request)).filter(([name]) => Object.hasOwn(known, name))
  return given.length === 0 ? undefined : Object.fromEntries(given.map(([name, value]) => [name, valueOf(value)]))
}

/** A parameter may be a list; what is too long tells nobody more. */
function valueOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.slice(0, 50).map(valueOf)
  return typeof value === 'string' ? hideSecrets(value).slice(0, 200) : value
}
