// Keeps what this process knows as fresh as a quarter of a second, over a connection of its own, and notices when the
// database is lost: then what is known holds for a while, and no longer.
import { Client } from 'pg'
import type { Clock } from '../../model/clock.ts'
import { OperationalError } from '../../model/errors.ts'
import { asStoreError, briefReasonOf } from './failure.ts'
import { createKnown, type Known } from './known.ts'
import { clientConfig, greet, sessionOn } from './pool.ts'
import { MIGRATIONS } from './schema.ts'
import { NOTHING_KNOWN, TELL, type Told } from './told.ts'

export interface Watch {
  /** What is known, where that is fresh enough, or the best there is. Rejects with `store-unavailable` where it is too old. */
  current(): Promise<Known>
  /** The same at once; undefined where a moment has to be waited for, or what is known is not fresh. */
  fresh(): Known | undefined
  /** For what was changed by this process itself. */
  readonly known: Known
  /** Asks anew: afterwards everything is known that was committed before. */
  refresh(): Promise<void>
  /** Since when the database has not been heard of; null where it answers. */
  staleSince(): Date | null
  /** What keeps the store from being written, in words. */
  fault(): string | null
  /** How many stores have been found at the address, one after the other. */
  generation(): number
  close(): Promise<void>
}

export interface WatchOptions {
  readonly url: string
  readonly clock: Clock
  /** A store that is being moved in may be watched by who moves it. */
  readonly moving: boolean
  /** The database is lost, or answers again: nothing that was begun before is of use. */
  readonly onTurn: () => void
}

const PERIOD_MS = 250
/** What is older is asked for before it is told: the loop may have been held up. */
const FRESH_MS = 500
/** So long an answer, or a connection, is waited for. With one more try the database is lost within five seconds. */
const PATIENCE_MS = 2_000
/** A revoked key must not work for ever, and old counts are worse than none at some point. */
const MEMORY_MS = 15 * 60_000

/** Rejects where the database does not answer. */
export async function openWatch({ url, clock, moving, onTurn }: WatchOptions): Promise<Watch> {
  const known = createKnown()
  const stopping = new AbortController()
  let client: Client | null = null
  let version: readonly (number | string)[] = NOTHING_KNOWN
  let store = ''
  let generation = 0
  let heardAt = 0
  let lost: string | null = null
  let fault: string | null = null
  let running: Promise<void> | null = null
  let following: Promise<void> | null = null

  const disconnect = (): void => {
    client?.connection.stream.destroy()
    client = null
  }

  const connect = async (): Promise<Client> => {
    const made = new Client(clientConfig(url, { connectMs: PATIENCE_MS, answerMs: PATIENCE_MS }))
    made.on('error', () => {
      if (client === made) client = null
    })
    await made.connect()
    await greet(made)
    return made
  }

  const ask = async (): Promise<void> => {
    const number = known.ask()
    client ??= await connect()
    const [told] = await sessionOn(client).query(TELL, version)
    if (told === undefined) throw new Error('the format of the store is gone')
    if (told.standby) throw new Error('the server has become a standby')
    take(told, number)
  }

  const take = (told: Told, number: number): void => {
    if (told.store !== store) generation++
    store = told.store
    known.take(told, number)
    version = [told.names, told.keys, told.clocks, told.store]
    heardAt = clock.now().getTime()
    fault = faultOf(told, moving)
    if (lost !== null) onTurn()
    lost = null
  }

  /** Once more on a new connection: a server that was started anew has ended the old one. */
  const askTwice = async (): Promise<void> => {
    try {
      await ask()
    } catch {
      disconnect()
      try {
        await ask()
      } catch (error) {
        disconnect()
        if (lost === null) onTurn()
        lost = `the database is lost (${briefReasonOf(error)}): what is known is told from memory`
        throw asStoreError(error)
      }
    }
  }

  const start = (): Promise<void> => {
    following = null
    running = askTwice().finally(() => (running = null))
    return running
  }
  const refresh = (): Promise<void> => {
    if (running === null) return start()
    following ??= running.then(start, start)
    return following
  }

  const age = (): number => Math.abs(clock.now().getTime() - heardAt)
  const isFresh = (): boolean => lost === null && age() <= FRESH_MS

  await start()
  const loop = (async () => {
    while (!stopping.signal.aborted) {
      await clock.after(PERIOD_MS, stopping.signal).catch(() => {})
      if (!stopping.signal.aborted) await refresh().catch(() => {})
    }
  })()

  return {
    known,
    refresh,
    async current() {
      if (stopping.signal.aborted) throw unavailable('the store is closed')
      if (isFresh()) return known
      if (lost === null) await refresh().catch(() => {})
      if (lost !== null && age() > MEMORY_MS) throw unavailable('the database has been lost for too long')
      return known
    },
    fresh: () => (isFresh() && !stopping.signal.aborted ? known : undefined),
    staleSince: () => (lost === null ? null : new Date(heardAt)),
    fault: () => lost ?? fault,
    generation: () => generation,
    async close() {
      stopping.abort()
      await loop
      await running?.catch(() => {})
      await client?.end()
    }
  }
}

function faultOf({ format, moving }: Told, mayMove: boolean): string | null {
  if (format > MIGRATIONS.length) return `a newer program has brought the store to format ${format}: use that one here`
  return moving && !mayMove ? 'another store is being moved in' : null
}

function unavailable(message: string): OperationalError {
  return new OperationalError('store-unavailable', message)
}
