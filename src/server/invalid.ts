// What validation found, in words for whoever sent it.
import { membersOf } from './members.ts'
import type { ParameterError } from './problem.ts'

/** One finding of Ajv, which is asked to hand over the value as well. */
export interface ValidationFailure {
  readonly keyword: string
  readonly instancePath: string
  readonly params: Readonly<Record<string, unknown>>
  readonly message?: string
  readonly data?: unknown
  readonly parentSchema?: unknown
}

/** Names that look like an attempt to hand over a key in the address, where proxies and logs would keep it. */
const KEY_LIKE = /key|token|secret|password|authorization/i

export function describeInvalid(failure: ValidationFailure): ParameterError {
  const { keyword, params } = failure
  if (keyword === 'additionalProperties') {
    const parameter = shorten(textOf(params['additionalProperty']))
    return { parameter, detail: unknownParameter(parameter, failure) }
  }
  if (keyword === 'required') return { parameter: textOf(params['missingProperty']), detail: 'is required' }
  return { parameter: failure.instancePath.split('/')[1] ?? 'body', detail: valueFault(failure) }
}

function unknownParameter(parameter: string, { parentSchema }: ValidationFailure): string {
  if (KEY_LIKE.test(parameter)) return 'is unknown: keys are taken from the headers X-API-Key and Authorization only'
  const known = Object.keys(membersOf(membersOf(parentSchema)['properties']))
  return known.length === 0 ? 'is unknown: there are no parameters here' : `is unknown: there are ${known.join(', ')}`
}

function valueFault({ keyword, params, data, message }: ValidationFailure): string {
  const value = `'${shorten(textOf(data))}'`
  if (keyword === 'enum' && Array.isArray(params['allowedValues'])) {
    return `${value} is none of ${params['allowedValues'].join(', ')}`
  }
  if (keyword === 'type' && Array.isArray(data)) return 'is given more than once'
  if (keyword === 'maxItems') return `has more than ${textOf(params['limit'])} values`
  if (keyword === 'maxLength') return `is longer than ${textOf(params['limit'])} characters`
  return `${value} ${message ?? 'is not valid'}`
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '')
}

function shorten(text: string): string {
  return text.length > 100 ? `${text.slice(0, 100)}…` : text
}
