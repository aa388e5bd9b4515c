// The ingester of several processes on one database: what is to be read stands in the database, and whoever holds one of
// the identity's slots works through it.
import { createHash, randomUUID } from 'node:crypto'
import { OperationalError } from '../../model/errors.ts'
import { asHeard, inProgress, type IngestRun, type RunTrigger } from '../../model/run.ts'
import { findTarget, type AcceptedRun, type Ingester } from '../ingester.ts'
import { createRecordedRuns, newJob, tell, type Job, type RecordedRunOptions } from '../recorded-run.ts'
import type { RunOutcome, RunRequest } from '../run.ts'
import type { EventSource, Share, SourceWorkspace } from '../source.ts'
import { openDatabase } from './database.ts'
import { createFollower } from './follower.ts'
import { openSlots, SLOTS, type Slot, type Slots } from './slots.ts'
import { findSchema, makeTables } from './tables.ts'
import { createTurns, type Taken, type Taker, type Tick, type Turns } from './turns.ts'

export interface SharedIngesterOptions extends RecordedRunOptions {
  /** Of the database; may hold a password. */
  readonly url: string
  /** Kind of source and client: those of one identity share its slots. */
  readonly identity: string
  /** The kind of source, as it stands in run records. */
  readonly source: string
  /** One for each slot, with a share of what the identity may ask. */
  readonly openSource: (share: Share) => EventSource
  /** Of the settings; no other can be ingested. */
  readonly workspaces: readonly SourceWorkspace[]
  /** Whether this process works on all that is to be read, or only on what it was asked for itself. */
  readonly takes: 'all' | 'own'
  /** Whether what it leaves behind when it stops is for others, or is over. */
  readonly leaves: 'for others' | 'nothing'
}

/** How often a process looks whether there is anything to do. */
const LOOK_MS = 1_000
/** The same when it has just got a slot: it may have more, if others have not. */
const MORE_MS = 250
/** How often a holder of a slot does, who has the slot for nothing meanwhile. */
const IDLE_LOOK_MS = 500
/** After its last question a slot rests, so that the next holder's share of the rate does not come on top of it. */
export const REST_MS = 3_000
/** Who has had a slot for so long lets others have it: they may know other workspaces. */
const TURN_MS = 60_000

interface Opened {
  readonly turns: Turns
  readonly slots: Slots
}

