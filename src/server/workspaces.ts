// Which workspace a question is about, and what a caller may see of it.
import type { Dimension } from '../model/cube.ts'
import type { DayRange } from '../model/day.ts'
import { OperationalError } from '../model/errors.ts'
import type { StoredDay } from '../model/reading.ts'
import { NO_REVISION, type Revision } from '../model/revision.ts'
import type { ChangeEntry, LabelFact, Moment, SeriesStore, Workspace, WorkspaceFacts } from '../model/store.ts'
import type { Caller } from './caller.ts'

/** The workspace of invented counts; it steps back wherever there is another. */
export const SAMPLE = 'sample'

/** A workspace as it is served: also one of the settings, before anything is stored for it. */
export interface ServedWorkspace {
  readonly name: string
  /** Null: the store knows nothing of it yet. */
  readonly stored: Workspace | null
  revision(): Promise<Revision>
  readDays(range: DayRange, at?: Revision): Promise<{ revision: Revision; days: readonly StoredDay[] }>
  momentOf(at: Revision | Date): Promise<Moment | undefined>
  keptSince(): Promise<Moment>
  labelNames(dimension: Dimension): Promise<readonly string[]>
  labels(dimension: Dimension): Promise<readonly LabelFact[]>
  changes(since: Revision, limit: number): Promise<ChangePage | undefined>
  facts(): Promise<WorkspaceFacts>
}

/** Some entries of the log in a row, and whether others follow. */
export interface ChangePage {
  readonly entries: readonly ChangeEntry[]
  readonly more: boolean
}

export interface WorkspaceChooser {
  /** The name that is meant, whatever there is; undefined where that depends on what there is. */
  named(caller: Caller, asked: string | undefined): string | undefined
  /** The one that is asked for, else the default. Throws `unknown-workspace` where there is none that the caller may read. */
  choose(caller: Caller, asked: string | undefined): Promise<ServedWorkspace>
  /** All that the caller may read: those of the settings in their order, then the others that hold days, by name. */
  readable(caller: Caller): Promise<readonly ServedWorkspace[]>
}

export function createWorkspaceChooser(store: SeriesStore, configured: readonly string[]): WorkspaceChooser {
  const ofSettings = new Set(configured)
  const readable = async (caller: Caller): Promise<ServedWorkspace[]> => {
    const stored = new Map((await store.workspaces()).map((workspace) => [workspace.name, workspace]))
    const served = configured.map((name) => serve(store, name, stored.get(name) ?? null))
    for (const workspace of stored.values()) {
      if (!ofSettings.has(workspace.name) && workspace.holdsDays) served.push(serve(store, workspace.name, workspace))
    }
    return served.filter(({ name }) => caller.mayRead(name))
  }

  // What most callers mean needs no look at the others.
  const named: WorkspaceChooser['named'] = (caller, asked) =>
    asked ?? configured.find((each) => each !== SAMPLE && caller.mayRead(each))

  return {
    named,
    readable,
    async choose(caller, asked) {
      const name = named(caller, asked)
      if (name === undefined) {
        const all = await readable(caller)
        return all.find((each) => each.name !== SAMPLE) ?? all[0] ?? unknown('there is no workspace that you may read')
      }
      const stored = caller.mayRead(name) ? ((await store.findWorkspace(name)) ?? null) : null
      // One that only a key was made for has no days, and is no more there than any other name.
      const known = caller.mayRead(name) && (stored?.holdsDays === true || ofSettings.has(name))
      return known ? serve(store, name, stored) : unknown(`there is no workspace '${name}' that you may read`)
    }
  }
}

/**
 * What is told of one workspace among others; undefined where it was removed, or renamed, after it was found: the others
 * are told all the same.
 */
export async function unlessGone<T>(told: Promise<T>): Promise<T | undefined> {
  try {
    return await told
  } catch (error) {
    if (error instanceof OperationalError && error.code === 'unknown-workspace') return undefined
    throw error
  }
}

/** One answer for what does not exist and for what this caller may not see. */
function unknown(detail: string): never {
  throw new OperationalError('unknown-workspace', detail)
}

function serve(store: SeriesStore, name: string, stored: Workspace | null): ServedWorkspace {
  if (stored === null) {
    return {
      name,
      stored,
      revision: async () => NO_REVISION,
      readDays: async () => ({ revision: NO_REVISION, days: [] }),
      momentOf: async (at) =>
        at instanceof Date || at === NO_REVISION ? { revision: NO_REVISION, changedAt: null } : undefined,
      keptSince: async () => ({ revision: NO_REVISION, changedAt: null }),
      labelNames: async () => [],
      labels: async () => [],
      changes: async (since) => (since === NO_REVISION ? { entries: [], more: false } : undefined),
      facts: async () => ({ revision: NO_REVISION, bounds: null, firstAsked: null, coverage: [] })
    }
  }
  return {
    name,
    stored,
    revision: () => store.revision(stored),
    readDays: (range, at) => store.readDays(stored, range, at),
    momentOf: (at) => store.momentOf(stored, at),
    keptSince: () => store.keptSince(stored),
    labelNames: (dimension) => store.labelNames(stored, dimension),
    labels: (dimension) => store.labels(stored, dimension),
    changes: (since, limit) => store.changes(stored, since, limit),
    facts: () => store.facts(stored)
  }
}
