// What a description says of the API, said in one way whatever its form is, so that descriptions can be compared.
// It shares no code with what writes them.

export type Form = '3.1' | '3.0' | '2.0'

// oxlint-disable-next-line typescript/no-explicit-any
type Any = any

/** By method and path: parameters, body, forms of the answer, answers. */
export function normalized(document: Any, form: Form): Record<string, object> {
  const read = createReader(document, form)
  return Object.fromEntries(
    Object.entries<Any>(document.paths).flatMap(([path, methods]) =>
      Object.entries<Any>(methods).map(([method, operation]) => [`${method} ${path}`, read(operation)])
    )
  )
}

function createReader(document: Any, form: Form): (operation: Any) => object {
  const schemaOf = (schema: Any): object | null => (schema === undefined ? null : normalSchema(schema, document))

  const parameterOf = ({
    name,
    in: place,
    required,
    description,
    schema,
    collectionFormat,
    ...inline
  }: Any): object => {
    const of = schema ?? inline
    // Without a word of it, 3.x repeats a list; 2.0 has to say so.
    const list = of.type === 'array' ? (form === '2.0' ? collectionFormat : 'multi') : undefined
    const { description: _, ...limits } = schemaOf(of) as Any
    return { name, place, required: required ?? false, description, list, ...limits }
  }

  const headersOf = (headers: Any = {}): object =>
    Object.fromEntries(
      Object.entries<Any>(headers).map(([name, { description, schema, ...inline }]) => [
        name,
        { description, type: (schema ?? inline).type }
      ])
    )

  return ({
    operationId,
    summary,
    description,
    tags,
    security,
    parameters = [],
    requestBody,
    responses,
    produces,
    ...rest
  }) => {
    const body = parameters.find((each: Any) => each.in === 'body') ?? requestBody
    const forms = Object.values<Any>(responses).flatMap(({ content = {} }) => Object.keys(content))
    return {
      operationId,
      summary,
      description,
      tags,
      security,
      internal: rest['x-ms-visibility'] ?? null,
      parameters: parameters.filter((each: Any) => each.in !== 'body').map(parameterOf),
      body:
        body === undefined
          ? null
          : { required: body.required, schema: schemaOf(body.schema ?? Object.values<Any>(body.content)[0].schema) },
      consumes: rest['consumes'] ?? Object.keys(requestBody?.content ?? {}),
      produces: [...new Set<string>(produces ?? forms)].toSorted(byText),
      responses: Object.fromEntries(
        Object.entries<Any>(responses).map(([status, response]) => {
          const content = Object.entries<Any>(response.content ?? {})
          const main = content.find(([type]) => type === 'application/json') ?? content[0]
          const examples =
            response.examples ??
            Object.fromEntries(
              content.flatMap(([type, { example }]) => (example === undefined ? [] : [[type, example]]))
            )
          return [
            status,
            {
              description: response.description,
              headers: headersOf(response.headers),
              schema: schemaOf(response.schema ?? main?.[1].schema),
              examples
            }
          ]
        })
      )
    }
  }
}

/** References are followed, alternatives become a list of types, and null is told apart. */
function normalSchema(schema: Any, document: Any): object {
  if (schema.$ref !== undefined) {
    const target = schema.$ref
      .slice(2)
      .split('/')
      .reduce((at: Any, key: string) => at[key], document)
    return normalSchema(target, document)
  }
  const alternatives: Any[] = schema.anyOf ?? schema.oneOf ?? schema.allOf ?? []
  const inner = alternatives.filter(({ type }) => type !== 'null').map((each) => normalSchema(each, document) as Any)
  const types = [...[schema.type ?? []].flat(), ...inner.flatMap((each) => each.types)].filter(
    (type) => type !== 'null'
  )
  const isNull =
    schema.nullable === true ||
    schema['x-nullable'] === true ||
    [schema.type].flat().includes('null') ||
    alternatives.some(({ type }) => type === 'null') ||
    inner.some(({ nullable }) => nullable)
  const {
    description,
    format,
    enum: values,
    pattern,
    minimum,
    maximum,
    minLength,
    maxLength,
    minItems,
    maxItems
  } = schema
  const own = {
    description,
    format,
    values,
    pattern,
    minimum,
    maximum,
    minLength,
    maxLength,
    minItems,
    maxItems,
    default: schema.default
  }
  const properties =
    schema.properties &&
    Object.fromEntries(Object.entries(schema.properties).map(([name, each]) => [name, normalSchema(each, document)]))
  const further = schema.additionalProperties
  const whole = {
    required: schema.required?.toSorted(),
    properties,
    further: typeof further === 'object' ? normalSchema(further, document) : further,
    items: schema.items && normalSchema(schema.items, document)
  }
  // What has one alternative beside null is that alternative; several share their limits.
  const merged = { ...Object.assign({}, ...inner), ...defined(own), ...defined(whole) }
  return defined({ ...merged, types: [...new Set<string>(types)].toSorted(byText), nullable: isNull })
}

function byText(a: string, b: string): number {
  return a < b ? -1 : 1
}

function defined(members: object): object {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined))
}

/** The same without what 2.0 cannot say: of what has several types, which; and texts inside the lists of parameters. */
export function coarse(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(coarse)
  if (typeof value !== 'object' || value === null) return value
  const members = Object.fromEntries(Object.entries(value).map(([name, each]) => [name, coarse(each)]))
  if ('place' in members && 'items' in members) delete (members['items'] as Any).description
  if (!Array.isArray(members['types']) || members['types'].length === 1) return members
  const { description, nullable } = members
  return { description, nullable, types: [] }
}
