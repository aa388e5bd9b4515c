// Takes requests for runs: one run at a time for a workspace, each with a record from the moment it is asked for.
import { randomUUID } from 'node:crypto'
import type { Clock } from '../model/clock.ts'
import { addDays, dayOf, lengthOf, type DayRange } from '../model/day.ts'
import { OperationalError, RUN_ERROR_CODES } from '../model/errors.ts'
import type { IngestRun, RunTrigger } from '../model/run.ts'
import type { SeriesStore } from '../model/store.ts'
import { executeRun, type RunRequest } from './run.ts'
import type { EventSource, SourceWorkspace } from './source.ts'

export interface IngestLog {
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}

export interface IngesterOptions {
  readonly store: SeriesStore
  readonly source: EventSource
  readonly clock: Clock
  readonly log: IngestLog
  /** Of the settings; no other can be ingested. */
  readonly workspaces: readonly SourceWorkspace[]
  readonly lagDays: number
  readonly retentionDays: number
  /** Deadline of one query; a run is written again at least so often, as a sign of life. */
  readonly timeoutMs: number
  /** How far back changes are kept in full; null, or absent: for ever. */
  readonly changesKeepDays?: number | null
  /** Called whenever a run's record changes. */
  readonly onProgress?: (run: IngestRun) => void
}

export interface AcceptedRun {
  /** As it stands now. */
  readonly run: IngestRun
  /** As it ends; never rejects. */
  readonly done: Promise<IngestRun>
}

export interface Ingester {
  /**
   * Queues a run, or joins one that covers every day asked for. Rejects with `unknown-workspace`, with `overloaded`
   * where too many wait already, and with `store-unavailable` where the record cannot be written.
   */
  request(workspace: string, trigger: RunTrigger, request: RunRequest): Promise<AcceptedRun>
  /** Cancels what runs and what waits, and resolves when all of it has ended; a second call waits for the same. */
  stop(): Promise<void>
}

/** So many runs of one workspace may wait behind the one that runs. */
const MAX_WAITING = 20
const MAX_MESSAGE_LENGTH = 600

interface Job {
  readonly target: SourceWorkspace
  readonly request: RunRequest
  run: IngestRun
  /** The last write of its record; the first one is `recorded`. */
  written: Promise<void>
  readonly recorded: Promise<void>
  readonly done: Promise<IngestRun>
}

