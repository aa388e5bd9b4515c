// Our own address, as the caller sees it.
import type { FastifyRequest } from 'fastify'

export type BaseUrl = (request: FastifyRequest) => string

/** Without a slash at its end. By the setting, else as the request says; empty where it says nothing usable. */
export function createBaseUrl(publicUrl: string | null): BaseUrl {
  if (publicUrl !== null) {
    const fixed = publicUrl.replace(/\/+$/, '')
    return () => fixed
  }
  return (request) => {
    const url = URL.parse(`${request.protocol}://${request.host}`)
    return url === null || url.pathname !== '/' || url.search !== '' ? '' : url.origin
  }
}

/** The path of our address, without a slash at its end. */
export function pathPrefixOf(publicUrl: string | null): string {
  return publicUrl === null ? '' : new URL(publicUrl).pathname.replace(/\/+$/, '')
}
