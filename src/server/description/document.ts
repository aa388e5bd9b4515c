// A description of the API as far as we write one, and how to go through the schemas in it.

/** JSON Schema in the dialect of its document; those keywords that are looked at. */
export interface Schema {
  readonly $ref?: string
  readonly type?: string | readonly string[]
  readonly nullable?: boolean
  readonly properties?: Members<Schema>
  readonly additionalProperties?: Schema | boolean
  readonly items?: Schema
  readonly allOf?: readonly Schema[]
  readonly anyOf?: readonly Schema[]
  readonly oneOf?: readonly Schema[]
  readonly not?: Schema
  readonly examples?: readonly unknown[]
  readonly [keyword: string]: unknown
}

export interface Parameter {
  readonly name: string
  readonly in: string
  readonly required?: boolean
  readonly description?: string
  readonly schema: Schema
  readonly example?: unknown
}

export interface MediaType {
  readonly schema: Schema
  readonly example?: unknown
}

export interface Response {
  readonly description: string
  readonly headers?: Members<{ readonly schema: Schema; readonly description?: string }>
  readonly content?: Members<MediaType>
}

export interface Operation {
  readonly operationId: string
  readonly summary: string
  readonly description?: string
  readonly tags: readonly string[]
  readonly parameters?: readonly Parameter[]
  readonly requestBody?: {
    readonly required?: boolean
    readonly description?: string
    readonly content: Members<MediaType>
  }
  readonly responses: Members<Response>
  readonly security?: readonly object[]
  readonly [extension: `x-${string}`]: unknown
}

export interface Info {
  readonly title: string
  readonly version: string
  readonly summary?: string
  readonly description: string
  readonly license: { readonly name: string; readonly identifier?: string; readonly url?: string }
}

/** OpenAPI 3.1, or 3.0.1. */
export interface Document {
  readonly openapi: string
  readonly info: Info
  readonly servers: readonly { readonly url: string }[]
  readonly tags: readonly object[]
  readonly security: readonly object[]
  readonly components: { readonly securitySchemes: Members<SecurityScheme>; readonly schemas: Members<Schema> }
  readonly paths: Members<Members<Operation>>
}

export interface SecurityScheme {
  readonly type: string
  readonly description: string
  readonly scheme?: string
  readonly in?: string
  readonly name?: string
}

export type Members<T> = Readonly<Record<string, T>>

export function mapMembers<T, U>(members: Members<T>, convert: (value: T, name: string) => U): Record<string, U> {
  return Object.fromEntries(Object.entries(members).map(([name, value]) => [name, convert(value, name)]))
}

/** The document with other operations in place of its own. */
export function mapOperations(document: Document, convert: (operation: Operation) => Operation): Document {
  return { ...document, paths: mapMembers(document.paths, (path) => mapMembers(path, (each) => convert(each))) }
}

/** The document with another schema in place of each that stands in no other schema. */
export function mapSchemas(document: Document, convert: (schema: Schema) => Schema): Document {
  const inside = <T extends { readonly schema: Schema }>(of: T): T => ({ ...of, schema: convert(of.schema) })
  const inContent = (content: Members<MediaType>): Members<MediaType> => mapMembers(content, inside)
  const mapped = mapOperations(document, ({ parameters, requestBody, responses, ...operation }) => ({
    ...operation,
    ...(parameters && { parameters: parameters.map(inside) }),
    ...(requestBody && { requestBody: { ...requestBody, content: inContent(requestBody.content) } }),
    responses: mapMembers(responses, ({ headers, content, ...response }) => ({
      ...response,
      ...(headers && { headers: mapMembers(headers, inside) }),
      ...(content && { content: inContent(content) })
    }))
  }))
  const { components } = document
  return { ...mapped, components: { ...components, schemas: mapMembers(components.schemas, (each) => convert(each)) } }
}

/** The schema with another in place of each that stands directly in it; the rest of it as it is. */
export function mapSubschemas(schema: Schema, convert: (schema: Schema) => Schema): Schema {
  const { properties, additionalProperties: further, items, allOf, anyOf, oneOf, not } = schema
  return {
    ...schema,
    ...(properties && { properties: mapMembers(properties, (each) => convert(each)) }),
    ...(typeof further === 'object' && { additionalProperties: convert(further) }),
    ...(items && { items: convert(items) }),
    ...(allOf && { allOf: allOf.map(convert) }),
    ...(anyOf && { anyOf: anyOf.map(convert) }),
    ...(oneOf && { oneOf: oneOf.map(convert) }),
    ...(not && { not: convert(not) })
  }
}

/** The component of that reference. */
export function componentNamed(components: Members<Schema>, $ref: string): Schema {
  return components[$ref.replace('#/components/schemas/', '')] ?? {}
}
