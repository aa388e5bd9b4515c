// The time between the word that we stop and the stop: who watches whether we are ready turns away, and is served until
// it has. Whoever keeps a connection open is told that it ends.
import type { FastifyInstance } from 'fastify'

export interface Drain {
  readonly begun: boolean
  /** From now on we are not ready, and each answer ends its connection; a second call does nothing. */
  begin(): void
}

declare module 'fastify' {
  interface FastifyInstance {
    drain: Drain
  }
}

export function addDrain(app: FastifyInstance): void {
  let begun = false
  app.decorate('drain', {
    get begun() {
      return begun
    },
    begin() {
      if (begun) return
      begun = true
      // Before the framework sees the request, so that it holds for every answer, and costs nothing until then.
      app.server.prependListener('request', (_request, response) => {
        response.shouldKeepAlive = false
      })
    }
  })
}
