// What the API should answer, from the model.
import { DAY, dayAt, days, joined, write } from './days.ts'
import { LOCATIONS, locationIs } from './labels.ts'
import type { Entry, WorkspaceModel } from './model.ts'
import { hasCounts, total, type Counts, type DayRow } from './rules.ts'

type Rows = ReadonlyMap<number, DayRow>
type Range = readonly [from: number, to: number]
type State = DayRow['state'] | 'missing'
export type ByLocation = { readonly [L in (typeof LOCATIONS)[number]]: number }

export function byLocation(counts: Counts): ByLocation {
  const sums = { Quarantine: 0, Delete: 0, Junk: 0, Inbox: 0, Other: 0 }
  for (const [key, count] of counts) sums[locationIs(key.slice(0, key.indexOf('|')))] += count
  return sums
}

const UNKNOWN = { Quarantine: null, Delete: null, Junk: null, Inbox: null, Other: null }

export function stateOf(rows: Rows, day: number): State {
  return rows.get(day)?.state ?? 'missing'
}

export function coverageOf(rows: Rows, [from, to]: Range): { readonly [S in State]: number } {
  const coverage = { final: 0, provisional: 0, missing: 0, lost: 0 }
  for (const day of days(from, to)) coverage[stateOf(rows, day)]++
  return coverage
}

/** The answer by location, a row a day. */
export function seriesBody(name: string, revision: number, rows: Rows, range: Range): object {
  const series = days(...range).map((day) => {
    const row = rows.get(day)
    const head = { date: write(day), state: stateOf(rows, day) }
    return Object.assign(head, hasCounts(row) ? byLocation(row.counts) : UNKNOWN)
  })
  return { ...headOf(name, revision, rows, range), by: 'location', step: 'day', series }
}

/** The answer of the totals, a row a week or month. */
export function bucketBody(
  { name, revision, rows }: WorkspaceModel,
  step: 'week' | 'month',
  range: Range,
  today: number
): object {
  const buckets = new Map<number, State[]>()
  const sums = new Map<number, number>()
  for (const day of days(...range)) {
    const first = step === 'week' ? day - ((day + 3) % 7) : firstOfMonth(day)
    const states = buckets.get(first) ?? []
    buckets.set(first, states)
    if (day > today) continue
    const row = rows.get(day)
    states.push(stateOf(rows, day))
    sums.set(first, (sums.get(first) ?? 0) + (hasCounts(row) ? total(row.counts) : 0))
  }
  const series = [...buckets].map(([first, states]) => {
    const state = WORST_FIRST.find((each) => states.includes(each)) ?? 'missing'
    const known = state === 'final' || state === 'provisional'
    return { date: write(first), state, days: states.length, total: known ? sums.get(first) : null }
  })
  return { ...headOf(name, revision, rows, range), by: 'total', step, series }
}

const WORST_FIRST: readonly State[] = ['lost', 'missing', 'provisional', 'final']

function firstOfMonth(day: number): number {
  return day - Number(write(day).slice(8)) + 1
}

function headOf(name: string, revision: number, rows: Rows, range: Range): object {
  const [from, to] = range
  return {
    workspace: name,
    unit: 'actions',
    timeZone: 'UTC',
    from: write(from),
    to: write(to),
    revision: String(revision),
    coverage: coverageOf(rows, range)
  }
}

/** CSV by delivery location: a column for each that has an event in the range, spelled as it was first stored. */
export function csvText({ rows, spelling }: WorkspaceModel, range: Range): string {
  const places = new Set<string>()
  for (const day of days(...range)) for (const key of rows.get(day)?.counts.keys() ?? []) places.add(placeOf(key))
  const columns = [...places]
    .map((place) => ({ place, name: spelling.get(`place ${place}`)?.slice('place '.length) || '(none)' }))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
  const lines = days(...range).map((day) => {
    const row = rows.get(day)
    const values = columns.map(({ place }) => (hasCounts(row) ? sumOf(row.counts, place) : ''))
    return [write(day), stateOf(rows, day), ...values].join(',')
  })
  return [['date', 'state', ...columns.map(({ name }) => name)].join(','), ...lines]
    .map((line) => `${line}\r\n`)
    .join('')
}

function placeOf(key: string): string {
  return key.slice(0, key.indexOf('|'))
}

function sumOf(counts: Counts, place: string): number {
  let sum = 0
  for (const [key, count] of counts) if (placeOf(key) === place) sum += count
  return sum
}

