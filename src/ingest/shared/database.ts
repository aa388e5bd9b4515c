// The connections over which work is shared: few, apart from those of the store, and never waited for without an end.
import { Pool, type PoolClient, type QueryResult } from 'pg'

export type Value = string | number | boolean | null | readonly string[]
export type Row = Record<string, unknown>

export interface Session {
  query<R extends Row>(text: string, values?: readonly Value[]): Promise<R[]>
}

export interface Database extends Session {
  /** What the driver answers, as it is; without values the text may be several statements. */
  run(text: string, values?: unknown[]): Promise<QueryResult>
  /** Runs `body` in one transaction; rejects where it is not certain that it was committed. */
  transaction<T>(body: (session: Session) => Promise<T>): Promise<T>
  /** A second call does nothing. */
  close(): Promise<void>
}

const CONNECTIONS = 4
const CONNECT_MS = 5_000
/** Every statement here takes milliseconds, but those that make the tables. */
const ANSWER_MS = 15_000
const LOCK_MS = 5_000

/** Connects at the first question. */
export function openDatabase(url: string): Database {
  const pool = new Pool({
    connectionString: url,
    max: CONNECTIONS,
    connectionTimeoutMillis: CONNECT_MS,
    query_timeout: ANSWER_MS,
    idleTimeoutMillis: 30_000,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    fallback_application_name: 'post-delivery-series jobs'
  })
  // A connection that breaks while it is idle has left the pool already.
  pool.on('error', ignore)

  const lent = async <T>(use: (client: PoolClient) => Promise<T>): Promise<T> => {
    const client = await pool.connect()
    client.on('error', ignore)
    let useless = true
    try {
      const result = await use(client)
      useless = false
      return result
    } finally {
      client.off('error', ignore)
      // Errors are rare here, and nobody knows what one leaves behind: a transaction, an answer that comes late, or a
      // server that has become a standby.
      if (useless) client.on('error', ignore).connection.stream.destroy()
      client.release(useless)
    }
  }

  return {
    query: (text, values) => lent((client) => sessionOn(client).query(text, values)),
    run: (text, values) => lent((client) => client.query(text, values)),
    transaction: (body) =>
      lent(async (client) => {
        await client.query('begin isolation level read committed')
        await client.query(`set local lock_timeout = ${LOCK_MS}`)
        const result = await body(sessionOn(client))
        const { command } = await client.query('commit')
        if (command !== 'COMMIT') throw new Error(`the server answered ${command} to a commit`)
        return result
      }),
    async close() {
      if (!pool.ending) await pool.end()
    }
  }
}

function sessionOn(client: PoolClient): Session {
  return {
    async query<R extends Row>(text: string, values: readonly Value[] = []) {
      const { rows } = await client.query<R>(text, [...values])
      return rows
    }
  }
}

function ignore(): void {}
