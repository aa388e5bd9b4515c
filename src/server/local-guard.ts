// Without keys, whoever reaches us is believed. That a web page in a browser on this machine does not count as such is
// seen to here: neither by a name that it lets point to us (DNS rebinding), nor by a form that it posts to us.
import { BlockList, isIP } from 'node:net'
import type { FastifyRequest } from 'fastify'
import { OperationalError } from '../model/errors.ts'
import type { ServerOptions } from './options.ts'
import type { Trust } from './proxies.ts'

type GuardOptions = Pick<ServerOptions, 'allowedHosts' | 'corsOrigins'> & { readonly trust: Trust }

const FORWARDED = [
  'forwarded',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-port',
  'x-forwarded-proto',
  'x-forwarded-server',
  'x-real-ip'
]
const READING = new Set(['GET', 'HEAD', 'OPTIONS'])

/** Throws `forbidden`, with the remedy, for what does not come from this machine or from a name that we were told. */
export function createLocalGuard({
  allowedHosts,
  corsOrigins,
  trust
}: GuardOptions): (request: FastifyRequest) => void {
  const hosts = new Set(['localhost', ...allowedHosts.map((host) => host.toLowerCase())])
  const isAnswered = rememberLast((host: string) => hosts.has(nameOfHost(host)) || isLoopback(nameOfHost(host)))
  const refuseCrossSite = createCrossSiteGuard(corsOrigins)

  return (request) => {
    if (FORWARDED.some((name) => request.headers[name] !== undefined) && !isTrusted(request, trust)) {
      refuse(
        'requests that a proxy forwards are not answered without keys: set AUTH=on, or name the proxy in TRUST_PROXY'
      )
    }
    if (!isAnswered(request.host)) {
      const host = nameOfHost(request.host)
      refuse(`the host '${host.slice(0, 100)}' is not answered without keys: set AUTH=on, or add it to ALLOWED_HOSTS`)
    }
    refuseCrossSite(request)
  }
}

/** Throws `forbidden` for what a page of another site sends, unless it only reads: the answer is kept from such a page. */
export function createCrossSiteGuard(corsOrigins: readonly string[]): (request: FastifyRequest) => void {
  const origins = new Set(corsOrigins)
  return (request) => {
    if (READING.has(request.method) || !isCrossSite(request, origins)) return
    refuse('a page of another site may change nothing here: add its origin to CORS_ORIGINS, if it is meant to')
  }
}

/** Nearly all requests name the same host as the one before. */
function rememberLast(decide: (text: string) => boolean): (text: string) => boolean {
  let last: string | undefined
  let decided = false
  return (text) => {
    if (text !== last) [last, decided] = [text, decide(text)]
    return decided
  }
}

function isTrusted(request: FastifyRequest, trust: Trust): boolean {
  const address = request.raw.socket.remoteAddress
  return address !== undefined && trust(address)
}

/** Of `Host`, without the port, in lower case; an IPv6 address without its brackets. Empty for what is no host. */
function nameOfHost(host: string): string {
  const name = host.toLowerCase().replace(/:\d*$/, '').replace(/\.$/, '')
  if (name.startsWith('[') && name.endsWith(']')) return name.slice(1, -1)
  return name.includes(':') ? '' : name
}

const LOOPBACK = new BlockList()
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4')
LOOPBACK.addAddress('::1', 'ipv6')

function isLoopback(host: string): boolean {
  const version = isIP(host)
  return version !== 0 && LOOPBACK.check(host, version === 4 ? 'ipv4' : 'ipv6')
}

/** Browsers say where a request comes from; what says nothing is no browser. */
function isCrossSite(request: FastifyRequest, origins: ReadonlySet<string>): boolean {
  const { origin, 'sec-fetch-site': site } = request.headers
  if (origin !== undefined && origins.has(origin)) return false
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return true
  return origin !== undefined && URL.parse(origin)?.host !== request.host.toLowerCase()
}

function refuse(detail: string): never {
  throw new OperationalError('forbidden', detail)
}
