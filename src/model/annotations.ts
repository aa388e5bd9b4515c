// What happened beside the counts, as marks on a chart: gaps, shrunk days, runs that failed, unusual days.
import type { Anomaly } from './anomalies.ts'
import { daysBetween, earlier, later, lengthOf, MS_PER_DAY, numberOfDay, type DayRange } from './day.ts'
import { inProgress, type IngestRun } from './run.ts'
import type { Completeness } from './status.ts'

/** Times are milliseconds since 1970, both ends included: a day ends a millisecond before the next begins. */
export interface Annotation {
  readonly time: number
  readonly timeEnd: number
  readonly title: string
  readonly text: string
  /** Words divided by commas, without spaces. */
  readonly tags: string
}

/** What there is to tell of one workspace, whether or not it touches the range. */
export interface AnnotationFacts {
  readonly completeness: Pick<Completeness, 'missing' | 'lost' | 'damaged' | 'shrunk' | 'atRisk'>
  /** Of every status, as they were last heard of, in any order: a run that succeeded ends a row of failures. */
  readonly runs: readonly IngestRun[]
  readonly anomalies: readonly Anomaly[]
}

/** A mark for each thing that touches the range, by time; days outside the range are cut off. */
export function buildAnnotations(range: DayRange, { completeness, runs, anomalies }: AnnotationFacts): Annotation[] {
  const { missing, lost, damaged, shrunk, atRisk } = completeness
  const marks = [
    ...missing.map((gap) => markMissing(gap, atRisk)),
    ...lost.map((gap) => markDays(gap, 'Lost', 'the source forgot them before they were read', ['gap', 'lost'])),
    ...damaged.map((gap) => markDays(gap, 'Damaged', 'what is stored cannot be trusted', ['gap', 'damaged'])),
    ...shrunk.map((days) =>
      markDays(days, 'Shrunk', 'the source no longer shows their events; the counts from before are kept', ['shrunk'])
    ),
    ...inARow(anomalies).map(markAnomalies)
  ].flatMap((mark) => cutTo(range, mark) ?? [])
  const [time, timeEnd] = instantsOf(range)
  const failures = failuresOf(runs).map(markFailure)
  return [...marks, ...failures.filter((mark) => mark.time <= timeEnd && mark.timeEnd >= time)].toSorted(
    (a, b) => a.time - b.time || (a.title < b.title ? -1 : 1)
  )
}

type DaysMark = Omit<Annotation, 'time' | 'timeEnd'> & { readonly days: DayRange }

function markDays(days: DayRange, what: string, why: string, tags: readonly string[]): DaysMark {
  return {
    days,
    title: `${what}: ${counted(lengthOf(days), 'day')}`,
    text: `${spelled(days)}: ${why}`,
    tags: tags.join()
  }
}

function markMissing(gap: DayRange, atRisk: Completeness['atRisk']): DaysMark {
  const risk = atRisk.find(({ from, to }) => from <= gap.to && to >= gap.from)
  if (risk === undefined) return markDays(gap, 'Missing', 'not read yet', ['gap', 'missing'])
  const why = `not read yet, and the source forgets ${risk.from} after ${risk.lostAfter}`
  return markDays(gap, 'Missing', why, ['gap', 'missing', 'at-risk'])
}

/** Anomalies of one kind and location on days that follow one another are one thing to look at. */
function inARow(anomalies: readonly Anomaly[]): [Anomaly, ...Anomaly[]][] {
  const rows: [Anomaly, ...Anomaly[]][] = []
  for (const anomaly of anomalies) {
    const row = rows.find((others) => {
      const last = others.at(-1) ?? others[0]
      const alike = last.location === anomaly.location && last.kind === anomaly.kind
      return alike && daysBetween(last.until, anomaly.date) === 1
    })
    if (row === undefined) rows.push([anomaly])
    else row.push(anomaly)
  }
  return rows
}

const ANOMALY_TITLES = { high: 'unusually high', low: 'unusually low' }

function markAnomalies(row: readonly [Anomaly, ...Anomaly[]]): DaysMark {
  const [first, ...others] = row
  const { location, kind } = first
  const days = { from: first.date, to: others.at(-1)?.until ?? first.until }
  const strangest = row.reduce((far, next) => (Math.abs(next.score) > Math.abs(far.score) ? next : far))
  return {
    days,
    title: kind === 'silent' ? 'The whole table is silent' : `${location} ${ANOMALY_TITLES[kind]}`,
    text: others.length === 0 ? first.reason : `${spelled(days)}, ${counted(row.length, 'day')}; ${strangest.reason}`,
    tags: ['anomaly', kind, location].join()
  }
}

/** Runs that failed one after another for the same reason, oldest first. */
function failuresOf(runs: readonly IngestRun[]): [IngestRun, ...IngestRun[]][] {
  const rows: [IngestRun, ...IngestRun[]][] = []
  let open: [IngestRun, ...IngestRun[]] | undefined
  const ended = runs.filter((run) => !inProgress(run)).toSorted((a, b) => (a.startedAt < b.startedAt ? -1 : 1))
  for (const run of ended) {
    if (run.status === 'succeeded') {
      open = undefined
    } else if (open !== undefined && open[0].status === run.status && open[0].error?.code === run.error?.code) {
      open.push(run)
    } else {
      open = [run]
      rows.push(open)
    }
  }
  return rows
}

function markFailure(row: readonly [IngestRun, ...IngestRun[]]): Annotation {
  const [first] = row
  const last = row.at(-1) ?? first
  const { code = 'internal', message = 'no reason was recorded' } = last.error ?? {}
  const outcome = first.status === 'partial' ? 'failed in part' : 'failed'
  return {
    time: Date.parse(first.startedAt),
    timeEnd: Date.parse(last.finishedAt ?? last.startedAt),
    title: row.length === 1 ? `Run ${outcome}` : `${row.length} runs ${outcome}`,
    text: `${code}: ${message}`,
    tags: ['run', first.status, code].join()
  }
}

function cutTo(range: DayRange, { days, ...mark }: DaysMark): Annotation | undefined {
  const cut = { from: later(days.from, range.from), to: earlier(days.to, range.to) }
  const [time, timeEnd] = instantsOf(cut)
  return lengthOf(cut) === 0 ? undefined : { time, timeEnd, ...mark }
}

function instantsOf({ from, to }: DayRange): [first: number, last: number] {
  return [numberOfDay(from) * MS_PER_DAY, (numberOfDay(to) + 1) * MS_PER_DAY - 1]
}

function spelled({ from, to }: DayRange): string {
  return from === to ? from : `${from} to ${to}`
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}
