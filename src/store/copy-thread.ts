// The thread of `copy-beside.ts`: copying and checking take seconds, in which nothing else would be answered.
import { parentPort, workerData } from 'node:worker_threads'
import { OperationalError } from '../model/errors.ts'
import { addCopy } from './copies.ts'
import type { CopyTask, CopyWord } from './copy-beside.ts'

const { store, folder, keep, now }: CopyTask = workerData
// A thread has no origin.
// oxlint-disable-next-line unicorn/require-post-message-target-origin
const say = (word: CopyWord): void => parentPort?.postMessage(word)

try {
  say({ copy: addCopy(store, folder, keep, now) })
} catch (error) {
  // An error of ours would lose its code on the way.
  if (!(error instanceof OperationalError)) throw error
  say({ fault: error.message })
}
