// From what was seen of a workspace to a list of checks: what holds, what fails, and what could not be looked at.
import type { DayCounts } from '../../model/cube.ts'
import type { OperationalError } from '../../model/errors.ts'
import type { Examination, Finding } from '../examine.ts'
import { TABLE } from '../query.ts'
import type { BoundsAnswer, SourceWorkspace } from '../source.ts'
import { checkClocks } from './clocks.ts'
import { isMissingTable } from './failure.ts'
import { describeBounds, describeLabels, describeSkew, describeYesterday } from './finding-words.ts'
import { describeIdentity } from './identity.ts'
import { remedyOf } from './remedies.ts'
import type { AzureSourceOptions, Service } from './types.ts'
import type { SeenAnswer, Witness } from './witness.ts'

/** In the order in which one needs the other. */
const CHECKS = ['clock', 'identity', 'workspace', 'table', 'time-column', 'labels', 'bounds', 'yesterday'] as const
export type Check = (typeof CHECKS)[number]

export type Tried<T> = { readonly value: T } | { readonly error: OperationalError }

export interface Evidence {
  readonly workspace: SourceWorkspace
  readonly bounds: Tried<BoundsAnswer>
  /** Of the last answer to the question for the bounds; null: none came. */
  readonly status: number | null
  /** Null: not asked for. */
  readonly days: Tried<DayCounts[]> | null
  /** The last answer to anything. */
  readonly answer: SeenAnswer | null
  readonly identity: ReturnType<Witness['identity']>
}

export function judge(evidence: Evidence, service: Service, options: AzureSourceOptions): Examination {
  const { bounds, identity } = evidence
  const known = typeof identity === 'object' ? identity : null
  const verdicts: Verdicts = { holds: new Map(), fails: new Map() }
  judgeClock(evidence, verdicts)
  if (known !== null) verdicts.holds.set('identity', describeIdentity(known))
  if ('error' in bounds) judgeFailure(bounds.error, evidence, service, verdicts)
  else judgeBounds(bounds.value, evidence, service, options, verdicts)

  const { holds, fails } = verdicts
  const first = CHECKS.find((check) => fails.has(check))
  const findings = CHECKS.map((check): Finding => {
    const failure = fails.get(check)
    if (failure !== undefined) {
      const remedy = remedyOf(check, { service, options, status: evidence.status, identity: known })
      return { check, status: 'fail', detail: failure, remedy }
    }
    const detail = holds.get(check)
    if (detail !== undefined) return { check, status: 'ok', detail }
    return absenceOf(check, first, evidence)
  })
  return { findings, binding: 'value' in bounds ? bounds.value.binding : null }
}

interface Verdicts {
  readonly holds: Map<Check, string>
  readonly fails: Map<Check, string>
}

function judgeClock({ answer }: Evidence, { holds, fails }: Verdicts): void {
  if (answer === null) return
  try {
    const date = checkClocks(answer.raw.date, answer.sentAt, answer.receivedAt)
    if (date !== null) holds.set('clock', describeSkew(date, answer))
  } catch (error) {
    fails.set('clock', error instanceof Error ? error.message : String(error))
  }
}

/** The question for the bounds was not answered, or not acceptably: which check is it that fails? */
function judgeFailure(error: OperationalError, evidence: Evidence, service: Service, { holds, fails }: Verdicts): void {
  const place = placeOf(error, evidence)
  fails.set(place, error.message)
  const reached = place === 'table' || place === 'time-column' || place === 'clock'
  if (reached) holds.set('workspace', describeWorkspace(evidence, service))
  if (place === 'time-column') holds.set('table', `${TABLE} is there, and has rows`)
}

function placeOf({ code, message }: OperationalError, { identity, status, answer }: Evidence): Check {
  if (code === 'clock-skew') return 'clock'
  if (identity === 'refused' || identity === 'waiting') return 'identity'
  if (status === 200) return message.includes('TIME_COLUMN') ? 'time-column' : 'workspace'
  if (status === 400 && answer !== null && isMissingTable(answer.raw.text)) return 'table'
  return 'workspace'
}

function judgeBounds(
  { today, bounds, binding }: BoundsAnswer,
  evidence: Evidence,
  service: Service,
  options: AzureSourceOptions,
  { holds, fails }: Verdicts
): void {
  const { days } = evidence
  holds.set('workspace', describeWorkspace(evidence, service))
  if (bounds === null) {
    fails.set('table', `${TABLE} is there, but no row of it arrived in the last ${options.retentionDays + 2} days`)
    return
  }
  holds.set('table', `${TABLE} is there, and has rows`)
  holds.set('time-column', `${binding.timeColumn ?? 'none'} (TIME_COLUMN=${options.timeColumn})`)
  holds.set('bounds', describeBounds(bounds, options))
  if (days === null) return
  if ('error' in days) fails.set('labels', days.error.message)
  else {
    holds.set('labels', describeLabels(days.value))
    const yesterday = describeYesterday(days.value, today, bounds)
    if (yesterday !== null) holds.set('yesterday', yesterday)
  }
}

function describeWorkspace({ workspace }: Evidence, { title, place }: Service): string {
  return `${title} answers for the ${place} ${workspace.id}`
}

/** Why there is nothing to tell: another check failed, or there is nothing, which is no fault. */
function absenceOf(check: Check, failed: Check | undefined, { answer }: Evidence): Finding {
  if (check === 'clock' && answer !== null) return { check, status: 'ok', detail: 'the source does not tell its time' }
  if (failed !== undefined) return { check, status: 'skipped', detail: `not looked at, since ${failed} failed` }
  return { check, status: 'ok', detail: 'the source begins on this day, so that its count may be cut' }
}