export function createIngester(options: IngesterOptions): Ingester {
  const { store, source, clock, log, timeoutMs } = options
  const stopping = new AbortController()
  /** The jobs of each workspace, the one that runs first. */
  const jobs = new Map<string, Job[]>()

  const record = async (job: Job, progress: Partial<IngestRun>): Promise<void> => {
    job.run = { ...job.run, ...progress }
    options.onProgress?.(job.run)
    await write(job)
  }

  /** One write after the other, each with what is known when it begins: a sign of life never undoes a later word. */
  const write = (job: Job): Promise<void> => {
    job.written = job.written.catch(() => {}).then(() => store.recordRun(job.run))
    return job.written
  }

  const execute = async (job: Job): Promise<void> => {
    try {
      stopping.signal.throwIfAborted()
      await record(job, { status: 'running' })
      const outcome = await executeRun(job.target, job.request, {
        ...options,
        signal: stopping.signal,
        report: (progress) => record(job, progress)
      })
      for (const error of outcome.errors) logFailure(job, error)
      await forgetChanges(job)
      await finish(job, outcome.status, outcome.errors)
    } catch (error) {
      const reason = stopping.signal.aborted ? new OperationalError('cancelled', 'the service is stopping') : error
      logFailure(job, reason)
      await finish(job, 'failed', [reason])
    }
  }

  /** What it cannot do today it does tomorrow: a run is good without it. */
  const forgetChanges = async ({ target }: Job): Promise<void> => {
    const days = options.changesKeepDays ?? null
    const workspace = days === null ? undefined : await store.findWorkspace(target.name)
    if (days === null || workspace === undefined) return
    const before = new Date(addDays(dayOf(clock.now()), -days))
    await store.trimLog(workspace, before).catch((err: unknown) => {
      log.warn({ err, workspace: target.name }, 'old changes could not be forgotten')
    })
  }

  const finish = async (job: Job, status: IngestRun['status'], errors: readonly unknown[]): Promise<void> => {
    const finishedAt = clock.now().toISOString()
    const failure = errors.length === 0 ? {} : { error: tell(errors) }
    try {
      // The days first, then the word that they are there.
      await store.checkpoint()
      await record(job, { status, finishedAt, ...failure })
    } catch (unwritten) {
      // Without its record nothing that the run did is promised: it did not succeed.
      log.error({ err: unwritten, run: job.run }, 'ingest run could not be recorded')
      await record(job, { status: 'failed', finishedAt, error: tell([unwritten]) }).catch(() => {})
      return
    }
    log.info({ run: job.run }, 'ingest run finished')
  }

  const logFailure = (job: Job, error: unknown): void => {
    const foreseen = error instanceof OperationalError
    const level = foreseen ? 'warn' : 'error'
    log[level]({ err: error, run: job.run.id, workspace: job.target.name }, 'ingest run met an error')
  }

  /** While a run waits or works, its record says again and again that its process is alive. */
  const beat = async (job: Job, ended: AbortSignal): Promise<void> => {
    while (!ended.aborted) {
      await clock.after(timeoutMs / 2, ended).catch(() => {})
      if (!ended.aborted) await write(job).catch(() => {})
    }
  }

  const enqueue = async (target: SourceWorkspace, trigger: RunTrigger, request: RunRequest): Promise<AcceptedRun> => {
    const waiting = jobs.get(target.name) ?? []
    jobs.set(target.name, waiting)
    let job = waiting.find((other) => covers(other.request, request))
    if (job === undefined) {
      if (waiting.length > MAX_WAITING) {
        throw new OperationalError('overloaded', `${waiting.length} runs of ${target.name} wait already: try it later`)
      }
      job = queue(waiting, target, newRun(target, trigger, request), request)
    }
    await job.recorded
    return { run: job.run, done: job.done }
  }

  const queue = (waiting: Job[], target: SourceWorkspace, run: IngestRun, request: RunRequest): Job => {
    const recorded = Promise.withResolvers<void>()
    const before = waiting.at(-1)?.done
    const leave = (): IngestRun => {
      waiting.splice(waiting.indexOf(job), 1)
      return job.run
    }
    const job: Job = {
      target,
      request,
      run,
      written: Promise.resolve(),
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
    }
    waiting.push(job)
    store
      .ensureWorkspace(target.name)
      .then(() => record(job, {}))
      .then(recorded.resolve, recorded.reject)
    return job
  }

  const takeTurn = async (job: Job, before: Promise<unknown> | undefined): Promise<void> => {
    const end = new AbortController()
    const beating = beat(job, end.signal)
    await before
    await execute(job)
    end.abort()
    await beating
  }

  const newRun = (target: SourceWorkspace, trigger: RunTrigger, { range }: RunRequest): IngestRun => ({
    id: randomUUID(),
    trigger,
    workspace: target.name,
    source: source.name,
    status: 'queued',
    from: range?.from ?? null,
    to: range?.to ?? null,
    startedAt: clock.now().toISOString(),
    finishedAt: null,
    daysPlanned: 0,
    daysStored: 0,
    daysChanged: 0
  })

  return {
    async request(workspace, trigger, request) {
      const target = options.workspaces.find(({ name }) => name === workspace)
      if (target === undefined) {
        throw new OperationalError('unknown-workspace', `the settings name no workspace ${workspace}`)
      }
      if (stopping.signal.aborted) throw new OperationalError('store-unavailable', 'the service is stopping')
      return enqueue(target, trigger, request)
    },
    async stop() {
      stopping.abort(new OperationalError('cancelled', 'the service is stopping'))
      await Promise.all([...jobs.values()].flat().map((job) => job.done))
    }
  }
}

/** Whether whoever asks for `asked` gets all of it from `job`. */
function covers(job: RunRequest, asked: RunRequest): boolean {
  if (job.range === null || asked.range === null) return job.range === asked.range
  return job.force === asked.force && holds(job.range, asked.range)
}

function holds(outer: DayRange, inner: DayRange): boolean {
  return lengthOf(inner) > 0 && outer.from <= inner.from && inner.to <= outer.to
}

/** Errors as a run's record tells them: the code of the first, and all in words. What was not foreseen is only named as ours. */
function tell(errors: readonly unknown[]): NonNullable<IngestRun['error']> {
  const foreseen = errors.map((error) => (error instanceof OperationalError ? error : OURS))
  const messages = new Set(foreseen.map((error) => error.message))
  const code = RUN_ERROR_CODES.find((each) => each === foreseen[0]?.code) ?? 'internal'
  return { code, message: [...messages].join('; ').slice(0, MAX_MESSAGE_LENGTH) }
}

const OURS = new OperationalError('internal', 'an error of ours; the log has it')
