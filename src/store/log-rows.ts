// Entries of the log as they lie on the disk, and how far each can be believed.
import { dayOfNumber, numberOfDay, type Day } from '../model/day.ts'
import type { Revision } from '../model/revision.ts'
import type { Change, ChangeEntry } from '../model/store.ts'
import { readChecked, type CheckedRow } from './checked-cells.ts'
import type { LabelBook } from './label-book.ts'
import { checksumOf, packCells, STATE_CODES } from './packed-cells.ts'

/** The revisions of the entries before one, of its workspace and of its day; 0 where there is none. */
export interface Links {
  readonly before: Revision
  readonly previous: Revision
}

export interface EntryRow extends CheckedRow, Links {
  readonly changed_at: number
}

/** The log in a transaction of the caller's. */
export interface ChangeLog {
  append(workspaceKey: number, entry: Change, links: Links): void
  has(workspaceKey: number, revision: Revision): boolean
  /** How many entries there are up to a revision. */
  countUpTo(workspaceKey: number, revision: Revision): number
  /**
   * The entries after a revision, oldest first; undefined in place of one that fails its checksum, or that does not
   * follow the one before. `last` is the workspace's revision: there is one more, undefined, where the log ends earlier.
   */
  after(workspaceKey: number, since: Revision, limit: number, last: Revision): (Change | undefined)[]
  /** The same, each beside the entry of its day before it. */
  page(workspaceKey: number, since: Revision, limit: number, last: Revision): (ChangeEntry | undefined)[]
  /** The newest entry of a day; null where there is none, undefined where it fails its checksum. */
  lastOf(workspaceKey: number, day: Day): Change | null | undefined
}

export const ENTRY_COLUMNS = 'revision, before, previous, changed_at, day, state, cells, checksum'

/** The row of an entry; labels that are new are added to the book. */
export function packEntry(workspaceKey: number, change: Change, links: Links, book: LabelBook): EntryRow {
  const { day, state, revision, cells, changedAt } = change
  const packed = packCells(cells, book)
  const entry = { ...links, changedAt: changedAt.getTime() }
  const head = { workspaceKey, day: numberOfDay(day), state: STATE_CODES[state], revision, entry }
  const checksum = checksumOf(head, packed, book) ?? 0
  return { ...links, revision, changed_at: entry.changedAt, day: head.day, state: head.state, cells: packed, checksum }
}

/** The entry; undefined where it fails its checksum. */
export function readEntry(workspaceKey: number, row: EntryRow, book: LabelBook): Change | undefined {
  const { revision, before, previous, changed_at: changedAt } = row
  const checked = readChecked(workspaceKey, row, book, { changedAt, before, previous })
  if (checked === undefined) return undefined
  const { state } = checked
  return { state, cells: checked.cells(), revision, changedAt: new Date(changedAt), day: dayOfNumber(row.day) }
}

/** Which rows of the log were asked for: at most `limit` after `since`; `last` is the workspace's revision. */
export interface LogPage {
  readonly since: Revision
  readonly limit: number
  readonly last: Revision
}

/**
 * Each row with its entry, which is undefined where it cannot be believed or does not follow the one before; one more,
 * undefined, where the log ends before the last revision.
 */
export function linkEntries<R extends EntryRow>(
  workspaceKey: number,
  rows: readonly R[],
  { since, limit, last }: LogPage,
  book: LabelBook
): [R | undefined, Change | undefined][] {
  let before = since
  const entries = rows.map((row): [R, Change | undefined] => {
    const follows = row.before === before
    before = row.revision
    return [row, follows ? readEntry(workspaceKey, row, book) : undefined]
  })
  return rows.length < limit && before !== last ? [...entries, [undefined, undefined]] : entries
}
