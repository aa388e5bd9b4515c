// A typed client of the API, written from its description. The generators that are kept (openapi-typescript among them)
// are built on the compiler of TypeScript 5, which the TypeScript of this project has no more.
import type { Document, Members, Operation, Schema } from '../src/server/description/document.ts'

/** TypeScript that needs `fetch`, and nothing of ours. */
export function clientText({ components, paths }: Document): string {
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ method: method.toUpperCase(), path, operation }))
  )
  const interfaces = Object.entries(components.schemas).map(
    ([name, schema]) => `${comment(schema['description'], '')}export interface ${name} ${typeOf(schema, '')}\n`
  )
  const queries = operations.flatMap(({ operation }) => queryInterface(operation))
  const methods = operations.map(({ operation }) => `${comment(told(operation), '  ')}  ${signature(operation)}\n`)
  const calls = operations.map(({ method, path, operation }) => `    ${callOf(method, path, operation)}`)
  return [
    HEAD,
    ...interfaces,
    ...queries,
    `export interface Client {\n${methods.join('\n')}}\n`,
    TAIL.replace('    CALLS', calls.join(',\n'))
  ].join('\n')
}

function told({ summary, description }: Operation): string {
  return description === undefined ? `${summary}.` : `${summary}. ${description}`
}

function comment(text: unknown, indent: string): string {
  return typeof text === 'string' ? `${indent}/** ${text.replaceAll('*/', '* /')} */\n` : ''
}

function typeOf(schema: Schema, indent: string): string {
  const { $ref, type, enum: values, anyOf, oneOf } = schema
  if ($ref !== undefined) return $ref.split('/').at(-1) ?? ''
  if (Array.isArray(values)) return unionOf(values.map(literal))
  const alternatives = anyOf ?? oneOf
  if (alternatives !== undefined) return unionOf(alternatives.map((each) => typeOf(each, indent)))
  return unionOf([type ?? 'unknown'].flat().map((each) => plainType(each, schema, indent)))
}

function plainType(type: string, schema: Schema, indent: string): string {
  if (type === 'object') return objectType(schema, indent)
  if (type !== 'array') return type === 'integer' ? 'number' : type
  const item = typeOf(schema.items ?? {}, indent)
  return `readonly ${/^\w+$|^\{[^|]*\}$/.test(item) ? item : `(${item})`}[]`
}

function objectType({ properties = {}, additionalProperties: further, ...schema }: Schema, indent: string): string {
  const required = new Set(Array.isArray(schema['required']) ? schema['required'] : [])
  const inner = `${indent}  `
  const members = Object.entries(properties).map(([name, each]) => {
    const type = typeOf(each, inner)
    return {
      type,
      text: `${comment(each['description'], inner)}${inner}readonly ${keyOf(name)}${required.has(name) ? '' : '?'}: ${type}`
    }
  })
  const lines = members.map(({ text }) => text)
  if (typeof further === 'object') {
    // What has a name has to fit as well, and literals do where any text does.
    const types = [typeOf(further, inner), ...members.map(({ type }) => type), 'undefined'].flatMap(partsOf)
    const plain = types.includes('string') ? types.filter((type) => !type.startsWith("'")) : types
    lines.push(`${comment(further['description'], inner)}${inner}readonly [name: string]: ${unionOf(plain)}`)
  }
  return lines.length === 0 ? 'Record<string, unknown>' : `{\n${lines.join('\n')}\n${indent}}`
}

function unionOf(types: readonly string[]): string {
  const all = [...new Set(types)]
  return all.length === 1
    ? all.join('')
    : all.map((type) => (type.startsWith('readonly ') ? `(${type})` : type)).join(' | ')
}

/** Of a union, unless it holds an object. */
function partsOf(type: string): string[] {
  return type.includes('{') ? [type] : type.split(' | ')
}

function literal(value: unknown): string {
  return typeof value === 'string' ? `'${value.replaceAll("'", "\\'")}'` : JSON.stringify(value)
}

function keyOf(name: string): string {
  return /^\w+$/.test(name) ? name : literal(name)
}

function queryOf({
  operationId,
  parameters = []
}: Operation): { name: string; schema: Schema; needed: boolean } | null {
  const asked = parameters.filter((each) => each.in === 'query')
  if (asked.length === 0) return null
  const needed = asked.filter(({ required }) => required === true).map(({ name }) => name)
  const properties: Members<Schema> = Object.fromEntries(
    asked.map(({ name, description, schema }) => [name, { ...schema, description }])
  )
  const name = `${operationId.charAt(0).toUpperCase()}${operationId.slice(1)}Query`
  return { name, schema: { type: 'object', required: needed, properties }, needed: needed.length > 0 }
}

function queryInterface(operation: Operation): string[] {
  const query = queryOf(operation)
  return query === null ? [] : [`export interface ${query.name} ${typeOf(query.schema, '')}\n`]
}

