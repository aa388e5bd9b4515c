// Bodies: JSON and nothing else, and an empty one is none.
import { Readable } from 'node:stream'
import type { FastifyInstance } from 'fastify'
import { RequestError } from './problem.ts'

/** Nobody sends more; and whatever looks into a value level by level, as JSON.stringify does, runs out of stack. */
export const MAX_NESTING = 64

export function takeJsonBodies(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser('error', 'error')
  app.removeAllContentTypeParsers()
  // A request that says what its body is, and has none, ended before anybody listened: its end would be waited for.
  app.addHook('preParsing', (request, _reply, payload, done) => {
    const ended = request.headers['content-type'] !== undefined && payload.readableEnded
    done(null, ended ? Readable.from([]) : payload)
  })
  app.addContentTypeParser<string>('application/json', { parseAs: 'string' }, (request, body, done) => {
    const coding = request.headers['content-encoding'] ?? 'identity'
    if (coding !== 'identity') {
      done(new RequestError('unsupported-media-type', 'send the body as it is, without Content-Encoding'), undefined)
    } else if (body.trim() === '') {
      // Some clients name the type of a body that they do not have.
      done(null, undefined)
    } else if (isNestedTooDeep(body)) {
      done(new RequestError('invalid-request', `the body is nested deeper than ${MAX_NESTING} levels`), undefined)
    } else void parse(request, body, done)
  })
}

/** Counts the brackets of a JSON text, but for those within its texts. Of what is no JSON it says nothing that matters. */
function isNestedTooDeep(text: string): boolean {
  let depth = 0
  let inText = false
  for (let i = 0; i < text.length; i++) {
    const character = text.charAt(i)
    if (inText && character === '\\') i++
    else if (character === '"') inText = !inText
    else if (!inText && (character === '[' || character === '{')) depth++
    else if (!inText && (character === ']' || character === '}')) depth--
    if (depth > MAX_NESTING) return true
  }
  return false
}
