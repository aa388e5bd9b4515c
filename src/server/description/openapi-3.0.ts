// OpenAPI 3.0.1 from 3.1, for tools that read nothing newer.
import {
  componentNamed,
  mapSchemas,
  mapSubschemas,
  type Document,
  type Info,
  type Members,
  type Schema
} from './document.ts'

/** The same API. Nothing of the document given is changed. */
export function toOpenapi30(document: Document): Document {
  const convert = createSchema30(document.components.schemas)
  return { ...mapSchemas(document, convert), openapi: '3.0.1', info: toInfo30(document.info) }
}

/** The license has an address in place of its SPDX name, and the API no summary beside its description. */
function toInfo30({ summary: _, license: { name, identifier, url }, ...info }: Info): Info {
  return { ...info, license: { name, url: url ?? `https://spdx.org/licenses/${identifier}.html` } }
}

/**
 * How a schema is said in 3.0, which knows neither the type `null` nor lists of types or of examples, nor `const`, and
 * no number as an exclusive bound.
 */
export function createSchema30(components: Members<Schema>): (schema: Schema) => Schema {
  const convert = (schema: Schema): Schema => {
    const { $ref, ...others } = mapSubschemas(withoutNull(schema, components), convert)
    // Beside a reference nothing else counts.
    if ($ref !== undefined) return Object.keys(others).length === 0 ? { $ref } : { ...others, allOf: [{ $ref }] }
    const { const: only, examples, exclusiveMinimum: above, exclusiveMaximum: below, ...same } = others
    return withOneType({
      ...same,
      ...(only !== undefined && { enum: [only] }),
      ...(examples && { example: examples[0] }),
      ...(above !== undefined && { minimum: above, exclusiveMinimum: true }),
      ...(below !== undefined && { maximum: below, exclusiveMaximum: true })
    })
  }
  return convert
}

/** With `nullable` where null is one of the types, or one of the alternatives. */
function withoutNull(schema: Schema, components: Members<Schema>): Schema {
  const { type, anyOf, ...rest } = schema
  if (Array.isArray(type) && type.includes('null')) {
    return { ...rest, type: type.filter((each) => each !== 'null'), nullable: true }
  }
  if (anyOf?.some(isNull) !== true) return schema
  // Written out, since what is referred to does not allow null, whatever stands beside the reference.
  const alternatives = anyOf
    .filter((each) => !isNull(each))
    .map((each): Schema => Object.assign({}, each.$ref ? componentNamed(components, each.$ref) : each, NULLABLE))
  const [only] = alternatives
  return alternatives.length === 1 ? { ...only, ...rest } : { ...rest, anyOf: alternatives }
}

const NULLABLE = { nullable: true }

function isNull({ type }: Schema): boolean {
  return type === 'null'
}

/** A list of one type is that type; one of several becomes alternatives. */
function withOneType(schema: Schema): Schema {
  const { type, description, ...rest } = schema
  if (typeof type !== 'object') return schema
  const described = description === undefined ? {} : { description }
  const [only, ...more] = type.map((each): Schema => Object.assign({ type: each }, rest))
  return more.length === 0 ? { ...only, ...described } : { ...described, anyOf: [only ?? {}, ...more] }
}
