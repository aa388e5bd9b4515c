// What a picture says in words: the sums, the states, and what it does not show.
import { addDays, daysBetween, firstOfMonth, type Day } from '../../model/day.ts'
import type { Step } from '../../model/series.ts'
import { rowsPerBar } from './shapes.ts'
import type { Stack, StackRow } from './stack.ts'
import { inFull, plural } from './text.ts'

/** How the states of days are called where people read them. */
export const STATE_NAMES = { provisional: 'provisional', missing: 'not read', lost: 'lost' } as const

/** `Total 1,234 · highest 88 on 2026-11-12 · 2 of 30 days not known`. */
export function summaryOf({ rows }: Stack, step: Step): string {
  const known = rows.filter((row) => row.values !== null)
  const unknown = rows.length - known.length
  if (known.length === 0) return rows.length === 0 ? 'No day in this range' : `No ${step} of this range is known`
  const highest = known.reduce((most, row) => (row.total > most.total ? row : most))
  const total = known.reduce((sum, row) => sum + row.total, 0)
  return [
    `Total ${inFull(total)}`,
    total > 0 && known.length > 1 ? `highest ${inFull(highest.total)} ${WHEN[step](highest.date)}` : '',
    unknown > 0 ? `${inFull(unknown)} of ${plural(rows.length, step)} not known` : ''
  ]
    .filter((part) => part !== '')
    .join(' · ')
}

const WHEN = {
  day: (date: Day) => `on ${date}`,
  week: (date: Day) => `in the week of ${date}`,
  month: (date: Day) => `in ${date.slice(0, 7)}`
}

/** What would mislead if it was not said; empty where there is nothing of the kind. */
export function notesOf({ rows }: Stack, step: Step): string {
  const together = rowsPerBar(rows.length)
  const cut = step === 'day' ? [] : [...new Set([rows[0], rows.at(-1)])].filter((row) => isCut(row, step))
  return [
    ...cut.map((row) => `The ${step} of ${row?.date} holds ${plural(row?.days ?? 0, 'day')} only.`),
    together > 1 ? `Each bar shows the highest of ${together} ${step}s.` : ''
  ]
    .filter((note) => note !== '')
    .join(' ')
}

/** Whether the range, or today, cuts a bucket: it is lower for that alone. */
function isCut(row: StackRow | undefined, step: Step): boolean {
  if (row === undefined || row.values === null) return false
  const whole = step === 'week' ? 7 : daysBetween(row.date, firstOfMonth(addDays(row.date, 31)))
  return row.days < whole
}

/** The picture for those who do not see it. */
export function descriptionOf(stack: Stack, step: Step): string {
  const states = (['final', 'provisional', 'missing', 'lost'] as const)
    .map((state) => [state, stack.rows.filter((row) => row.state === state).length] as const)
    .filter(([, rows]) => rows > 0)
    .map(([state, rows]) => `${inFull(rows)} ${state === 'final' ? state : STATE_NAMES[state]}`)
  return [
    `Stacked bars of post-delivery actions per ${step}, UTC.`,
    `${summaryOf(stack, step)}.`,
    ...(stack.bands.length > 0 ? [`${stack.bands.map(({ name, sum }) => `${name} ${inFull(sum)}`).join(', ')}.`] : []),
    ...(states.length > 0 ? [`${step[0]?.toUpperCase()}${step.slice(1)}s: ${states.join(', ')}.`] : []),
    notesOf(stack, step)
  ]
    .join(' ')
    .trim()
}
