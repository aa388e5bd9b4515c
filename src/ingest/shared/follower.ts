// Waits for the ends of runs that any process may be working on: one question for all that are waited for.
import type { Clock } from '../../model/clock.ts'
import type { IngestRun } from '../../model/run.ts'

export interface FollowerOptions {
  readonly clock: Clock
  /** Whoever waits then is told what is known. */
  readonly stopping: AbortSignal
  /** Of these runs, those that still wait or work. */
  readonly open: (ids: readonly string[]) => Promise<ReadonlySet<string>>
  /** The record as it stands now. */
  readonly find: (run: IngestRun) => Promise<IngestRun>
}

const LOOK_MS = 500

/** Resolves with a run's record when it has ended; never rejects. */
export function createFollower({
  clock,
  stopping,
  open,
  find
}: FollowerOptions): (run: IngestRun) => Promise<IngestRun> {
  const followed = new Map<string, { readonly run: IngestRun; readonly ended: (run: IngestRun) => void }>()
  let looking: Promise<void> | null = null

  const look = async (): Promise<void> => {
    while (followed.size > 0) {
      const last = stopping.aborted
      const ids = [...followed.keys()]
      // What cannot be asked for now is asked for again.
      const left = last ? new Set<string>() : await open(ids).catch(() => new Set(ids))
      for (const id of ids.filter((each) => !left.has(each))) await end(id)
      await clock.after(LOOK_MS, stopping).catch(() => {})
    }
    looking = null
  }

  const end = async (id: string): Promise<void> => {
    const entry = followed.get(id)
    followed.delete(id)
    entry?.ended(await find(entry.run).catch(() => entry.run))
  }

  return (run) =>
    new Promise((resolve) => {
      followed.set(run.id, { run, ended: resolve })
      looking ??= look()
    })
}
