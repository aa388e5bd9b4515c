// Bodies: JSON and nothing else, and an empty one is none.
import type { FastifyInstance } from 'fastify'

export function takeJsonBodies(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser('error', 'error')
  app.removeAllContentTypeParsers()
  app.addContentTypeParser<string>('application/json', { parseAs: 'string' }, (request, body, done) => {
    // Some clients name the type of a body that they do not have.
    if (body.trim() === '') done(null, undefined)
    else void parse(request, body, done)
  })
}
