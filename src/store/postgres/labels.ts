// The label books of workspaces, kept in memory for as long as their revision stays the same.
import { LRUCache } from 'lru-cache'
import { createLabelBook, isWholeLabel, packLabel, type LabelBook, type LabelRow } from '../label-book.ts'
import type { Revision } from '../../model/revision.ts'
import { statement, type Session } from './pool.ts'

export interface LabelBooks {
  /**
   * The book of a workspace as it stood at a revision, or later: labels are only ever added, so that a later one reads
   * everything that an earlier one does.
   */
  at(session: Pick<Session, 'query'>, workspaceKey: number, revision: Revision): Promise<LabelBook>
  /** A book of one's own to add to, at the present revision; `keep` it once what was added is committed. */
  draft(session: Pick<Session, 'query'>, workspaceKey: number, revision: Revision): Promise<DraftBook>
  /** After the store has been replaced, nothing that was kept is of use. */
  forget(): void
}

export interface DraftBook {
  /** As they were read, damaged ones too. */
  readonly rows: readonly LabelRow[]
  readonly book: LabelBook
  readonly added: readonly LabelRow[]
  keep(revision: Revision): void
}

interface Kept {
  readonly revision: Revision
  readonly rows: readonly LabelRow[]
  readonly book: LabelBook
}

/** A book takes about 20 kB. */
const MOST_BOOKS = 1_000

type SelectedRow = { readonly [K in keyof LabelRow]: LabelRow[K] | null } & { readonly revision: Revision }

const SELECT = statement<SelectedRow>(
  'labels',
  `select c.revision, l.id, l.dimension, l.text, l.location, l.checksum
  from clock c
  left join label l on l.workspace_key = c.workspace_key
  where c.workspace_key = $1`
)

export function createLabelBooks(): LabelBooks {
  const books = new LRUCache<number, Kept>({ max: MOST_BOOKS })

  const load = async (session: Pick<Session, 'query'>, workspaceKey: number, revision: Revision): Promise<Kept> => {
    const known = books.get(workspaceKey)
    // A revision is never given again, so that the same one means the same labels, whatever happened between.
    if (known?.revision === revision) return known
    const selected = await session.query(SELECT, [workspaceKey])
    const rows = selected.flatMap(({ id, dimension, text, location, checksum }) =>
      id === null || dimension === null || text === null || checksum === null
        ? []
        : [{ id, dimension, text, location, checksum }]
    )
    const kept = { revision: selected[0]?.revision ?? revision, rows, book: bookOf(workspaceKey, rows, () => {}) }
    books.set(workspaceKey, kept)
    return kept
  }

  return {
    at: async (session, workspaceKey, revision) => (await load(session, workspaceKey, revision)).book,
    async draft(session, workspaceKey, revision) {
      const { rows } = await load(session, workspaceKey, revision)
      const added: LabelRow[] = []
      const book = bookOf(workspaceKey, rows, (row) => void added.push(row))
      return {
        rows,
        book,
        added,
        keep: (now) => void books.set(workspaceKey, { revision: now, rows: [...rows, ...added], book })
      }
    },
    forget: () => books.clear()
  }
}

function bookOf(workspaceKey: number, rows: readonly LabelRow[], add: (row: LabelRow) => void): LabelBook {
  return createLabelBook({
    rows: rows.filter((row) => isWholeLabel(workspaceKey, row)),
    lastId: rows.reduce((highest, { id }) => Math.max(highest, id), 0),
    add: (label) => add(packLabel(workspaceKey, label))
  })
}
