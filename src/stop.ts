// The end of the service: told first, then in the order in which work flows, and never for ever.
import type { Clock } from './model/clock.ts'

export interface StopLog {
  warn(fields: object, message: string): void
}

export interface Stopping {
  readonly clock: Clock
  readonly log: StopLog
  /** How long requests are served after the word that we stop. */
  readonly drainMs: number
  /** Tells that we are not ready any more. */
  beginDrain(): void
  /** No run starts by itself any more. */
  stopSchedule(): Promise<void>
  /** Aborts what runs, and ends when it has recorded that. */
  abortRuns(): Promise<void>
  /** Takes no more requests, and ends when those in progress are answered. */
  closeServer(): Promise<void>
  /** Ends every connection, whatever goes on on it. */
  cutConnections(): void
  closeStore(): Promise<void>
}

/** All of it together ends within ten seconds after the drain, whatever hangs. */
const RUNS_MS = 3_000
const ANSWERS_MS = 2_000
const SERVER_MS = 1_000
const STORE_MS = 2_500
export const STOP_MS = RUNS_MS + ANSWERS_MS + SERVER_MS + STORE_MS + 500

/** Resolves when everything has ended, or has had its time; never rejects. */
export async function stopInOrder(stopping: Stopping): Promise<void> {
  const { clock, drainMs } = stopping
  stopping.beginDrain()
  const schedule = within(stopping, RUNS_MS, 'the schedule', stopping.stopSchedule())
  await clock.after(drainMs)
  await within(stopping, RUNS_MS, 'the run', stopping.abortRuns())
  await schedule
  const closed = stopping.closeServer()
  if (!(await within(stopping, ANSWERS_MS, 'a request', closed))) {
    stopping.cutConnections()
    await within(stopping, SERVER_MS, 'the server', closed)
  }
  await within(stopping, STORE_MS, 'the store', stopping.closeStore())
}

/** Whether it ended in time; what failed has ended too. */
async function within({ clock, log }: Stopping, ms: number, what: string, work: Promise<void>): Promise<boolean> {
  const ended = new AbortController()
  const worked = work.then(
    () => true,
    (err: unknown) => {
      log.warn({ err }, `${what} failed while it was stopped`)
      return true
    }
  )
  const inTime = await Promise.race([
    worked,
    clock.after(ms, ended.signal).then(
      () => false,
      () => true
    )
  ])
  ended.abort()
  if (!inTime) log.warn({ ms }, `${what} did not end in time, and is left`)
  return inTime
}
