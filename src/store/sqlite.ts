// The store on SQLite: one file, one writer at a time, readers beside it.
import { checkBinding } from '../model/binding.ts'
import type { Clock } from '../model/clock.ts'
import { OperationalError } from '../model/errors.ts'
import { labelFacts } from '../model/labels.ts'
import { decideImport, decideReading, type StoredDay } from '../model/reading.ts'
import { NO_REVISION } from '../model/revision.ts'
import { daysLost } from '../model/status.ts'
import type { SeriesStore, Workspace } from '../model/store.ts'
import { healWorkspace } from './heal.ts'
import { applyDays, createChanger } from './changes.ts'
import { openConnection } from './sqlite/connection.ts'
import { moveLocations } from './locations.ts'
import type { Tables } from './sqlite/tables.ts'
import { stateOf } from './tables.ts'
import { createTransactions } from './sqlite/transactions.ts'
import { createLastRevisions } from './sqlite/writes.ts'
import { BEFORE_ALL, trimmedMeanwhile } from './trim-log.ts'
import { faultsOfStore } from './sqlite/verify.ts'
import { learnedFrom } from './workspace-row.ts'

export interface SqliteStoreOptions {
  /** The file; it and its folder are made where they are not there. */
  readonly path: string
  readonly clock: Clock
}

