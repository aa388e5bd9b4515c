// Everything that can be wrong with a store on PostgreSQL, as far as the database does not see to it itself: its pages
// have checksums of their own, and no row lies without its workspace.
import type { Workspace } from '../../model/store.ts'
import { isWholeLabel } from '../label-book.ts'
import { faultsOfDays } from '../verify.ts'
import { damagedKeys } from './keys.ts'
import { createDraft } from './draft.ts'
import type { LabelBooks } from './labels.ts'
import { loadDays, loadLog } from './load.ts'
import { damagedRuns } from './runs.ts'
import type { Transactions } from './transactions.ts'

/** Looks at one workspace after the other, each as one snapshot. */
export async function faultsOfStore(
  { snapshot }: Transactions,
  workspaces: readonly Workspace[],
  books: LabelBooks
): Promise<string[]> {
  const damaged = await snapshot(damagedKeys)
  const faults = damaged > 0 ? [`damaged API keys, which open nothing: ${damaged}; make new ones`] : []
  for (const workspace of workspaces) faults.push(...(await faultsOfWorkspace({ snapshot }, workspace, books)))
  return faults
}

function faultsOfWorkspace(
  { snapshot }: Pick<Transactions, 'snapshot'>,
  workspace: Workspace,
  books: LabelBooks
): Promise<string[]> {
  const { key, name } = workspace
  return snapshot(async (session) => {
    const { state, days } = await loadDays(session, workspace, 'every')
    const { rows, book } = await books.draft(session, key, state.revision)
    const entries = await loadLog(session, key)
    const runs = await damagedRuns(session, key)
    return [
      ...rows.filter((row) => !isWholeLabel(key, row)).map(({ id }) => `${name}: the label ${id} is damaged`),
      ...(runs.length > 0 ? [`${name}: damaged records of runs: ${runs.length}`] : []),
      ...faultsOfDays(createDraft({ workspace, state, days, entries, book }).tables, workspace)
    ]
  })
}
