// Copies of a store that is being served, written in a thread of its own.
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { OperationalError } from '../model/errors.ts'
import type { CopyFacts } from './copy.ts'

export interface CopyTask {
  /** The path of the store, and the folder of its copies. */
  readonly store: string
  readonly folder: string
  /** So many copies are kept, the newest. */
  readonly keep: number
  readonly now: Date
}

export interface NewCopy {
  readonly path: string
  readonly facts: CopyFacts
}

export type CopyWord = { readonly copy: NewCopy } | { readonly fault: string }

/** Rejects with `store-unavailable` where no good copy could be written; older ones are then all still there. */
export async function copyBeside(task: CopyTask): Promise<NewCopy> {
  const thread = new Worker(threadFile(), { workerData: task })
  try {
    const [word]: CopyWord[] = await once(thread, 'message')
    if (word === undefined) throw new Error('the thread said nothing')
    if ('fault' in word) throw new OperationalError('store-unavailable', word.fault)
    return word.copy
  } finally {
    await thread.terminate()
  }
}

/** The package is built to JavaScript, a checkout is not. */
function threadFile(): URL {
  if (import.meta.filename.endsWith('.ts')) return new URL('./copy-thread.ts', import.meta.url)
  return new URL('./copy-thread.js', import.meta.url)
}