/** Connects when it is first needed, and again after the database was lost; nothing is thrown for that. */
export function createSharedIngester(options: SharedIngesterOptions): Ingester {
  const { store, clock, log, workspaces, timeoutMs } = options
  const { record, execute, finish, alive } = createRecordedRuns(options)
  const taker: Taker = { workspaces: workspaces.map(({ name }) => name), onlyOwn: options.takes === 'own' }
  const queue = `ingest-${createHash('sha256').update(options.identity).digest('hex').slice(0, 16)}`
  const asker = randomUUID()
  const database = openDatabase(options.url)
  const stopping = new AbortController()
  /** Of each trigger the last one that is not in the database yet. */
  const ticks = new Map<RunTrigger, Tick>()
  const holders = new Set<Promise<void>>()
  const listeners: ((run: IngestRun) => void)[] = []
  /** The source of each slot is kept with its identity and its rate; whose the slot is, changes. */
  const sources = new Map<number, { readonly source: EventSource; slot: Slot }>()
  let opening: Promise<Opened> | null = null
  let looking: Promise<void> | null = null
  /** Who does nothing at the moment, and whether somebody has had something for whoever looks next. */
  const naps = new Set<AbortController>()
  let again = false
  let spokeAt = 0
  let lost = false
  let stopped: Promise<void> | null = null

  const onError = (err: unknown): void => {
    if (!lost) log.warn({ err }, 'the queue of runs cannot be reached')
    lost = true
  }

  const open = async (): Promise<Opened> => {
    opening ??= connect()
    try {
      return await opening
    } catch (error) {
      opening = null
      throw error
    }
  }

  const connect = async (): Promise<Opened> => {
    const schema = await findSchema(database)
    await makeTables(database, schema)
    const slots = await openSlots({ database, clock, schema, queue, onError })
    return { slots, turns: createTurns(database, { schema, queue, identity: options.identity, asker }) }
  }

  /** What was asked for in vain is looked for again and again, until it is there. */
  const look = async (): Promise<void> => {
    let got = false
    while (!stopping.signal.aborted) {
      if (!again) await nap(got ? MORE_MS : LOOK_MS)
      again = false
      try {
        got = await lookOnce(await open())
        if (lost) log.info({}, 'the queue of runs is reached again')
        lost = false
      } catch (error) {
        got = false
        onError(error)
      }
    }
  }

  /** Whether one more slot is ours. */
  const lookOnce = async ({ turns, slots }: Opened): Promise<boolean> => {
    for (const tick of ticks.values()) {
      await turns.mark(taker.workspaces, tick)
      if (ticks.get(tick.trigger) === tick) ticks.delete(tick.trigger)
    }
    await speakForSilent(turns)
    if (holders.size >= SLOTS || stopping.signal.aborted || !(await turns.anyFor(taker))) return false
    const slot = await slots.take()
    if (slot === null) return false
    const holder = hold(turns, slot).finally(() => holders.delete(holder))
    holders.add(holder)
    return true
  }

  /** Runs that wait for long are heard of all the same, though the process that was asked for them may be gone. */
  const speakForSilent = async (turns: Turns): Promise<void> => {
    const now = clock.now().getTime()
    if (Math.abs(now - spokeAt) < timeoutMs / 8) return
    spokeAt = now
    for (const run of await turns.silent(taker.workspaces, timeoutMs / 2)) await store.recordRun(run).catch(() => {})
  }

  const hold = async (turns: Turns, slot: Slot): Promise<void> => {
    const source = sourceOf(slot)
    const [begun, signal] = [clock.now().getTime(), AbortSignal.any([stopping.signal, slot.lost])]
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
        if (stopping.signal.aborted) break
        await nap(IDLE_LOOK_MS)
      }
    }
    return null
  }

  const sourceOf = (slot: Slot): EventSource => {
    const known = sources.get(slot.number)
    if (known !== undefined) {
      known.slot = slot
      return known.source
    }
    const made = {
      slot,
      source: options.openSource({
        mayAsk() {
          if (!made.slot.held()) throw takenOver()
        }
      })
    }
    sources.set(slot.number, made)
    return made.source
  }

  const make = (workspace: string, trigger: RunTrigger, request: RunRequest): IngestRun =>
    jobOf(workspace, trigger, request).run

  const jobOf = (workspace: string, trigger: RunTrigger, request: RunRequest): Job =>
    newJob(findTarget(workspaces, workspace), request, { trigger, source: options.source, now: clock.now() })

  const workOn = async (
    turns: Turns,
    slot: Slot,
    { run, request, lost: former }: Taken,
    source: EventSource,
    signal: AbortSignal
  ): Promise<void> => {
    if (former !== null) await recordLost(former, run)
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
    stopping.signal.aborted && errors.some((error) => error instanceof OperationalError && error.code === 'cancelled')

  const recordLost = async (former: IngestRun, next: IngestRun): Promise<void> => {
    const error = new OperationalError('cancelled', `its process was lost: the run ${next.id} takes its place`)
    const finishedAt = clock.now().toISOString()
    const heard = (await store.findRun(former.id).catch(() => undefined))?.run ?? former
    // It may have had its last word, and then no time to take its leave.
    if (!inProgress(heard)) return
    await store.recordRun({ ...heard, status: 'failed', finishedAt, error: tell([error]) }).catch(() => {})
  }

  const nap = async (ms: number): Promise<void> => {
    const end = new AbortController()
    naps.add(end)
    await clock.after(ms, end.signal).catch(() => {})
    naps.delete(end)
  }

  const wake = (): void => {
    again = true
    for (const end of naps) end.abort()
  }

  const begin = (): void => {
    looking ??= look()
    wake()
  }

  const follow = createFollower({
    clock,
    stopping: stopping.signal,
    open: async (ids) => (await open()).turns.open(ids),
    find: async (run) => {
      const found = await store.findRun(run.id)
      return found === undefined ? run : asHeard(found.run, found.heardAt, clock.now(), timeoutMs)
    }
  })

  // The service answers first.
  if (options.takes === 'all') looking = look()

  return {
    async request(workspace, trigger, request) {
      const job = jobOf(workspace, trigger, request)
      if (stopping.signal.aborted) throw new OperationalError('store-unavailable', 'the service is stopping')
      const run = await reached(async () => {
        const { turns } = await open()
        return turns.ask(job.run, request.force, async () => {
          await store.ensureWorkspace(workspace)
          await record(job, {})
        })
      })
      begin()
      const asked = run.id === job.run.id ? run : ((await store.findRun(run.id))?.run ?? run)
      return accept(asked)
    },
    requestDue(trigger, at) {
      ticks.set(trigger, { trigger, at })
      begin()
    },
    onRunEnd: (listener) => void listeners.push(listener),
    stop: () => (stopped ??= stop())
  }

  async function stop(): Promise<void> {
    stopping.abort(new OperationalError('cancelled', 'the service is stopping'))
    wake()
    await looking
    await Promise.all(holders)
    const opened = await opening?.catch(() => null)
    if (opened && options.leaves === 'nothing') await cancelWaiting(opened.turns).catch(onError)
    await Promise.all([...sources.values()].map(({ source }) => source.close()))
    await opened?.slots.close().catch(() => {})
    await database.close()
  }

  function accept(run: IngestRun): AcceptedRun {
    let done: Promise<IngestRun> | undefined
    return {
      run,
      // Only whoever wants to know keeps asking.
      get done() {
        return (done ??= inProgress(run) ? follow(run) : Promise.resolve(run))
      }
    }
  }

  async function cancelWaiting(turns: Turns): Promise<void> {
    const finishedAt = clock.now().toISOString()
    const error = tell([stopping.signal.reason])
    for (const run of await turns.forget()) await store.recordRun({ ...run, status: 'failed', finishedAt, error })
  }
}

function takenOver(): OperationalError {
  return new OperationalError('cancelled', 'another process took the place of this one')
}

/** What is foreseen goes through; all else is about the database. */
async function reached<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof OperationalError) throw error
    throw new OperationalError('store-unavailable', 'the queue of runs cannot be reached', { cause: error })
  }
}
