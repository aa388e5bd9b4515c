// Takes requests for runs: one run at a time for a workspace, each with a record from the moment it is asked for.
import { OperationalError } from '../model/errors.ts'
import type { IngestRun, RunTrigger } from '../model/run.ts'
import { covers, createRecordedRuns, newJob, tell, type Job, type RecordedRunOptions } from './recorded-run.ts'
import type { RunRequest } from './run.ts'
import type { EventSource, SourceWorkspace } from './source.ts'

export interface IngesterOptions extends RecordedRunOptions {
  readonly source: EventSource
  /** Of the settings; no other can be ingested. */
  readonly workspaces: readonly SourceWorkspace[]
}

export interface AcceptedRun {
  /** As it stands now. */
  readonly run: IngestRun
  /** As it ends; never rejects. */
  readonly done: Promise<IngestRun>
}

/** Who keeps the requests is the difference between its two kinds: one process in its memory, or several in a database. */
export interface Ingester {
  /**
   * Queues a run, or joins one that covers every day asked for. Rejects with `unknown-workspace`, with `overloaded`
   * where too many wait already, and with `store-unavailable` where the record cannot be written.
   */
  request(workspace: string, trigger: RunTrigger, request: RunRequest): Promise<AcceptedRun>
  /**
   * Asks for what is due of every workspace, at a time of the schedule, or null when a process starts. What fails is
   * logged, since nobody waits for it.
   */
  requestDue(trigger: RunTrigger, at: Date | null): void
  /** The listener hears of each run that this process has worked on, when it has ended; it must not throw. */
  onRunEnd(listener: (run: IngestRun) => void): void
  /** Cancels what runs and what waits, and resolves when all of it has ended; a second call waits for the same. */
  stop(): Promise<void>
}

/** So many runs of one workspace may wait behind the one that runs. */
export const MAX_WAITING = 20

interface QueuedJob extends Job {
  /** The first write of its record. */
  readonly recorded: Promise<void>
  readonly done: Promise<IngestRun>
}

/** Keeps the requests in memory: for a store that one process has for itself. */
export function createIngester(options: IngesterOptions): Ingester {
  const { store, source, clock, log } = options
  const { record, execute, finish, alive } = createRecordedRuns(options)
  const stopping = new AbortController()
  /** The jobs of each workspace, the one that runs first. */
  const jobs = new Map<string, QueuedJob[]>()
  const listeners: ((run: IngestRun) => void)[] = []

  const enqueue = async (target: SourceWorkspace, trigger: RunTrigger, request: RunRequest): Promise<AcceptedRun> => {
    const waiting = jobs.get(target.name) ?? []
    jobs.set(target.name, waiting)
    let job = waiting.find((other) => covers(other.request, request))
    if (job === undefined) {
      if (waiting.length > MAX_WAITING) throw overloaded(target.name, waiting.length)
      job = queue(waiting, newJob(target, request, { trigger, source: source.name, now: clock.now() }))
    }
    await job.recorded
    return { run: job.run, done: job.done }
  }

  const queue = (waiting: QueuedJob[], made: Job): QueuedJob => {
    const recorded = Promise.withResolvers<void>()
    const before = waiting.at(-1)?.done
    const leave = (): IngestRun => {
      waiting.splice(waiting.indexOf(job), 1)
      return job.run
    }
    const job: QueuedJob = Object.assign(made, {
      recorded: recorded.promise,
      done: recorded.promise.then(
        async () => {
          await takeTurn(job, before)
          return leave()
        },
        (error: unknown) => {
          // Whoever asked for it is told so; what has no record does not run.
          job.run = { ...job.run, status: 'failed', finishedAt: clock.now().toISOString(), error: tell([error]) }
          return leave()
        }
      )
    })
    waiting.push(job)
    store
      .ensureWorkspace(job.target.name)
      .then(() => record(job, {}))
      .then(recorded.resolve, recorded.reject)
    return job
  }

  const takeTurn = (job: Job, before: Promise<unknown> | undefined): Promise<void> =>
    alive(job, async () => {
      await before
      await finish(job, await execute(job, source, stopping.signal))
      for (const listener of listeners) listener(job.run)
    })

  const request: Ingester['request'] = async (workspace, trigger, asked) => {
    const target = findTarget(options.workspaces, workspace)
    if (stopping.signal.aborted) throw new OperationalError('store-unavailable', 'the service is stopping')
    return enqueue(target, trigger, asked)
  }

  return {
    request,
    requestDue(trigger) {
      for (const { name } of options.workspaces) {
        request(name, trigger, { range: null, force: false }).catch((err: unknown) =>
          log.error({ err, workspace: name }, 'ingest run could not be started')
        )
      }
    },
    onRunEnd: (listener) => void listeners.push(listener),
    async stop() {
      stopping.abort(new OperationalError('cancelled', 'the service is stopping'))
      await Promise.all([...jobs.values()].flat().map((job) => job.done))
    }
  }
}

/** Throws `unknown-workspace` where the settings name no such one. */
export function findTarget(workspaces: readonly SourceWorkspace[], name: string): SourceWorkspace {
  const target = workspaces.find((each) => each.name === name)
  if (target !== undefined) return target
  throw new OperationalError('unknown-workspace', `the settings name no workspace ${name}`)
}

export function overloaded(workspace: string, waiting: number): OperationalError {
  return new OperationalError('overloaded', `${waiting} runs of ${workspace} wait already: try it later`)
}
