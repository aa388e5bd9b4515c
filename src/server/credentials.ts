// What a request shows of who sends it: an API key in any of three places, or an access token as bearer.
import type { IncomingHttpHeaders } from 'node:http'

export interface Credential {
  readonly text: string
  /** Access tokens of Entra ID come as bearers only. */
  readonly bearer: boolean
}

/** The headers by which a caller shows itself, as one text: the same text is the same caller. Empty: it shows nothing. */
export function shownBy({ authorization = '', 'x-api-key': key }: IncomingHttpHeaders): string {
  return key === undefined ? authorization : `${authorization}\n${[key].flat().join(',')}`
}

/** What the headers offer: `X-API-Key`, a bearer, or the password of Basic, whatever its user. */
export function credentialsOf(headers: IncomingHttpHeaders): Credential[] {
  const [scheme = '', ...rest] = (headers.authorization ?? '').split(' ')
  const text = rest.join(' ').trim()
  const offered = [{ text: [headers['x-api-key'] ?? ''].flat().join(','), bearer: false }]
  if (scheme.toLowerCase() === 'bearer') offered.push({ text, bearer: true })
  if (scheme.toLowerCase() === 'basic') offered.push({ text: passwordOf(text), bearer: false })
  return offered.filter((each) => each.text !== '')
}

function passwordOf(credentials: string): string {
  const text = Buffer.from(credentials, 'base64').toString()
  return text.includes(':') ? text.slice(text.indexOf(':') + 1) : ''
}
