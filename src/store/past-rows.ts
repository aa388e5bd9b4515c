// What the rows of the log say of an earlier revision. An entry that cannot be found any more must not let an older one
// pass for it: the entry that came next knows which was before, and so do the rows of days.
import { dayOfNumber } from '../model/day.ts'
import { OperationalError } from '../model/errors.ts'
import type { StoredDay } from '../model/reading.ts'
import { NO_REVISION, type Revision } from '../model/revision.ts'
import type { LabelBook } from './label-book.ts'
import { readEntry, type EntryRow } from './log-rows.ts'

/** Which entry of a day was the newest one up to the revision that is asked for; 0 where there was none. */
export interface LinkRow {
  readonly day: number
  readonly newest: Revision
}

export interface PastRows {
  /** Of each day the newest entry up to the revision that is asked for. */
  readonly held: readonly EntryRow[]
  /** What the day's next entry says of it, or the day's row where there is no later entry. */
  readonly links: readonly LinkRow[]
}

/** The days that had a row then, oldest first, as they stood. */
export function daysFrom(workspaceKey: number, { held: rows, links }: PastRows, book: LabelBook): StoredDay[] {
  const held = new Map(rows.map((row) => [row.day, row]))
  const expected = new Map(links.map(({ day, newest }) => [day, newest]))
  const days = [...new Set([...held.keys(), ...expected.keys()])].toSorted((a, b) => a - b)
  return days.flatMap((day): StoredDay[] => {
    const row = held.get(day)
    const newest = expected.get(day) ?? NO_REVISION
    if (row === undefined && newest === NO_REVISION) return []
    const entry = row?.revision === newest ? readEntry(workspaceKey, row, book) : undefined
    const { state = 'missing', cells = [] } = entry ?? {}
    return [{ day: dayOfNumber(day), state, revision: newest, cells, damaged: entry === undefined, shrunk: false }]
  })
}

export function damagedLog(): OperationalError {
  return new OperationalError('store-unavailable', "the log is damaged: run 'verify'")
}
