// Transactions that leave the event loop free: one at a time writes, over a connection of its own, while readers see
// what was there before; and nobody stands still for another process's lock.
import { setImmediate as turn } from 'node:timers/promises'
import Database from 'better-sqlite3'
import type { Clock } from '../../model/clock.ts'
import { OperationalError } from '../../model/errors.ts'
import type { Steps } from '../changes.ts'
import type { Connection } from './connection.ts'
import type { Tables } from './tables.ts'
import { createWriteCounter } from './writes.ts'

export interface Transactions {
  /** Runs `body` on one snapshot. */
  read<T>(body: (tables: Tables) => T): Promise<T>
  /** Runs `body` in one transaction: all of it is in the file at the store's path, or nothing is acknowledged. */
  write<T>(body: (tables: Tables) => T): Promise<T>
  /** As `write`, a step at a time. */
  writeInSteps<T>(body: (tables: Tables) => Steps<T>): Promise<T>
  /** Runs `body` on one snapshot at once; undefined where it failed, which `read` tells why. */
  readAtOnce<T>(body: (tables: Tables) => T): T | undefined
  /** See the contract of the store. */
  lastWrite(): number | undefined
  /** Runs between two writes, so that none is under way. */
  betweenWrites<T>(run: () => T): Promise<T>
  /** Looks whether another file has taken the store's place, and if so opens it after the write that is under way. */
  look(): void
  /** Resolves when no write is under way any more. */
  idle(): Promise<void>
}

/** A reader looks no more often whether another file has taken the store's place; a writer always looks. */
const LOOK_MS = 1_000
/** How long a lock of another process is waited for, in steps. */
const LOCK_WAIT_MS = 30_000
const LOCK_STEP_MS = 20

export function createTransactions(connection: Connection, clock: Clock): Transactions {
  let lastWrite: Promise<unknown> = Promise.resolve()
  let lookedAt = clock.now().getTime()

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
    // Each ends on the disk: one right after the other, they would keep others waiting for the sum of it.
    lastWrite = mine.catch(() => {}).then(() => turn())
    return mine
  }

  const look = (): void => {
    lookedAt = clock.now().getTime()
    if (connection.replaced()) void inTurn(async () => connection.follow())
  }

  const lookNowAndThen = (): void => {
    if (Math.abs(clock.now().getTime() - lookedAt) >= LOOK_MS) look()
  }
  const writes = createWriteCounter(connection, lookNowAndThen)

  const readNow = <T>(body: (tables: Tables) => T): T => {
    lookNowAndThen()
    const { reader } = connection
    return reader.snapshot(() => body(reader))
  }

  const begin = (): Tables => {
    connection.follow()
    connection.requireWritable()
    const { writer } = connection
    writer.db.exec('begin immediate')
    return writer
  }

  const commit = ({ db }: Tables): void => {
    db.exec('commit')
    writes.expire()
    // What was written to a file that has lost its name meanwhile is not kept.
    connection.requireWritable()
  }

  const transact = <T>(body: (tables: Tables) => T): T => {
    const tables = begin()
    try {
      const result = body(tables)
      commit(tables)
      return result
    } catch (error) {
      undo(tables)
      throw error
    }
  }

  const transactInSteps = async <T>(body: (tables: Tables) => Steps<T>): Promise<T> => {
    const tables = await unlocked(begin)
    try {
      const steps = body(tables)
      let step = steps.next()
      for (; step.done !== true; step = steps.next()) await turn()
      commit(tables)
      return step.value
    } catch (error) {
      undo(tables)
      throw asStoreError(error)
    }
  }

  return {
    read: (body) => unlocked(() => readNow(body)),
    readAtOnce: (body) => orUndefined(() => readNow(body)),
    lastWrite: () => orUndefined(writes.count),
    write: (body) => inTurn(() => unlocked(() => transact(body))),
    writeInSteps: (body) => inTurn(() => transactInSteps(body)),
    betweenWrites: (run) => inTurn(() => unlocked(run)),
    look,
    async idle() {
      await lastWrite
    }
  }
}

/** The body or the commit failed: in either case nothing of it stays, on the disk or in memory. */
function undo({ db, books }: Tables): void {
  books.forget()
  if (db.inTransaction) db.exec('rollback')
}

function orUndefined<T>(run: () => T): T | undefined {
  try {
    return run()
  } catch {
    return undefined
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
