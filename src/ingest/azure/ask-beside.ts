// Asking Azure without keeping others waiting: in one thread of this process, opened by the first question. Loading the
// libraries, a token, a body of megabytes and its JSON each take a tenth of a second or more in which nothing else runs.
import { Worker } from 'node:worker_threads'
import type { Clock } from '../../model/clock.ts'
import { OperationalError } from '../../model/errors.ts'
import type { Question } from '../query.ts'
import type { SourceWorkspace } from '../source.ts'
import { cancelled } from './deadline.ts'
import type { Failure } from './failure.ts'
import type { PackedDays } from './packed-days.ts'
import { hearError, type SaidError } from './said-error.ts'
import type { IdentitySeen, RawAnswer, Session, SessionSettings, WireAnswer } from './types.ts'

/** The thread is told each time all that it needs, so one that is new can answer in place of one that ended. */
export interface AskWord {
  readonly ask: number
  readonly session: number
  readonly settings: SessionSettings
  readonly workspace: SourceWorkspace
  readonly question: Question
  readonly now: Date
}
export type WordIn = AskWord | { readonly abort: number } | { readonly drop: number }

export type SaidAnswer = WireAnswer & { readonly days: PackedDays | SaidError | null }
export type WordOut =
  | { readonly ask: number; readonly answer: SaidAnswer }
  | { readonly ask: number; readonly failure: { readonly error: SaidError; readonly passing: boolean } }
  | { readonly session: number; readonly identity: IdentitySeen }

/** So long after its last answer the thread ends, and gives back the memory that its libraries take. */
export const IDLE_MS = 60_000

/** A small nursery is cleared often, and with it what came over the wire: a long answer else takes twice the memory. */
const YOUNG_MB = 6

export interface AskBeside {
  /** A session whose client is opened, in the thread, by its first question; `onIdentity` hears whose tokens it uses. */
  open(settings: SessionSettings, clock: Clock, onIdentity?: (seen: IdentitySeen) => void): Session
  /** What is returned is to be called when nothing more is asked; the thread ends with the last of those who joined. */
  join(): () => Promise<void>
}

export function createAskBeside(): AskBeside {
  let thread: Thread | undefined
  let users = 0
  let sessions = 0
  const listeners = new Map<number, (seen: IdentitySeen) => void>()

  const running = (): Thread => {
    const onEnd = (): void => {
      if (thread === started) thread = undefined
    }
    const started = thread ?? startThread((session, seen) => listeners.get(session)?.(seen), onEnd)
    thread = started
    return started
  }

  return {
    open(settings, clock, onIdentity) {
      const session = ++sessions
      if (onIdentity !== undefined) listeners.set(session, onIdentity)
      return {
        send: async (workspace, question, signal) => {
          if (signal.aborted) return failed(cancelled(signal))
          return running().ask({ session, settings, workspace, question, now: clock.now() }, signal, clock)
        },
        drop() {
          listeners.delete(session)
          thread?.say({ drop: session })
        }
      }
    },
    join() {
      let joined = true
      users++
      return async () => {
        if (joined) users--
        joined = false
        if (users === 0) await thread?.end()
      }
    }
  }
}

/** That of this process. */
export const askBeside = createAskBeside()

interface Thread {
  say(word: WordIn): void
  /** Never rejects. */
  ask(word: Omit<AskWord, 'ask'>, signal: AbortSignal, clock: Clock): Promise<RawAnswer | Failure>
  end(): Promise<void>
}

function startThread(onIdentity: (session: number, seen: IdentitySeen) => void, onEnd: () => void): Thread {
  const worker = new Worker(threadFile(), { resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB } })
  const waiting = new Map<number, (result: RawAnswer | Failure) => void>()
  let asks = 0
  let rest = new AbortController()
  let over = false

  const endWith = (error: OperationalError): void => {
    over = true
    rest.abort()
    onEnd()
    for (const settle of waiting.values()) settle(failed(error))
  }
  const end = async (): Promise<void> => {
    endWith(failureOfThread(undefined))
    await worker.terminate()
  }
  // Only a question that is under way keeps the process.
  worker.unref()
  worker.on('message', (word: WordOut) => {
    if ('identity' in word) return onIdentity(word.session, word.identity)
    waiting.get(word.ask)?.('answer' in word ? hearAnswer(word.answer) : hearFailure(word.failure))
  })
  worker.on('error', (error) => endWith(failureOfThread(error)))
  worker.on('exit', () => endWith(failureOfThread(undefined)))

  return {
    say: (word) => post(worker, word),
    ask: (word, signal, clock) =>
      new Promise((resolve) => {
        const ask = ++asks
        const abort = (): void => {
          post(worker, { abort: ask })
          settle(failed(cancelled(signal)))
        }
        const settle = (result: RawAnswer | Failure): void => {
          waiting.delete(ask)
          signal.removeEventListener('abort', abort)
          resolve(result)
          if (waiting.size > 0 || over) return
          worker.unref()
          const resting = new AbortController()
          rest = resting
          // A question may come in the very turn in which the time is over.
          const endUnlessAsked = (): Promise<void> | undefined => (resting.signal.aborted ? undefined : end())
          clock.after(IDLE_MS, resting.signal).then(endUnlessAsked, () => {})
        }
        rest.abort()
        worker.ref()
        waiting.set(ask, settle)
        signal.addEventListener('abort', abort)
        post(worker, { ask, ...word })
      }),
    end
  }
}

function post(worker: Worker, word: WordIn): void {
  // A thread has no origin.
  // oxlint-disable-next-line unicorn/require-post-message-target-origin
  worker.postMessage(word)
}

function hearAnswer({ days, ...answer }: SaidAnswer): RawAnswer {
  return { ...answer, days: days !== null && 'code' in days ? hearError(days) : days }
}

function hearFailure({ error, passing }: { readonly error: SaidError; readonly passing: boolean }): Failure {
  return { error: hearError(error), passing, retryAfterMs: null }
}

function failed(error: OperationalError): Failure {
  return { error, passing: false, retryAfterMs: null }
}

/** Whoever asked is asked to ask for less, where it was too much. */
function failureOfThread(cause: unknown): OperationalError {
  if (cause instanceof Error && 'code' in cause && cause.code === 'ERR_WORKER_OUT_OF_MEMORY') {
    return new OperationalError('source-rejected', 'the answer is too large to be read', { cause })
  }
  return new OperationalError('source-unavailable', 'the thread that asks the source has ended', { cause })
}

/** The package is built to JavaScript, a checkout is not. */
function threadFile(): URL {
  if (import.meta.filename.endsWith('.ts')) return new URL('./ask-thread.ts', import.meta.url)
  return new URL('./ask-thread.js', import.meta.url)
}