/** Rejects with `store-unavailable`: no SQLite file, damaged, not writable, or of a newer format. */
export async function openSqliteStore({ path, clock }: SqliteStoreOptions): Promise<SeriesStore> {
  const connection = openConnection(path)
  const transactions = createTransactions(connection, clock)
  const { read, write, writeInSteps, betweenWrites, look, idle } = transactions
  try {
    // Most starts have nothing to write, and need not wait for whoever writes all the time.
    const moved = await read(({ books, workspaces }) => workspaces.all().some(({ key }) => books.moved(key).length > 0))
    if (moved) {
      await write((tables) => {
        for (const workspace of tables.workspaces.all()) {
          moveLocations(tables, workspace, () => createChanger(tables, workspace, clock.now()))
        }
      })
    }
  } catch (error) {
    connection.close()
    throw error
  }

  return {
    workspaces: () => read(({ workspaces }) => workspaces.all()),
    findWorkspace: (name) => read(({ workspaces }) => workspaces.find(name)),
    async ensureWorkspace(name) {
      const found = await read(({ workspaces }) => workspaces.find(name))
      return found ?? write((tables) => ensure(tables, name))
    },
    renameWorkspace: (workspace, name) =>
      write((tables) => {
        const { workspaces } = tables
        const taken = workspaces.find(name)
        if (taken !== undefined && taken.key !== workspace.key) {
          throw new OperationalError('invalid-request', `there is a workspace ${name} already: choose another name`)
        }
        stateOf(tables, workspace)
        workspaces.rename(workspace.key, name)
      }),
    unbindWorkspace: (workspace) =>
      write((tables) => {
        stateOf(tables, workspace)
        tables.workspaces.unbind(workspace.key)
      }),
    removeWorkspace: (workspace) =>
      write((tables) => {
        stateOf(tables, workspace)
        tables.workspaces.remove(workspace.key)
      }),

    revision: (workspace) => read((tables) => stateOf(tables, workspace).revision),
    lastRevision: createLastRevisions(transactions),
    lastWrite: transactions.lastWrite,
    facts: (workspace) =>
      read((tables) => {
        const { revision, bounds, firstAsked } = stateOf(tables, workspace)
        const coverage = tables.remembered.select(workspace.key).map(withoutCells)
        return { revision, bounds, firstAsked, coverage }
      }),
    readDays: (workspace, range, at) =>
      read((tables) => {
        const { revision } = stateOf(tables, workspace)
        if (at === undefined) return { revision, days: tables.remembered.select(workspace.key, range) }
        if (at < tables.workspaces.keptAfter(workspace.key)) throw trimmedMeanwhile(workspace)
        return { revision: at, days: tables.past.daysAt(workspace.key, range, at) }
      }),
    momentOf: (workspace, at) =>
      read((tables) => {
        const { revision } = stateOf(tables, workspace)
        return typeof at === 'number' && at > revision ? undefined : tables.past.momentOf(workspace.key, at, revision)
      }),
    keptSince: (workspace) =>
      read((tables) => {
        const { revision } = stateOf(tables, workspace)
        const after = tables.workspaces.keptAfter(workspace.key)
        return after === NO_REVISION ? BEFORE_ALL : tables.past.momentOf(workspace.key, after, revision)
      }),
    trimLog: (workspace, before) =>
      writeInSteps((tables) => {
        stateOf(tables, workspace)
        return tables.trimmer.trim(workspace, before)
      }),
    labelNames: (workspace, dimension) =>
      read((tables) => {
        stateOf(tables, workspace)
        return tables.books.of(workspace.key).all(dimension)
      }),
    labels: (workspace, dimension) =>
      read((tables) => {
        stateOf(tables, workspace)
        const names = tables.books.of(workspace.key).all(dimension)
        return labelFacts(names, dimension, tables.remembered.select(workspace.key))
      }),
    changes: (workspace, since, limit) =>
      read((tables) => {
        const { log, workspaces } = tables
        const { revision } = stateOf(tables, workspace)
        const keptAfter = workspaces.keptAfter(workspace.key)
        if (since !== NO_REVISION && since < keptAfter) return undefined
        if (since !== NO_REVISION && !log.has(workspace.key, since)) return undefined
        const size = since === NO_REVISION ? Math.max(limit, log.countUpTo(workspace.key, keptAfter)) : limit
        const entries = log.page(workspace.key, since, size + 1, revision).map((entry) => {
          if (entry !== undefined) return entry
          throw new OperationalError('store-unavailable', `the log of ${workspace.name} is damaged: run 'verify'`)
        })
        return { entries: entries.slice(0, size), more: entries.length > size }
      }),

    recordBounds: (workspace, record) =>
      write((tables) => {
        const { workspaces } = tables
        const now = workspaces.find(workspace.name) ?? workspace
        checkBinding(now, record.binding, workspaces.all())
        if (now.binding === null) workspaces.bind(workspace.key, record.binding)
        const { bounds, firstAsked } = learnedFrom(stateOf(tables, workspace), record)
        if (bounds !== null) workspaces.keepBounds(workspace.key, bounds)
        if (firstAsked !== null) workspaces.keepFirstAsked(workspace.key, firstAsked)
      }),
    applyReading: (workspace, readings, terms) =>
      writeInSteps((tables) =>
        applyDays(tables, workspace, readings, clock.now(), (stored, reading) => decideReading(stored, reading, terms))
      ),
    applyImport: (workspace, readings, terms) =>
      writeInSteps((tables) =>
        applyDays(tables, workspace, readings, clock.now(), (stored, reading) => decideImport(stored, reading, terms))
      ),
    markLost: (workspace, before) =>
      write((tables) => {
        const lost = daysLost(tables.days.select(workspace.key), stateOf(tables, workspace).firstAsked, before)
        const { change, end } = createChanger(tables, workspace, clock.now())
        for (const day of lost) change(day, undefined, 'lost', [])
        end()
        return lost
      }),
    heal: (workspace) =>
      write((tables) => {
        const { books, runs, workspaces } = tables
        workspaces.heal()
        stateOf(tables, workspace)
        books.heal(workspace.key)
        runs.heal(workspace.key)
        return healWorkspace(tables, workspace)
      }),

    verify: () => read((tables) => faultsOfStore(tables)),

    apiKeys: () => read(({ keys }) => keys.all()),
    addApiKey: (key, made) =>
      write((tables) => {
        const { keys } = tables
        if (keys.hasName(key.name)) {
          throw new OperationalError('invalid-request', `there is a key '${key.name}' already: choose another name`)
        }
        const workspaceKeys = key.workspaces?.map((name) => ensure(tables, name).key) ?? null
        keys.insert({ ...key, ...made, workspaceKeys, createdAt: clock.now(), revokedAt: null, lastUsedAt: null })
      }),
    findApiKey: (hash) => read(({ keys }) => keys.findByHash(hash)),
    revokeApiKey: (id) => write(({ keys }) => keys.revoke(id, clock.now())),
    touchApiKey: (id, at) => write(({ keys }) => keys.touch(id, at)),

    recordRun: (run) =>
      write(({ runs, workspaces }) => {
        const workspace = workspaces.find(run.workspace)
        if (workspace === undefined) {
          throw new OperationalError('unknown-workspace', `there is no workspace ${run.workspace} any more`)
        }
        runs.put(workspace.key, run, clock.now())
        if (run.status === 'succeeded') workspaces.keepSuccess(workspace.key, clock.now())
      }),
    runs: (of, limit) =>
      read(({ runs }) =>
        runs.select(
          of.map(({ key }) => key),
          limit
        )
      ),
    findRun: (id) => read(({ runs }) => runs.find(id)),
    lastSuccessAt: (workspace) => read((tables) => stateOf(tables, workspace).lastSuccessAt),

    health() {
      look()
      return connection.fault() ?? null
    },
    generation: () => connection.generation,
    staleSince: () => null,
    checkpoint: () => betweenWrites(() => void connection.writer.db.pragma('wal_checkpoint(truncate)')),
    async close() {
      await idle()
      connection.close()
    }
  }
}

function ensure({ workspaces }: Tables, name: string): Workspace {
  workspaces.insert(name)
  const made = workspaces.find(name)
  if (made === undefined) throw new Error(`the workspace ${name} is not there after it was made`)
  return made
}

function withoutCells({ day, state, revision, damaged, shrunk }: StoredDay): Omit<StoredDay, 'cells'> {
  return { day, state, revision, damaged, shrunk }
}
