// The store on SQLite: one file, one writer at a time, readers beside it.
import { checkBinding } from '../model/binding.ts'
import type { Clock } from '../model/clock.ts'
import { foldCells, type CellCount, type DayCounts } from '../model/cube.ts'
import type { Day } from '../model/day.ts'
import { OperationalError } from '../model/errors.ts'
import { labelFacts } from '../model/labels.ts'
import { decideImport, decideReading, type Outcome, type StoredDay } from '../model/reading.ts'
import { nextRevision, NO_REVISION } from '../model/revision.ts'
import { daysLost, firstDueDay } from '../model/status.ts'
import type { Applied, SeriesStore, Workspace } from '../model/store.ts'
import { healWorkspace } from './heal.ts'
import type { StoredState } from './packed-cells.ts'
import { openSqliteDatabase } from './sqlite-database.ts'
import { createDayTable } from './sqlite-days.ts'
import { createKeyTable } from './sqlite-keys.ts'
import { createChangeLog } from './sqlite-log.ts'
import { createLabelBooks } from './sqlite-labels.ts'
import { moveLocations } from './sqlite-locations.ts'
import { createRunTable } from './sqlite-runs.ts'
import { faultsOfFile, faultsOfWorkspace } from './verify.ts'
import { createWorkspaceTable, type WorkspaceState } from './sqlite-workspaces.ts'

export interface SqliteStoreOptions {
  /** The file; it and its folder are made where they are not there. */
  readonly path: string
  readonly clock: Clock
}

