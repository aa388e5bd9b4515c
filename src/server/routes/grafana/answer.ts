// What the routes under /grafana have in common.
import type { Clock } from '../../../model/clock.ts'
import type { SeriesStore } from '../../../model/store.ts'
import type { Caller } from '../../caller.ts'
import type { WorkspaceChooser } from '../../workspaces.ts'
import type { Members } from './body.ts'

export interface GrafanaOptions {
  readonly store: SeriesStore
  readonly workspaces: WorkspaceChooser
  readonly clock: Clock
  readonly ingestTimeoutMs: number
}

/** What one call answers; becomes JSON as it is. */
export type Answer = (caller: Caller, body: Members) => Promise<unknown>
