// From what came instead of an answer to an error of ours: what happened, the value at fault, the remedy.
import { OperationalError, type RunErrorCode } from '../../model/errors.ts'
import { TABLE } from '../query.ts'
import type { SourceWorkspace } from '../source.ts'
import { property } from './json.ts'
import { plain } from './text.ts'
import type { RawAnswer, Service } from './types.ts'

export interface Failure {
  readonly error: OperationalError
  /** Whether the same question may be answered a moment later. */
  readonly passing: boolean
  /** What the service asks us to wait. */
  readonly retryAfterMs: number | null
}

/** What is wrong with an answer by its status alone; null for a 200, whose body is another matter. */
export function failureOfStatus(answer: RawAnswer, service: Service, workspace: SourceWorkspace): Failure | null {
  const { status } = answer
  if (status === 200) return null
  const { title, place, role } = service
  const at = `the ${place} '${workspace.name}'`
  const said = azureMessage(answer.text)
  const words = said === '' ? `status ${status}` : said
  const fail = (code: RunErrorCode, message: string, passing = false): Failure => ({
    error: new OperationalError(code, message, { cause: new Error(`status ${status}: ${plain(answer.text, 2000)}`) }),
    passing,
    retryAfterMs: passing ? parseRetryAfter(answer) : null
  })

  if (status === 401) {
    return fail(
      'source-unauthorized',
      `${title} does not accept our token for ${at}: check AZURE_CLOUD and the tenant of our identity (${words})`
    )
  }
  if (status === 403) {
    return fail('source-unauthorized', `our identity may not read ${at}: grant it ${role} (${words})`)
  }
  if (status === 404) {
    return fail(
      'source-rejected',
      `${title} does not know ${at}: check its id in WORKSPACES, and AZURE_CLOUD (${words})`
    )
  }
  if (status === 429) return fail('source-throttled', `${title} throttles us (${words})`, true)
  if (status === 408 || status === 504) {
    return fail('source-timeout', `${title} did not finish the query for ${at} in its own time (${words})`)
  }
  if (status >= 500) return fail('source-unavailable', `${title} fails (${words})`, true)
  if (status >= 300 && status < 400) {
    return fail(
      'source-rejected',
      `${title} sends us elsewhere (status ${status}), which we do not follow: check its endpoint in the settings`
    )
  }
  if (status < 300) {
    return fail(
      'source-incomplete',
      `${title} answers status ${status} for ${at}, which proves nothing: has it any data at all?`
    )
  }
  if (isMissingTable(answer.text)) {
    return fail('source-rejected', `${at} has no table ${TABLE}: ${service.whyNoTable} (${words})`)
  }
  return fail('source-rejected', `${title} refuses the query for ${at} (${words})`)
}

/** What was thrown where an answer was awaited. */
export function failureOfThrown(thrown: unknown, service: Service): Failure {
  if (thrown instanceof OperationalError) {
    // A body that broke off; whatever else is ours stays as it is however often we ask.
    return { error: thrown, passing: thrown.code === 'source-incomplete', retryAfterMs: null }
  }
  const code = networkCode(thrown)
  if (code === undefined) {
    const error = new OperationalError('source-unavailable', `${service.title} could not be asked`, {
      cause: causeOf(thrown)
    })
    return { error, passing: false, retryAfterMs: null }
  }
  const message = `no connection to ${service.title} (${code})${REMEDY[code] ?? ''}`
  const error = new OperationalError(LATE.has(code) ? 'source-timeout' : 'source-unavailable', message, {
    cause: causeOf(thrown)
  })
  return { error, passing: PASSING.has(code), retryAfterMs: null }
}

const PASSING = new Set([
  'ECONNRESET',
  'ECONNREFUSED',
  'ETIMEDOUT',
  'EPIPE',
  'EAI_AGAIN',
  'UND_ERR_SOCKET',
  'UND_ERR_CONNECT_TIMEOUT'
])

// The limits of fetch itself, five minutes each.
const LATE = new Set(['UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT'])

const CERTIFICATE = ': its certificate is not trusted here; name a company CA by NODE_EXTRA_CA_CERTS'
const REMEDY: { readonly [code: string]: string } = {
  ENOTFOUND: ': the name of its endpoint does not resolve; check DNS, and the endpoint in the settings',
  DEPTH_ZERO_SELF_SIGNED_CERT: CERTIFICATE,
  SELF_SIGNED_CERT_IN_CHAIN: CERTIFICATE,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: CERTIFICATE,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: CERTIFICATE
}

/** The code of a failed connection, wherever the error or its causes carry it. */
function networkCode(thrown: unknown, depth = 0): string | undefined {
  if (!(thrown instanceof Error) || depth > 4) return undefined
  const inner = thrown instanceof AggregateError ? thrown.errors : [thrown.cause]
  for (const cause of inner) {
    const code = networkCode(cause, depth + 1)
    if (code !== undefined) return code
  }
  return 'code' in thrown && typeof thrown.code === 'string' && /^[A-Z][A-Z0-9_]{2,40}$/.test(thrown.code)
    ? thrown.code
    : undefined
}

/** Only the words: errors of libraries carry requests, and these carry tokens. */
function causeOf(thrown: unknown): Error {
  return new Error(plain(thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown), 2000))
}

/**
 * Azure's own words: the innermost message of an error, with its code. Empty where there is none.
 * Response format: https://learn.microsoft.com/azure/azure-monitor/logs/api/errors
 */
export function azureMessage(text: string): string {
  let found: unknown
  try {
    found = property(JSON.parse(text), 'error')
  } catch {
    return ''
  }
  return wordsOf(found)
}

/** The words of an error object of Azure; see `azureMessage`. */
export function wordsOf(error: unknown): string {
  let code = ''
  let message = ''
  let at: unknown = error
  for (let depth = 0; depth < 8 && typeof at === 'object' && at !== null; depth++) {
    const said = property(at, 'message')
    if (typeof said === 'string' && said !== '') {
      message = said
      const itsCode = property(at, 'code')
      code = typeof itsCode === 'string' ? itsCode : ''
    }
    const details = property(at, 'details')
    at = property(at, 'innererror') ?? (Array.isArray(details) ? details[0] : undefined)
  }
  return plain(code === '' || message.includes(code) ? message : `${code}: ${message}`)
}

/** Whether an error of Azure says that the table is not there. */
export function isMissingTable(text: string): boolean {
  return text.includes(TABLE) && /failed to resolve|could not be found|SEM0100/i.test(text)
}

function parseRetryAfter({ retryAfter, date }: RawAnswer): number | null {
  if (retryAfter === null) return null
  if (/^\d{1,9}$/.test(retryAfter.trim())) return Number(retryAfter) * 1000
  // A date counts from the service's own clock, so that ours may be wrong.
  const ms = Date.parse(retryAfter) - Date.parse(date ?? '')
  return Number.isNaN(ms) ? null : Math.max(0, ms)
}
