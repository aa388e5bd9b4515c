// What is wrong with an answer, held against the description of its operation and against what no answer may have.
import { parse } from 'csv-parse/sync'
import { Compile } from 'typebox/schema'
import type { DescribedReply, Description, Operation } from './described.ts'

export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly body: string
}

export interface Asked {
  readonly operation: Operation
  readonly method: string
  /** Whether method and path are those of the operation: else it is only held against what holds for all. */
  readonly aimed: boolean
  readonly headers: Readonly<Record<string, string | undefined>>
}

/** What may be answered to what is no operation. */
const ELSEWHERE = new Set([200, 202, 204, 304, 400, 401, 403, 404, 405, 410, 413, 414, 415, 429, 431])

const CODES = new Set([
  'invalid-request',
  'invalid-range',
  'unauthorized',
  'forbidden',
  'unknown-workspace',
  'not-found',
  'method-not-allowed',
  'cursor-gone',
  'payload-too-large',
  'unsupported-media-type',
  'rate-limited',
  'store-unavailable',
  'overloaded'
])

/** Traces of what is inside, and of headers that came from a value. */
const LEAKS = /\n\s+at |node_modules|\.[jt]s:\d|sqlite|\bfst_|\berr_[a-z]+_|\/home\/|\/tmp\/|\/root\/|better-sql/i

/** Given once for a description; finds nothing wrong where all is well. */
export function createAnswerCheck(description: Description): (asked: Asked, answer: Answer) => string[] {
  const { components } = description
  const fits = new Map<unknown, (value: unknown) => string | undefined>()
  const misfit = (schema: unknown, value: unknown): string | undefined => {
    const check = fits.get(schema) ?? compile(schema, components)
    fits.set(schema, check)
    return check(value)
  }

  return ({ operation, method, aimed, headers }, answer) => {
    const faults = [...headerFaults(answer, headers['host']), ...leaks(answer)]
    const described = aimed ? operation.responses[answer.status] : undefined
    if (described === undefined && (aimed || !ELSEWHERE.has(answer.status))) {
      return [...faults, `the status ${answer.status} is not described`]
    }
    if (method === 'HEAD' || answer.status === 204 || answer.status === 304) {
      return answer.body === '' ? faults : [...faults, 'has a body, and may not']
    }
    if (answer.status >= 400) faults.push(...problemFaults(answer))
    if (described !== undefined) faults.push(...contentFaults(described, answer, misfit))
    return faults
  }
}

function contentFaults(
  { content = {} }: DescribedReply,
  { headers, body }: Answer,
  misfit: (schema: unknown, value: unknown) => string | undefined
): string[] {
  const type = mediaTypeOf(headers)
  const form = content[type]
  if (form === undefined) return [`the content type ${type} is not described`]
  const found = readAs(type, body)
  if (found instanceof Error) return [`is no ${type}: ${found.message}`]
  return [misfit(form.schema, found) ?? []].flat()
}

/** What a body says, by its type. */
function readAs(type: string, body: string): unknown {
  try {
    if (type.endsWith('json') && type !== 'application/x-ndjson') return JSON.parse(body)
    if (type === 'application/x-ndjson') {
      for (const line of body.split('\n').slice(0, -1)) JSON.parse(line)
      return body === '' || body.endsWith('\n') ? body : new Error('the last line has no end')
    }
    if (type === 'text/csv') parse(body, { columns: true, recordDelimiter: '\r\n' })
    const fault = type === 'image/svg+xml' ? pictureFault(body) : undefined
    return fault === undefined ? body : new Error(fault)
  } catch (error) {
    return error
  }
}

