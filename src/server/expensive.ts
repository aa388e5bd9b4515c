// Answers that take long to make: one at a time, with a turn for everybody else before each. Who comes when too many
// wait already is told so at once, since a queue would only make all of them late.
import { setImmediate as turn } from 'node:timers/promises'
import type { FastifyInstance, RouteOptions } from 'fastify'
import { OperationalError } from '../model/errors.ts'
import type { Caller } from './caller.ts'

/** At some milliseconds each, the last one waits for about as long as a person notices. */
const MOST_WAITING = 32
/** Nobody takes all of it. */
const MOST_WAITING_OF_ONE = 16
/** What was made and not read yet lies in our memory. */
const MOST_UNSENT_BYTES = 200_000_000

export interface ExpensiveWork {
  /** Does the work when its turn comes; rejects with `overloaded` where too much waits. */
  run<T>(caller: Caller, work: () => Promise<T>): Promise<T>
}

declare module 'fastify' {
  interface FastifyInstance {
    expensive: ExpensiveWork
  }
  interface FastifyContextConfig {
    /** Reads so much that few may do it at once. */
    expensive?: boolean
  }
}

export function createExpensiveWork(unsentBytes: () => number): ExpensiveWork {
  const waiting = new Map<Caller, number>()
  let all = 0
  let last: Promise<unknown> = Promise.resolve()

  const count = (caller: Caller, by: 1 | -1): void => {
    all += by
    const own = (waiting.get(caller) ?? 0) + by
    if (own === 0) waiting.delete(caller)
    else waiting.set(caller, own)
  }

  return {
    async run(caller, work) {
      if (all >= MOST_WAITING || (waiting.get(caller) ?? 0) >= MOST_WAITING_OF_ONE) {
        throw new OperationalError('overloaded', 'too many long answers are wanted at once: ask for this one again')
      }
      if (unsentBytes() > MOST_UNSENT_BYTES) {
        throw new OperationalError('overloaded', 'too many answers have not been read yet: ask for this one again')
      }
      count(caller, 1)
      const mine = last.then(() => turn()).then(work)
      last = mine.catch(() => {})
      try {
        return await mine
      } finally {
        count(caller, -1)
      }
    }
  }
}

/** Routes say of themselves that they are expensive; before them, so that they can be told apart. */
export function addExpensiveWork(app: FastifyInstance, unsentBytes: () => number): void {
  const expensive = createExpensiveWork(unsentBytes)
  app.decorate('expensive', expensive)
  const wrapped = new WeakSet<RouteOptions['handler']>()

  app.addHook('onRoute', (route) => {
    // The route of HEAD is made of that of GET, and comes by as well.
    if (route.config?.expensive !== true || wrapped.has(route.handler)) return
    const { handler } = route
    route.handler = async function handle(request, reply) {
      const { caller } = request
      if (caller === null) throw new Error(`${route.url} is open, and yet expensive`)
      return expensive.run(caller, async () => handler.call(this, request, reply))
    }
    wrapped.add(route.handler)
  })
}
