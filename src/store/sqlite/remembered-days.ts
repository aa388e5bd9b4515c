// Days that were read and checked, for as long as nobody writes: most questions are about days that others were about
// before, and reading and checking a day takes twice what an answer takes of it.
import { LRUCache } from 'lru-cache'
import { numberOfDay, type DayRange } from '../../model/day.ts'
import type { StoredDay } from '../../model/reading.ts'
import { toStoredDays, type CheckedDay } from '../day-rows.ts'
import type { LabelBook } from '../label-book.ts'
import type { SqliteDayTable } from './days.ts'

export interface RememberedDays {
  /**
   * As the table says, all days where no range is given; to be called in a transaction of a connection that never
   * writes.
   */
  select(workspaceKey: number, range?: DayRange): StoredDay[]
}

/** Neighbours of a workspace: all of its days from one number on. */
interface Block {
  /** The labels that they were read with. As soon as anybody commits, the workspace has another book. */
  readonly book: LabelBook
  readonly days: readonly CheckedDay[]
}

const BLOCK_DAYS = 32
/** More would push out all others. */
const MOST_DAYS = 4_000
const MAX_BYTES = 16 * 1_048_576
/** What a day takes in memory beside its packed cells. */
const DAY_BYTES = 600

export function rememberDays(table: SqliteDayTable, bookOf: (workspaceKey: number) => LabelBook): RememberedDays {
  const blocks = new LRUCache<string, Block>({ maxSize: MAX_BYTES, sizeCalculation: bytesOf })

  /** Of so many blocks from a first one on, read in one go. */
  const read = (workspaceKey: number, book: LabelBook, first: number, count: number): CheckedDay[] => {
    const [from, to] = [first * BLOCK_DAYS, (first + count) * BLOCK_DAYS - 1]
    const days = table.selectChecked(workspaceKey, from, to, book)
    const byBlock = Map.groupBy(days, ({ row }) => blockOf(row.day))
    for (let block = first; block < first + count; block++) {
      blocks.set(keyOf(workspaceKey, block), { book, days: byBlock.get(block) ?? [] })
    }
    return days
  }

  /** The numbers of the first and the last day; of a long range, only as far as there are days. */
  const spanOf = (workspaceKey: number, range: DayRange | undefined): readonly [number, number] => {
    const from = range === undefined ? Number.NEGATIVE_INFINITY : numberOfDay(range.from)
    const to = range === undefined ? Number.POSITIVE_INFINITY : numberOfDay(range.to)
    if (to - from < MOST_DAYS) return [from, to]
    const { first, last } = table.span(workspaceKey)
    return first === null || last === null ? [0, -1] : [Math.max(from, first), Math.min(to, last)]
  }

  return {
    select(workspaceKey, range) {
      const [first, last] = spanOf(workspaceKey, range)
      if (last - first >= MOST_DAYS) return table.select(workspaceKey, range)
      const book = bookOf(workspaceKey)
      const days: CheckedDay[] = []
      let missing = 0
      const fill = (before: number): void => {
        if (missing > 0) days.push(...read(workspaceKey, book, before - missing, missing))
        missing = 0
      }
      for (let block = blockOf(first); block <= blockOf(last); block++) {
        const known = blocks.get(keyOf(workspaceKey, block))
        if (known?.book !== book) missing++
        else {
          fill(block)
          days.push(...known.days)
        }
      }
      fill(blockOf(last) + 1)
      return toStoredDays(days.filter(({ row }) => row.day >= first && row.day <= last))
    }
  }
}

function blockOf(day: number): number {
  return Math.floor(day / BLOCK_DAYS)
}

function keyOf(workspaceKey: number, block: number): string {
  return `${workspaceKey} ${block}`
}

/** A damaged row may hold anything in place of its cells. */
function bytesOf({ days }: Block): number {
  return days.reduce((bytes, { checked, row }) => bytes + DAY_BYTES + (checked ? row.cells.byteLength : 0), DAY_BYTES)
}
