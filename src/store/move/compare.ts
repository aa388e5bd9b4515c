// Whether two stores tell the same, read as they are always read: every day count by count, every entry of the log,
// every label, run and key.
import { isDeepStrictEqual } from 'node:util'
import { DIMENSIONS } from '../../model/cube.ts'
import { parseDay } from '../../model/day.ts'
import { labelFacts } from '../../model/labels.ts'
import { RUNS_KEPT } from '../../model/run.ts'
import type { ChangeEntry, SeriesStore, Workspace } from '../../model/store.ts'
import { toApiKey } from '../key-rows.ts'
import { stateOf } from '../tables.ts'
import { toWorkspace } from '../workspace-row.ts'
import type { MoveSource } from './source.ts'

export interface Compared {
  readonly days: number
  readonly entries: number
}

const PAGE = 5_000
const EVERY_DAY = { from: parseDay('1000-01-01'), to: parseDay('9999-12-31') }

/** What differs, in words; else how much was compared. */
export async function compareStores(
  source: MoveSource,
  target: SeriesStore,
  onProgress: (compared: number) => void
): Promise<string | Compared> {
  const workspaces = source.workspaces.map(toWorkspace).toSorted((a, b) => (a.name < b.name ? -1 : 1))
  if (!isDeepStrictEqual(workspaces, await target.workspaces())) return 'the workspaces differ'
  const keys = source.tables.keys.kept().map((key) => toApiKey(key, source.tables.workspaces.nameOf))
  if (!isDeepStrictEqual(keys, await target.apiKeys())) return 'the API keys differ'

  const compared = { days: 0, entries: 0 }
  for (const workspace of workspaces) {
    const { name } = workspace
    const days = await compareDays(source, target, workspace)
    if (typeof days === 'string') return `${name}: ${days}`
    compared.days += days
    onProgress(compared.days + compared.entries)
    const entries = await compareLogs(source, target, workspace, (so) =>
      onProgress(compared.days + compared.entries + so)
    )
    if (typeof entries === 'string') return `${name}: ${entries}`
    compared.entries += entries
  }
  return compared
}

async function compareDays(source: MoveSource, target: SeriesStore, workspace: Workspace): Promise<string | number> {
  const { tables } = source
  const { key } = workspace
  const { revision, bounds, firstAsked, lastSuccessAt } = stateOf(tables, workspace)
  const days = tables.days.select(key)
  const told = await target.readDays(workspace, EVERY_DAY)
  for (const [i, day] of days.entries()) {
    const other = told.days[i]
    // Cells are unpacked when they are read, and a getter is not compared.
    if (!isDeepStrictEqual({ ...day }, { ...other })) return `${day.day} differs`
  }
  if (told.days.length !== days.length || told.revision !== revision) return 'there are other days than in the source'

  const facts = await target.facts(workspace)
  if (!isDeepStrictEqual([bounds, firstAsked], [facts.bounds, facts.firstAsked])) return 'the bounds differ'
  for (const dimension of DIMENSIONS) {
    const labels = labelFacts(tables.books.of(key).all(dimension), dimension, days)
    if (!isDeepStrictEqual(labels, await target.labels(workspace, dimension)))
      return `the labels of ${dimension} differ`
  }
  if (!isDeepStrictEqual(tables.runs.select([key], RUNS_KEPT), await target.runs([workspace], RUNS_KEPT))) {
    return 'the runs differ'
  }
  if (!isDeepStrictEqual(lastSuccessAt, await target.lastSuccessAt(workspace))) return 'the last success differs'
  return days.length
}

async function compareLogs(
  source: MoveSource,
  target: SeriesStore,
  workspace: Workspace,
  onProgress: (compared: number) => void
): Promise<string | number> {
  const { tables } = source
  const { revision } = stateOf(tables, workspace)
  // What is left of a log that was trimmed is not told in parts.
  const { kept_after: keptAfter = 0 } = source.workspaces.find(({ key }) => key === workspace.key) ?? {}
  const size = Math.max(PAGE, source.entriesUpTo(workspace.key, keptAfter) + 1)
  let compared = 0
  for (let since = 0; ;) {
    const entries: (ChangeEntry | undefined)[] = tables.log.page(workspace.key, since, size, revision)
    const told = await target.changes(workspace, since, size)
    if (!isDeepStrictEqual(entries, told?.entries)) return `the log differs after revision ${since}`
    compared += entries.length
    onProgress(compared)
    const last = entries.at(-1)
    if (last === undefined || entries.length < size) return compared
    since = last.revision
  }
}