/** Rejects with `store-unavailable`: no SQLite file, damaged, not writable, or of a newer format. */
export async function openSqliteStore({ path, clock }: SqliteStoreOptions): Promise<SeriesStore> {
  const sqlite = openSqliteDatabase(path, clock, () => books.forget())
  const { db, read, write } = sqlite
  const books = createLabelBooks(db)
  const days = createDayTable(db, books.of)
  const log = createChangeLog(db, books.of)
  const workspaces = createWorkspaceTable(db)
  const runs = createRunTable(db)
  const keys = createKeyTable(db, workspaces.nameOf)

  const stateOf = ({ key, name }: Workspace): WorkspaceState => {
    const state = workspaces.state(key)
    if (state === undefined) throw new OperationalError('unknown-workspace', `there is no workspace ${name} any more`)
    return state
  }

  const ensure = (name: string): Workspace => {
    workspaces.insert(name)
    const made = workspaces.find(name)
    if (made === undefined) throw new Error(`the workspace ${name} is not there after it was made`)
    return made
  }

  /** Changes days within one transaction: revisions rise from the last one, and all entries carry one instant. */
  const changer = (workspace: Workspace): ((day: Day, state: StoredState, cells: readonly CellCount[]) => void) => {
    const before = stateOf(workspace)
    const now = clock.now()
    // Each transaction has an instant of its own, so that an instant, too, names the end of one.
    const changedAt = new Date(Math.max(before.changedAt + 1, now.getTime()))
    let { revision } = before
    return (day, state, cells) => {
      revision = nextRevision(revision, now)
      const entry = { day, state, cells, revision, changedAt }
      days.put(workspace.key, entry)
      log.append(workspace.key, entry)
      workspaces.advance(workspace.key, revision, changedAt.getTime())
    }
  }

  /** A damaged row is put back first where its entry is at hand, so that no older answer takes its place. */
  const readDay = (key: number, day: Day): StoredDay | undefined => {
    const stored = days.selectOne(key, day)
    const entry = stored?.damaged === true ? log.lastOf(key, day) : undefined
    if (entry === undefined || entry.revision !== stored?.revision) return stored
    days.put(key, entry)
    return days.selectOne(key, day)
  }

  const apply = (
    workspace: Workspace,
    readings: readonly DayCounts[],
    decide: (stored: StoredDay | undefined, reading: DayCounts) => Outcome
  ): Applied => {
    const applied = {
      stored: [] as Day[],
      changed: [] as Day[],
      dropped: [] as Day[],
      shrunk: [] as Day[],
      left: [] as Day[]
    }
    const change = changer(workspace)
    for (const { day, cells: raw } of readings.toSorted((a, b) => (a.day < b.day ? -1 : 1))) {
      const stored = readDay(workspace.key, day)
      const cells = foldCells(raw, books.of(workspace.key).spelling)
      const outcome = decide(stored, { day, cells })
      if (outcome.kind === 'changed') change(day, outcome.state, outcome.cells)
      if (outcome.kind === 'changed' || outcome.kind === 'unchanged') {
        applied.stored.push(day)
        if (outcome.kind === 'changed') applied.changed.push(day)
        else if (stored?.shrunk === true) days.mark(workspace.key, day, false)
      } else {
        applied[outcome.kind].push(day)
        if (outcome.kind === 'shrunk') days.mark(workspace.key, day, true)
      }
    }
    return applied
  }

  await write(() => {
    for (const workspace of workspaces.all()) moveLocations(db, workspace.key, days, () => changer(workspace))
  })

  return {
    workspaces: () => read(() => workspaces.all()),
    findWorkspace: (name) => read(() => workspaces.find(name)),
    async ensureWorkspace(name) {
      const found = await read(() => workspaces.find(name))
      return found ?? write(() => ensure(name))
    },
    renameWorkspace: (workspace, name) =>
      write(() => {
        const taken = workspaces.find(name)
        if (taken !== undefined && taken.key !== workspace.key) {
          throw new OperationalError('invalid-request', `there is a workspace ${name} already: choose another name`)
        }
        stateOf(workspace)
        workspaces.rename(workspace.key, name)
      }),
    unbindWorkspace: (workspace) => write(() => workspaces.unbind(workspace.key)),
    removeWorkspace: (workspace) => write(() => workspaces.remove(workspace.key)),

    revision: (workspace) => read(() => stateOf(workspace).revision),
    facts: (workspace) =>
      read(() => {
        const { revision, bounds, firstAsked } = stateOf(workspace)
        const coverage = days.select(workspace.key).map(({ cells, ...day }) => day)
        return { revision, bounds, firstAsked, coverage }
      }),
    readDays: (workspace, range, at) =>
      read(() => ({
        revision: at ?? stateOf(workspace).revision,
        days: at === undefined ? days.select(workspace.key, range) : log.daysAt(workspace.key, range, at)
      })),
    momentOf: (workspace, at) =>
      read(() => {
        const { revision } = stateOf(workspace)
        return typeof at === 'number' && at > revision ? undefined : log.momentOf(workspace.key, at)
      }),
    labels: (workspace, dimension) =>
      read(() => labelFacts(books.of(workspace.key).all(dimension), dimension, days.select(workspace.key))),
    changes: (workspace, since, limit) =>
      read(() => {
        if (since !== NO_REVISION && !log.has(workspace.key, since)) return undefined
        const entries = log.after(workspace.key, since, limit + 1).map((change) => {
          if (change === undefined) {
            throw new OperationalError('store-unavailable', `the log of ${workspace.name} is damaged: run 'verify'`)
          }
          const previous = log.lastOf(workspace.key, change.day, change.revision) ?? null
          return Object.assign(change, { previous })
        })
        return { entries: entries.slice(0, limit), more: entries.length > limit }
      }),

    recordBounds: (workspace, { binding, bounds, askedAt, retentionDays, firstAsked }) =>
      write(() => {
        const now = workspaces.find(workspace.name) ?? workspace
        checkBinding(now, binding, workspaces.all())
        if (now.binding === null) workspaces.bind(workspace.key, binding)
        const kept = stateOf(workspace)
        if (kept.bounds === null || askedAt.getTime() >= kept.bounds.askedAt) {
          const firstDue = firstDueDay(bounds, retentionDays)
          workspaces.keepBounds(workspace.key, { ...bounds, askedAt: askedAt.getTime(), firstDue, retentionDays })
        }
        if (firstAsked !== null && (kept.firstAsked === null || firstAsked < kept.firstAsked)) {
          workspaces.keepFirstAsked(workspace.key, firstAsked)
        }
      }),
    applyReading: (workspace, readings, terms) =>
      write(() => apply(workspace, readings, (stored, reading) => decideReading(stored, reading, terms))),
    applyImport: (workspace, readings, terms) =>
      write(() => apply(workspace, readings, (stored, reading) => decideImport(stored, reading, terms))),
    markLost: (workspace, before) =>
      write(() => {
        const lost = daysLost(days.select(workspace.key), stateOf(workspace).firstAsked, before)
        const change = changer(workspace)
        for (const day of lost) change(day, 'lost', [])
        return lost
      }),
    heal: (workspace) =>
      write(() => {
        books.heal(workspace.key)
        return healWorkspace(workspace.key, days, log)
      }),

    verify: () =>
      read(() => [
        ...faultsOfFile(db),
        ...workspaces.all().flatMap((each) => faultsOfWorkspace(each.key, each.name, stateOf(each), days, log))
      ]),

    apiKeys: () => read(() => keys.all()),
    addApiKey: (key, made) =>
      write(() => {
        if (keys.hasName(key.name)) {
          throw new OperationalError('invalid-request', `there is a key '${key.name}' already: choose another name`)
        }
        const workspaceKeys = key.workspaces?.map((name) => ensure(name).key) ?? null
        keys.insert({ ...key, ...made, workspaceKeys, createdAt: clock.now() })
      }),
    findApiKey: (hash) => read(() => keys.findByHash(hash)),
    revokeApiKey: (id) => write(() => keys.revoke(id, clock.now())),
    touchApiKey: (id, at) => write(() => keys.touch(id, at)),

    recordRun: (run) =>
      write(() => {
        const workspace = workspaces.find(run.workspace)
        if (workspace === undefined) {
          throw new OperationalError('unknown-workspace', `there is no workspace ${run.workspace} any more`)
        }
        runs.put(workspace.key, run, clock.now().getTime())
        if (run.status === 'succeeded') workspaces.keepSuccess(workspace.key, clock.now())
      }),
    runs: (of, limit) =>
      read(() =>
        runs.select(
          of.map(({ key }) => key),
          limit
        )
      ),
    findRun: (id) => read(() => runs.find(id)),
    lastSuccessAt: (workspace) => read(() => stateOf(workspace).lastSuccessAt),

    // Not in a transaction. A reader or a writer beside us makes it do less, which the next one catches up on.
    checkpoint: () => sqlite.attempt(() => void db.pragma('wal_checkpoint(truncate)')),
    async close() {
      sqlite.close()
    }
  }
}
