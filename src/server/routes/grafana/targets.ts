// What can be asked for: the names of targets, and what each stands for.
import { DIMENSIONS, foldLabel, LOCATIONS, type Dimension, type Location } from '../../../model/cube.ts'
import { nameOf } from '../../../model/series.ts'
import { badParameter } from '../../problem.ts'

/** Rows of a table for annotations, not a series. */
export const MARKS = 'Gaps and runs'
export const TOTAL = 'total'

/** Labels that can be asked for by a target of their own, of each dimension; a new one is as good, if it is typed. */
const LABELS_LISTED = 200

/** By what a target can be restricted, and divided. */
export const KEYS = ['location', ...DIMENSIONS] as const
export type Key = (typeof KEYS)[number]

export type Target =
  | { readonly kind: 'all'; readonly name: string }
  /** Only what has that value. */
  | { readonly kind: 'one'; readonly name: string; readonly key: Key; readonly value: string }
  /** A series for each value. */
  | { readonly kind: 'each'; readonly name: string; readonly key: Key }
  | { readonly kind: 'marks'; readonly name: string }

/** The target of that name, in any case; undefined where there is none. */
export function findTarget(text: string): Target | undefined {
  const name = text.trim()
  const folded = name.toLowerCase()
  if (folded === TOTAL) return { kind: 'all', name: TOTAL }
  if (folded === MARKS.toLowerCase()) return { kind: 'marks', name: MARKS }
  const location = locationNamed(name)
  if (location !== undefined) return { kind: 'one', name: location, key: 'location', value: location }
  const key = KEYS.find((each) => each.toLowerCase() === folded)
  if (key !== undefined) return { kind: 'each', name: key, key }
  const dimension = DIMENSIONS.find((each) => folded.startsWith(`${each.toLowerCase()}: `))
  const value = dimension && name.slice(dimension.length + 2).trim()
  if (dimension === undefined || value === undefined || value === '') return undefined
  return { kind: 'one', name: `${dimension}: ${value}`, key: dimension, value }
}

/** Throws `invalid-request`, with what there is instead. */
export function targetNamed(text: string): Target {
  const target = findTarget(text)
  if (target !== undefined) return target
  const known = [...FIXED.map(({ name }) => `'${name}'`), ...DIMENSIONS.map((each) => `'${each}: <label>'`)].join(', ')
  throw badParameter('target', `there is no '${text.slice(0, 100)}', but ${known}`)
}

export function locationNamed(text: string): Location | undefined {
  return LOCATIONS.find((location) => location.toLowerCase() === text.toLowerCase())
}

/** Those that are always there. */
export const FIXED: readonly Target[] = [...LOCATIONS, TOTAL, ...KEYS, MARKS].flatMap((name) => findTarget(name) ?? [])

/** Labels of each dimension, as they are stored. */
export type Labels = { readonly [D in Dimension]: readonly string[] }

/** Those of the labels that a workspace has seen. */
export function labelTargets(labels: Labels): Target[] {
  return DIMENSIONS.flatMap((key) =>
    namesOf(labels[key])
      .slice(0, LABELS_LISTED)
      .map((value): Target => ({ kind: 'one', name: `${key}: ${value}`, key, value }))
  )
}

/** Labels as they are written outside, sorted. */
export function namesOf(labels: readonly string[]): string[] {
  return labels.map(nameOf).toSorted((a, b) => (foldLabel(a) < foldLabel(b) ? -1 : 1))
}
