// From the text of a setting to its value. Each parser takes text that is trimmed and not empty, and throws a `Refusal`.
import { isIP } from 'node:net'
import { validate } from 'node-cron'

/** One thing that is wrong with a setting: what to write instead, and of a list the entry at fault. */
export interface Fault {
  readonly remedy: string
  /** The entry of a list, where not the whole text is at fault. */
  readonly entry?: string
}

/** All that is wrong with the text of one setting. */
export class Refusal extends Error {
  override readonly name = 'Refusal'
  readonly faults: readonly Fault[]

  constructor(faults: readonly Fault[]) {
    super(faults.map(({ remedy }) => remedy).join('; '))
    this.faults = faults
  }
}

export function refuse(remedy: string): never {
  throw new Refusal([{ remedy }])
}

export type Parser<T> = (text: string) => T

export function wholeNumber(least: number, most: number): Parser<number> {
  return (text) => {
    const number = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN
    if (number >= least && number <= most) return number
    return refuse(`write a whole number from ${least} to ${most}`)
  }
}

export function choice<const T extends string>(...choices: readonly T[]): Parser<T> {
  return (text) => choices.find((one) => one === text) ?? refuse(`write one of ${choices.join(', ')}`)
}

export function flag(text: string): boolean {
  return choice('true', 'false')(text) === 'true'
}

/** A schedule of node-cron; empty text is none. */
export function schedule(text: string): string | null {
  if (text === '') return null
  // node-cron knows words like @hourly as well, which are no fields.
  const fields = text.split(/\s+/).length
  if (fields >= 5 && fields <= 6 && validate(text)) return text
  return refuse('write a cron expression of five or six fields, as in 7 * * * *, or nothing to run no schedule')
}

/** An address to listen on: an IP address or the name of a host. */
export function hostName(text: string): string {
  const label = /^[a-z\d_]([a-z\d_-]{0,61}[a-z\d_])?$/i
  const named = !/^[\d.]*$/.test(text) && text.length <= 253 && text.split('.').every((part) => label.test(part))
  return named || isIP(text) !== 0 ? text : refuse('write an IP address without brackets, or the name of a host')
}

/** A name as it stands in a `Host` header, in lower case and without brackets. */
export function allowedHost(text: string): string {
  try {
    return hostName(text.replace(/^\[(.*)\]$/, '$1')).toLowerCase()
  } catch {
    return refuse('write the name of a host alone, without scheme and port')
  }
}

/** The address of one proxy, or of a network of them in CIDR notation. */
export function proxy(text: string): string {
  const [address = '', prefix, ...rest] = text.split('/')
  const version = address.includes('%') ? 0 : isIP(address)
  const longest = version === 4 ? 32 : 128
  const length = prefix === undefined ? longest : /^\d{1,3}$/.test(prefix) ? Number(prefix) : 0
  // A prefix of no bits would believe everyone.
  if (version !== 0 && rest.length === 0 && length > 0 && length <= longest) return text
  return refuse(
    text === 'true'
      ? 'to believe everyone is no setting here: write the addresses of your proxies, as in 10.0.0.0/8'
      : 'write an IP address or a CIDR, as in 10.0.0.0/8, or false'
  )
}

/** An https address without a closing slash. */
export function httpsUrl(text: string): string {
  const url = parseUrl(text, ['https:'])
  if (url === undefined) return refuse('write an https address without query, as in https://api.example.org')
  return text.replace(/\/+$/, '')
}

/** What a token is asked for; the library adds `/.default` itself. */
export function audience(text: string): string {
  if (text.endsWith('/.default')) return refuse('leave /.default out: it is added when a token is asked for')
  return httpsUrl(text)
}

/** In lower case. */
export function guid(text: string): string {
  if (GUID.test(text)) return text.toLowerCase()
  return refuse('write a GUID, as in 11111111-2222-3333-4444-555555555555')
}

export const GUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i

/** What an access token says it is for: the id of an application, or its URI. */
export function tokenAudience(text: string): string {
  if (GUID.test(text)) return text.toLowerCase()
  if (URL.canParse(text) && !/\s|\/\.default$/.test(text)) return text
  return refuse("write the application's id, or its URI as in api://post-delivery-series, without /.default")
}

/** An http or https address, any path prefix included, without a closing slash. */
export function publicUrl(text: string): string {
  const url = parseUrl(text, ['http:', 'https:'])
  if (url === undefined) return refuse('write an http or https address without query, as in https://series.example.org')
  return url.href.replace(/\/+$/, '')
}

/** An origin as a browser sends it. */
export function origin(text: string): string {
  const url = parseUrl(text, ['http:', 'https:'])
  if (url !== undefined && url.pathname === '/' && !text.includes('*')) return url.origin
  return refuse('write scheme, host and port of an origin, as in https://grafana.example.org; a * is not taken')
}

/** `sqlite:` and a path, or the URL of a PostgreSQL database. */
export function storeUrl(text: string): string {
  if (/^postgres(ql)?:/i.test(text)) return postgresUrl(text)
  const path = /^sqlite:(?<path>.+)$/.exec(text)?.groups?.['path']
  // Two slashes would begin the name of a host in any other address, and the root of the disk in this one.
  if (path !== undefined && path !== ':memory:' && !/^\/\/(?!\/)/.test(path)) return text
  return refuse('write sqlite: and a path, as in sqlite:data/series.db, or postgres://user:password@host:5432/database')
}

/** User and password may be left to the variables of PostgreSQL itself; a socket is named by `?host=/folder`. */
function postgresUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined
  const named = /^\/[^/]+$/.test(url?.pathname ?? '') && url?.hash === ''
  const hosts = [url?.hostname, ...(url?.searchParams.getAll('host') ?? [])].filter(Boolean)
  if (hosts.length > 1 || hosts.join().includes(',')) {
    return refuse('name one host: one name or address that leads to the server that takes writes')
  }
  if (named && hosts.length === 1) return text
  return refuse(
    'write postgres://user:password@host:5432/database, in which a password has its special characters as %40 and the like'
  )
}

function parseUrl(text: string, protocols: readonly string[]): URL | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || !protocols.includes(url.protocol)) return undefined
  const bare = url.username === '' && url.password === '' && !/[?#\s]/.test(text)
  return bare ? url : undefined
}
