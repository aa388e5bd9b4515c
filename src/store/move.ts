// Moves a SQLite store into PostgreSQL: the log first, a batch at a time, so that a move that was killed goes on where it
// stopped; then what the log has made; and at the end both are read and compared.
import type { Clock } from '../model/clock.ts'
import { OperationalError } from '../model/errors.ts'
import { NO_REVISION, type Revision } from '../model/revision.ts'
import { compareStores, type Compared } from './move/compare.ts'
import { openMoveSource, type MoveSource } from './move/source.ts'
import { openMoveTarget, type MoveTarget } from './move/target.ts'
import { describeAddress } from './postgres/address.ts'
import { openPostgresStore } from './postgres.ts'
import { openSqliteStore } from './sqlite.ts'
import { faultsOfStore } from './sqlite/verify.ts'
import type { WorkspaceRow } from './workspace-row.ts'

export interface MoveTask {
  /** A SQLite store that is there. */
  readonly path: string
  /** A PostgreSQL database that is empty, or into which the same store was being moved. */
  readonly url: string
  readonly clock: Clock
  readonly onProgress: (stage: 'moved' | 'compared', done: number, total: number) => void
}

export interface Moved extends Compared {
  readonly workspaces: number
  readonly keys: number
}

const BATCH = 2_000

/** Rejects with `store-unavailable`; the target is then not opened by anybody, and the same call goes on with it. */
export async function moveStore({ path, url, clock, onProgress }: MoveTask): Promise<Moved> {
  // Opening brings it to this program's format, and its labels to this program's locations.
  await (await openSqliteStore({ path, clock })).close()
  const source = openMoveSource(path)
  try {
    const [fault] = faultsOfStore(source.tables)
    if (fault !== undefined) throw refusal(`${path} is not whole (${fault}): run 'verify' before it is moved`)
    const target = await openMoveTarget(url, source.workspaces)
    try {
      await copyAll(source, target, (done) => onProgress('moved', done, source.size))
      const compared = await compare(source, { url, clock }, (done) => onProgress('compared', done, source.size))
      if (source.changedSince()) {
        throw refusal(`${path} was written meanwhile: stop what writes to it, and run the same command again`)
      }
      await target.open()
      return { ...compared, workspaces: source.workspaces.length, keys: source.keys.length }
    } finally {
      await target.close()
    }
  } finally {
    source.close()
  }
}

async function copyAll(source: MoveSource, target: MoveTarget, onProgress: (done: number) => void): Promise<void> {
  let done = 0
  const note = (rows: number): void => onProgress((done += rows))
  for (const workspace of source.workspaces) {
    const { key } = workspace
    let since = await beginAt(source, target, workspace)
    note(source.entriesUpTo(key, since))
    for (let entries = source.entries(key, since, BATCH); entries.length > 0;) {
      await target.addEntries(key, entries)
      note(entries.length)
      since = entries.at(-1)?.revision ?? since
      entries = source.entries(key, since, BATCH)
    }
    const days = source.days(key)
    await target.finish(workspace, { labels: source.labels(key), days, runs: source.runs(key) })
    note(days.length)
  }
  await target.finishAll(source.keys, source.highestKey)
}

/**
 * The revision up to which the log of a workspace has been moved. Each entry is linked to the one before it, but a log
 * that was trimmed meanwhile may end as it did.
 */
async function beginAt(source: MoveSource, target: MoveTarget, workspace: WorkspaceRow): Promise<Revision> {
  const last = await target.begin(workspace)
  if (last === null) return NO_REVISION
  const same = source.entry(workspace.key, last.revision)?.checksum === last.checksum
  if (same && source.entriesUpTo(workspace.key, last.revision) === last.entries) return last.revision
  await target.beginAnew(workspace)
  return NO_REVISION
}

async function compare(
  source: MoveSource,
  { url, clock }: Pick<MoveTask, 'url' | 'clock'>,
  onProgress: (done: number) => void
): Promise<Compared> {
  const store = await openPostgresStore({ url, clock, moving: true })
  try {
    const compared = await compareStores(source, store, onProgress)
    if (typeof compared !== 'string') return compared
    throw refusal(`${describeAddress(url)} does not hold what was moved (${compared}): empty it, and begin again`)
  } finally {
    await store.close()
  }
}

function refusal(message: string): OperationalError {
  return new OperationalError('store-unavailable', message)
}
