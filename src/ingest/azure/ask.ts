// One question, from its turn in the queue to an answer with a good status: limits, deadline, retries, identity.
import type { Clock } from '../../model/clock.ts'
import { OperationalError } from '../../model/errors.ts'
import type { Question } from '../query.ts'
import type { SourceWorkspace } from '../source.ts'
import { checkClocks } from './clocks.ts'
import { withinDeadline, type Deadline } from './deadline.ts'
import { failureOfStatus, type Failure } from './failure.ts'
import type { Limits } from './limits.ts'
import type { PackedDays } from './packed-days.ts'
import type { Service, Session } from './types.ts'

export interface AskParts {
  readonly clock: Clock
  readonly timeoutMs: number
  readonly limits: Limits
  readonly service: Service
  readonly openSession: () => Session
}

export interface Answer {
  /** Not read yet, and not to be believed; empty where it was a question for days. */
  readonly text: string
  /** Null where it was none. */
  readonly days: PackedDays | null
  /** When the question was sent, by our clock and by the source's; the latter null where it does not tell. */
  readonly sentAt: Date
  readonly date: Date | null
}

export type Ask = (workspace: SourceWorkspace, question: Question, signal: AbortSignal) => Promise<Answer>

/** A question is sent at most so often. */
const MAX_ATTEMPTS = 3
/** Before the second attempt; doubled before each further one. Long enough to keep four at once within every rate. */
const PAUSE_MS = 1000

export function createAsk({ clock, timeoutMs, limits, service, openSession }: AskParts): Ask {
  let session: Session | undefined

  /** The session to use; `discard` makes the next question open another, and leaves a newer one alone. */
  const useSession = (): { opened: Session; discard: () => void } => {
    session ??= openSession()
    const opened = session
    return {
      opened,
      discard: () => {
        opened.drop()
        if (session === opened) session = undefined
      }
    }
  }

  const attempt = async (
    workspace: SourceWorkspace,
    question: Question,
    signal: AbortSignal
  ): Promise<Answer | Failure> => {
    const { opened, discard } = useSession()
    // Whoever waits for a token is stuck with its client, and so would be all that come after.
    signal.addEventListener('abort', discard, { once: true })
    const sentAt = clock.now()
    const raw = await opened.send(workspace, question, signal)
    signal.removeEventListener('abort', discard)
    // Neither a client that failed nor a token that is refused is kept.
    if ('error' in raw || raw.status === 401) discard()
    if ('error' in raw) return raw
    const failure = failureOfStatus(raw, service, workspace)
    if (failure !== null) return failure
    const date = checkClocks(raw.date, sentAt, clock.now())
    if (raw.days instanceof OperationalError) throw raw.days
    return { text: raw.text, days: raw.days, sentAt, date }
  }

  const attempts = async (
    workspace: SourceWorkspace,
    question: Question,
    { signal, leftMs }: Deadline
  ): Promise<Answer> => {
    for (let tried = 1; ; tried++) {
      const result = await attempt(workspace, question, signal)
      if ('text' in result) return result
      const pause = Math.max(PAUSE_MS * 2 ** (tried - 1), result.retryAfterMs ?? 0)
      // Who is asked to wait beyond the deadline leaves it to the next run.
      if (!result.passing || tried >= MAX_ATTEMPTS || pause >= leftMs()) throw result.error
      await clock.after(pause, signal)
      await limits.ticket(workspace.id, signal)
    }
  }

  return (workspace, question, signal) =>
    limits.slot(signal, async () => {
      // Waiting for one's turn is nobody's fault: the deadline begins with the first request.
      await limits.ticket(workspace.id, signal)
      return withinDeadline(clock, timeoutMs, signal, (deadline) => attempts(workspace, question, deadline))
    })
}
