// Requests made from a description of the API: half of them as it wants them, the others spoiled in one way or two.
import type { Operation, Parameter, Schema } from './described.ts'
import { HOSTILE_TEXTS } from './hostile.ts'
import type { Random } from './random-changes.ts'
import { SPOILERS } from './spoilers.ts'

export interface Draft {
  method: string
  path: string
  /** Names and values, not encoded yet. */
  query: [name: string, value: string][]
  /** Appended to the query as it is. */
  rawQuery: string
  headers: Record<string, string>
  payload: string | Buffer | undefined
}

export interface RandomRequest extends Draft {
  readonly operation: Operation
  /** Whether method and path are still those of the operation. */
  readonly aimed: boolean
  readonly url: string
}

/** Good values of what its schema says too little of, by the name of the parameter. */
export type Known = Readonly<Record<string, readonly string[]>>

export interface Sources {
  readonly random: Random
  readonly known: Known
  /** Headers that let a request in. */
  readonly admitted: Readonly<Record<string, string>>
}

export function drawRequest(operation: Operation, given: Sources): RandomRequest {
  const sources = { ...given, known: knownTo(operation, given.known) }
  const { random, admitted } = sources
  const draft: Draft = {
    method: operation.method,
    path: operation.path.replace(/\{(\w+)\}/g, (_, name: string) => pathValue(operation, name, sources)),
    query: fitting(operation.parameters.filter((each) => each.in === 'query').flatMap((each) => valid(each, sources))),
    rawQuery: '',
    headers: { host: 'localhost', ...admitted, ...harmlessHeaders(random) },
    payload: undefined
  }
  if (operation.body !== undefined && (operation.body.required?.length || random.below(4) > 0)) {
    draft.headers['content-type'] = random.oneOf(['application/json', 'application/json; charset=utf-8'])
    draft.payload = JSON.stringify(validBody(operation.body, sources))
  }
  const whole = { ...draft }
  if (random.below(2) === 0) {
    for (let n = 1 + random.below(2); n > 0; n--) random.oneOf(SPOILERS)(draft, { ...sources, operation })
  }
  const reads = whole.method === 'GET' && ['GET', 'HEAD'].includes(draft.method)
  const aimed = draft.path === whole.path && (draft.method === whole.method || reads)
  return { ...draft, operation, aimed, url: urlOf(draft, random) }
}

/** With those that are meant for the operation alone, by its name and theirs. */
function knownTo({ name: operation }: Operation, known: Known): Known {
  const own = Object.entries(known).filter(([name]) => name.startsWith(`${operation} `))
  return { ...known, ...Object.fromEntries(own.map(([name, values]) => [name.slice(operation.length + 1), values])) }
}

function pathValue({ parameters }: Operation, name: string, { known, random }: Sources): string {
  const parameter = parameters.find((each) => each.in === 'path' && each.name === name)
  if (parameter === undefined) throw new Error(`the path parameter ${name} is not described`)
  return encodeURIComponent(random.oneOf(nonEmpty(known[name] ?? ['x'])))
}

function valid({ name, required = false, schema }: Parameter, sources: Sources): [string, string][] {
  const { random } = sources
  if (!required && random.below(3) > 0) return []
  if (schema.type !== 'array') return [[name, String(valueOf(schema, name, sources))]]
  const most = Math.min(schema.maxItems ?? 4, 4)
  const values = Array.from({ length: 1 + random.below(most) }, () =>
    String(valueOf(schema.items ?? {}, name, sources))
  )
  // A comma divides the values, so one that holds it cannot be joined to others, or stand for itself.
  const plain = values.map((value) => value.replaceAll(',', ' '))
  return random.below(2) === 0 ? [[name, plain.join(',')]] : plain.map((value) => [name, value])
}

/** One that the schema allows, at its bounds too. */
function valueOf(schema: Schema, name: string, { random, known }: Sources): unknown {
  const { minimum = 0, maximum = 1_000, minLength = 0, maxLength = 200 } = schema
  if (schema.enum !== undefined) return random.oneOf(nonEmpty(schema.enum))
  if (schema.type === 'integer') return random.oneOf([minimum, maximum, minimum + random.below(maximum - minimum)])
  if (schema.type === 'boolean') return random.below(2) === 0
  if (schema.type === 'array') return [valueOf(schema.items ?? {}, name, { random, known, admitted: {} })]
  if (schema.type === 'object') return validBody(schema, { random, known, admitted: {} })
  const texts = known[name] ?? HOSTILE_TEXTS
  return random.oneOf(nonEmpty(texts.filter(({ length }) => length >= minLength && length <= maxLength)))
}

function validBody({ properties = {}, required = [] }: Schema, sources: Sources): object {
  const given = Object.entries(properties).filter(([name]) => required.includes(name) || sources.random.below(2) === 0)
  return Object.fromEntries(given.map(([name, schema]) => [name, valueOf(schema, name, sources)]))
}

/** What the description says of two parameters together, in its words only. */
function fitting(query: [string, string][]): [string, string][] {
  if (!query.some(([name]) => name === 'theme')) return query
  return [...query.filter(([name]) => name !== 'format'), ['format', 'svg']]
}

/** What clients send, and what changes nothing but the form of an answer. */
function harmlessHeaders(random: Random): Record<string, string> {
  const some: Record<string, string>[] = [
    {},
    {},
    { accept: random.oneOf(['*/*', 'text/csv', 'application/x-ndjson;q=0.9, */*;q=0.1', 'text/html', 'image/*']) },
    { 'accept-encoding': random.oneOf(['gzip', 'br', 'gzip;q=0', '*', 'identity;q=0', 'zstd, br;q=1.0']) },
    { 'if-none-match': random.oneOf(['"x"', 'W/"x"', '"a", "b"']) },
    { range: 'bytes=0-10', te: 'trailers', 'accept-language': 'he, *;q=0.1' }
  ]
  return Object.assign({}, random.oneOf(nonEmpty(some)), random.oneOf(nonEmpty(some)))
}

function urlOf({ path, query, rawQuery }: Draft, random: Random): string {
  const encode = random.below(4) === 0 ? encodeAll : encodeSome
  const text = query.map(([name, value]) => `${encode(name)}=${encode(value)}`).join('&')
  const whole = [text, rawQuery].filter((each) => each !== '').join('&')
  return whole === '' ? path : `${path}?${whole}`
}

function encodeSome(text: string): string {
  return encodeURIComponent(text.toWellFormed()).replaceAll('%20', '+').replaceAll('%2C', ',')
}

/** Every byte, also those that need no encoding. */
function encodeAll(text: string): string {
  return Buffer.from(text).toString('hex').replace(/../g, '%$&')
}

export function nonEmpty<T>(values: readonly T[]): readonly [T, ...T[]] {
  const [first, ...others] = values
  if (first === undefined) throw new Error('there is nothing to choose from')
  return [first, ...others]
}
