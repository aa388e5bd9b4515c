// The store on PostgreSQL: many processes at once, each with a bounded pool of connections and a memory of what is asked
// for all the time.
import type { Clock } from '../model/clock.ts'
import { OperationalError } from '../model/errors.ts'
import { labelFacts } from '../model/labels.ts'
import { decideImport, decideReading } from '../model/reading.ts'
import { NO_REVISION } from '../model/revision.ts'
import type { SeriesStore } from '../model/store.ts'
import { readDay, readDays } from './day-rows.ts'
import { describeAddress } from './postgres/address.ts'
import { asOpeningError } from './postgres/failure.ts'
import { bringToFormat, readFormat, refuseHalfMoved } from './postgres/format.ts'
import { addKey, revokeKey, touchKey } from './postgres/keys.ts'
import { createLabelBooks } from './postgres/labels.ts'
import { loadDays } from './postgres/load.ts'
import { movedWorkspaces } from './postgres/locations.ts'
import { pageOfLog } from './postgres/log.ts'
import { daysAt, momentOf } from './postgres/past.ts'
import { openPool, type Connections, type Session } from './postgres/pool.ts'
import { findRun, putRun, selectRuns } from './postgres/runs.ts'
import { createTransactions } from './postgres/transactions.ts'
import { faultsOfStore } from './postgres/verify.ts'
import { openWatch, type Watch } from './postgres/watch.ts'
import { ensureKey, recordBounds, removeWorkspace, renameWorkspace, unbindWorkspace } from './postgres/workspaces.ts'
import { keptAfter, trimLog } from './postgres/trim.ts'
import { createDayWrites } from './postgres/writes.ts'
import { gone } from './tables.ts'
import { BEFORE_ALL } from './trim-log.ts'

export interface PostgresStoreOptions {
  /** `postgres://…`; may hold a password, which is never told. */
  readonly url: string
  readonly clock: Clock
  /** For who moves a store in: it may be opened before it is whole. */
  readonly moving?: boolean
}

