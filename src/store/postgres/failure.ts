// What can go wrong between us and the database, and what can be done about it.
import { OperationalError } from '../../model/errors.ts'

/** A statement or a connection that failed. The cause is for the log: it may name hosts, users and values. */
export class DatabaseFailure extends Error {
  override readonly name = 'DatabaseFailure'
  /** The SQLSTATE or the code of the socket; empty where there is none. */
  readonly code: string
  /** The connection is of no use any more. */
  readonly broken: boolean
  /** The transaction was undone because of others, or of the connection: it may well succeed when begun again. */
  readonly passing: boolean

  constructor(cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause })
    this.code = cause instanceof Error && 'code' in cause && typeof cause.code === 'string' ? cause.code : ''
    this.broken = breaks(this.code, this.message)
    this.passing = this.broken || CONFLICTS.has(this.code)
  }
}

/** Serialisation failure and deadlock: the database has undone one of two transactions for the other's sake. */
const CONFLICTS = new Set(['40001', '40P01'])
/** A standby, or a plan that a migration of a newer program has made useless. */
const OF_THE_CONNECTION = new Set(['25006', '0A000'])

function breaks(code: string, message: string): boolean {
  const fromServer = /^[\dA-Z]{5}$/.test(code) && !/^E[A-Z]{4}$/.test(code)
  if (!fromServer) return true
  if (code === '0A000') return message.includes('cached plan')
  return OF_THE_CONNECTION.has(code) || code.startsWith('08') || code.startsWith('57P')
}

/** Whether a transaction that failed while it was being committed was certainly undone. */
export function certainlyUndone({ code }: DatabaseFailure): boolean {
  return CONFLICTS.has(code)
}

const REMEDIES: { readonly [code: string]: string } = {
  '55P03': 'another process has held the lock of this workspace for too long: try again',
  '57014': 'the database took too long: try again',
  '53300': 'the database takes no more connections: raise its max_connections',
  '26000': 'a pooler in between forgets prepared statements: let it keep sessions, or use PgBouncer 1.21 or newer',
  '42501': "the database's user may not do this: grant it the schema of STORE_URL"
}

/** What whoever asked the store is told: nothing of the statement, and nothing of the address. */
export function asStoreError(error: unknown): unknown {
  if (!(error instanceof DatabaseFailure)) return error
  const message = REMEDIES[error.code] ?? 'the store cannot be read or written at the moment'
  return new OperationalError('store-unavailable', message, { cause: error.cause })
}

/** Why, as short as it can be told to anybody: a code, or our own words; nothing of the address. */
export function briefReasonOf(error: unknown): string {
  const cause = causeOf(error)
  if (!(cause instanceof Error)) return 'no answer'
  return 'code' in cause && typeof cause.code === 'string' ? cause.code : cause.message
}

/** Why, in the words of the server or of the socket, which name hosts and users but no password. */
export function reasonOf(error: unknown): string {
  const cause = causeOf(error)
  if (!(cause instanceof Error)) return 'no answer'
  return cause.message || ('code' in cause ? String(cause.code) : cause.name)
}

/** What fails before a store is open, with its address and the reason. What says so already stays as it is. */
export function asOpeningError(error: unknown, address: string): OperationalError {
  if (error instanceof OperationalError && error.cause === undefined) return error
  return new OperationalError(
    'store-unavailable',
    `${address} cannot be opened as a store (${reasonOf(error)}): check STORE_URL, and that the database runs`,
    { cause: error }
  )
}

function causeOf(error: unknown): unknown {
  return error instanceof OperationalError || error instanceof DatabaseFailure ? error.cause : error
}
