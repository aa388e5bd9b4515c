// The open file, and what becomes of it while it is served: where another file has taken its place, that one is opened.
import { OperationalError } from '../../model/errors.ts'
import { openSqliteDatabase } from './database.ts'
import { placeOf, type Place } from './place.ts'
import { openTables, type Tables } from './tables.ts'

export interface Connection {
  /** Sees its own snapshots. */
  readonly reader: Tables
  /** The only one that writes. */
  readonly writer: Tables
  /** How many files have been opened at the path, one after the other. */
  readonly generation: number
  /** What keeps the store from being written, in words; undefined where nothing does. */
  fault(): string | undefined
  /** Throws `store-unavailable` where something does. */
  requireWritable(): void
  /** Whether another file has taken the place of the one that is open. */
  replaced(): boolean
  /** Opens that file, if there is one and it is a store. To be called while nothing is written. */
  follow(): void
  close(): void
}

interface Opened {
  readonly reader: Tables
  readonly writer: Tables
  readonly place: Place
  close(): void
}

/** Throws `store-unavailable` where there is no store at the path that could be opened. */
export function openConnection(path: string): Connection {
  let opened = open(path)
  let generation = 1
  let refused: string | undefined

  const fault = (): string | undefined => opened.place.fault() ?? refused
  return {
    get reader() {
      return opened.reader
    },
    get writer() {
      return opened.writer
    },
    get generation() {
      return generation
    },
    fault,
    requireWritable() {
      const why = fault()
      if (why !== undefined) throw new OperationalError('store-unavailable', `nothing can be written: ${why}`)
    },
    replaced: () => opened.place.replaced(),
    follow() {
      if (!opened.place.replaced()) return
      try {
        // What still stands in the old log belongs to the old file, wherever that is now, and to no other.
        opened.writer.db.pragma('wal_checkpoint(truncate)')
        opened.place.dropStaleLog()
        const next = open(path)
        opened.close()
        opened = next
        generation++
        refused = undefined
      } catch (error) {
        refused = error instanceof Error ? error.message : String(error)
      }
    },
    close: () => opened.close()
  }
}

function open(path: string): Opened {
  const { reader, writer, close } = openSqliteDatabase(path)
  try {
    return { reader: openTables(reader), writer: openTables(writer), place: placeOf(path), close }
  } catch (error) {
    close()
    const reason = error instanceof Error ? error.message : String(error)
    throw new OperationalError('store-unavailable', `${path} is damaged: ${reason}`, { cause: error })
  }
}
