// The gate before every route: a key where AUTH is on, and nothing but local calls where it is off.
import type { FastifyInstance } from 'fastify'
import { OperationalError } from '../model/errors.ts'
import { ANYONE } from './caller.ts'
import { createKeyRing } from './keys.ts'
import { createLocalGuard } from './local-guard.ts'
import type { ServerOptions } from './options.ts'
import type { Trust } from './proxies.ts'

type AuthOptions = Pick<ServerOptions, 'auth' | 'apiKeys' | 'allowedHosts' | 'corsOrigins'> & { readonly trust: Trust }

export function addAuth(app: FastifyInstance, options: AuthOptions): void {
  app.decorateRequest('caller', null)
  if (options.auth === 'off') {
    const guard = createLocalGuard(options)
    app.addHook('onRequest', async (request) => {
      guard(request)
      request.caller = ANYONE
    })
    return
  }
  const callerOfKey = createKeyRing(options.apiKeys)
  app.addHook('onRequest', async (request, reply) => {
    if (request.routeOptions.config.open === true || request.method === 'OPTIONS') return
    const caller = callerOfKey(request.headers)
    if (caller === undefined) {
      reply.header('www-authenticate', 'Bearer')
      // One answer for none, an unknown and a wrong one.
      throw new OperationalError(
        'unauthorized',
        'a valid key is wanted: Authorization: Bearer <key>, X-API-Key: <key>, or Basic with the key as password'
      )
    }
    request.caller = caller
  })
}
