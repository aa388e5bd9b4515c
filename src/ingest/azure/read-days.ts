// Reading a long answer without keeping others waiting: in a thread of its own, which hands over one day at a time.
import { on } from 'node:events'
import { Worker } from 'node:worker_threads'
import type { DayCounts } from '../../model/cube.ts'
import type { DayRange } from '../../model/day.ts'
import { OperationalError, type ErrorCode } from '../../model/errors.ts'
import { readDaysAnswer } from './days.ts'
import { cancelled } from './deadline.ts'
import { parseBody } from './parse.ts'

/** What the thread is given, and what it says: a day each time it is asked for the next, and why there is none. */
export interface ThreadTask {
  readonly text: string
  readonly range: DayRange
  readonly rowLimit: number
}
export type ThreadWord =
  | { readonly day: DayCounts }
  | { readonly done: true }
  | { readonly fault: { readonly code: ErrorCode; readonly message: string } }

/** Up to here reading takes some milliseconds, and a thread would take longer to start. */
const LONG_CHARS = 256 * 1024

/** As `readDaysAnswer`; a long text is read elsewhere, since neither parsing nor checking can be interrupted. */
export async function readDaysText(task: ThreadTask, signal: AbortSignal): Promise<DayCounts[]> {
  if (task.text.length > LONG_CHARS) return readInThread(task, signal)
  return readDaysAnswer(parseBody(task.text), task.range, task.rowLimit)
}

async function readInThread(task: ThreadTask, signal: AbortSignal): Promise<DayCounts[]> {
  const thread = new Worker(threadFile(), { workerData: task })
  const days: DayCounts[] = []
  try {
    for await (const said of on(thread, 'message', { signal, close: ['exit'] })) {
      const word: ThreadWord = said[0]
      if ('done' in word) return days
      if ('fault' in word) throw new OperationalError(word.fault.code, word.fault.message)
      days.push(word.day)
      // A thread has no origin.
      // oxlint-disable-next-line unicorn/require-post-message-target-origin
      thread.postMessage('next')
    }
    throw new Error('the thread ended without a last word')
  } catch (error) {
    if (signal.aborted) throw cancelled(signal)
    if (error instanceof Error && 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY') {
      throw new OperationalError('source-rejected', 'the answer is too large to be read', { cause: error })
    }
    throw error
  } finally {
    await thread.terminate()
  }
}

/** The package is built to JavaScript, a checkout is not. */
function threadFile(): URL {
  if (import.meta.filename.endsWith('.ts')) return new URL('./days-thread.ts', import.meta.url)
  return new URL('./days-thread.js', import.meta.url)
}
