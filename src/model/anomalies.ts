// Days whose count is out of line with the same weekday's history, and silence of the whole table. Pure: the answer
// follows from the question and the stored days alone. docs/anomalies.md tells the method, and how well it does.
import { countInWords, silenceInWords, unjudgedInWords } from './anomaly-words.ts'
import { LOCATIONS, locationOf, type Location } from './cube.ts'
import { addDays, daysBetween, eachDay, earlier, later, lengthOf, toRanges, type Day, type DayRange } from './day.ts'
import type { DayState, StoredDay } from './reading.ts'
import { findSilences, isEnough, type Silence } from './silence.ts'
import { addUpAll } from './sums.ts'
import { HISTORY_WEEKS, MIN_HISTORY, SCORE_LIMIT, usualOf } from './usual.ts'

/** So many days before the range bear on the locations; silence is told from all days that there are. */
export const HISTORY_DAYS = 7 * HISTORY_WEEKS

/** Where the whole table is meant: the name that such a column has in a series. */
export const WHOLE_TABLE = 'total'

export const ANOMALY_KINDS = ['high', 'low', 'silent'] as const
export type AnomalyKind = (typeof ANOMALY_KINDS)[number]

export interface AnomalyQuestion {
  readonly range: DayRange
  /** Those to judge, one by one; silence concerns them all, and is told whatever stands here. */
  readonly locations: readonly Location[]
  /**
   * The first day that may have been read before it was over, so that nothing in it proves no silence: the day on
   * which the source was last asked (`today` of the kept bounds), or the present day where it never was.
   */
  readonly openFrom: Day
}

export interface Anomaly {
  /** A day of the range. Of a silence: the day on which it was noticed, or the first of the range where that is later. */
  readonly date: Day
  /** The last day of a silence so far; else the day itself. */
  readonly until: Day
  readonly location: Location | typeof WHOLE_TABLE
  readonly kind: AnomalyKind
  readonly count: number
  /** The counts that would have been in line, both ends included. */
  readonly expected: readonly [low: number, high: number]
  /** Above 0 where the count is too high, below where it is too low; one decimal; further out is stranger. */
  readonly score: number
  readonly reason: string
}

export interface Anomalies {
  /** By date, then the whole table before the locations in their order. */
  readonly anomalies: readonly Anomaly[]
  /** Covered days of the range with too little history. */
  readonly unjudged: readonly DayRange[]
  /** Whether, at the end of the range, enough is known to notice that the whole table falls silent. */
  readonly silenceJudged: boolean
  /** What was not judged, in words; null where everything was. */
  readonly note: string | null
}

/**
 * The unusual days of the range. `days` are all stored days up to its end, in any order; those older than HISTORY_DAYS
 * before the range matter only for silence. A day that is not covered counts for nothing, here or as history.
 */
export function findAnomalies(question: AnomalyQuestion, days: readonly StoredDay[]): Anomalies {
  const { range, openFrom } = question
  const { first, table } = tableUntil(range.to, days)
  const placeOf = (day: Day): number => daysBetween(first, day)
  const covered = eachDay({ from: later(range.from, first), to: range.to }).flatMap((day) => {
    const row = table[placeOf(day)]
    return row === undefined ? [] : [{ row, history: historyOf(table, placeOf(day)) }]
  })
  const judged = covered.filter(({ history }) => history.length >= MIN_HISTORY)
  const unjudged = covered.filter(({ history }) => history.length < MIN_HISTORY)
  const unusual = judged.flatMap(({ row, history }) =>
    question.locations.flatMap((location) => judge(location, row, history) ?? [])
  )

  const { silences, known } = findSilences(
    table.slice(0, Math.max(0, placeOf(openFrom))).map((row) => row?.total ?? null)
  )
  const silent = silences
    .filter((silence) => addDays(first, silence.last) >= range.from)
    .map((silence) => describeSilence(silence, range, first, historyOf(table, silence.noticed)))
  return {
    anomalies: [...silent, ...unusual].toSorted((a, b) => (a.date === b.date ? 0 : a.date < b.date ? -1 : 1)),
    unjudged: toRanges(unjudged.map(({ row }) => row.date)),
    silenceJudged: isEnough(known),
    note: unjudgedInWords(unjudged.length, covered.length, known)
  }
}

/** A covered day. */
interface CoveredDay {
  readonly date: Day
  readonly state: DayState
  /** In the order of LOCATIONS. */
  readonly counts: readonly number[]
  readonly total: number
}

/** A place for every day from the first stored one until the last asked for; it is empty where the day is not covered. */
type Table = readonly (CoveredDay | undefined)[]

function tableUntil(to: Day, days: readonly StoredDay[]): { first: Day; table: Table } {
  const first = days.reduce((oldest, { day }) => earlier(oldest, day), addDays(to, 1))
  const table = Array.from<CoveredDay | undefined>({ length: lengthOf({ from: first, to }) })
  const sums = addUpAll(days, { by: 'deliveryLocation', columnOf: columnOfLocation, passes: {} })
  for (const [i, { day, state }] of days.entries()) {
    if (day > to || (state !== 'final' && state !== 'provisional')) continue
    const counts = LOCATIONS.map((_location, column) => sums[i]?.[column] ?? 0)
    const total = counts.reduce((sum, count) => sum + count, 0)
    table[daysBetween(first, day)] = { date: day, state, counts, total }
  }
  return { first, table }
}

function columnOfLocation(deliveryLocation: string): number {
  return LOCATIONS.indexOf(locationOf(deliveryLocation))
}

/** The covered ones of the same weekday in the weeks before, oldest first. */
function historyOf(table: Table, place: number): CoveredDay[] {
  return Array.from({ length: HISTORY_WEEKS }, (_, i) => table[place - 7 * (HISTORY_WEEKS - i)]).filter(
    (day) => day !== undefined
  )
}

function judge(location: Location, row: CoveredDay, history: readonly CoveredDay[]): Anomaly | undefined {
  const column = LOCATIONS.indexOf(location)
  const count = row.counts[column] ?? 0
  const usual = usualOf(history.map((past) => past.counts[column] ?? 0))
  // What is still coming in can only make a provisional count larger.
  const tooLow = count < usual.low && row.state === 'final'
  if (count <= usual.high && !tooLow) return undefined
  return {
    date: row.date,
    until: row.date,
    location,
    kind: tooLow ? 'low' : 'high',
    count,
    expected: [usual.low, usual.high],
    score: oneDecimal(usual.scoreOf(count)),
    reason: countInWords({ location, count, usual, day: row.date, state: row.state, weeks: history.length })
  }
}

function describeSilence(
  { first, noticed, last, days, longestBefore }: Silence,
  range: DayRange,
  firstDay: Day,
  history: readonly CoveredDay[]
): Anomaly {
  const dayAt = (place: number): Day => addDays(firstDay, place)
  return {
    date: later(range.from, dayAt(noticed)),
    until: dayAt(last),
    location: WHOLE_TABLE,
    kind: 'silent',
    count: 0,
    expected: [1, Math.max(1, usualOf(history.map(({ total }) => total)).high)],
    // As far out as a count at its limit on the first day, and further with each day that follows.
    score: oneDecimal((-SCORE_LIMIT * days) / (longestBefore + 1)),
    reason: silenceInWords({ from: dayAt(first), to: dayAt(last) }, days, longestBefore)
  }
}

function oneDecimal(value: number): number {
  return Math.round(value * 10) / 10
}
