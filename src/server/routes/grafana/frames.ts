// From the days of one workspace to the series of one target.
import { LOCATIONS } from '../../../model/cube.ts'
import { dayOf, MS_PER_DAY, numberOfDay, type DayRange } from '../../../model/day.ts'
import type { StoredDay } from '../../../model/reading.ts'
import { buildSeries, fillsUntil, labelNamed, type By, type SeriesTable, type Step } from '../../../model/series.ts'
import { columnNames } from '../../columns.ts'
import { badParameter } from '../../problem.ts'
import { labelTests, restrict, unseenValues, type Restriction } from './restrictions.ts'
import type { Labels, Target } from './targets.ts'

export interface Frame {
  readonly target: string
  readonly refId: string
  /** Ascending; null where it is not known. */
  readonly datapoints: readonly (readonly [count: number | null, epochMs: number])[]
  /** Shown at the panel. */
  readonly meta: { readonly notices: readonly { readonly severity: 'warning'; readonly text: string }[] } | undefined
}

export interface FrameQuestion {
  readonly target: Exclude<Target, { kind: 'marks' }>
  readonly refId: string
  readonly by: By | undefined
  readonly step: Step
  readonly range: DayRange
  readonly now: Date
  readonly restrictions: readonly Restriction[]
  /** Before the name of each series; empty where there is but one workspace. */
  readonly prefix: string
  readonly notices: readonly string[]
}

/** A target that the filters exclude has no series, and nor has a day that is not known a number. */
export function buildFrames(question: FrameQuestion, days: readonly StoredDay[], labels: Labels): Frame[] {
  const { target, refId, prefix } = question
  const by = divisionOf(question)
  const restrictions = [...question.restrictions]
  if (target.kind === 'one') {
    if (restrictions.some(({ key, allows }) => key === target.key && !allows(labelNamed(target.value)))) return []
    restrictions.push(restrict(target.key, false, [target.value]))
  }
  const table = toTable({ ...question, by, restrictions }, days)
  const times = table.rows.map(({ date }) => numberOfDay(date) * MS_PER_DAY)
  const meta = metaOf([...question.notices, ...unseenValues(restrictions, labels).map(unseenInWords)])
  return columnNames(table.columns, by).map((name, column) => ({
    target: prefix + seriesName(target, by, name),
    refId,
    datapoints: table.rows.map(({ values }, row) => [values[column] ?? null, times[row] ?? 0] as const),
    meta
  }))
}

function toTable(
  { range, step, now, by, restrictions }: FrameQuestion & { by: By },
  days: readonly StoredDay[]
): SeriesTable {
  const locations = LOCATIONS.filter((each) =>
    restrictions.every(({ key, allows }) => key !== 'location' || allows(each))
  )
  const named = by === 'location' || by === 'total' ? [] : namedColumns(by, restrictions)
  const labels = named.length === 0 ? {} : { [by]: named }
  const today = fillsUntil({ range, step, today: dayOf(now) })
  return buildSeries({ range, by, step, locations, labels, today, passes: labelTests(restrictions) }, days)
}

function metaOf(texts: readonly string[]): Frame['meta'] {
  if (texts.length === 0) return undefined
  return { notices: [...new Set(texts)].map((text) => ({ severity: 'warning', text })) }
}

/** What the series of a target stand for. */
function divisionOf({ target, by }: FrameQuestion): By {
  if (target.kind !== 'each') return target.kind === 'one' && by === target.key ? 'total' : (by ?? 'total')
  if (by === undefined || by === target.key) return target.key
  throw badParameter('by', `'${target.name}' is divided by ${target.key} already: ask for total by ${by}`)
}

/** Labels that have a column even without an event: those that filters name and none excludes. */
function namedColumns(by: Restriction['key'], restrictions: readonly Restriction[]): string[] {
  const same = restrictions.filter(({ key }) => key === by)
  const named = same.filter(({ excludes }) => !excludes).flatMap(({ values }) => values)
  return named.filter((name) => same.every(({ allows }) => allows(labelNamed(name))))
}

function seriesName(target: Target, by: By, column: string): string {
  if (by === 'total') return target.name
  return target.kind === 'one' ? `${target.name}, ${column}` : column
}

function unseenInWords({ key, value }: { key: string; value: string }): string {
  return `this workspace has never had the ${key} '${value}'`
}
