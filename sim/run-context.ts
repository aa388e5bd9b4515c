// One run, as far as it has come: what it asked and was answered, by which the model judges what it does.
import { write } from './days.ts'
import type { AnsweredDay } from './source.ts'

export interface RunContext {
  readonly id: string
  /** Null: what is due. */
  readonly range: readonly [number, number] | null
  readonly force: boolean
  /** How many questions the source was asked. */
  questions: number
  /** What failed of that which it asked for, in the order in which it did. */
  readonly failures: RunFailure[]
  /** By our clock, before its first question. */
  askedAt: number
  /** Of the first answer, but F: the latest that was answered. */
  bounds: {
    readonly today: number
    firstArrival: number
    readonly lastArrival: number
    readonly proof: number | null
  } | null
  /** The source showed no row; and whether a day has events that it should show. */
  nothingShown: { readonly today: number; eventful: boolean } | null
  tenant: string
  /** What it is to ask for. */
  due: ReadonlySet<number> | null
  /** The days whose readings were decided upon, and how many of them were accepted. */
  readonly applied: Set<number>
  stored: number
  /** How many came back empty that had events. */
  shrunk: number
  /** When it last learned the bounds, looked at the revision, asked for counts. */
  boundsMoment: number
  revisionMoment: number
  questionMoment: number
  answer: {
    readonly moment: number
    /** Since which moment the source keeps as much as it did then. */
    readonly keepsSince: number
    readonly days: ReadonlyMap<number, AnsweredDay>
  } | null
}

export interface RunFailure {
  readonly code: string
  /** The one that the source could not answer for, where that was the reason. */
  readonly badDay: number | null
}

export function beginRun(id: string, range: RunContext['range'], force: boolean): RunContext {
  return {
    id,
    range,
    force,
    questions: 0,
    failures: [],
    askedAt: 0,
    bounds: null,
    nothingShown: null,
    tenant: '',
    due: null,
    applied: new Set(),
    stored: 0,
    shrunk: 0,
    boundsMoment: 0,
    revisionMoment: 0,
    questionMoment: 0,
    answer: null
  }
}

export function fail({ failures }: RunContext, code: string, badDay: number | null = null): void {
  failures.push({ code, badDay })
}

/** After these nothing more is wanted, or can be kept, or may be believed. */
const FATAL: ReadonlySet<string> = new Set([
  'internal',
  'cancelled',
  'store-unavailable',
  'source-changed',
  'clock-skew'
])

export function isOver({ failures }: RunContext): boolean {
  return failures.some(({ code }) => FATAL.has(code))
}

/** How a run should end: its status, and of which code its error may be; none where it should have none. */
export interface End {
  readonly status: string
  readonly codes: readonly string[]
}

/** `foreign`: the name is bound to another source. */
export function endOf(run: RunContext, foreign: boolean): End {
  const { bounds, nothingShown, due, applied, stored, range, failures, shrunk } = run
  const failed = failures.map(({ code }) => code)
  if (foreign) return { status: 'failed', codes: ['source-changed', ...failed] }
  const inPart = range === null ? { status: 'succeeded', codes: [] } : { status: 'partial', codes: ['source-rejected'] }
  if (bounds === null && nothingShown !== null) {
    return nothingShown.eventful ? { ...inPart, codes: ['source-shrunk'] } : inPart
  }
  if (bounds === null || due === null) return { status: 'failed', codes: failed }
  const left = [...due].filter((day) => !applied.has(day))
  const forNoReason = left.filter((day) => failures.every(({ badDay }) => badDay !== null && badDay !== day))
  if (forNoReason.length > 0) return { status: `read ${forNoReason.map(write).join(', ')}`, codes: [] }
  if (left.length > 0) return { status: stored > 0 ? 'partial' : 'failed', codes: failed }
  const whole = range === null || due.size === range[1] - range[0] + 1
  const end = whole ? { status: 'succeeded', codes: [] } : inPart
  return shrunk > 0 ? { ...end, codes: ['source-shrunk'] } : end
}
