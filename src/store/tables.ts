// What the rules of a write, of healing and of verifying need of the tables, whatever these lie in.
import type { Day } from '../model/day.ts'
import { OperationalError } from '../model/errors.ts'
import type { Revision } from '../model/revision.ts'
import type { KeptBounds } from '../model/status.ts'
import type { Workspace } from '../model/store.ts'
import type { DayTable } from './day-rows.ts'
import type { LabelBook } from './label-book.ts'
import type { ChangeLog } from './log-rows.ts'

/** What is kept of a workspace beside its name and binding. */
export interface WorkspaceState {
  readonly revision: Revision
  /** Instant of its last entry, milliseconds since 1970. */
  readonly changedAt: number
  readonly firstAsked: Day | null
  readonly bounds: KeptBounds | null
  readonly lastSuccessAt: Date | null
}

/** What may be read and changed of one workspace in one transaction. */
export interface WorkspaceTables {
  readonly books: { of(workspaceKey: number): LabelBook }
  readonly days: DayTable
  readonly log: Pick<ChangeLog, 'append' | 'after' | 'lastOf'>
  readonly workspaces: {
    /** Undefined where there is none of that key and name. */
    state(key: number, name: string): WorkspaceState | undefined
    advance(key: number, revision: Revision, changedAt: number): void
  }
}

/** Throws `unknown-workspace` where it is not there any more, under that name: another may have its key by now. */
export function stateOf({ workspaces }: Pick<WorkspaceTables, 'workspaces'>, workspace: Workspace): WorkspaceState {
  const { key, name } = workspace
  return workspaces.state(key, name) ?? gone(name)
}

export function gone(name: string): never {
  throw new OperationalError('unknown-workspace', `there is no workspace ${name} any more`)
}