/** What is wrong with a picture: it is not well formed, or something in it could do something. */
export function pictureFault(svg: string): string | undefined {
  if (
    !/^<svg (?:[^<>&]|&(?:amp|lt|gt|quot|#39);)*>(?:<[^<>]*>|[^<>&]|&(?:amp|lt|gt|quot|#39);)*<\/svg>\s*$/.test(svg)
  ) {
    return 'it is not well formed'
  }
  if (/[^\P{Cc}\n]|[\uFFFE\uFFFF]/u.test(svg)) return 'it holds a character that XML forbids'
  const active = svg
    .match(/<[^<>]*>/g)
    ?.find((tag) => /^<(?:script|foreignObject|a|image|use)\b|\s(?:on\w+|href|xlink:href)=|javascript:/i.test(tag))
  return active === undefined ? undefined : `${active} could do something`
}

function problemFaults({ status, headers, body }: Answer): string[] {
  if (headers['content-type'] !== 'application/problem+json') return [`is a ${headers['content-type']}, no problem`]
  const problem = readAs('application/json', body)
  if (typeof problem !== 'object' || problem === null) return ['the problem is no object']
  const members = new Map<string, unknown>(Object.entries(problem))
  const code = String(members.get('code'))
  const wanted: readonly [boolean, string][] = [
    [members.get('status') === status, 'the problem has another status'],
    [CODES.has(code), `the code ${code} is none of ours`],
    [String(members.get('type')).endsWith(`/${code}`), 'the type does not end with the code'],
    [typeof members.get('title') === 'string' && members.get('title') !== '', 'there is no title'],
    [typeof members.get('detail') === 'string' && members.get('detail') !== '', 'there is no detail'],
    [status !== 401 || headers['www-authenticate'] === 'Bearer', '401 does not say how to be let in'],
    [status !== 405 || headers['allow'] !== undefined, '405 does not say what is allowed'],
    [![429, 503].includes(status) || /^\d+$/.test(headers['retry-after'] ?? ''), 'it is not said when to come again']
  ]
  return wanted.flatMap(([holds, fault]) => (holds ? [] : [fault]))
}

function headerFaults({ status, headers }: Answer, host: string | undefined): string[] {
  const faults = [
    'x-content-type-options',
    'content-security-policy',
    'cache-control',
    'vary',
    'referrer-policy'
  ].filter((name) => headers[name] === undefined)
  // Absolute, unless the caller calls us by what can be no name.
  const base = host === 'localhost' ? 'http://localhost' : String.raw`(https?://[^/\s]+)?`
  const location = new RegExp(String.raw`^${base}/runs/[\w-]+$`)
  if (status === 202 && !location.test(headers['location'] ?? '')) faults.push('location')
  if (status === 202 && headers['retry-after'] === undefined) faults.push('retry-after')
  return faults.map((name) => `the header ${name} is missing or wrong`)
}

function leaks({ headers, body }: Answer): string[] {
  const head = Object.entries(headers).map(([name, value]) => `${name}: ${value}`)
  const found = LEAKS.exec(head.join('\n')) ?? (mediaTypeOf(headers) === 'text/html' ? null : LEAKS.exec(body))
  const forbidden = ['server', 'x-powered-by', 'x-injected', 'set-cookie'].filter((name) => headers[name] !== undefined)
  return [...(found === null ? [] : [`tells of what is inside: ${found[0]}`]), ...forbidden]
}

function mediaTypeOf({ 'content-type': type = '' }: Answer['headers']): string {
  return type.split(';', 1)[0] ?? ''
}

/** With every object closed: what is not described is not answered. */
function compile(schema: unknown, components: unknown): (value: unknown) => string | undefined {
  if (schema === undefined) return () => undefined
  const validator = Compile(closed({ components, allOf: [schema] }))
  return (value) => {
    if (validator.Check(value)) return undefined
    const [, errors] = validator.Errors(value)
    return `does not fit its schema: ${errors.map(({ instancePath, message }) => `${instancePath} ${message}`).join('; ')}`
  }
}

function closed(schema: unknown): object {
  const close = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(close)
    if (typeof value !== 'object' || value === null) return value
    const members = Object.fromEntries(Object.entries(value).map(([name, each]) => [name, close(each)]))
    const open = 'properties' in value && 'type' in value && !('additionalProperties' in value)
    return open ? { ...members, additionalProperties: false } : members
  }
  return Object(close(schema)) as object
}
