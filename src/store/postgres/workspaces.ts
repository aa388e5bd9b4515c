// Names, and what each is bound to.
import { checkBinding } from '../../model/binding.ts'
import { numberOfDay } from '../../model/day.ts'
import { OperationalError } from '../../model/errors.ts'
import type { BoundsRecord, Workspace } from '../../model/store.ts'
import { learnedFrom, toWorkspace, type WorkspaceRow } from '../workspace-row.ts'
import { lockState } from './load.ts'
import { statement, type Session } from './pool.ts'

type NameRow = Pick<WorkspaceRow, 'key' | 'name' | 'source_kind' | 'source_id' | 'time_column' | 'revision'>

const MAKE = statement<{ key: number }>(
  'make_workspace',
  'insert into workspace (name) values ($1) on conflict (name) do nothing returning key'
)
const MAKE_CLOCK = statement(
  'make_clock',
  'insert into clock (workspace_key, revision, changed_at) values ($1, 0, 0) on conflict (workspace_key) do nothing'
)
const FIND = statement<{ key: number }>('find_workspace', 'select key from workspace where name = $1')
const ALL = statement<NameRow>(
  'workspaces',
  `select w.key, w.name, w.source_kind, w.source_id, w.time_column, c.revision
  from workspace w
  join clock c on c.workspace_key = w.key`
)
const ONE = statement<NameRow>(
  'workspace',
  `${ALL.text}
  where w.key = $1`
)
// So that every process looks at them again.
const COUNT = statement('count_names', 'update store_format set names = names + 1')
// Two names must not take the same source at the same time.
const LOCK_NAMES = statement('lock_names', 'select 1 from store_format for update')
const RENAME = statement('rename_workspace', 'update workspace set name = $2 where key = $1')
const BIND = statement(
  'bind_workspace',
  'update workspace set source_kind = $2, source_id = $3, time_column = $4 where key = $1'
)
const KEEP_BOUNDS = statement(
  'keep_bounds',
  'update clock set bounds = $2, writes = writes + 1 where workspace_key = $1'
)
const KEEP_FIRST_ASKED = statement(
  'keep_first_asked',
  'update clock set first_asked = $2, writes = writes + 1 where workspace_key = $1'
)
const REMOVE = statement('remove_workspace', 'delete from workspace where key = $1')

/** The key of the workspace of that name, which is made where there is none. */
export async function ensureKey(session: Session, name: string): Promise<number> {
  const [made] = await session.query(MAKE, [name])
  if (made !== undefined) {
    await session.query(MAKE_CLOCK, [made.key])
    await session.query(COUNT)
  }
  const [found] = made === undefined ? await session.query(FIND, [name]) : [made]
  if (found === undefined) throw new Error(`the workspace ${name} is not there after it was made`)
  return found.key
}

export async function renameWorkspace(session: Session, workspace: Workspace, name: string): Promise<void> {
  await lockState(session, workspace)
  await session.query(LOCK_NAMES)
  const [taken] = await session.query(FIND, [name])
  if (taken !== undefined && taken.key !== workspace.key) {
    throw new OperationalError('invalid-request', `there is a workspace ${name} already: choose another name`)
  }
  await session.query(RENAME, [workspace.key, name])
  await session.query(COUNT)
}

export async function unbindWorkspace(session: Session, workspace: Workspace): Promise<void> {
  await lockState(session, workspace)
  await session.query(BIND, [workspace.key, null, null, null])
  await session.query(COUNT)
  await session.query(KEEP_BOUNDS, [workspace.key, null])
}

export async function removeWorkspace(session: Session, workspace: Workspace): Promise<void> {
  await lockState(session, workspace)
  await session.query(REMOVE, [workspace.key])
  await session.query(COUNT)
}

/** As the contract of `recordBounds` says; true where the name was bound by it. */
export async function recordBounds(session: Session, workspace: Workspace, record: BoundsRecord): Promise<boolean> {
  const { key } = workspace
  const state = await lockState(session, workspace)
  const now = (await session.query(ONE, [key])).map(toWorkspace)[0] ?? workspace
  if (now.binding === null) await session.query(LOCK_NAMES)
  const all = now.binding === null ? (await session.query(ALL)).map(toWorkspace) : [now]
  checkBinding(now, record.binding, all)
  const { kind, id, timeColumn } = record.binding
  if (now.binding === null) {
    await session.query(BIND, [key, kind, id, timeColumn])
    await session.query(COUNT)
  }
  const { bounds, firstAsked } = learnedFrom(state, record)
  if (bounds !== null) await session.query(KEEP_BOUNDS, [key, JSON.stringify(bounds)])
  if (firstAsked !== null) await session.query(KEEP_FIRST_ASKED, [key, numberOfDay(firstAsked)])
  return now.binding === null
}
