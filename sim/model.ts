// The plain model: what the store should hold after each write, and what of it may be wrong. It hears of each write in
// the order in which they were committed, and decides by the rules of sim/rules.ts what came of it.
import { same, type Counts, type DayRow, type Window } from './rules.ts'

export interface Row extends DayRow {
  readonly revision: number
  /** When it changed, in the order in which things happened. */
  readonly moment: number
  readonly shrunk: boolean
  readonly truth: Truth
}

/** Against what a final day is held, and why it may be wrong: null where it may not. */
export interface Truth {
  readonly tenant: string
  readonly lagDays: number
  readonly excuse: string | null
}

export interface Entry {
  readonly revision: number
  readonly instant: number
  readonly day: number
  readonly state: Row['state']
  readonly counts: Counts
}

/** What the source last showed of itself. */
export interface Kept extends Window {
  readonly lastArrival: number
  readonly firstDue: number
  readonly askedAt: number
  readonly retentionDays: number
}

export interface WorkspaceModel {
  readonly key: number
  name: string
  readonly rows: Map<number, Row>
  readonly log: Entry[]
  /** How runs ended, by their ids, of which that was acknowledged. */
  readonly ended: Map<string, string>
  /** How each label is spelled, by its lower case. */
  readonly spelling: Map<string, string>
  bound: string | null
  kept: Kept | null
  firstAsked: number | null
  revision: number
  instant: number
}

export interface Model {
  readonly workspaces: ReadonlyMap<string, WorkspaceModel>
  readonly untrue: readonly string[]
  /** Rises with whatever happens. */
  moment(): number
  of(name: string): WorkspaceModel
  claim(condition: boolean, text: string): void
  ensure(name: string): void
  rename(name: string, to: string): void
  remove(name: string): void
  /** Begins a transaction, at an instant of our clock; each change takes a revision. */
  change(name: string, now: number): (day: number, row: Omit<Row, 'revision' | 'moment' | 'shrunk'>) => void
  /** All that is stored, as it is now. */
  snapshot(): Snapshot
  /** As if what came since had never been. */
  goBack(snapshot: Snapshot): void
  /** A copy takes the place of the store, and no revision is issued again. */
  restore(snapshot: Snapshot, now: number): void
}

export interface Snapshot {
  readonly workspaces: readonly WorkspaceModel[]
}

const MINUTE = 60_000

export function createModel(): Model {
  let moments = 0
  let keys = 0
  let workspaces = new Map<string, WorkspaceModel>()
  const untrue: string[] = []

  const of = (name: string): WorkspaceModel => {
    const workspace = workspaces.get(name)
    if (workspace === undefined) throw new Error(`the model knows no workspace ${name}`)
    return workspace
  }

  const change: Model['change'] = (name, now) => {
    const workspace = of(name)
    const instant = Math.max(workspace.instant + 1, now)
    return (day, { state, counts, truth }) => {
      const revision = Math.max(workspace.revision + 1, now)
      workspace.rows.set(day, { state, counts, truth, revision, moment: ++moments, shrunk: false })
      workspace.log.push({ revision, instant, day, state, counts })
      workspace.revision = revision
      workspace.instant = instant
    }
  }

  const goBack = (snapshot: Snapshot): void => {
    workspaces = new Map(snapshot.workspaces.map((workspace) => [workspace.name, copyOf(workspace)]))
  }

  return {
    get workspaces() {
      return workspaces
    },
    untrue,
    moment: () => ++moments,
    of,
    claim(condition, text) {
      if (!condition) untrue.push(text)
    },
    ensure(name) {
      if (workspaces.has(name)) return
      const empty = { bound: null, kept: null, firstAsked: null, revision: 0, instant: 0 }
      workspaces.set(name, {
        key: ++keys,
        name,
        rows: new Map(),
        log: [],
        ended: new Map(),
        spelling: new Map(),
        ...empty
      })
    },
    rename(name, to) {
      const workspace = of(name)
      workspaces.delete(name)
      workspace.name = to
      workspaces.set(to, workspace)
    },
    remove: (name) => void workspaces.delete(name),
    change,
    snapshot: () => ({ workspaces: [...workspaces.values()].map(copyOf) }),
    goBack,
    restore(snapshot, now) {
      const last = Math.max(0, ...[...workspaces.values()].map(({ revision }) => revision))
      goBack(snapshot)
      if (last < now + MINUTE) return
      // The clock was ahead: the day that changed last is told once more, above all that was ever issued.
      for (const { name, rows } of workspaces.values()) {
        const [newest] = [...rows].toSorted(([, a], [, b]) => b.revision - a.revision)
        if (newest === undefined) continue
        const [day, row] = newest
        change(name, last + 1)(day, row)
        if (row.shrunk) rows.set(day, Object.assign({}, of(name).rows.get(day), { shrunk: true }))
      }
    }
  }
}

function copyOf(workspace: WorkspaceModel): WorkspaceModel {
  const { rows, log, ended, spelling } = workspace
  return { ...workspace, rows: new Map(rows), log: [...log], ended: new Map(ended), spelling: new Map(spelling) }
}

/** The rows as they were at a revision. */
export function rowsAt({ log }: WorkspaceModel, revision: number): Map<number, Entry> {
  const rows = new Map<number, Entry>()
  for (const entry of log) if (entry.revision <= revision) rows.set(entry.day, entry)
  return rows
}

/** Whether a row says this already. */
export function says(row: DayRow | undefined, state: Row['state'], counts: Counts): boolean {
  return row !== undefined && row.state === state && same(row.counts, counts)
}
