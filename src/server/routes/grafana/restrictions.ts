// Filters, of whatever origin: what a cell must have, or must not have, to be counted.
import { DIMENSIONS, foldLabel, LOCATIONS, locationOf } from '../../../model/cube.ts'
import { labelNamed, NO_LABEL } from '../../../model/series.ts'
import type { Sorting } from '../../../model/sums.ts'
import { badParameter } from '../../problem.ts'
import { membersOf } from '../../members.ts'
import { listOf, textOf, textsOf, type Members } from './body.ts'
import { alternatives, expand } from './escaped.ts'
import { KEYS, locationNamed, type Key, type Labels } from './targets.ts'

/** A filter as it came; what it means can depend on the labels of the workspace. */
export interface Filter {
  readonly key: Key | 'workspace'
  readonly excludes: boolean
  /** `plain`: as it is. `escaped`: as Grafana fills in variables. `pattern`: a regular expression of the simplest kind. */
  readonly form: 'plain' | 'escaped' | 'pattern'
  readonly values: readonly string[]
}

/** A filter of which it is known what it means. */
export interface Restriction {
  readonly key: Key
  readonly excludes: boolean
  /** As they are written outside. */
  readonly values: readonly string[]
  allows(value: string): boolean
}

const OPERATORS: ReadonlyMap<unknown, Pick<Filter, 'excludes' | 'form'>> = new Map([
  ['=', { excludes: false, form: 'plain' }],
  ['!=', { excludes: true, form: 'plain' }],
  ['=~', { excludes: false, form: 'pattern' }],
  ['!~', { excludes: true, form: 'pattern' }]
] as const)

/** The ad hoc filters of a dashboard. One that has no value yet counts as absent. */
export function adHocFilters(body: Members): Filter[] {
  const sent = ['filters', 'adhocFilters'].flatMap((name) => listOf(body[name], name))
  return sent.map(membersOf).flatMap(({ key, operator, value }) => {
    const text = textOf(value, 'filters.value')
    return text === undefined ? [] : [{ key: keyNamed(key), ...operatorNamed(operator), values: [text] }]
  })
}

/** The filters of a payload. */
export function payloadFilters(payload: Members): Filter[] {
  return ([...KEYS, 'workspace'] as const).flatMap((key): Filter[] => {
    const values = textsOf(payload[key], key)
    return values.length === 0 ? [] : [{ key, excludes: false, form: 'escaped', values }]
  })
}

function keyNamed(key: unknown): Filter['key'] {
  const found = ([...KEYS, 'workspace'] as const).find((each) => each === key)
  if (found !== undefined) return found
  throw badParameter('filters', `there is no '${quoted(key)}' to filter by, but workspace, ${KEYS.join(', ')}`)
}

function operatorNamed(operator: unknown): Pick<Filter, 'excludes' | 'form'> {
  const found = OPERATORS.get(operator ?? '=')
  if (found !== undefined) return found
  throw badParameter('filters', `there is no operator '${quoted(operator)}', but ${[...OPERATORS.keys()].join(', ')}`)
}

function quoted(value: unknown): string {
  return (typeof value === 'string' ? value : (JSON.stringify(value) ?? '')).slice(0, 100)
}

/** What a filter's values stand for; `known` are texts that mean themselves, whatever signs they hold. */
export function valuesOf({ key, form, values }: Filter, known: (text: string) => boolean): string[] {
  if (form === 'plain') return [...values]
  const read = form === 'escaped' ? expand : alternatives
  return [...new Set(values.flatMap((value) => read(value, key, known)))]
}

/** What the filters mean in a workspace that has seen these labels. Throws `invalid-request` for what is no location. */
export function toRestrictions(filters: readonly Filter[], labels: Labels): Restriction[] {
  return filters.flatMap((filter) => {
    const { key, excludes } = filter
    if (key === 'workspace') return []
    const seen = seenIn(labels, key)
    return [restrict(key, excludes, valuesOf(filter, seen))]
  })
}

export function restrict(key: Key, excludes: boolean, values: readonly string[]): Restriction {
  const folded = new Set(
    values.map((value) => foldLabel(key === 'location' ? checkLocation(value) : labelNamed(value)))
  )
  return { key, excludes, values, allows: (value) => folded.has(foldLabel(value)) !== excludes }
}

/** Whether a workspace has that label, or location, as it is written outside. */
export function seenIn(labels: Labels, key: Key): (text: string) => boolean {
  if (key === 'location') return (text) => locationNamed(text) !== undefined
  const folded = new Set(labels[key].map(foldLabel))
  return (text) => foldLabel(text) === NO_LABEL || folded.has(foldLabel(labelNamed(text)))
}

function checkLocation(text: string): string {
  const location = locationNamed(text)
  if (location !== undefined) return location
  throw badParameter('location', `'${text.slice(0, 100)}' is none of ${LOCATIONS.join(', ')}`)
}

/** Of each dimension, whether a label is counted under all of them; a location is told by the delivery location. */
export function labelTests(restrictions: readonly Restriction[]): Sorting['passes'] {
  const tests = DIMENSIONS.flatMap((dimension) => {
    const own = restrictions.filter(({ key }) => key === dimension)
    const located = dimension === 'deliveryLocation' ? restrictions.filter(({ key }) => key === 'location') : []
    if (own.length + located.length === 0) return []
    const passes = (label: string): boolean =>
      own.every(({ allows }) => allows(label)) && located.every(({ allows }) => allows(locationOf(label)))
    return [[dimension, passes] as const]
  })
  return Object.fromEntries(tests)
}

/** Values that are asked for, and that the workspace has never seen: perhaps a typing mistake. */
export function unseenValues(restrictions: readonly Restriction[], labels: Labels): { key: Key; value: string }[] {
  return restrictions.flatMap(({ key, values }) => {
    if (!DIMENSIONS.some((dimension) => dimension === key)) return []
    const seen = seenIn(labels, key)
    return values.filter((value) => !seen(value)).map((value) => ({ key, value }))
  })
}