/** NDJSON of two locations, a line a day and location. */
export function longLines({ name, rows }: WorkspaceModel, range: Range): string {
  return days(...range)
    .flatMap((day) => {
      const row = rows.get(day)
      const counts = hasCounts(row) ? byLocation(row.counts) : UNKNOWN
      const [date, state] = [write(day), stateOf(rows, day)]
      return (['Inbox', 'Junk'] as const).map((location) => ({
        workspace: name,
        date,
        state,
        location,
        count: counts[location]
      }))
    })
    .map((line) => `${JSON.stringify(line)}\n`)
    .join('')
}

/** The log as `/changes` tells it. */
export function changesOf(workspace: WorkspaceModel): object[] {
  const last = new Map<number, Entry>()
  return workspace.log.map((entry) => {
    const previous = last.get(entry.day)
    last.set(entry.day, entry)
    return {
      revision: String(entry.revision),
      workspace: workspace.name,
      date: write(entry.day),
      state: entry.state,
      counts: hasCounts(entry) ? byLocation(entry.counts) : null,
      previous: hasCounts(previous) ? byLocation(previous.counts) : null,
      changedAt: new Date(entry.instant).toISOString()
    }
  })
}

/** The end of the transaction that an instant, or a revision, lies in; 0 before the first. */
export function momentOf({ log }: WorkspaceModel, at: { revision: number } | { instant: number }): number {
  const instant =
    'instant' in at ? at.instant : (log.findLast(({ revision }) => revision <= at.revision)?.instant ?? -Infinity)
  return log.findLast((entry) => entry.instant <= instant)?.revision ?? 0
}

/** What `/status` says of a workspace, but for its runs. */
export function statusOf({ name, revision, rows, kept }: WorkspaceModel, ours: number): object {
  const today = dayAt(ours)
  const sorted = [...rows].toSorted(([a], [b]) => a - b)
  const covered = sorted.filter(([, row]) => hasCounts(row)).map(([day]) => day)
  const [first, last] = [covered[0] ?? null, covered.at(-1) ?? null]
  const from = kept === null ? first : Math.max(kept.firstDue, kept.firstArrival + 1)
  const to = kept === null ? last : today - 1
  const missing = from === null || to === null ? [] : days(from, to).filter((day) => !rows.has(day))
  const lost = sorted.filter(([, row]) => row.state === 'lost').map(([day]) => day)
  const shrunk = sorted.filter(([, row]) => row.shrunk).map(([day]) => day)
  const atRisk: { from: string; to: string; lostAfter: string }[] = []
  let atRiskDays = 0
  if (kept !== null) {
    const shown = kept.today - kept.firstArrival
    const forgets = covered.some((day) => day < kept.firstArrival)
    const keep = forgets ? Math.min(kept.retentionDays, shown) : kept.retentionDays
    const risky = missing.filter((day) => day + keep - 1 - today <= 7)
    atRiskDays = risky.length
    for (const [a, b] of joined(risky)) atRisk.push({ ...spelled([a, b]), lostAfter: write(a + keep - 1) })
  }
  return {
    workspace: name,
    revision: String(revision),
    sourceFirstDate: kept === null ? null : write(kept.firstArrival),
    sourceLastDate: kept === null ? null : write(kept.lastArrival),
    firstDate: first === null ? null : write(first),
    lastDate: last === null ? null : write(last),
    finalThrough: finalThrough(rows, kept),
    missing: joined(missing).map(spelled),
    lost: joined(lost).map(spelled),
    shrunk: joined(shrunk).map(spelled),
    damaged: [],
    atRisk,
    missingDays: missing.length,
    lostDays: lost.length,
    atRiskDays
  }
}

function finalThrough(rows: Rows, kept: WorkspaceModel['kept']): string | null {
  if (kept === null) return null
  const reach = days(kept.firstDue, kept.today)
  const open = reach.find((day) => day !== kept.firstArrival && rows.get(day)?.state !== 'final')
  const through = open === undefined ? reach.findLast((day) => rows.get(day)?.state === 'final') : open - 1
  return through === undefined ? null : write(through)
}

function spelled([from, to]: readonly [number, number]): { from: string; to: string } {
  return { from: write(from), to: write(to) }
}

/** The samples of `/metrics` that tell of days: yesterday's counts, and how many days are in each state. */
export function samplesOf({ name, rows }: WorkspaceModel, ours: number): { readonly [sample: string]: number } {
  const yesterday = rows.get(dayAt(ours - DAY))
  if (!hasCounts(yesterday)) return {}
  const counts = byLocation(yesterday.counts)
  return Object.fromEntries(
    LOCATIONS.map((location) => [`post_delivery_events{workspace="${name}",location="${location}"}`, counts[location]])
  )
}
