// The ingester of several processes on one database: what is to be read stands in the database, and whoever holds one of
// the identity's slots works through it.
import { createHash, randomUUID } from 'node:crypto'
import { OperationalError } from '../../model/errors.ts'
import { asHeard, inProgress, type IngestRun, type RunTrigger } from '../../model/run.ts'
import { findTarget, type AcceptedRun, type Ingester } from '../ingester.ts'
import { createRecordedRuns, newJob, tell, type Job, type RecordedRunOptions } from '../recorded-run.ts'
import type { RunRequest } from '../run.ts'
import type { EventSource, Share, SourceWorkspace } from '../source.ts'
import { openDatabase } from './database.ts'
import { createFollower } from './follower.ts'
import { createHolder } from './holder.ts'
import { createNaps } from './naps.ts'
import { openSlots, SLOTS, type Slots } from './slots.ts'
import { findSchema, makeTables } from './tables.ts'
import { createTurns, type Taker, type Tick, type Turns } from './turns.ts'

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

interface Opened {
  readonly turns: Turns
  readonly slots: Slots
}

/** Connects when it is first needed, and again after the database was lost; nothing is thrown for that. */
export function createSharedIngester(options: SharedIngesterOptions): Ingester {
  const { store, clock, log, workspaces, timeoutMs } = options
  const runs = createRecordedRuns(options)
  const taker: Taker = { workspaces: workspaces.map(({ name }) => name), onlyOwn: options.takes === 'own' }
  const queue = `ingest-${createHash('sha256').update(options.identity).digest('hex').slice(0, 16)}`
  const asker = randomUUID()
  const database = openDatabase(options.url)
  const stopping = new AbortController()
  /** Of each trigger the last one that is not in the database yet. */
  const ticks = new Map<RunTrigger, Tick>()
  const naps = createNaps(clock)
  const holding = new Set<Promise<void>>()
  let opening: Promise<Opened> | null = null
  let looking: Promise<void> | null = null
  /** Somebody has had something for whoever looks next. */
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
      if (!again) await naps.nap(got ? MORE_MS : LOOK_MS)
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
    if (holding.size >= SLOTS || stopping.signal.aborted || !(await turns.anyFor(taker))) return false
    const slot = await slots.take()
    if (slot === null) return false
    const held = holder.hold(turns, slot).finally(() => holding.delete(held))
    holding.add(held)
    return true
  }

  /** Runs that wait for long are heard of all the same, though the process that was asked for them may be gone. */
  const speakForSilent = async (turns: Turns): Promise<void> => {
    const now = clock.now().getTime()
    if (Math.abs(now - spokeAt) < timeoutMs / 8) return
    spokeAt = now
    for (const run of await turns.silent(taker.workspaces, timeoutMs / 2)) await store.recordRun(run).catch(() => {})
  }

  const make = (workspace: string, trigger: RunTrigger, request: RunRequest): IngestRun =>
    jobOf(workspace, trigger, request).run

  const jobOf = (workspace: string, trigger: RunTrigger, request: RunRequest): Job =>
    newJob(findTarget(workspaces, workspace), request, { trigger, source: options.source, now: clock.now() })

  const holder = createHolder({ options, runs, taker, make, naps, stopping: stopping.signal, onError })

  const wake = (): void => {
    again = true
    naps.wakeAll()
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
          await runs.record(job, {})
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
    onRunEnd: (listener) => holder.onRunEnd(listener),
    stop: () => (stopped ??= stop())
  }

  async function stop(): Promise<void> {
    stopping.abort(new OperationalError('cancelled', 'the service is stopping'))
    wake()
    await looking
    await Promise.all(holding)
    const opened = await opening?.catch(() => null)
    if (opened && options.leaves === 'nothing') await cancelWaiting(opened.turns).catch(onError)
    await holder.close()
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

/** What is foreseen goes through; all else is about the database. */
async function reached<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof OperationalError) throw error
    throw new OperationalError('store-unavailable', 'the queue of runs cannot be reached', { cause: error })
  }
}
