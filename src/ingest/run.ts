// One run of one workspace, from its first question to its last word. It never throws for what the source did: the
// outcome is its record, and what it could not do the next run does.
import { checkBinding } from '../model/binding.ts'
import type { Clock } from '../model/clock.ts'
import { addDays, later, lengthOf, type Day, type DayRange } from '../model/day.ts'
import { OperationalError, type RunErrorCode } from '../model/errors.ts'
import type { SourceBounds } from '../model/reading.ts'
import type { IngestRun } from '../model/run.ts'
import { firstDueDay } from '../model/status.ts'
import type { SeriesStore, Workspace } from '../model/store.ts'
import { halve, planRun, type Plan } from './plan.ts'
import type { BoundsAnswer, EventSource, SourceWorkspace } from './source.ts'

export interface RunParts {
  readonly store: SeriesStore
  readonly source: EventSource
  readonly clock: Clock
  readonly lagDays: number
  readonly retentionDays: number
  readonly signal: AbortSignal
  /** Called with what is known so far; what it does is awaited. */
  readonly report: (progress: Partial<IngestRun>) => Promise<void>
}

export interface RunRequest {
  /** A backfill: these days, final ones too. Null: what is due. */
  readonly range: DayRange | null
  /** Only with a range: also believe an empty answer for a day that has events. */
  readonly force: boolean
}

/** How a run ended, and all that went wrong on the way; the code of the first is that of its record. */
export interface RunOutcome {
  readonly status: 'succeeded' | 'partial' | 'failed'
  readonly errors: readonly unknown[]
}

/** A chunk that fails is halved, down to the day, so that one bad day costs no other; not for ever, if all fail. */
const MAX_SPLITS = 40

/** After these nothing more is wanted, or can be kept, or may be believed. */
const FATAL: readonly RunErrorCode[] = ['cancelled', 'store-unavailable', 'source-changed', 'clock-skew']

/** Rejects with what keeps the whole run from its work: the first question failed, or the store did. */
export async function executeRun(target: SourceWorkspace, request: RunRequest, parts: RunParts): Promise<RunOutcome> {
  const { store, source, clock, lagDays, retentionDays, signal, report } = parts
  const generation = store.generation()
  const workspace = await store.ensureWorkspace(target.name)
  await store.heal(workspace)

  const askedAt = clock.now()
  const answer = await source.fetchBounds(target, signal)
  if (answer.bounds === null) return nothingShown(workspace, answer, request, parts)

  const { coverage } = await store.facts(workspace)
  const plan = planRun(answer.bounds, coverage, { lagDays, retentionDays, range: request.range })
  const firstAsked = plan.chunks.at(-1)?.from ?? null
  await store.recordBounds(workspace, { ...answer, bounds: answer.bounds, askedAt, retentionDays, firstAsked })
  await report({ ...rangeOf(request, plan), daysPlanned: plan.days })

  const reader = createReader(workspace, target, { bounds: answer.bounds, askedAt }, request, parts)
  for (const chunk of plan.chunks) await reader.read(chunk)
  const { bounds, errors, shrunk, failed, stored } = reader.result()
  if (!errors.some(isFatal)) await store.markLost(workspace, firstDueDay(bounds, retentionDays))

  // What a backfill could not ask for is named beside the first error, however many followed it.
  const [worst, ...others] = errors
  const told = [
    ...(worst === undefined ? [] : [worst]),
    ...(shrunk.length > 0 ? [shrunkError(shrunk)] : []),
    ...(plan.unreachable.length > 0 ? [unreachableError(plan.unreachable)] : []),
    ...others
  ]
  if (store.generation() !== generation) {
    throw new OperationalError('store-unavailable', 'another store took the place of the one that the run wrote to')
  }
  if (failed > 0) return { status: stored > 0 ? 'partial' : 'failed', errors: told }
  return { status: plan.unreachable.length > 0 ? 'partial' : 'succeeded', errors: told }
}

interface ReaderResult {
  /** As the last answer had them. */
  readonly bounds: SourceBounds
  readonly errors: unknown[]
  readonly shrunk: readonly Day[]
  /** Days that could not be read, and days whose readings were accepted. */
  readonly failed: number
  readonly stored: number
}

