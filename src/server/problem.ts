// Errors as the API tells them: RFC 9457 problem documents.
import { STATUS_CODES } from 'node:http'
import { OperationalError, type RequestErrorCode } from '../model/errors.ts'
import { describeInvalid, type ValidationFailure } from './invalid.ts'

export const PROBLEM_TYPE = 'application/problem+json'

/** What is wrong with one parameter, or one property of a body. */
export interface ParameterError {
  readonly parameter: string
  readonly detail: string
}

export interface Problem {
  readonly type: string
  readonly title: string
  readonly status: number
  readonly detail?: string
  readonly code: string
  readonly errors?: readonly ParameterError[]
}

/** A refusal that names parameters, or that needs another status than its code has by itself. */
export class RequestError extends OperationalError {
  readonly errors: readonly ParameterError[]
  readonly status: number | undefined

  constructor(
    code: RequestErrorCode,
    message: string,
    options: { readonly errors?: readonly ParameterError[]; readonly status?: number } = {}
  ) {
    super(code, message)
    this.errors = options.errors ?? []
    this.status = options.status
  }
}

/** A bad request because of one parameter. */
export function badParameter(
  parameter: string,
  detail: string,
  code: 'invalid-request' | 'invalid-range' = 'invalid-request'
): RequestError {
  return new RequestError(code, `${parameter}: ${detail}`, { errors: [{ parameter, detail }] })
}

const STATUS_OF: { readonly [C in RequestErrorCode]: number } = {
  'invalid-request': 400,
  'invalid-range': 400,
  unauthorized: 401,
  forbidden: 403,
  'unknown-workspace': 404,
  'not-found': 404,
  'method-not-allowed': 405,
  'cursor-gone': 410,
  'payload-too-large': 413,
  'unsupported-media-type': 415,
  'rate-limited': 429,
  'store-unavailable': 503,
  overloaded: 503
}

/** Ours to repair; the caller learns nothing but that. */
export const INTERNAL: Problem = { type: 'about:blank', title: 'Internal Server Error', status: 500, code: 'internal' }

/** What the caller is told of an error. What was not foreseen is never told. */
export function toProblem(error: unknown): Problem {
  if (error instanceof OperationalError) {
    if (!isRequestCode(error.code)) return INTERNAL
    const refusal = error instanceof RequestError ? error : undefined
    return problemOf(error.code, error.message, { status: refusal?.status, errors: refusal?.errors })
  }
  return error instanceof Error ? problemOfFramework(error) : INTERNAL
}

/** An error of Fastify or of one of its plugins: it has a status, and a code of its own. */
interface FrameworkError extends Error {
  readonly code?: string
  readonly statusCode?: number
  readonly validation?: readonly ValidationFailure[]
  readonly validationContext?: string
}

const FRAMEWORK_DETAILS: { readonly [code: string]: string } = {
  FST_ERR_CTP_INVALID_JSON_BODY: 'the body is no valid JSON',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'the body is not as long as Content-Length says',
  FST_ERR_BAD_URL: 'the path holds a percent sign that encodes nothing',
  FST_ERR_MAX_PARAM_LENGTH: 'a part of the path is longer than anything we have'
}

/** Nobody repairs more at once; a short request with thousands of unknown names would be answered with a megabyte. */
const MOST_ERRORS = 20
const MOST_FAILURES = 100

function problemOfFramework(error: FrameworkError): Problem {
  if (error.validation !== undefined) {
    const described = error.validation.slice(0, MOST_FAILURES).map(describeInvalid)
    // One finding for each parameter is enough; the first comes before its consequences.
    const first = new Map(described.toReversed().map((each) => [each.parameter, each]))
    const errors = [...first.values()].toReversed().slice(0, MOST_ERRORS)
    const detail = errors.map((each) => `${each.parameter}: ${each.detail}`).join('; ')
    return problemOf('invalid-request', detail, { errors })
  }
  const status = error.statusCode ?? 500
  // What is served from a folder is refused with 403 where a path leads out of it.
  if (status === 404 || status === 403) return problemOf('not-found', 'there is nothing here')
  if (status === 413) return problemOf('payload-too-large', 'the body is larger than 64 kB')
  if (status === 415) return problemOf('unsupported-media-type', 'send the body as application/json')
  if (status < 400 || status >= 500) return INTERNAL
  const detail = FRAMEWORK_DETAILS[error.code ?? ''] ?? 'the request could not be read'
  return problemOf('invalid-request', detail, { status })
}

/** A problem of the list; `status` only where it is not the one that the code has by itself. */
export function problemOf(
  code: RequestErrorCode,
  detail: string,
  { status, errors }: { status?: number | undefined; errors?: readonly ParameterError[] | undefined } = {}
): Problem {
  const usual = status === undefined || status === STATUS_OF[code]
  return {
    // A name, and no address: it means the same whoever runs the service, and docs/problems.md explains each.
    type: `urn:post-delivery-series:problems/${code}`,
    title: usual ? titleOf(code) : (STATUS_CODES[status] ?? titleOf(code)),
    status: status ?? STATUS_OF[code],
    detail,
    code,
    ...(errors !== undefined && errors.length > 0 && { errors })
  }
}

function titleOf(code: RequestErrorCode): string {
  const words = code.replaceAll('-', ' ')
  return words.charAt(0).toUpperCase() + words.slice(1)
}

function isRequestCode(code: string): code is RequestErrorCode {
  return code in STATUS_OF
}
