// One run with its record: written when it is asked for, at each step, and when it has ended.
import { randomUUID } from 'node:crypto'
import type { Clock } from '../model/clock.ts'
import { addDays, dayOf, lengthOf, type DayRange } from '../model/day.ts'
import { OperationalError, RUN_ERROR_CODES } from '../model/errors.ts'
import type { IngestRun, RunTrigger } from '../model/run.ts'
import type { SeriesStore } from '../model/store.ts'
import { executeRun, type RunOutcome, type RunRequest } from './run.ts'
import type { EventSource, SourceWorkspace } from './source.ts'

export interface IngestLog {
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}

export interface RecordedRunOptions {
  readonly store: SeriesStore
  readonly clock: Clock
  readonly log: IngestLog
  readonly lagDays: number
  readonly retentionDays: number
  /** Deadline of one query; a run is written again at least so often, as a sign of life. */
  readonly timeoutMs: number
  /** How far back changes are kept in full; null, or absent: for ever. */
  readonly changesKeepDays?: number | null
  /** Called whenever a run's record changes. */
  readonly onProgress?: (run: IngestRun) => void
}

/** A run that was asked for. */
export interface Job {
  readonly target: SourceWorkspace
  readonly request: RunRequest
  run: IngestRun
  /** The last write of its record. */
  written: Promise<void>
}

export interface RecordedRuns {
  /** Writes what is new in the record. */
  record(job: Job, progress: Partial<IngestRun>): Promise<void>
  /** From the first question to the last; never rejects. */
  execute(job: Job, source: EventSource, signal: AbortSignal): Promise<RunOutcome>
  /** Its last word; whether that could be written. Never rejects. */
  finish(job: Job, outcome: RunOutcome): Promise<boolean>
  /** While `work` goes on, the record says again and again that its process is alive. */
  alive<T>(job: Job, work: () => Promise<T>): Promise<T>
}

const MAX_MESSAGE_LENGTH = 600

export function createRecordedRuns(options: RecordedRunOptions): RecordedRuns {
  const { store, clock, log, timeoutMs } = options

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

  const logFailure = (job: Job, error: unknown): void => {
    const foreseen = error instanceof OperationalError
    const level = foreseen ? 'warn' : 'error'
    log[level]({ err: error, run: job.run.id, workspace: job.target.name }, 'ingest run met an error')
  }

  const beat = async (job: Job, ended: AbortSignal): Promise<void> => {
    while (!ended.aborted) {
      await clock.after(timeoutMs / 2, ended).catch(() => {})
      if (!ended.aborted) await write(job).catch(() => {})
    }
  }

  return {
    record,
    async execute(job, source, signal) {
      try {
        signal.throwIfAborted()
        await record(job, { status: 'running' })
        const report = (progress: Partial<IngestRun>): Promise<void> => record(job, progress)
        const outcome = await executeRun(job.target, job.request, { ...options, source, signal, report })
        for (const error of outcome.errors) logFailure(job, error)
        await forgetChanges(job)
        return outcome
      } catch (error) {
        const reason: unknown = signal.aborted ? signal.reason : error
        logFailure(job, reason)
        return { status: 'failed', errors: [reason] }
      }
    },
    async finish(job, { status, errors }) {
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
        return false
      }
      log.info({ run: job.run }, 'ingest run finished')
      return true
    },
    async alive(job, work) {
      const end = new AbortController()
      const beating = beat(job, end.signal)
      try {
        return await work()
      } finally {
        end.abort()
        await beating
      }
    }
  }
}

/** A job whose record says that it waits. */
export function newJob(
  target: SourceWorkspace,
  request: RunRequest,
  { trigger, source, now }: { readonly trigger: RunTrigger; readonly source: string; readonly now: Date }
): Job {
  const { range } = request
  const run: IngestRun = {
    id: randomUUID(),
    trigger,
    workspace: target.name,
    source,
    status: 'queued',
    from: range?.from ?? null,
    to: range?.to ?? null,
    startedAt: now.toISOString(),
    finishedAt: null,
    daysPlanned: 0,
    daysStored: 0,
    daysChanged: 0
  }
  return { target, request, run, written: Promise.resolve() }
}

/** Whether whoever asks for `asked` gets all of it from a run of `job`. */
export function covers(job: RunRequest, asked: RunRequest): boolean {
  if (job.range === null || asked.range === null) return job.range === asked.range
  return job.force === asked.force && holds(job.range, asked.range)
}

function holds(outer: DayRange, inner: DayRange): boolean {
  return lengthOf(inner) > 0 && outer.from <= inner.from && inner.to <= outer.to
}

/** Errors as a run's record tells them: the code of the first, and all in words. What was not foreseen is only named as ours. */
export function tell(errors: readonly unknown[]): NonNullable<IngestRun['error']> {
  const foreseen = errors.map((error) => (error instanceof OperationalError ? error : OURS))
  const messages = new Set(foreseen.map((error) => error.message))
  const code = RUN_ERROR_CODES.find((each) => each === foreseen[0]?.code) ?? 'internal'
  return { code, message: [...messages].join('; ').slice(0, MAX_MESSAGE_LENGTH) }
}

const OURS = new OperationalError('internal', 'an error of ours; the log has it')
