// Past states: what a workspace held at some time, so that a report of then can be made again.
import type { Revision } from '../model/revision.ts'
import { parseInstant } from './instant.ts'
import { badParameter } from './problem.ts'
import type { ServedWorkspace } from './workspaces.ts'

export interface PastState {
  /** The last of a transaction; 0 before the first. */
  readonly revision: Revision
  /** The instant that takes the place of now wherever an answer depends on that. */
  readonly now: Date
}

/** The state that a revision or a time names. Throws `invalid-request`, or `invalid-range` for one that is still to come. */
export async function resolveAsOf(workspace: ServedWorkspace, asOf: string, now: Date): Promise<PastState> {
  const at = /^\d+$/.test(asOf) ? Number(asOf) : parseInstant('asOf', asOf)
  if (at instanceof Date && at > now) {
    throw badParameter('asOf', `${asOf} is later than now, which is ${now.toISOString()}`, 'invalid-range')
  }
  const moment = await workspace.momentOf(at)
  if (moment === undefined) {
    throw badParameter('asOf', `${asOf} is above the last revision of '${workspace.name}'`, 'invalid-range')
  }
  const first = await workspace.keptSince()
  if (moment.revision < first.revision) {
    const since = first.changedAt?.toISOString() ?? first.revision
    throw badParameter('asOf', `${asOf} is before ${since}, the first time that is still told`, 'invalid-range')
  }
  return { revision: moment.revision, now: at instanceof Date ? at : (moment.changedAt ?? now) }
}
