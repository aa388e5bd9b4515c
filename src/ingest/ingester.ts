// Takes requests for runs: one run at a time for a workspace, each with a record from the moment it is asked for.
import { randomUUID } from 'node:crypto'
import type { Clock } from '../model/clock.ts'
import { lengthOf, type DayRange } from '../model/day.ts'
import { OperationalError, type RunErrorCode } from '../model/errors.ts'
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
    await store.recordRun(job.run)
  }

  const execute = async (job: Job): Promise<void> => {
    const end = new AbortController()
    const beating = beat(job, end.signal)
    try {
      stopping.signal.throwIfAborted()
      await record(job, { status: 'running' })
      const outcome = await executeRun(job.target, job.request, {
        ...options,
        signal: stopping.signal,
        report: (progress) => record(job, progress)
      })
      for (const error of outcome.errors) logFailure(job, error)
      await finish(job, outcome.status, outcome.errors)
    } catch (error) {
      const reason = stopping.signal.aborted ? new OperationalError('cancelled', 'the service is stopping') : error
      logFailure(job, reason)
      await finish(job, 'failed', [reason])
    } finally {
      end.abort()
      await beating
    }
  }

  const finish = async (job: Job, status: IngestRun['status'], errors: readonly unknown[]): Promise<void> => {
    const finishedAt = clock.now().toISOString()
    const failure = errors.length === 0 ? {} : { error: tell(errors) }
    try {
      await record(job, { status, finishedAt, ...failure })
      await store.checkpoint()
    } catch (unwritten) {
      // Without its record nothing that the run did is promised: it did not succeed.
      job.run = { ...job.run, status: 'failed', error: tell([unwritten]) }
      log.error({ err: unwritten, run: job.run }, 'ingest run could not be recorded')
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
      if (!ended.aborted) await store.recordRun(job.run).catch(() => {})
    }
  }

  const enqueue = async (target: SourceWorkspace, trigger: RunTrigger, request: RunRequest): Promise<AcceptedRun> => {
    const waiting = jobs.get(target.name) ?? []
    jobs.set(target.name, waiting)
    const joined = waiting.find((job) => covers(job.request, request))
    if (joined !== undefined) return { run: joined.run, done: joined.done }
    if (waiting.length > MAX_WAITING) {
      throw new OperationalError('overloaded', `${waiting.length} runs of ${target.name} wait already: ask again later`)
    }
    const before = waiting.at(-1)?.done
    const started = Promise.withResolvers<void>()
    const job: Job = {
      target,
      request,
      run: newRun(target, trigger, request),
      done: started.promise.then(async () => {
        await before
        await execute(job)
        waiting.splice(waiting.indexOf(job), 1)
        return job.run
      })
    }
    waiting.push(job)
    try {
      await store.ensureWorkspace(target.name)
      await record(job, {})
    } catch (error) {
      // It still takes its turn, so that those who joined it meanwhile are told; most likely it fails there too.
      started.resolve()
      throw error
    }
    started.resolve()
    return { run: job.run, done: job.done }
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
  const code = foreseen[0]?.code ?? OURS.code
  return { code: isRunCode(code) ? code : 'internal', message: [...messages].join('; ').slice(0, MAX_MESSAGE_LENGTH) }
}

const OURS = new OperationalError('internal', 'an error of ours; the log has it')

const RUN_CODES: ReadonlySet<string> = new Set<RunErrorCode>([
  'source-throttled',
  'source-unavailable',
  'source-timeout',
  'source-unauthorized',
  'source-rejected',
  'source-incomplete',
  'source-shrunk',
  'source-changed',
  'clock-skew',
  'store-unavailable',
  'cancelled',
  'internal'
])

function isRunCode(code: string): code is RunErrorCode {
  return RUN_CODES.has(code)
}
