// The gate before every route: a key where AUTH is on, and nothing but local calls where it is off; and how often.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Scope } from '../model/api-key.ts'
import type { Clock } from '../model/clock.ts'
import { addressOf, networkOf } from './addresses.ts'
import { ANYONE, requireScope, type Caller } from './caller.ts'
import { createIdentify, type Identified } from './identify.ts'
import { createKeyRing } from './keys.ts'
import { createCrossSiteGuard, createLocalGuard } from './local-guard.ts'
import type { ServerOptions } from './options.ts'
import { RequestError } from './problem.ts'
import type { Trust } from './proxies.ts'
import { createRateLimit, type RateLimit } from './rate-limit.ts'

export type AuthOptions = Pick<
  ServerOptions,
  'auth' | 'apiKeys' | 'entra' | 'rateLimitPerMinute' | 'allowedHosts' | 'corsOrigins' | 'store' | 'clock'
> & { readonly trust: Trust }

/** So many wrong keys a minute from one address are told that they are wrong. What is right passes all the same. */
const WRONG_KEYS_PER_MINUTE = 60

export async function addAuth(app: FastifyInstance, options: AuthOptions): Promise<void> {
  app.decorateRequest('caller', null)
  if (options.auth === 'off') addLocalGate(app, options)
  else await addKeyGate(app, options)
}

/** Without keys: local calls only, counted by where they come from. */
function addLocalGate(app: FastifyInstance, options: AuthOptions): void {
  const guard = createLocalGuard(options)
  const spend = createSpender(options)
  app.addHook('onRequest', (request, reply, done) => {
    guard(request)
    request.caller = ANYONE
    if (request.routeOptions.config.open !== true) spend(reply, networkOf(addressOf(request)))
    done()
  })
}

/** With keys: whoever shows a good one, as far as its scopes go, counted by it. */
async function addKeyGate(app: FastifyInstance, options: AuthOptions): Promise<void> {
  const { clock, entra } = options
  const onFailure = (err: unknown): void => app.log.warn({ err }, 'the keys of the tenant could not be read')
  // What reads tokens takes as much memory as all other gates together, and few need it.
  const tokens = entra ? (await import('./entra.ts')).createTokenGate({ ...entra, clock, onFailure }) : null
  const identify = createIdentify(createKeyRing(options), tokens)
  const spend = createSpender(options)
  const refuseUnknown = createRefusal(clock)
  const refuseCrossSite = createCrossSiteGuard(options.corsOrigins)

  const admit = (who: Identified, request: FastifyRequest, reply: FastifyReply, scopes?: readonly Scope[]): void => {
    if (typeof who === 'string') return refuseUnknown(who, request, reply)
    const { caller, id } = who
    request.caller = caller
    spend(reply, id)
    requireAnyScope(caller, scopes)
  }

  app.addHook('onRequest', (request, reply, done) => {
    const { open, scopes } = request.routeOptions.config
    if (open === true || request.method === 'OPTIONS') return done()
    // A browser keeps the password of Basic, and sends it also with what another site's page posts.
    if (request.method !== 'GET' && isBasic(request)) refuseCrossSite(request)
    const who = identify(request.headers)
    // What has to be waited for is handed to the framework as a promise, and what is known already costs none.
    if (who instanceof Promise) return who.then((found) => admit(found, request, reply, scopes))
    admit(who, request, reply, scopes)
    return done()
  })
}

function isBasic({ headers }: FastifyRequest): boolean {
  return /^basic /i.test(headers.authorization ?? '')
}

function requireAnyScope(caller: Caller, scopes: readonly Scope[] = ['read']): void {
  if (scopes.some((scope) => caller.scopes.has(scope))) return
  requireScope(caller, scopes[0] ?? 'read')
}

/** Counts a request of somebody; throws `rate-limited` when they had all of theirs. */
function createSpender({ rateLimitPerMinute, clock }: AuthOptions): (reply: FastifyReply, id: string) => void {
  if (rateLimitPerMinute === undefined) return () => {}
  const limit = createRateLimit('key', rateLimitPerMinute)
  const detail = `that were more than ${rateLimitPerMinute} requests in a minute`
  return (reply, id) => take(limit, id, clock, reply, detail)
}

function take(limit: RateLimit, id: string, clock: Clock, reply: FastifyReply, detail: string): void {
  const taken = limit.take(id, clock.now().getTime())
  reply.request.rate = taken
  if (taken.allowed) return
  const { resetSeconds } = taken
  reply.header('retry-after', resetSeconds)
  throw new RequestError('rate-limited', `${detail}: ask again in ${resetSeconds} seconds`)
}

/** One answer for a key that is unknown, revoked, expired or forged; after too many of them: come later. */
function createRefusal(
  clock: Clock
): (who: 'nothing' | 'wrong', request: FastifyRequest, reply: FastifyReply) => never {
  const limit = createRateLimit('wrong-keys', WRONG_KEYS_PER_MINUTE)
  return (who, request, reply) => {
    if (who === 'wrong') {
      take(limit, networkOf(addressOf(request)), clock, reply, 'that were too many keys that are not valid')
    }
    reply.header('www-authenticate', 'Bearer')
    throw new RequestError(
      'unauthorized',
      'a valid key is wanted: Authorization: Bearer <key>, X-API-Key: <key>, or Basic with the key as password'
    )
  }
}
