// Headers of every answer, in one place.
import type { FastifyInstance, FastifyReply } from 'fastify'

declare module 'fastify' {
  interface FastifyInstance {
    /** Whether pages of other sites may call, for which headers of their own are set. */
    answersOtherSites: boolean
  }
  interface FastifyRequest {
    /** How much is left to whoever asks; null where nobody counts. */
    rate: { readonly policy: string; readonly state: string } | null
  }
}

/** Of every answer that says nothing else. */
export const HEADERS = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  // Pages of other sites can not even show what they may not read.
  'cross-origin-resource-policy': 'same-site',
  // Data is nothing to show, run or frame; the pages have rules of their own.
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
  'cache-control': 'no-store'
} as const

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

/** What every answer depends on; `Origin` is added where pages of other sites may call. */
export const VARY = 'Authorization, X-API-Key, Accept, Accept-Encoding'

/** At the end, so that answers that lie ready with these headers need not be given them twice. */
export function addHeaders(app: FastifyInstance, answersOtherSites: boolean): void {
  app.decorate('answersOtherSites', answersOtherSites)
  app.decorateRequest('rate', null)
  app.addHook('onSend', ({ rate }, reply, _payload, done) => {
    for (const [name, value] of Object.entries(HEADERS)) {
      if (!reply.hasHeader(name)) reply.header(name, value)
    }
    reply.header('vary', varyWith(reply.getHeader('vary')))
    if (rate !== null) reply.header('ratelimit-policy', rate.policy).header('ratelimit', rate.state)
    done()
  })
}

/** What an answer depends on: what its route says of itself, else what all do, and `Origin` where that was said before. */
export function varyWith(given: number | string | string[] | undefined): string {
  if (given === undefined) return VARY
  return given === 'Origin' ? `${VARY}, Origin` : String(given)
}

/** The names and values of a head that lay ready before its request came, with what is told of the request. */
export function completeHead(reply: FastifyReply, head: readonly string[]): string[] {
  const { rate } = reply.request
  const { server } = reply
  // Written as one list, which takes a third of what it takes to add to one.
  const told =
    rate === null
      ? [...head, ...server.staleness()]
      : [...head, 'ratelimit-policy', rate.policy, 'ratelimit', rate.state, ...server.staleness()]
  if (server.answersOtherSites) {
    for (const [name, value] of Object.entries(reply.getHeaders())) if (name !== 'vary') told.push(name, String(value))
  }
  told.push('vary', server.answersOtherSites ? varyWith(reply.getHeader('vary')) : VARY)
  return told
}
