// Which workspaces a changed rule of locations concerns, asked in one question for all of them.
import { locationOf } from '../../model/cube.ts'
import type { Workspace } from '../../model/store.ts'
import { LOCATED } from '../label-book.ts'
import { statement } from './pool.ts'
import type { Transactions } from './transactions.ts'

const LOCATIONS = statement<{ readonly text: string; readonly location: string | null }>(
  'locations',
  'select distinct text, location from label where dimension = $1'
)
const HOLDERS = statement<{ readonly workspace_key: number }>(
  'holders',
  'select distinct workspace_key from label where dimension = $1 and text = any($2::text[])'
)

/** Those with a label of which another location was computed when it was stored than is now. */
export async function movedWorkspaces(
  { read }: Transactions,
  workspaces: readonly Workspace[]
): Promise<readonly Workspace[]> {
  const located = await read(LOCATIONS, [LOCATED])
  const moved = located.filter(({ text, location }) => location !== locationOf(text)).map(({ text }) => text)
  if (moved.length === 0) return []
  const holders = new Set((await read(HOLDERS, [LOCATED, moved])).map((row) => row.workspace_key))
  return workspaces.filter(({ key }) => holders.has(key))
}
