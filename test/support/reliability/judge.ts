// What a damaged store may answer, beside the whole one: the same, less where that is visible, or a refusal.
import { isDeepStrictEqual } from 'node:util'
import type { StoredDay } from '../../../src/model/reading.ts'
import type { LabelFact } from '../../../src/model/store.ts'
import { REFUSED, type Answers } from './small-store.ts'

interface Days {
  readonly revision: number
  readonly days: readonly StoredDay[]
}

/** By the last word of the question; everything else must be the same. Each tells whether an answer is a wrong one. */
const MAY_SAY_LESS: { readonly [what: string]: (answer: never, right: never) => boolean } = {
  days: (answer: Days, right: Days) => answer.revision !== right.revision || wrongDays(answer.days, right.days),
  facts({ coverage, ...rest }: { coverage: StoredDay[] }, { coverage: right, ...others }: { coverage: StoredDay[] }) {
    return !isDeepStrictEqual(rest, others) || wrongDays(coverage, right)
  },
  labels: (answer: LabelFact[], right: LabelFact[]) =>
    answer.some(({ label, count }) => !right.some((other) => other.label === label && other.count >= count)),
  keys: wrongList,
  runs: wrongList,
  key: (answer: unknown) => answer !== null,
  run: (answer: unknown) => answer !== undefined
}

/** What is wrong in the answers, in words. */
export function wrongAnswers(answers: Answers, right: Answers): string[] {
  return [...answers].flatMap(([question, answer]) => {
    const expected = right.get(question)
    if (answer === REFUSED || isDeepStrictEqual(answer, expected)) return []
    const kind = kindOf(question)
    const isWrong = MAY_SAY_LESS[kind] as ((answer: unknown, right: unknown) => boolean) | undefined
    if (isWrong !== undefined && answer !== undefined && !isWrong(answer, expected)) return []
    if (kind === 'run' && answer === undefined) return []
    return [`${question}: ${JSON.stringify(answer)} instead of ${JSON.stringify(expected)}`]
  })
}

/** Whether every question is answered as by the whole store, but for the marks of refused readings: these are not checked. */
export function sameAnswers(answers: Answers, right: Answers): boolean {
  return [...right].every(([question, answer]) => isDeepStrictEqual(unmarked(answers.get(question)), unmarked(answer)))
}

function unmarked(answer: unknown): unknown {
  return typeof answer === 'object'
    ? JSON.parse(JSON.stringify(answer, (key, value) => (key === 'shrunk' ? false : value)))
    : answer
}

function kindOf(question: string): string {
  const words = question.split(' ')
  if (question.includes(' as of ')) return 'days'
  if (words[0] === 'key' || words[0] === 'workspace') return words[0]
  return words.at(-1) ?? ''
}

/** A day is as it was, or is not told, or is damaged and tells nothing; no other day has counts, and none comes twice. */
function wrongDays(answer: readonly StoredDay[], right: readonly StoredDay[]): boolean {
  if (new Set(answer.map(({ day }) => day)).size < answer.length) return true
  return answer.some((day) => {
    if (day.damaged) return day.state !== 'missing' || (day.cells?.length ?? 0) > 0
    // The mark of a refused reading is outside of what is checked.
    return !right.some((other) => isDeepStrictEqual({ ...day, shrunk: false }, { ...other, shrunk: false }))
  })
}

function wrongList(answer: readonly unknown[], right: readonly unknown[]): boolean {
  return answer.some((each) => !right.some((other) => isDeepStrictEqual(each, other)))
}
