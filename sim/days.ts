// Days as whole numbers since 1970: arithmetic of its own, so that a fault in that of the service shows.

import { parseDay, type Day } from '../src/model/day.ts'

export const HOUR = 3_600_000
export const DAY = 24 * HOUR

/** The UTC day that holds an instant. */
export function dayAt(ms: number): number {
  return Math.floor(ms / DAY)
}

/** `YYYY-MM-DD`. */
export function write(day: number): string {
  return new Date(day * DAY).toISOString().slice(0, 10)
}

/** As the service takes it. */
export function dayText(day: number): Day {
  return parseDay(write(day))
}

export function read(text: string): number {
  return Date.parse(`${text}T00:00:00Z`) / DAY
}

/** Both ends included. */
export function days(from: number, to: number): number[] {
  return Array.from({ length: Math.max(0, to - from + 1) }, (_, i) => from + i)
}

/** Neighbouring days joined, as `[from, to]`; the days come in order. */
export function joined(each: Iterable<number>): [number, number][] {
  const ranges: [number, number][] = []
  for (const day of each) {
    const last = ranges.at(-1)
    if (last !== undefined && last[1] + 1 === day) last[1] = day
    else ranges.push([day, day])
  }
  return ranges
}