function createReader(
  workspace: Workspace,
  target: SourceWorkspace,
  { bounds: first, askedAt: firstAskedAt }: { readonly bounds: SourceBounds; readonly askedAt: Date },
  request: RunRequest,
  { store, source, retentionDays, signal, report }: RunParts
): { read(range: DayRange): Promise<void>; result(): ReaderResult } {
  const force = request.force && request.range !== null
  let bounds = first
  let splits = 0
  let failed = 0
  let daysStored = 0
  let daysChanged = 0
  const errors: unknown[] = []
  const shrunk: Day[] = []

  /**
   * The window of the source may have moved on while it answered: the later first arrival counts. All else stays that
   * of the first answer, and so does its age: what another run has learned since is newer.
   */
  const askAgain = async (): Promise<void> => {
    const answer = await source.fetchBounds(target, signal)
    if (answer.bounds === null) {
      throw new OperationalError('source-incomplete', 'the source showed rows at the start of the run, and now none')
    }
    bounds = { ...first, firstArrival: later(bounds.firstArrival, answer.bounds.firstArrival) }
    const record = { binding: answer.binding, bounds, askedAt: firstAskedAt, retentionDays, firstAsked: null }
    await store.recordBounds(workspace, record)
  }

  const readWhole = async (range: DayRange): Promise<void> => {
    // Taken before the question: what others write meanwhile is newer than the answer.
    const askedAt = await store.revision(workspace)
    const days = await source.fetchDays(target, range, signal)
    if (range.from <= addDays(firstDueDay(bounds, retentionDays), 1)) await askAgain()
    const applied = await store.applyReading(workspace, days, { askedAt, bounds, force })
    daysStored += applied.stored.length
    daysChanged += applied.changed.length
    shrunk.push(...applied.shrunk)
    await report({ daysStored, daysChanged })
  }

  const read = async (range: DayRange): Promise<void> => {
    if (errors.some(isFatal)) return
    try {
      await readWhole(range)
    } catch (error) {
      if (lengthOf(range) === 1 || splits >= MAX_SPLITS || !mayBeOneDay(error)) {
        errors.push(error)
        failed += lengthOf(range)
        return
      }
      splits++
      for (const half of halve(range)) await read(half)
    }
  }
  return { read, result: () => ({ bounds, errors, shrunk, failed, stored: daysStored }) }
}

/** The source shows no row at all: nothing can be asked for, and nothing that is stored changes. */
async function nothingShown(
  workspace: Workspace,
  answer: BoundsAnswer,
  request: RunRequest,
  { store, retentionDays }: RunParts
): Promise<RunOutcome> {
  checkBinding(workspace, answer.binding, await store.workspaces())
  const errors: OperationalError[] = []
  const recent = { from: addDays(answer.today, -retentionDays), to: answer.today }
  const { days } = await store.readDays(workspace, recent)
  const eventful = days.filter((day) => day.cells.length > 0 || day.damaged).map((day) => day.day)
  if (eventful.length > 0) errors.push(shrunkError(eventful))
  if (request.range !== null) errors.push(unreachableError([request.range]))
  return { status: request.range === null ? 'succeeded' : 'partial', errors }
}

/** Whether asking for fewer days at once may help. One that timed out is not tried again: days would take hours. */
function mayBeOneDay(error: unknown): boolean {
  const code = error instanceof OperationalError ? error.code : 'internal'
  return code === 'source-rejected' || code === 'source-incomplete' || code === 'source-unavailable'
}

function isFatal(error: unknown): boolean {
  return !(error instanceof OperationalError) || FATAL.some((code) => code === error.code)
}

function rangeOf(request: RunRequest, plan: Plan): DayRange | { from: null; to: null } {
  if (request.range !== null) return request.range
  const from = plan.chunks.at(-1)?.from
  const to = plan.chunks[0]?.to
  return from === undefined || to === undefined ? { from: null, to: null } : { from, to }
}

function unreachableError(ranges: readonly DayRange[]): OperationalError {
  return new OperationalError(
    'source-rejected',
    `the source cannot be asked for ${listOf(ranges)}: these days lie outside of what it shows now`
  )
}

function shrunkError(days: readonly Day[]): OperationalError {
  const sorted = days.toSorted()
  const [from, to] = [sorted[0], sorted.at(-1)]
  return new OperationalError(
    'source-shrunk',
    `the source shows no event for ${days.length} ${days.length === 1 ? 'day' : 'days'} that had some ` +
      `(${from === to ? from : `${from} to ${to}`}): the old counts stay; ` +
      `if they are wrong, 'ingest --from --to --force' stores what the source shows`
  )
}

function listOf(ranges: readonly DayRange[]): string {
  return ranges.map(({ from, to }) => (from === to ? from : `${from} to ${to}`)).join(' and ')
}
