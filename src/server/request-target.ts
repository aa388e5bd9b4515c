// Where a request is going, as its first line says it.
import type { IncomingHttpHeaders } from 'node:http'

/** As proxies write it: with the host, which is the one that counts then, whatever `Host` says (RFC 9112, 3.2.2). */
const ABSOLUTE = /^https?:\/\/([^/?#]*)/i

/** The path with its query. A host before it becomes that of the request. */
export function targetOf(request: {
  readonly url?: string | undefined
  readonly headers: IncomingHttpHeaders
}): string {
  const { url = '/', headers } = request
  if (url.startsWith('/')) return url
  const [start, host] = ABSOLUTE.exec(url) ?? []
  if (start === undefined) return url
  headers.host = host
  const path = url.slice(start.length)
  return path.startsWith('/') ? path : `/${path}`
}
