// Transactions on the database: what is retried, what is not, and what is told when one fails.
import PQueue from 'p-queue'
import { OperationalError } from '../../model/errors.ts'
import { asStoreError, certainlyUndone, DatabaseFailure } from './failure.ts'
import type { Connections, Lent, Session, Statement, Value } from './pool.ts'

export interface Transactions {
  /** One statement, which is a snapshot by itself. */
  read<Row>(statement: Statement<Row>, values: readonly Value[]): Promise<Row[]>
  /** Runs `body` on one snapshot. It may be run twice. */
  snapshot<T>(body: (session: Session) => Promise<T>): Promise<T>
  /** Runs `body` in one transaction, which is committed when the promise resolves. It may be run twice. */
  write<T>(body: (session: Session) => Promise<T>): Promise<T>
  /** Resolves when no write is under way any more. */
  idle(): Promise<void>
}

/** Fewer than there are connections, so that readers find one while writers wait for locks. */
const MOST_WRITERS = 5

/** `requireReachable` throws where it is known that the database does not answer, so that nobody waits for it. */
export function createTransactions(
  connections: Connections,
  guards: { readonly requireReachable: () => void; readonly requireWritable: () => void }
): Transactions {
  const writers = new PQueue({ concurrency: MOST_WRITERS })

  const onceMore = async <T>(run: () => Promise<T>): Promise<T> => {
    try {
      return await run()
    } catch (error) {
      if (!(error instanceof DatabaseFailure) || !error.passing) throw error
      guards.requireReachable()
      return run()
    }
  }

  const lent = async <T>(use: (session: Lent) => Promise<T>): Promise<T> => {
    guards.requireReachable()
    const session = await connections.lend()
    try {
      const result = await use(session)
      session.release(false)
      return result
    } catch (error) {
      const useless = error instanceof DatabaseFailure && error.broken
      session.release(useless || (await failsToRollBack(session)))
      throw error
    }
  }

  const read = async <T>(run: (session: Lent) => Promise<T>): Promise<T> => {
    try {
      return await onceMore(() => lent(run))
    } catch (error) {
      throw asStoreError(error)
    }
  }

  const transact = <T>(body: (session: Session) => Promise<T>): Promise<T> =>
    lent(async (session) => {
      await session.run('begin isolation level read committed')
      const result = await body(session)
      try {
        await session.commit()
      } catch (error) {
        if (!(error instanceof DatabaseFailure) || certainlyUndone(error)) throw error
        const message = 'the database did not confirm a write: it is not known whether it was done'
        throw new OperationalError('store-unavailable', message, { cause: error.cause })
      }
      return result
    })

  return {
    read: (statement, values) => read((session) => session.query(statement, values)),
    snapshot: (body) =>
      read(async (session) => {
        await session.run('begin isolation level repeatable read read only')
        const result = await body(session)
        await session.run('commit')
        return result
      }),
    write: (body) =>
      writers.add(async () => {
        guards.requireWritable()
        try {
          return await onceMore(() => transact(body))
        } catch (error) {
          throw asStoreError(error)
        }
      }),
    idle: () => writers.onIdle()
  }
}

/** Leaves no transaction behind on a connection that others will use. */
async function failsToRollBack(session: Session): Promise<boolean> {
  try {
    await session.run('rollback')
    return false
  } catch {
    return true
  }
}
