// What a body of Grafana holds. It has twenty-odd keys beside those that are read here, and new ones appear.
import { isObject, membersOf } from '../../members.ts'
import { badParameter } from '../../problem.ts'

/** A whole one, whatever it brings that nobody asked for. */
export const MAX_BODY_BYTES = 256 * 1_024
/** So many texts in one list, also of those that stand in one text as `(A|B)`. */
export const MAX_VALUES_OF_LIST = 100
const MAX_TEXT = 4_096

export type Members = Readonly<Record<string, unknown>>

/** Undefined where there is none, or an empty one. Numbers are taken as they are written. */
export function textOf(value: unknown, name: string): string | undefined {
  if (value === undefined || value === null || value === '') return undefined
  const text = typeof value === 'number' || typeof value === 'boolean' ? String(value) : value
  if (typeof text !== 'string') throw badParameter(name, 'is no text')
  if (text.length > MAX_TEXT) throw badParameter(name, `is longer than ${MAX_TEXT} characters`)
  return text
}

/** Empty where there is none; a lone text is a list of one. */
export function textsOf(value: unknown, name: string): string[] {
  return listOf(Array.isArray(value) ? value : [value], name).flatMap((each) => textOf(each, name) ?? [])
}

/** Empty where there is none. */
export function listOf(value: unknown, name: string): readonly unknown[] {
  if (value === undefined || value === null) return []
  if (!Array.isArray(value)) throw badParameter(name, 'is no list')
  if (value.length > MAX_VALUES_OF_LIST) throw badParameter(name, `has more than ${MAX_VALUES_OF_LIST} values`)
  return value
}

/** The payload of a query: an object, or the text of one, as it is written by hand. */
export function payloadOf(value: unknown): Members {
  const text = typeof value === 'string' ? textOf(value.trim(), 'payload') : undefined
  if (text === undefined) return membersOf(value)
  const parsed = parsedOf(text)
  if (!isObject(parsed)) throw badParameter('payload', `'${text.slice(0, 100)}' is no JSON object`)
  return parsed
}

function parsedOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** The ends of the range, as `toDayRange` takes them. */
export function rangeOf(body: Members): { from?: string; to?: string } {
  const range = membersOf(body['range'])
  const from = textOf(range['from'], 'range.from')
  const to = textOf(range['to'], 'range.to')
  return { ...(from !== undefined && { from }), ...(to !== undefined && { to }) }
}