/** Rejects with `store-unavailable`: not reachable, not writable, of a newer format, or one that is being moved in. */
export async function openPostgresStore({ url, clock, moving = false }: PostgresStoreOptions): Promise<SeriesStore> {
  const books = createLabelBooks()
  const connections = openPool(url)
  const onTurn = (): void => {
    books.forget()
    connections.drop()
  }
  const watch = await opening(url, connections, async () => {
    await bringToFormat(connections, describeAddress(url))
    if (!moving) await requireWhole(connections, url)
    return openWatch({ url, clock, moving, onTurn })
  })
  const { known, current, refresh } = watch
  const transactions = createTransactions(connections, guardsOf(watch))
  const { read, snapshot } = transactions
  const write = async <T>(body: (session: Session) => Promise<T>): Promise<T> => {
    const result = await transactions.write(body)
    known.written()
    return result
  }
  const days = createDayWrites({ write }, { books, clock, committed: known.changed })
  for (const workspace of await movedWorkspaces(transactions, known.workspaces())) {
    await days.move(workspace)
  }

  /** What was written is known at once; where that cannot be asked for, it is with the next answer. */
  const noted = async <T>(body: (session: Session) => Promise<T>): Promise<T> => {
    const result = await write(body)
    await refresh().catch(() => {})
    return result
  }
  const query = { query: read }

  return {
    workspaces: async () => (await current()).workspaces(),
    findWorkspace: async (name) => (await current()).find(name),
    async ensureWorkspace(name) {
      const found = (await current()).find(name)
      if (found !== undefined) return found
      await noted((session) => ensureKey(session, name))
      const made = known.find(name)
      if (made === undefined) throw new OperationalError('store-unavailable', `the workspace ${name} is not known yet`)
      return made
    },
    renameWorkspace: (workspace, name) => noted((session) => renameWorkspace(session, workspace, name)),
    unbindWorkspace: (workspace) => noted((session) => unbindWorkspace(session, workspace)),
    removeWorkspace: (workspace) => noted((session) => removeWorkspace(session, workspace)),

    revision: async (workspace) => (await current()).revision(workspace) ?? gone(workspace.name),
    lastRevision: (workspace) => watch.fresh()?.lastRevision(workspace),
    lastWrite: () => watch.fresh()?.lastWrite(),
    async facts(workspace) {
      const { state, days: rows } = await loadDays(query, workspace, 'every')
      const book = await books.at(query, workspace.key, state.revision)
      const coverage = rows.map((row) => {
        const { day, state: of, revision, damaged, shrunk } = readDay(workspace.key, row, book)
        return { day, state: of, revision, damaged, shrunk }
      })
      const { revision, bounds, firstAsked } = state
      return { revision, bounds, firstAsked, coverage }
    },
    async readDays(workspace, range, at) {
      if (at !== undefined) {
        return { revision: at, days: await snapshot((session) => daysAt(session, workspace, { ...range, at }, books)) }
      }
      const { state, days: rows } = await loadDays(query, workspace, range)
      const book = await books.at(query, workspace.key, state.revision)
      return { revision: state.revision, days: readDays(workspace.key, rows, book) }
    },
    momentOf: (workspace, at) => snapshot((session) => momentOf(session, workspace, at, books)),
    keptSince: (workspace) =>
      snapshot(async (session) => {
        const after = await keptAfter(session, workspace)
        if (after === NO_REVISION) return BEFORE_ALL
        return (await momentOf(session, workspace, after, books)) ?? gone(workspace.name)
      }),
    trimLog: (workspace, before) => write((session) => trimLog(session, workspace, before, books)),
    async labelNames(workspace, dimension) {
      const { state } = await loadDays(query, workspace, 'none')
      return (await books.at(query, workspace.key, state.revision)).all(dimension)
    },
    async labels(workspace, dimension) {
      const { state, days: rows } = await loadDays(query, workspace, 'every')
      const book = await books.at(query, workspace.key, state.revision)
      const stored = rows.map((row) => readDay(workspace.key, row, book))
      return labelFacts(book.all(dimension), dimension, stored)
    },
    changes: (workspace, since, limit) => snapshot((session) => pageOfLog(session, workspace, { since, limit }, books)),

    async recordBounds(workspace, record) {
      const bound = await write((session) => recordBounds(session, workspace, record))
      if (bound) await refresh().catch(() => {})
    },
    applyReading: (workspace, readings, terms) =>
      days.apply(workspace, readings, (stored, reading) => decideReading(stored, reading, terms)),
    applyImport: (workspace, readings, terms) =>
      days.apply(workspace, readings, (stored, reading) => decideImport(stored, reading, terms)),
    markLost: (workspace, before) => days.markLost(workspace, before),
    heal: (workspace) => days.heal(workspace),

    verify: async () => faultsOfStore(transactions, (await current()).workspaces(), books),

    apiKeys: async () => (await current()).keys(),
    addApiKey: (key, made) => noted((session) => addKey(session, key, made, clock.now())),
    findApiKey: async (hash) => (await current()).keyOfHash(hash),
    async revokeApiKey(id) {
      const at = clock.now()
      const found = await noted((session) => revokeKey(session, id, at))
      // Also where the database was lost in the very moment after.
      if (found) known.revoked(id, at)
      return found
    },
    touchApiKey: (id, at) => write((session) => touchKey(session, id, at)),

    recordRun: (run) => write((session) => putRun(session, run, clock.now())),
    runs: (of, limit) =>
      selectRuns(
        query,
        of.map(({ key }) => key),
        limit
      ),
    findRun: (id) => findRun(query, id),
    lastSuccessAt: async (workspace) => (await loadDays(query, workspace, 'none')).state.lastSuccessAt,

    health: () => watch.fault(),
    generation: () => watch.generation(),
    staleSince: () => watch.staleSince(),
    // What is committed is as durable as the database makes it.
    checkpoint: async () => void (await current()),
    async close() {
      await transactions.idle()
      await watch.close()
      await connections.close()
    }
  }
}

/** What fails before the store is open is told with its address and its reason; nothing stays open then. */
async function opening(url: string, connections: Connections, open: () => Promise<Watch>): Promise<Watch> {
  try {
    return await open()
  } catch (error) {
    await connections.close()
    throw asOpeningError(error, describeAddress(url))
  }
}

async function requireWhole(connections: Connections, url: string): Promise<void> {
  const session = await connections.lend()
  const format = await readFormat(session).finally(() => session.release(false))
  if (format !== undefined) refuseHalfMoved(format, describeAddress(url))
}

function guardsOf(watch: Watch): { requireReachable: () => void; requireWritable: () => void } {
  return {
    requireReachable() {
      if (watch.staleSince() !== null) throw new OperationalError('store-unavailable', watch.fault() ?? 'lost')
    },
    requireWritable() {
      const fault = watch.fault()
      if (fault !== null) throw new OperationalError('store-unavailable', `nothing can be written: ${fault}`)
    }
  }
}
