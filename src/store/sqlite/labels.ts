// The label books of all workspaces, kept in memory for as long as no other process writes.
import type { Database } from 'better-sqlite3'
import { locationOf } from '../../model/cube.ts'
import {
  createLabelBook,
  isWholeLabel,
  labelChecksum,
  LOCATED,
  packLabel,
  type LabelBook,
  type LabelRow,
  type NewLabel
} from '../label-book.ts'
import type { LocatedLabels } from '../locations.ts'

export interface LabelBooks extends LocatedLabels {
  /** To be called in a transaction, whose snapshot the book then is of. */
  of(workspaceKey: number): LabelBook
  /** After a transaction that was rolled back: its labels are not there. */
  forget(): void
  /** Ids of labels of which a copy is damaged, or is not there. */
  damaged(workspaceKey: number): number[]
  /** Writes damaged labels anew from their other copy. */
  heal(workspaceKey: number): void
}

export function createLabelBooks(db: Database): LabelBooks {
  const selectVersion = db.prepare<[], number>('pragma data_version').pluck()
  const selectLabels = db.prepare<[number], LabelRow>(`
    select id, dimension, text, location, checksum from label
    where workspace_key = ?`)
  const selectCopies = db.prepare<[number], LabelRow>(`
    select id, dimension, text, null as location, checksum from label_log
    where workspace_key = ?`)
  const insertLabel = db.prepare<[number, number, number, string, string | null, number]>(`
    insert into label (workspace_key, id, dimension, text, location, checksum)
    values (?, ?, ?, ?, ?, ?)
    on conflict do update set dimension = excluded.dimension, text = excluded.text, location = excluded.location,
      checksum = excluded.checksum`)
  const insertCopy = db.prepare<[number, number, number, string, number]>(`
    insert into label_log (workspace_key, id, dimension, text, checksum)
    values (?, ?, ?, ?, ?)
    on conflict do update set dimension = excluded.dimension, text = excluded.text, checksum = excluded.checksum`)

  const books = new Map<number, LabelBook>()
  let version: number | undefined

  const put = (workspaceKey: number, label: NewLabel): void => {
    const { id, dimension, text, location, checksum } = packLabel(workspaceKey, label)
    insertLabel.run(workspaceKey, id, dimension, text, location, checksum)
    const ofCopy = labelChecksum(workspaceKey, { id, dimension, text, location: null })
    insertCopy.run(workspaceKey, id, dimension, text, ofCopy)
  }

  return {
    of(workspaceKey) {
      const now = selectVersion.get()
      if (now !== version) books.clear()
      version = now
      let book = books.get(workspaceKey)
      if (book === undefined) {
        const all = [...selectCopies.all(workspaceKey), ...selectLabels.all(workspaceKey)]
        const whole = all.filter((row) => isWholeLabel(workspaceKey, row))
        const lastId = all.reduce((highest, row) => Math.max(highest, Number.isSafeInteger(row.id) ? row.id : 0), 0)
        book = createLabelBook({ rows: whole, lastId, add: (row) => put(workspaceKey, row) })
        books.set(workspaceKey, book)
      }
      return book
    },
    forget: () => books.clear(),
    moved: (workspaceKey) =>
      selectLabels
        .all(workspaceKey)
        .filter(
          (row) => row.dimension === LOCATED && isWholeLabel(workspaceKey, row) && row.location !== locationOf(row.text)
        ),
    settle: put,
    damaged(workspaceKey) {
      const [labels, copies] = [selectLabels.all(workspaceKey), selectCopies.all(workspaceKey)]
      const whole = [wholeOf(workspaceKey, labels), wholeOf(workspaceKey, copies)]
      const ids = new Set([...labels, ...copies].map(({ id }) => id))
      return [...ids].filter((id) => !whole.every((rows) => rows.has(id)))
    },
    heal(workspaceKey) {
      const labels = wholeOf(workspaceKey, selectLabels.all(workspaceKey))
      const copies = wholeOf(workspaceKey, selectCopies.all(workspaceKey))
      for (const row of new Map([...labels, ...copies]).values()) {
        if (!labels.has(row.id) || !copies.has(row.id)) put(workspaceKey, row)
      }
      books.clear()
    }
  }
}

function wholeOf(workspaceKey: number, rows: readonly LabelRow[]): Map<number, LabelRow> {
  return new Map(rows.filter((row) => isWholeLabel(workspaceKey, row)).map((row) => [row.id, row]))
}
