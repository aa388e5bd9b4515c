// Headers of every answer, in one place.
import type { FastifyInstance } from 'fastify'

const HEADERS = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  // Pages of other sites can not even show what they may not read.
  'cross-origin-resource-policy': 'same-site',
  // Data is nothing to show, run or frame; the pages have rules of their own.
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
  // What an answer depends on; `Origin` is added where pages of other sites may call.
  vary: 'Authorization, X-API-Key, Accept, Accept-Encoding',
  'cache-control': 'no-store'
}

/** What a page of ours may load: nothing but our own files, and the styles that it writes into itself. */
export const PAGE_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self' data:",
  "connect-src 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
  "form-action 'self'"
].join('; ')

export function addHeaders(app: FastifyInstance): void {
  app.addHook('onRequest', (_request, reply, done) => {
    reply.headers(HEADERS)
    done()
  })
}

/** The same, for answers that are written past the framework. */
export const BARE_HEADERS: Readonly<Record<string, string>> = HEADERS
