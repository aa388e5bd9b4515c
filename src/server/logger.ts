// The logger as the framework gets it.
import type { FastifyBaseLogger } from 'fastify'

/** The same logger, which makes no others of itself: one for each request costs more than most requests. */
export function withoutChildren(logger: FastifyBaseLogger): FastifyBaseLogger {
  const own: FastifyBaseLogger = Object.create(logger, { child: { value: () => own } })
  return own
}
