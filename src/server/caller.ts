// Who asks, and what they may. The one place that routes ask for it.
import type { FastifyRequest } from 'fastify'
import { OperationalError } from '../model/errors.ts'

export type Scope = 'read' | 'ingest'

export interface Caller {
  /** For the log. */
  readonly name: string
  readonly scopes: ReadonlySet<Scope>
  mayRead(workspace: string): boolean
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Null only in routes that are open. */
    caller: Caller | null
  }
  interface FastifyContextConfig {
    /** Answers without a key, since it holds no data. */
    open?: boolean
  }
}

/** Whoever reaches a service without keys. */
export const ANYONE: Caller = { name: 'anyone', scopes: new Set<Scope>(['read', 'ingest']), mayRead: () => true }

export function callerOf(request: FastifyRequest): Caller {
  if (request.caller === null) throw new Error(`${request.routeOptions.url} is open, and yet asks who calls`)
  return request.caller
}

/** Throws `forbidden` for a caller without that scope. */
export function requireScope(caller: Caller, scope: Scope): void {
  if (caller.scopes.has(scope)) return
  const detail = `the key '${caller.name}' has not the scope '${scope}'`
  throw new OperationalError('forbidden', `${detail}: make one that has it by 'keys add NAME --scope read,${scope}'`)
}
