// The thread of `read-days.ts`.
import { once } from 'node:events'
import { parentPort, workerData } from 'node:worker_threads'
import { OperationalError } from '../../model/errors.ts'
import { readDaysAnswer } from './days.ts'
import { parseBody } from './parse.ts'
import type { ThreadTask, ThreadWord } from './read-days.ts'

const { text, range, rowLimit }: ThreadTask = workerData
// A thread has no origin.
// oxlint-disable-next-line unicorn/require-post-message-target-origin
const say = (word: ThreadWord): void => parentPort?.postMessage(word)

try {
  for (const day of readDaysAnswer(parseBody(text), range, rowLimit)) {
    say({ day })
    // All at once, they would be unpacked all at once, and whoever waits there would wait for all of them.
    if (parentPort !== null) await once(parentPort, 'message')
  }
  say({ done: true })
} catch (error) {
  // An error of ours would lose its code on the way.
  if (!(error instanceof OperationalError)) throw error
  say({ fault: { code: error.code, message: error.message } })
}
