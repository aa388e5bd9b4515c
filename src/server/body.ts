// Bodies: JSON and nothing else, and an empty one is none.
import type { FastifyInstance } from 'fastify'
import { RequestError } from './problem.ts'

export function takeJsonBodies(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser('error', 'error')
  app.removeAllContentTypeParsers()
  app.addContentTypeParser<string>('application/json', { parseAs: 'string' }, (request, body, done) => {
    const coding = request.headers['content-encoding'] ?? 'identity'
    if (coding !== 'identity') {
      done(new RequestError('unsupported-media-type', 'send the body as it is, without Content-Encoding'), undefined)
    } else if (body.trim() === '') {
      // Some clients name the type of a body that they do not have.
      done(null, undefined)
    } else void parse(request, body, done)
  })
}
