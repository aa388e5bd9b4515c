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
  /** Something it asked for failed. */
  failed: boolean
  /** By our clock, before its first question. */
  askedAt: number
  /** Of the first answer, but F: the latest that was answered. */
  bounds: {
    readonly today: number
    firstArrival: number
    readonly lastArrival: number
    readonly proof: number | null
  } | null
  /** The source showed no row. */
  nothingShown: boolean
  tenant: string
  /** What it is to ask for. */
  due: ReadonlySet<number> | null
  /** The days whose readings were decided upon, and how many of them were accepted. */
  readonly applied: Set<number>
  stored: number
  /** When it last learned the bounds, looked at the revision, asked for counts. */
  boundsMoment: number
  revisionMoment: number
  questionMoment: number
  answer: { readonly moment: number; readonly days: ReadonlyMap<number, AnsweredDay> } | null
}

export function beginRun(id: string, range: RunContext['range'], force: boolean): RunContext {
  return {
    id,
    range,
    force,
    questions: 0,
    failed: false,
    askedAt: 0,
    bounds: null,
    nothingShown: false,
    tenant: '',
    due: null,
    applied: new Set(),
    stored: 0,
    boundsMoment: 0,
    revisionMoment: 0,
    questionMoment: 0,
    answer: null
  }
}

/** The status with which a run should end; `foreign`: the name is bound to another source. */
export function endOf(run: RunContext, foreign: boolean): string {
  const { bounds, nothingShown, due, applied, stored, range, failed } = run
  if (foreign) return 'failed'
  if (bounds === null && nothingShown) return range === null ? 'succeeded' : 'partial'
  if (bounds === null || due === null) return 'failed'
  const left = [...due].filter((day) => !applied.has(day))
  if (left.length > 0 && !failed) return `asked for ${left.map(write).join(', ')}`
  if (left.length > 0) return stored > 0 ? 'partial' : 'failed'
  return range === null || due.size === range[1] - range[0] + 1 ? 'succeeded' : 'partial'
}
