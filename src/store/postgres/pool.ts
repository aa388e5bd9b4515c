// A bounded pool of connections, each to a server that takes writes.
import { Pool, types, type ClientBase, type ClientConfig, type PoolClient, type QueryConfig } from 'pg'
import { DatabaseFailure } from './failure.ts'

/** A statement that the server parses once for each connection; its rows are of the type that it is declared with. */
export interface Statement<Row> {
  readonly name: string
  readonly text: string
  /** Never there: it carries the type. */
  readonly rows?: readonly Row[]
}

export function statement<Row>(name: string, text: string): Statement<Row> {
  return { name, text }
}

export type Value = number | string | boolean | null | readonly (number | string | boolean | Uint8Array | null)[]

/** One connection while it is lent. Everything rejects with a `DatabaseFailure`. */
export interface Session {
  query<Row>(statement: Statement<Row>, values?: readonly Value[]): Promise<Row[]>
  /** A statement that is used once, or that cannot be prepared. */
  run(text: string): Promise<void>
  /** Rejects where it is not certain that the commit is as durable as the server is told to make it. */
  commit(): Promise<void>
}

export interface Lent extends Session {
  /** Gives the connection back, or ends it where it is of no use any more. */
  release(useless: boolean): void
}

export interface Connections {
  lend(): Promise<Lent>
  /** Ends every connection at once, also where somebody waits for an answer: the server is lost, or is another one. */
  drop(): void
  /** A second call does nothing. */
  close(): Promise<void>
}

const MOST_CONNECTIONS = 10
/** Of these one is the watch's. */
const POOLED = MOST_CONNECTIONS - 1
const CONNECT_MS = 5_000
/** How long another process's lock is waited for, as on SQLite. */
const LOCK_MS = 30_000
const STATEMENT_MS = 60_000
/** A process that is stopped in the middle of a write gives its locks up before others stop waiting for them. */
const IDLE_MS = LOCK_MS / 2
/** A server that is cut off says nothing at all. A little longer than its own limit, so that its own words come first. */
const SILENCE_MS = STATEMENT_MS + 5_000

/** `answerMs`: how long an answer is waited for, by us. */
export function clientConfig(url: string, { connectMs = CONNECT_MS, answerMs = SILENCE_MS } = {}): ClientConfig {
  return {
    connectionString: url,
    connectionTimeoutMillis: connectMs,
    query_timeout: answerMs,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    fallback_application_name: 'post-delivery-series',
    types: { getTypeParser }
  }
}

/** Revisions and instants are safe integers; what the driver hands out by itself is text. */
const INT8 = 20
function getTypeParser(oid: number, format?: 'text' | 'binary'): (text: string) => unknown {
  if (oid === INT8 && format !== 'binary') return Number
  return types.getTypeParser(oid, format)
}

/** Ours and not the server's defaults. Settings at the start of a connection would be refused by some poolers. */
const GREETING = `
  select pg_is_in_recovery() or current_setting('transaction_read_only') = 'on' as standby,
    set_config('statement_timeout', '${STATEMENT_MS}', false),
    set_config('lock_timeout', '${LOCK_MS}', false),
    set_config('idle_in_transaction_session_timeout', '${IDLE_MS}', false),
    -- What is acknowledged has to stay; stricter settings are left as they are.
    case when current_setting('synchronous_commit') = 'off' then set_config('synchronous_commit', 'on', false) end`

function ignore(): void {}

/** Rejects where the server takes no writes, or does not answer in time. */
export async function greet(client: ClientBase): Promise<void> {
  const greeting: QueryConfig & { query_timeout: number } = { text: GREETING, query_timeout: CONNECT_MS }
  const { rows } = await client.query<{ standby: boolean }>(greeting)
  if (rows[0]?.standby !== false) throw new Error('the server is a standby, which takes no writes')
}

async function verify(client: ClientBase, done: (error?: Error) => void): Promise<void> {
  try {
    await greet(client)
  } catch (error) {
    return done(error instanceof Error ? error : new Error(String(error)))
  }
  done()
}

export function openPool(url: string): Connections {
  const opened = new WeakMap<ClientBase, number>()
  const lent = new Set<PoolClient>()
  let generation = 0
  const pool = new Pool({
    ...clientConfig(url),
    max: POOLED,
    idleTimeoutMillis: 30_000,
    verify: (client, done) => void verify(client, done)
  })
  // A connection that breaks while it is idle has left the pool already.
  pool.on('error', () => {})
  pool.on('connect', (client) => void opened.set(client, generation))

  const connect = async (): Promise<PoolClient> => {
    for (;;) {
      const client = await pool.connect()
      if (opened.get(client) === generation) return client
      client.release(true)
    }
  }

  /** A server that is cut off would keep them waiting for minutes. */
  const endLent = (): void => {
    for (const client of lent) client.connection.stream.destroy()
  }

  return {
    async lend() {
      const client = await failing(connect())
      // Also while it is lent it may break, between two statements; the next one then tells.
      client.on('error', ignore)
      lent.add(client)
      return {
        ...sessionOn(client),
        release(useless) {
          lent.delete(client)
          client.off('error', ignore)
          if (!useless) return client.release()
          // A server that is cut off would never answer a farewell.
          client.on('error', ignore)
          client.connection.stream.destroy()
          client.release(true)
        }
      }
    },
    drop() {
      generation++
      endLent()
    },
    async close() {
      if (pool.ending) return
      const ended = pool.end()
      // Who still waits for an answer would keep the process for as long.
      endLent()
      await ended
    }
  }
}

export function sessionOn(client: ClientBase): Session {
  return {
    async query<Row>({ name, text }: Statement<Row>, values: readonly Value[] = []) {
      const { rows } = await failing(client.query<Row & object>({ name, text, values: [...values] }))
      return rows
    },
    run: async (text) => void (await failing(client.query(text))),
    async commit() {
      // Cut short, the wait for a standby ends in a warning, and the answer is that all is well.
      let warned = ''
      const note = (notice: { readonly message?: string | undefined }): void => {
        warned = notice.message ?? 'a warning'
      }
      client.on('notice', note)
      try {
        const { command } = await failing(client.query('commit'))
        if (command !== 'COMMIT') throw new DatabaseFailure(new Error(`the server answered ${command} to a commit`))
        if (warned !== '') throw new DatabaseFailure(new Error(`the commit came with a warning: ${warned}`))
      } finally {
        client.off('notice', note)
      }
    }
  }
}

async function failing<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer
  } catch (error) {
    throw new DatabaseFailure(error)
  }
}
