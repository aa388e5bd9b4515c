// What can go wrong in a way that was foreseen. Everything else is a bug, and stays a plain Error.

/** Why a request was refused; the last part of a problem's `type`. */
export type RequestErrorCode =
  | 'invalid-request'
  | 'invalid-range'
  | 'unauthorized'
  | 'forbidden'
  | 'rate-limited'
  | 'unknown-workspace'
  | 'not-found'
  | 'method-not-allowed'
  | 'payload-too-large'
  | 'unsupported-media-type'
  | 'cursor-gone'
  | 'store-unavailable'
  | 'overloaded'

/** Why a run did not do all that it set out to do; `error.code` in its record. */
export const RUN_ERROR_CODES = [
  'source-throttled',
  'source-unavailable',
  'source-timeout',
  'source-unauthorized',
  'source-rejected',
  'source-incomplete',
  'source-shrunk',
  'source-changed',
  'clock-skew',
  'store-unavailable',
  'cancelled',
  'internal'
] as const
export type RunErrorCode = (typeof RUN_ERROR_CODES)[number]

export type ErrorCode = RequestErrorCode | RunErrorCode

/**
 * A failure that was foreseen. The message is for the caller: what happened, the value at fault, the remedy.
 * The `cause` is for the operator: bodies, statements and paths go there, and never leave the process.
 */
export class OperationalError extends Error {
  override readonly name = 'OperationalError'
  readonly code: ErrorCode

  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
