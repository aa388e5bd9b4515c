// What a holder of a slot does: one run after the other, the stalest workspace first, for as long as the slot is his.
import { OperationalError } from '../../model/errors.ts'
import { inProgress, type IngestRun } from '../../model/run.ts'
import type { SeriesStore } from '../../model/store.ts'
import { findTarget } from '../ingester.ts'
import { tell, type Job, type RecordedRuns } from '../recorded-run.ts'
import type { RunOutcome } from '../run.ts'
import type { EventSource, Share } from '../source.ts'
import type { SharedIngesterOptions } from './ingester.ts'
import type { Naps } from './naps.ts'
import type { Slot } from './slots.ts'
import type { Make, Taken, Taker, Turns } from './turns.ts'

export interface HolderParts {
  readonly options: SharedIngesterOptions
  readonly runs: RecordedRuns
  readonly taker: Taker
  readonly make: Make
  readonly naps: Naps
  readonly stopping: AbortSignal
  readonly onError: (error: unknown) => void
}

export interface Holder {
  /** Works with a slot until there is nothing left to do, or it is not ours any more, and gives it up; never rejects. */
  hold(turns: Turns, slot: Slot): Promise<void>
  onRunEnd(listener: (run: IngestRun) => void): void
  /** To be called when nothing is held. */
  close(): Promise<void>
}

/** How often a holder looks who has the slot for nothing. */
const IDLE_LOOK_MS = 500
/** After its last question a slot rests, so that the next holder's share of the rate does not come on top of it. */
const REST_MS = 3_000
/** Who has had a slot for so long lets others have it: they may know other workspaces. */
const TURN_MS = 60_000

export function createHolder({ options, runs, taker, make, naps, stopping, onError }: HolderParts): Holder {
  const { store, clock, log, workspaces } = options
  const { record, execute, finish, alive } = runs
  const { nap } = naps
  const listeners: ((run: IngestRun) => void)[] = []
  const sources = createSources(options.openSource)

  const hold = async (turns: Turns, slot: Slot): Promise<void> => {
    const source = sources.of(slot)
    const [begun, signal] = [clock.now().getTime(), AbortSignal.any([stopping, slot.lost])]
    let restsSince = begun
    while (!signal.aborted && clock.now().getTime() - begun < TURN_MS) {
      const taken = await insisting(slot, () => turns.take(slot, taker, make))
      if (taken !== null) {
        await workOn(turns, slot, taken, source, signal)
        restsSince = clock.now().getTime()
      } else if (clock.now().getTime() - restsSince >= REST_MS) break
      else await nap(IDLE_LOOK_MS)
    }
    await slot.giveUp()
  }

  /** A database that is started anew costs no slot; null where it does not answer before the slot is lost. */
  const insisting = async <T>(slot: Slot, work: () => Promise<T>): Promise<T | null> => {
    while (slot.held()) {
      try {
        return await work()
      } catch (error) {
        onError(error)
        if (stopping.aborted) break
        await nap(IDLE_LOOK_MS)
      }
    }
    return null
  }

  const workOn = async (
    turns: Turns,
    slot: Slot,
    { run, request, lost: former }: Taken,
    source: EventSource,
    signal: AbortSignal
  ): Promise<void> => {
    if (former !== null) await recordLost(store, former, { next: run, now: clock.now() })
    const job: Job = { target: findTarget(workspaces, run.workspace), request, run, written: Promise.resolve() }
    await store.ensureWorkspace(run.workspace).catch(() => {})
    const outcome = await alive(job, async () => {
      const done = await execute(job, source, signal)
      // The store has refused what another knows better by now; nothing of it is told as done.
      return slot.held() ? done : ({ status: 'failed', errors: [takenOver(), ...done.errors] } as const)
    })
    if (options.leaves === 'for others' && isCutOff(outcome)) {
      // Another process goes on with it, under the same name.
      await record({ ...job, run }, {}).catch(() => {})
      await insisting(slot, () => turns.giveBack(slot, run))
      log.info({ run }, 'ingest run goes back to the others')
      return
    }
    const written = await finish(job, outcome)
    for (const listener of listeners) listener(job.run)
    // What has no record is not done: it is for whoever can write one.
    await insisting(slot, () => (written ? turns.end(slot, job.run, request) : turns.giveBack(slot, run)))
    if (!written) await nap(REST_MS)
  }

  /** By our own end, and not by anything that went wrong. */
  const isCutOff = ({ errors }: RunOutcome): boolean =>
    stopping.aborted && errors.some((error) => error instanceof OperationalError && error.code === 'cancelled')

  return { hold, onRunEnd: (listener) => void listeners.push(listener), close: () => sources.close() }
}

/** The source of each slot is kept, with its identity and its rate; whose the slot is, changes. */
function createSources(openSource: (share: Share) => EventSource): {
  of(slot: Slot): EventSource
  close(): Promise<void>
} {
  const sources = new Map<number, { readonly source: EventSource; slot: Slot }>()
  return {
    of(slot) {
      const known = sources.get(slot.number)
      if (known !== undefined) {
        known.slot = slot
        return known.source
      }
      const mayAsk = (): void => {
        if (!made.slot.held()) throw takenOver()
      }
      const made = { slot, source: openSource({ mayAsk }) }
      sources.set(slot.number, made)
      return made.source
    },
    async close() {
      await Promise.all([...sources.values()].map(({ source }) => source.close()))
    }
  }
}

/** The record of a run whose process was lost, unless it has had its last word, and then no time to take its leave. */
async function recordLost(
  store: SeriesStore,
  lost: IngestRun,
  { next, now }: { readonly next: IngestRun; readonly now: Date }
): Promise<void> {
  const error = new OperationalError('cancelled', `its process was lost: the run ${next.id} takes its place`)
  const heard = (await store.findRun(lost.id).catch(() => undefined))?.run ?? lost
  if (!inProgress(heard)) return
  const ended = { ...heard, status: 'failed', finishedAt: now.toISOString(), error: tell([error]) } as const
  await store.recordRun(ended).catch(() => {})
}

function takenOver(): OperationalError {
  return new OperationalError('cancelled', 'another process took the place of this one')
}