/** The forms of an answer that a parameter chooses among, JSON first; none where it has but one. */
function formsOf({ parameters = [] }: Operation): string[] {
  const values = parameters.find(({ name }) => name === 'format')?.schema['enum']
  return Array.isArray(values) ? values.map(literal) : []
}

function signature(operation: Operation): string {
  const { operationId, parameters = [], requestBody, responses } = operation
  const content = Object.entries(responses).find(([status]) => status.startsWith('2'))?.[1].content ?? {}
  const json = content['application/json']
  const answer = json === undefined ? 'string' : typeOf(json.schema, '  ')
  const forms = formsOf(operation)
  const query = queryOf(operation)
  const body = requestBody?.content['application/json']
  const args = [
    ...parameters.filter((each) => each.in === 'path').map(({ name, schema }) => `${name}: ${typeOf(schema, '  ')}`),
    ...(body === undefined ? [] : [`body?: ${typeOf(body.schema, '  ')}`]),
    ...(query === null
      ? []
      : [`query${query.needed ? '' : '?'}: ${query.name}${forms.length > 0 ? ' & { readonly format?: F }' : ''}`]),
    'options?: CallOptions'
  ].join(', ')
  if (forms.length === 0) return `${operationId}(${args}): Promise<${answer}>`
  return `${operationId}<F extends ${unionOf(forms)} = 'json'>(${args}): Promise<F extends 'json' ? ${answer} : string>`
}

function callOf(method: string, path: string, operation: Operation): string {
  const { operationId, parameters = [], requestBody } = operation
  const inPath = parameters.filter((each) => each.in === 'path').map(({ name }) => name)
  const query = queryOf(operation)
  const args = [
    ...inPath,
    ...(requestBody === undefined ? [] : ['body']),
    ...(query === null ? [] : ['query']),
    'options'
  ]
  const address =
    inPath.length === 0 ? `'${path}'` : `\`${path.replaceAll('{', '${encodeURIComponent(').replaceAll('}', ')}')}\``
  const parts = [...(requestBody === undefined ? [] : ['body']), ...(query === null ? [] : ['query']), '...options']
  return `${operationId}: (${args.join(', ')}) => call('${method}', ${address}, { ${parts.join(', ')} })`
}

const HEAD = `// The API in TypeScript, written by \`npm run openapi\` from openapi.json: whatever is changed here is lost.
// It needs \`fetch\` and nothing else, so it can be copied to wherever it is used.

export interface ClientOptions {
  /** Where the service is, with the path prefix if it has one. */
  readonly baseUrl: string
  /** Where keys are wanted. */
  readonly key?: string
  /** Instead of the global one. */
  readonly fetch?: typeof fetch
}

export interface CallOptions {
  readonly signal?: AbortSignal
}

/** Whatever was not answered as asked. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError'
  readonly status: number
  /** What the service said of it; null where something between answered. */
  readonly problem: Problem | null
  /** How long to wait before asking again; null where it was not said. */
  readonly retryAfterSeconds: number | null

  constructor(response: Response, problem: Problem | null) {
    super(problem?.detail ?? problem?.title ?? \`answered with status \${response.status}\`)
    this.status = response.status
    this.problem = problem
    const retryAfter = response.headers.get('retry-after')
    this.retryAfterSeconds = retryAfter === null ? null : Number(retryAfter)
  }
}
`

const TAIL = `interface Asked extends CallOptions {
  readonly body?: unknown
  readonly query?: object | undefined
}

/** Each call rejects with a \`ProblemError\`, or as \`fetch\` does where nothing answered. */
export function createClient({ baseUrl, key, fetch: send = fetch }: ClientOptions): Client {
  const call = async <T>(method: string, path: string, { body, query = {}, signal }: Asked): Promise<T> => {
    const url = new URL(\`\${baseUrl.replace(/\\/+$/, '')}\${path}\`)
    for (const [name, value] of Object.entries(query)) {
      for (const each of [value].flat()) if (each !== undefined) url.searchParams.append(name, String(each))
    }
    const response = await send(url, {
      method,
      headers: {
        accept: 'application/json',
        ...(key !== undefined && { 'x-api-key': key }),
        ...(body !== undefined && { 'content-type': 'application/json' })
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      ...(signal !== undefined && { signal })
    })
    const type = response.headers.get('content-type') ?? ''
    const isJson = /^application\\/(problem\\+)?json\\b/.test(type)
    const answer: unknown = await (isJson ? response.json() : response.text())
    // The description says what comes, and the service is tested to keep to it.
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion
    if (!response.ok) throw new ProblemError(response, type.includes('problem+json') ? (answer as Problem) : null)
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion
    return answer as T
  }
  return {
    CALLS
  }
}
`
