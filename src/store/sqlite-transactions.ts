// Transactions that leave the event loop free: one at a time writes, over a connection of its own, while readers see
// what was there before; and nobody stands still for another process's lock.
import { setImmediate as turn } from 'node:timers/promises'
import Database from 'better-sqlite3'
import type { Clock } from '../model/clock.ts'
import { OperationalError } from '../model/errors.ts'
import type { Tables } from './sqlite-tables.ts'

/** A long write; wherever it yields, others have a turn, and none of them sees what it has written so far. */
export type Steps<T> = Generator<undefined, T, undefined>

export interface Transactions {
  /** Runs `body` on one snapshot. */
  read<T>(body: (tables: Tables) => T): Promise<T>
  /** Runs `body` in one transaction: all of it is on the disk, or nothing. */
  write<T>(body: (tables: Tables) => T): Promise<T>
  /** As `write`, a step at a time. */
  writeInSteps<T>(body: (tables: Tables) => Steps<T>): Promise<T>
  /** Brings the write-ahead log into the file as far as nobody beside us needs it. */
  checkpoint(): Promise<void>
  /** Resolves when no write is under way any more. */
  idle(): Promise<void>
}

/** How long a lock of another process is waited for, in steps. */
const LOCK_WAIT_MS = 30_000
const LOCK_STEP_MS = 20

export function createTransactions(reader: Tables, writer: Tables, clock: Clock): Transactions {
  let lastWrite: Promise<unknown> = Promise.resolve()

  const unlocked = async <T>(run: () => T): Promise<T> => {
    for (let waitedMs = 0; ; waitedMs += LOCK_STEP_MS) {
      try {
        return run()
      } catch (error) {
        if (!isBusy(error)) throw asStoreError(error)
        if (waitedMs >= LOCK_WAIT_MS) {
          const message = `another process has held the store's lock for ${LOCK_WAIT_MS / 1000} seconds`
          throw new OperationalError('store-unavailable', message, { cause: error })
        }
      }
      await clock.after(LOCK_STEP_MS)
    }
  }

  const inTurn = <T>(write: () => Promise<T>): Promise<T> => {
    const mine = lastWrite.then(write)
    lastWrite = mine.catch(() => {})
    return mine
  }

  /** The body or the commit failed: in either case nothing of it stays, on the disk or in memory. */
  const undo = (): void => {
    writer.books.forget()
    if (writer.db.inTransaction) writer.db.exec('rollback')
  }

  const transact = <T>(body: (tables: Tables) => T): T => {
    writer.db.exec('begin immediate')
    try {
      const result = body(writer)
      writer.db.exec('commit')
      return result
    } catch (error) {
      undo()
      throw error
    }
  }

  const transactInSteps = async <T>(body: (tables: Tables) => Steps<T>): Promise<T> => {
    await unlocked(() => writer.db.exec('begin immediate'))
    try {
      const steps = body(writer)
      let step = steps.next()
      for (; step.done !== true; step = steps.next()) await turn()
      writer.db.exec('commit')
      return step.value
    } catch (error) {
      undo()
      throw asStoreError(error)
    }
  }

  return {
    read: (body) => unlocked(() => reader.db.transaction(() => body(reader)).deferred()),
    write: (body) => inTurn(() => unlocked(() => transact(body))),
    writeInSteps: (body) => inTurn(() => transactInSteps(body)),
    checkpoint: () => inTurn(() => unlocked(() => void writer.db.pragma('wal_checkpoint(truncate)'))),
    async idle() {
      await lastWrite
    }
  }
}

function isBusy(error: unknown): boolean {
  return error instanceof Database.SqliteError && error.code.startsWith('SQLITE_BUSY')
}

/** SQLite's failures and the use of a closed store are the store's; everything else is passed on as it is. */
function asStoreError(error: unknown): unknown {
  const closed = error instanceof TypeError && error.message.includes('database connection is not open')
  if (!closed && !(error instanceof Database.SqliteError)) return error
  return new OperationalError('store-unavailable', 'the store cannot be read or written at the moment', {
    cause: error
  })
}
