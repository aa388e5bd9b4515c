// What the process tells of itself: its requests, by route, and its memory, processor and event loop.
import { collectDefaultMetrics, Registry } from '@prometheus-io/client'
import type { FastifyInstance } from 'fastify'
import { createDurations } from './durations.ts'

/** In the text format of Prometheus; ends with a line end. */
export type ProcessMetrics = () => Promise<string>

/** From an answer out of memory, which takes less than the first, to a request that is about to be cut. */
const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10]

/** Everything that has no route of its own is one, so that nobody can make up labels. */
const NO_ROUTE = '(none)'
const METHODS = new Set(['GET', 'HEAD', 'POST', 'OPTIONS'])

/** Counts the requests of all routes that are added after it, and of those that find none. */
export function addProcessMetrics(app: FastifyInstance): ProcessMetrics {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const help = 'How long requests took, by the pattern of their route.'
  const durations = createDurations('http_request_duration_seconds', help, SECONDS)
  app.addHook('onResponse', (request, reply, done) => {
    const method = METHODS.has(request.method) ? request.method : 'other'
    const route = request.routeOptions.url ?? NO_ROUTE
    durations.observe({ method, route, status: reply.statusCode }, reply.elapsedTime / 1_000)
    done()
  })
  return async () => `${await registry.metrics()}${durations.text()}`
}
