// Swagger 2.0 from OpenAPI 3.0, for Logic Apps and Power Automate, which read nothing newer.
import {
  mapMembers,
  mapSubschemas,
  type Document,
  type Members,
  type Operation,
  type Parameter,
  type Response,
  type Schema,
  type SecurityScheme
} from './document.ts'

export interface Swagger2 {
  readonly swagger: '2.0'
  readonly info: object
  readonly host?: string
  readonly basePath: string
  readonly schemes?: readonly string[]
  readonly tags: readonly object[]
  readonly securityDefinitions: Members<object>
  readonly security: readonly object[]
  readonly paths: Members<Members<object>>
  readonly definitions: Members<Schema>
}

/** The same API, as far as 2.0 can say it: of several forms of an answer only JSON has a schema. Nothing of the document given is changed. */
export function toSwagger2({ info, servers, tags, security, components, paths }: Document): Swagger2 {
  return {
    swagger: '2.0',
    info,
    ...toAddress(servers[0]?.url ?? '/'),
    tags,
    // In the order of the document: such tools take the first.
    securityDefinitions: mapMembers(components.securitySchemes, toSecurityDefinition),
    security,
    paths: mapMembers(paths, (path) => mapMembers(path, toOperation2)),
    definitions: mapMembers(components.schemas, toSchema2)
  }
}

/** An address that is a path says nothing of the host, which then is the one that the description comes from. */
export function toAddress(url: string): Pick<Swagger2, 'host' | 'basePath' | 'schemes'> {
  const parsed = URL.parse(url)
  if (parsed === null) return { basePath: url }
  return { host: parsed.host, basePath: parsed.pathname, schemes: [parsed.protocol.replace(':', '')] }
}

/** 2.0 has no bearer: it is a key in that header. */
function toSecurityDefinition({ type, scheme, description, ...rest }: SecurityScheme): object {
  if (type !== 'http') return { type, ...rest, description }
  if (scheme === 'basic') return { type: 'basic', description }
  return {
    type: 'apiKey',
    in: 'header',
    name: 'Authorization',
    description: `\`Bearer \`, followed by: ${description}`
  }
}

function toOperation2({ parameters = [], requestBody, responses, ...operation }: Operation): object {
  const body = Object.entries(requestBody?.content ?? {})[0]
  const produced = Object.values(responses).flatMap(({ content = {} }) => Object.keys(content))
  const all = [
    ...parameters.map(toParameter2),
    ...(body === undefined
      ? []
      : [{ name: 'body', in: 'body', required: requestBody?.required ?? false, schema: toSchema2(body[1].schema) }])
  ]
  return {
    ...operation,
    'x-ms-summary': operation.summary,
    ...(body !== undefined && { consumes: [body[0]] }),
    produces: [...new Set(produced)],
    ...(all.length > 0 && { parameters: all }),
    responses: mapMembers(responses, toResponse2)
  }
}

function toParameter2({ name, schema, example: _, ...parameter }: Parameter): object {
  return {
    name,
    ...parameter,
    'x-ms-summary': wordsOf(name),
    ...plain(schema),
    // As 3.0 sends a list unless told otherwise.
    ...(schema['type'] === 'array' && { collectionFormat: 'multi' })
  }
}

/** `actionType`: Action type. */
function wordsOf(name: string): string {
  const words = name.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}`
}

/** The type of a parameter or header, which has limits but no texts. */
function plain({ description: _, example: __, items, ...schema }: Schema): Schema {
  return { ...schema, ...(items !== undefined && { items: plain(items) }) }
}

function toResponse2({ description, headers, content = {} }: Response): object {
  const main = content['application/json'] ?? Object.values(content)[0]
  const examples = Object.fromEntries(
    Object.entries(content).flatMap(([type, { example }]): [string, unknown][] =>
      example === undefined ? [] : [[type, example]]
    )
  )
  return {
    description,
    ...(main && { schema: toSchema2(main.schema) }),
    ...(headers && { headers: mapMembers(headers, ({ schema, ...header }) => ({ ...header, ...plain(schema) })) }),
    ...(Object.keys(examples).length > 0 && { examples })
  }
}

/** 2.0 knows no alternatives: what has them may be anything. Whole answers have their examples beside them. */
export function toSchema2(schema: Schema): Schema {
  const { $ref, nullable, anyOf = [], oneOf = [], not: _, example, ...rest } = mapSubschemas(schema, toSchema2)
  if ($ref !== undefined) return { $ref: $ref.replace('#/components/schemas/', '#/definitions/') }
  const isNullable = nullable === true || [...anyOf, ...oneOf].some((each) => each['x-nullable'] === true)
  const isShort = example !== undefined && typeof example !== 'object'
  return { ...rest, ...(isShort && { example }), ...(isNullable && { 'x-nullable': true }) }
}
