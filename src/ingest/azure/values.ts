// Single values of an answer.
import { isDay, type Day } from '../../model/day.ts'
import { OperationalError } from '../../model/errors.ts'
import { plain } from './text.ts'

/** The day of an instant that is a midnight of UTC. */
export function readDay(value: unknown): Day {
  const day = typeof value === 'string' ? /^(\d{4}-\d{2}-\d{2})T00:00:00(?:\.0{1,7})?Z$/.exec(value)?.[1] : undefined
  if (day !== undefined && isDay(day)) return day
  throw new OperationalError('source-rejected', `a day is ${show(value)}, which is no midnight of UTC`)
}

/** A whole number, at least 0, and small enough to be exact. */
export function readCount(value: unknown, name: string): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value + 0
  throw new OperationalError('source-rejected', `a ${name} is ${show(value)}, which is no whole number from 0 up`)
}

function show(value: unknown): string {
  if (typeof value === 'string') return `'${plain(value, 40)}'`
  return value === null || typeof value === 'number' || typeof value === 'boolean' ? String(value) : typeof value
}
