// Looks at one workspace as a run would, through the same questions, and keeps what it sees for `findings.ts` to judge.
import type { DayCounts } from '../../model/cube.ts'
import { addDays, dayOf, type DayRange } from '../../model/day.ts'
import { OperationalError } from '../../model/errors.ts'
import type { Examine } from '../examine.ts'
import { boundsQuestion } from '../query.ts'
import type { BoundsAnswer, SourceWorkspace } from '../source.ts'
import { withinDeadline } from './deadline.ts'
import { judge, type Tried } from './findings.ts'
import { openAzureSource, type AzureParts } from './source.ts'
import type { AzureSourceOptions } from './types.ts'
import { createWitness, type SeenAnswer, type Witness } from './witness.ts'

/** Labels that are rare show up within so many days. */
const LABEL_DAYS = 30

export function createAzureExaminer(parts: AzureParts, options: AzureSourceOptions): Examine {
  return async (workspace, signal) => {
    const witness = createWitness(parts, options.clock)
    const source = openAzureSource(witness.parts, options)
    try {
      const bounds = await attempt(source.fetchBounds(workspace, signal))
      const range = 'value' in bounds && bounds.value.bounds !== null ? labelRange(bounds.value, options) : null
      const status = witness.answer()?.raw.status ?? null
      const days = range === null ? null : await attempt<DayCounts[]>(source.fetchDays(workspace, range, signal))
      const answer = witness.answer() ?? (await answerToNobody(workspace, witness, parts, options, signal))
      return judge({ workspace, bounds, status, days, answer, identity: witness.identity() }, parts.service, options)
    } finally {
      await source.close()
    }
  }
}

/** What is not one of ours is a bug, and `cancelled` is for the caller. */
async function attempt<T>(work: Promise<T>): Promise<Tried<T>> {
  try {
    return { value: await work }
  } catch (error) {
    if (error instanceof OperationalError && error.code !== 'cancelled') return { error }
    throw error
  }
}

/** Yesterday is always in it. */
function labelRange({ today }: BoundsAnswer, { retentionDays }: AzureSourceOptions): DayRange {
  return { from: addDays(today, -Math.max(1, Math.min(LABEL_DAYS, retentionDays) - 1)), to: today }
}

/**
 * Without an identity there is no answer, and it may well be the clock that is to blame. Where a token was there, it is
 * the service that does not answer, and need not be waited for again.
 */
async function answerToNobody(
  workspace: SourceWorkspace,
  witness: Witness,
  parts: AzureParts,
  { clock, timeoutMs }: AzureSourceOptions,
  signal: AbortSignal
): Promise<SeenAnswer | null> {
  if (witness.identity() !== 'refused' && witness.identity() !== 'waiting') return null
  const asked = withinDeadline(clock, timeoutMs, signal, async (deadline) => {
    const session = parts.openSession({ anonymous: true })
    const sentAt = clock.now()
    const raw = await session.send(workspace, boundsQuestion(dayOf(sentAt), 'auto', parts.dialect), deadline.signal)
    session.drop()
    return 'error' in raw ? null : { raw, sentAt, receivedAt: clock.now() }
  })
  return asked.catch(() => null)
}
