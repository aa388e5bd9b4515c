// The log cut short: of what is older than is kept in full, each day keeps the newest entry, the one in force then.
import type { Day } from '../model/day.ts'
import { OperationalError } from '../model/errors.ts'
import { NO_REVISION, type Revision } from '../model/revision.ts'
import type { Change, Moment, Workspace } from '../model/store.ts'
import type { LabelBook } from './label-book.ts'
import { packEntry, type EntryRow } from './log-rows.ts'

/** The first moment of a log that is kept for ever. */
export const BEFORE_ALL: Moment = { revision: NO_REVISION, changedAt: null }

/** Of the entries up to a revision those that stay, oldest first, each linked to the one before it alone. */
export function keptEntries(
  workspace: Workspace,
  entries: Iterable<Change | undefined>,
  upTo: Revision,
  book: LabelBook
): EntryRow[] {
  const newest = new Map<Day, Change>()
  for (const entry of entries) {
    // A damaged one might be of another day than it says, and the one that has to stay of that.
    if (entry === undefined) {
      throw new OperationalError('store-unavailable', `the log of ${workspace.name} is damaged: run 'verify'`)
    }
    if (entry.revision <= upTo) newest.set(entry.day, entry)
  }
  const kept = [...newest.values()].toSorted((a, b) => a.revision - b.revision)
  return kept.map((entry, i) => {
    const links = { before: kept[i - 1]?.revision ?? NO_REVISION, previous: NO_REVISION }
    return packEntry(workspace.key, entry, links, book)
  })
}

/** For whoever asks for a past state that was there a moment ago. */
export function trimmedMeanwhile({ name }: Workspace): OperationalError {
  return new OperationalError('store-unavailable', `the log of ${name} was cut short meanwhile: ask again`)
}
