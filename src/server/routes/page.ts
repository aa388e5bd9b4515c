// GET / and the files of the page. They hold no data, so they are open: the page asks the API, with a key if need be.
import etag from '@fastify/etag'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { codingOf } from '../coding.ts'
import { readPageFiles } from '../page-files.ts'

/** Nothing but our own files: no script or style within the page, no other host, no frame, no form that is sent. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  // The icon; and the pictures that a chart may be saved as.
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'"
].join('; ')

export const pageRoutes: FastifyPluginAsyncTypebox = async (app) => {
  // Answers 304 to whoever has the file already.
  await app.register(etag)
  for (const file of await readPageFiles()) {
    app.get(`/${file.path}`, { config: { open: true }, schema: { hide: true } }, async (request, reply) => {
      const coding = codingOf(request.headers['accept-encoding'])
      if (coding !== 'identity') reply.header('content-encoding', coding)
      return reply
        .headers({
          'content-security-policy': POLICY,
          'cache-control': 'no-cache',
          vary: 'Accept-Encoding',
          etag: file.etagIn(coding)
        })
        .type(file.mediaType)
        .send(await file.in(coding))
    })
  }
}
