// Who asks, and what they may. The one place that routes ask for it.
import type { FastifyRequest } from 'fastify'
import type { Scope } from '../model/api-key.ts'
import { OperationalError } from '../model/errors.ts'

export interface Caller {
  /** For the log: the name of a key, or the id of a client of Entra ID. */
  readonly name: string
  /** What shows who it is, and so where a scope that it lacks would come from. */
  readonly by: 'key' | 'token' | 'nothing'
  readonly scopes: ReadonlySet<Scope>
  mayRead(workspace: string): boolean
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Null only in routes that are open. As long as nothing about a caller changes, it is the same object. */
    caller: Caller | null
  }
  interface FastifyContextConfig {
    /** Answers without a key, since it holds no data. */
    open?: boolean
    /** Any of these opens the route; `read`, unless it is said. */
    scopes?: readonly Scope[]
  }
}

/** Whoever reaches a service without keys. */
export const ANYONE: Caller = {
  name: 'anyone',
  by: 'nothing',
  scopes: new Set<Scope>(['read', 'ingest']),
  mayRead: () => true
}

export function callerOf(request: FastifyRequest): Caller {
  if (request.caller === null) throw new Error(`${request.routeOptions.url} is open, and yet asks who calls`)
  return request.caller
}

const numbers = new WeakMap<Caller, number>()
let lastNumber = 0

/** Tells callers apart: as long as nothing about one changes, it is the same object, and so has the same number. */
export function numberOf(caller: Caller): number {
  let number = numbers.get(caller)
  if (number === undefined) numbers.set(caller, (number = ++lastNumber))
  return number
}

/** Throws `forbidden` for a caller without that scope. */
export function requireScope(caller: Caller, scope: Scope): void {
  if (caller.scopes.has(scope)) return
  throw new OperationalError('forbidden', `${who(caller)} has not the scope '${scope}': ${remedyOf(caller, scope)}`)
}

/** The roles of an application in Entra ID, by the scope that each gives. */
export const ROLE_OF: { readonly [S in Scope]: string } = { read: 'Series.Read', ingest: 'Ingest.Run' }

function who({ name, by }: Caller): string {
  return by === 'token' ? `the client '${name}'` : `the key '${name}'`
}

function remedyOf({ by }: Caller, scope: Scope): string {
  if (by === 'token') return `assign it the app role ${ROLE_OF[scope]}`
  return `make one that has it by 'keys add NAME --scope ${scope === 'read' ? 'read' : `read,${scope}`}'`
}
