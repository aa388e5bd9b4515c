// A transaction in the making: what was read of one workspace, and what is to be written of it. The rules of a write are
// the same for every store and ask for one row at a time; here the rows are at hand, and what they write is gathered,
// so that a chunk of days costs a few statements and not some for each day.
import { numberOfDay } from '../../model/day.ts'
import { NO_REVISION, type Revision } from '../../model/revision.ts'
import type { Workspace } from '../../model/store.ts'
import { packDay, readDay, type DayRow } from '../day-rows.ts'
import type { LabelBook } from '../label-book.ts'
import { linkEntries, packEntry, readEntry, type EntryRow } from '../log-rows.ts'
import type { WorkspaceState, WorkspaceTables } from '../tables.ts'

export interface Read {
  readonly workspace: Workspace
  readonly state: WorkspaceState
  /** All that will be asked for, or all there are. */
  readonly days: readonly DayRow[]
  /** Oldest first: the whole log, or the last entry of each day that may be asked for. */
  readonly entries: readonly EntryRow[]
  readonly book: LabelBook
}

export interface Written {
  readonly days: readonly DayRow[]
  /** Of days whose row stays as it is. */
  readonly marks: readonly { readonly day: number; readonly shrunk: number }[]
  readonly removed: readonly number[]
  readonly entries: readonly EntryRow[]
  /** Null: no day has changed. */
  readonly clock: { readonly revision: Revision; readonly changedAt: number } | null
}

export interface Draft {
  readonly tables: WorkspaceTables
  written(): Written
}

export function createDraft({ workspace, state, days, entries, book }: Read): Draft {
  const { key, name } = workspace
  const rows = new Map(days.map((row) => [row.day, row]))
  const last = new Map(entries.map((row) => [row.day, row]))
  const [put, marked, removed] = [new Set<number>(), new Set<number>(), new Set<number>()]
  const appended: EntryRow[] = []
  let clock: Written['clock'] = null

  const pick = (numbers: Iterable<number>): DayRow[] => [...numbers].flatMap((day) => rows.get(day) ?? [])
  const tables: WorkspaceTables = {
    books: { of: () => book },
    days: {
      select: (_, range) =>
        [...rows.values()]
          .filter(({ day }) => !range || (day >= numberOfDay(range.from) && day <= numberOfDay(range.to)))
          .toSorted((a, b) => a.day - b.day)
          .map((row) => readDay(key, row, book)),
      selectOne(_, day) {
        const row = rows.get(numberOfDay(day))
        return row && readDay(key, row, book)
      },
      put(_, entry) {
        const row = packDay(key, entry, book)
        rows.set(row.day, row)
        put.add(row.day)
      },
      mark(_, day, shrunk) {
        const row = rows.get(numberOfDay(day))
        if (row === undefined) return
        rows.set(row.day, { ...row, shrunk: shrunk ? 1 : 0 })
        marked.add(row.day)
      },
      remove(_, day) {
        rows.delete(numberOfDay(day))
        removed.add(numberOfDay(day))
      }
    },
    log: {
      append(_, change, links) {
        const row = packEntry(key, change, links, book)
        appended.push(row)
        last.set(row.day, row)
      },
      after(_, since, limit, lastRevision) {
        const first = entries.findIndex(({ revision }) => revision > since)
        const page = first < 0 ? [] : entries.slice(first, first + limit)
        return linkEntries(key, page, { since, limit, last: lastRevision }, book).map(([, entry]) => entry)
      },
      lastOf(_, day) {
        const row = last.get(numberOfDay(day))
        return row === undefined ? null : readEntry(key, row, book)
      }
    },
    workspaces: {
      state: (asked, called) => (asked === key && called === name ? state : undefined),
      advance: (_, revision, changedAt) => void (clock = { revision, changedAt })
    }
  }

  return {
    tables,
    written: () => ({
      days: pick(put),
      marks: pick([...marked].filter((day) => !put.has(day))),
      removed: [...removed].filter((day) => !rows.has(day)),
      entries: appended,
      clock
    })
  }
}

/** The revision of a workspace once that is committed. */
export function revisionAfter({ clock }: Written, { revision }: WorkspaceState): Revision {
  return clock?.revision ?? (revision || NO_REVISION)
}
