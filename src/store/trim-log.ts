// The log cut short: of what is older than is kept in full, each day keeps the newest entry, the one in force then.
import { OperationalError } from '../model/errors.ts'
import { NO_REVISION, type Revision } from '../model/revision.ts'
import type { Workspace } from '../model/store.ts'
import type { Steps } from './changes.ts'
import { stateOf, type WorkspaceTables } from './tables.ts'

/** What cutting the log needs of it, in a transaction of the caller's. */
export interface TrimmedLog {
  /** The newest entry before an instant, milliseconds since 1970; 0 where there is none. */
  lastBefore(workspaceKey: number, instant: number): Revision
  /** The newest entry of each day up to a revision, oldest first. */
  lastOfDays(workspaceKey: number, upTo: Revision): readonly { readonly day: number; readonly revision: Revision }[]
  /** Removes the entries of a day before a revision; how many there were. */
  removeBefore(workspaceKey: number, day: number, revision: Revision): number
  /** Lets an entry follow another, and nothing of its own day; false where it fails its checksum. */
  relink(workspaceKey: number, revision: Revision, before: Revision): boolean
}

/**
 * How many entries were removed, so that `/changes` and `asOf` reach back in full to the newest entry before an instant
 * and no further. Throws `store-unavailable`, and removes nothing, where an entry that stays is damaged.
 */
export function* trimLog(
  tables: WorkspaceTables & { readonly trimmed: TrimmedLog },
  workspace: Workspace,
  before: Date
): Steps<number> {
  const { trimmed, workspaces } = tables
  const { key, name } = workspace
  const floor = trimmed.lastBefore(key, before.getTime())
  if (floor <= stateOf(tables, workspace).keptAfter) return 0
  let removed = 0
  let last = NO_REVISION
  for (const { day, revision } of trimmed.lastOfDays(key, floor)) {
    removed += trimmed.removeBefore(key, day, revision)
    if (!trimmed.relink(key, revision, last)) {
      throw new OperationalError('store-unavailable', `the log of ${name} is damaged: run 'verify'`)
    }
    last = revision
    yield
  }
  workspaces.keepAfter(key, floor)
  return removed
}
