// Errors of ours on their way from one thread to another, which an error only passes without its class and its code.
import { OperationalError, type ErrorCode } from '../../model/errors.ts'
import { plain } from './text.ts'

export interface SaidError {
  readonly code: ErrorCode
  readonly message: string
  /** Of the cause only the words: errors of libraries carry requests, and these carry tokens. */
  readonly cause: string | null
}

export function sayError({ code, message, cause }: OperationalError): SaidError {
  return { code, message, cause: cause instanceof Error ? plain(cause.message, 2000) : null }
}

export function hearError({ code, message, cause }: SaidError): OperationalError {
  return new OperationalError(code, message, cause === null ? {} : { cause: new Error(cause) })
}
