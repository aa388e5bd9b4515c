// What a day becomes, said once more and as plainly as can be, from docs/day.md and not from the code. A fault that is
// in both would go unseen, so nothing is shared with src/, not even the arithmetic of days.
import { days } from './days.ts'

export type State = 'final' | 'provisional' | 'lost'

/** How many events each combination of labels has, by the labels in lower case. */
export type Counts = ReadonlyMap<string, number>

export interface DayRow {
  readonly state: State
  readonly counts: Counts
}

/** T, F and W: the day of asking, that of the oldest arrival, and the newest arrival at least LAG days ago. */
export interface Window {
  readonly today: number
  readonly firstArrival: number
  readonly proof: number | null
}

export interface Answer extends Window {
  readonly day: number
  readonly counts: Counts
  /** Somebody has changed the day after the question was sent. */
  readonly outdated: boolean
  /** A range was given by hand, and `--force` with it. */
  readonly force: boolean
}

export interface FileDay {
  readonly day: number
  readonly counts: Counts
  readonly today: number
  readonly lagDays: number
  readonly ranged: boolean
  readonly replace: boolean
}

export type Verdict = 'final' | 'provisional' | 'dropped' | 'shrunk' | 'left'

export function total(counts: Counts): number {
  let sum = 0
  for (const count of counts.values()) sum += count
  return sum
}

export function same(a: Counts, b: Counts): boolean {
  return a.size === b.size && [...a].every(([key, count]) => b.get(key) === count)
}

export function hasCounts(row: DayRow | undefined): row is DayRow {
  return row !== undefined && row.state !== 'lost'
}

export function afterAnswer(row: DayRow | undefined, answer: Answer): Verdict {
  const { day, today, firstArrival, proof } = answer
  const events = total(answer.counts)
  const had = hasCounts(row) ? total(row.counts) : 0
  if (answer.outdated || day > today || day < firstArrival) return 'dropped'
  if (day === firstArrival) {
    if (!hasCounts(row)) return events > 0 ? 'provisional' : 'dropped'
    return row.state === 'provisional' && events > had ? 'provisional' : 'dropped'
  }
  if (events === 0 && had > 0 && !answer.force) return 'shrunk'
  if (row?.state === 'final') return 'final'
  if (proof === null || day >= proof) return 'provisional'
  return events >= had || !hasCounts(row) ? 'final' : 'provisional'
}

export function afterFile(row: DayRow | undefined, file: FileDay): Verdict {
  if (file.day > file.today) return 'dropped'
  if (hasCounts(row) && !file.replace) return 'left'
  if (row?.state === 'final') return 'final'
  return file.ranged && file.today - file.day > file.lagDays ? 'final' : 'provisional'
}

/** A: the first day that can be asked for. */
export function firstDay({ today, firstArrival }: Window, retentionDays: number): number {
  return Math.max(firstArrival, today - retentionDays + 1)
}

/** What a run asks for: its range as far as it goes, or what is due. */
export function daysToAsk(
  rows: ReadonlyMap<number, DayRow>,
  window: Window,
  { lagDays, retentionDays, range }: { lagDays: number; retentionDays: number; range: readonly [number, number] | null }
): Set<number> {
  const { today, firstArrival } = window
  const from = firstDay(window, retentionDays)
  if (range !== null) return new Set(days(Math.max(from, range[0]), Math.min(today, range[1])))
  const due = (day: number): boolean => {
    const row = rows.get(day)
    if (day === firstArrival && today - day > lagDays) return !hasCounts(row)
    return row?.state !== 'final'
  }
  return new Set(days(from, today).filter(due))
}

/** The days that are lost when the source reaches no further back than `before`. */
export function lostDays(rows: ReadonlyMap<number, DayRow>, firstAsked: number | null, before: number): number[] {
  const covered = [...rows].filter(([, row]) => hasCounts(row)).map(([day]) => day)
  const first = Math.min(...covered, firstAsked ?? Infinity)
  if (first === Infinity) return []
  return days(first + 1, before - 1).filter((day) => !rows.has(day))
}
