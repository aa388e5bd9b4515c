// One end for everything that a question takes: loading the library, the token, the query, the retries between.
import type { Clock } from '../../model/clock.ts'
import { OperationalError } from '../../model/errors.ts'

export interface Deadline {
  /** Aborts when nobody waits any more, for whatever reason. */
  readonly signal: AbortSignal
  leftMs(): number
}

/**
 * What `work` resolves to; `source-timeout` after so many milliseconds, `cancelled` once `signal` aborts. Neither waits
 * for `work` to notice: a request for a token can hang where no signal reaches it.
 */
export async function withinDeadline<T>(
  clock: Clock,
  timeoutMs: number,
  signal: AbortSignal,
  work: (deadline: Deadline) => Promise<T>
): Promise<T> {
  if (signal.aborted) throw cancelled(signal)
  const over = new AbortController()
  const endsAt = clock.now().getTime() + timeoutMs
  const end = clock.after(timeoutMs, AbortSignal.any([signal, over.signal])).then(
    () => Promise.reject(timedOut(timeoutMs)),
    () => Promise.reject(cancelled(signal))
  )
  try {
    return await Promise.race([end, work({ signal: over.signal, leftMs: () => endsAt - clock.now().getTime() })])
  } finally {
    over.abort()
  }
}

export function cancelled(signal: AbortSignal): OperationalError {
  return new OperationalError('cancelled', 'stopped before the source had answered', { cause: signal.reason })
}

function timedOut(timeoutMs: number): OperationalError {
  return new OperationalError(
    'source-timeout',
    `no answer within ${timeoutMs / 1000} s (INGEST_TIMEOUT_SECONDS), identity included`
  )
}
