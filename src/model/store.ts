// The contract of a store: what the ingester writes, the server reads, and every store has to keep.
import type { ApiKey, NewApiKey } from './api-key.ts'
import type { DayCounts, Dimension, Location } from './cube.ts'
import type { Day, DayRange } from './day.ts'
import type { DayState, ImportTerms, ReadingTerms, SourceBounds, StoredDay } from './reading.ts'
import type { Revision } from './revision.ts'
import type { IngestRun } from './run.ts'
import type { Coverage, KeptBounds } from './status.ts'

/** Where the counts of a name come from; once bound, the name takes counts from nowhere else. */
export interface Binding {
  /** The kind of source: `sample`, `log-analytics`, `graph`. */
  readonly kind: string
  readonly id: string
  /** The column that holds an event's time; null where the source has no columns. */
  readonly timeColumn: string | null
}

export interface Workspace {
  /** Never changes, never used again, and is never shown. */
  readonly key: number
  readonly name: string
  readonly binding: Binding | null
  /** Whether any day has a row. */
  readonly holdsDays: boolean
}

/** What one transaction did, by day. */
export interface Applied {
  /** Accepted, changed or not. */
  readonly stored: readonly Day[]
  /** Of these, the days that took a revision. */
  readonly changed: readonly Day[]
  /** Refused, since the stored day is newer, or the source cannot prove what it said. */
  readonly dropped: readonly Day[]
  /** Refused and marked: empty where the stored day has events. */
  readonly shrunk: readonly Day[]
  /** Left alone by an import, since they have counts. */
  readonly left: readonly Day[]
}

/** One change of one day. */
export interface Change {
  readonly revision: Revision
  readonly changedAt: Date
  readonly day: Day
  readonly state: Exclude<DayState, 'missing'>
  /** Empty where the day is quiet or lost. */
  readonly cells: DayCounts['cells']
}

/** An entry of the log beside what it replaced. */
export interface ChangeEntry extends Change {
  /** The entry of the same day before it; null where there is none. */
  readonly previous: Change | null
}

/** The state of a workspace at the end of a transaction. */
export interface Moment {
  readonly revision: Revision
  /** The instant of that transaction; null before the first. */
  readonly changedAt: Date | null
}

/** What a workspace knows without reading a count. */
export interface WorkspaceFacts {
  readonly revision: Revision
  readonly bounds: KeptBounds | null
  /** The oldest day that a run ever asked for. */
  readonly firstAsked: Day | null
  readonly coverage: Coverage
}

/** One label of one dimension, and where it has events; `location` is of a `deliveryLocation` only. */
export interface LabelFact {
  readonly label: string
  readonly location: Location | null
  readonly firstDate: Day | null
  readonly lastDate: Day | null
  readonly count: number
}

/** A run as it was last heard of. */
export interface HeardRun {
  readonly run: IngestRun
  readonly heardAt: Date
}

/**
 * All that is kept. Every write is one transaction: it is wholly there when its promise resolves, and not at all when
 * it rejects. Every read is one snapshot. What another process has written is known within a second. Rejects with `store-unavailable` where the store cannot be read or written.
 */
export interface SeriesStore {
  /** By name. */
  workspaces(): Promise<readonly Workspace[]>
  findWorkspace(name: string): Promise<Workspace | undefined>
  /** The workspace of that name, made where there is none. */
  ensureWorkspace(name: string): Promise<Workspace>
  /** Rejects with `invalid-request` where the new name is taken. */
  renameWorkspace(workspace: Workspace, name: string): Promise<void>
  /** Forgets the binding and the kept bounds, so that the next run binds the name to what it finds then. */
  unbindWorkspace(workspace: Workspace): Promise<void>
  /** Removes all that is kept of a workspace, its days, log and runs. */
  removeWorkspace(workspace: Workspace): Promise<void>

  /** The last revision of a workspace; 0 before the first change. */
  revision(workspace: Workspace): Promise<Revision>
  /**
   * The same, at once, where that is known without waiting and the workspace is still as it is given here: not renamed,
   * bound otherwise or removed. Undefined: ask `findWorkspace` and `revision`.
   */
  lastRevision(workspace: Workspace): Revision | undefined
  /**
   * Another number than before wherever anything may read otherwise than before, whoever wrote it; the same one says
   * that nothing does. Undefined where neither is known at once.
   */
  lastWrite(): number | undefined
  facts(workspace: Workspace): Promise<WorkspaceFacts>
  /** The days of the range that have a row, oldest first; or that had one at a revision that `momentOf` gave. */
  readDays(
    workspace: Workspace,
    range: DayRange,
    at?: Revision
  ): Promise<{ readonly revision: Revision; readonly days: readonly StoredDay[] }>
  /**
   * The last transaction that holds a revision, or that came not after an instant; revision 0 before the first.
   * Undefined for a revision above the last.
   */
  momentOf(workspace: Workspace, at: Revision | Date): Promise<Moment | undefined>
  /** The first moment of which the whole state can still be told; revision 0 where that is every one. */
  keptSince(workspace: Workspace): Promise<Moment>
  /**
   * Forgets changes: of the entries before an instant each day keeps the newest, the one in force then. Later ones all
   * stay, and so does what `changes` and past states tell from there on. How many were forgotten.
   */
  trimLog(workspace: Workspace, before: Date): Promise<number>
  /** The labels of a dimension that the workspace has ever stored, in no particular order; reads no day. */
  labelNames(workspace: Workspace, dimension: Dimension): Promise<readonly string[]>
  /** Every label of a dimension that the workspace has ever stored, sorted by it, over all covered days. */
  labels(workspace: Workspace, dimension: Dimension): Promise<readonly LabelFact[]>
  /**
   * The entries after a revision, oldest first, at most `limit`; undefined where `since` is neither 0 nor the revision
   * of an entry from where on all are kept, so that nobody can tell what whoever holds it has seen. What is left of
   * those before can therefore not be told in parts: from 0 on it comes whole, also beyond `limit`.
   */
  changes(
    workspace: Workspace,
    since: Revision,
    limit: number
  ): Promise<{ readonly entries: readonly ChangeEntry[]; readonly more: boolean } | undefined>

  /**
   * Keeps what the source showed of itself, unless a later question was answered already, and binds a new name.
   * Rejects with `source-changed` where the name is bound to something else.
   */
  recordBounds(workspace: Workspace, answer: BoundsRecord): Promise<void>
  /** What each reading does is decided by `decideReading`. */
  applyReading(workspace: Workspace, days: readonly DayCounts[], terms: ReadingTerms): Promise<Applied>
  /** What each day of a file does is decided by `decideImport`. */
  applyImport(workspace: Workspace, days: readonly DayCounts[], terms: ImportTerms): Promise<Applied>
  /** Each day without a row, after the workspace's first day and before the given one, becomes lost; returns these. */
  markLost(workspace: Workspace, before: Day): Promise<readonly Day[]>
  /** Puts damaged days back from the log; no revision is taken. */
  heal(workspace: Workspace): Promise<{ readonly healed: readonly Day[]; readonly damaged: readonly Day[] }>

  /** Everything that is wrong with what is kept, a sentence each: checksums, and the rules that hold among the rows. */
  verify(): Promise<readonly string[]>

  /** By name, revoked ones too; without those that are damaged. */
  apiKeys(): Promise<readonly ApiKey[]>
  /** Keeps a key by its hash; rejects with `invalid-request` where the name is taken. Workspaces it names are made. */
  addApiKey(
    key: NewApiKey,
    made: { readonly id: string; readonly prefix: string; readonly hash: string }
  ): Promise<void>
  /** The key of a hash, also a revoked or expired one; undefined where there is none, or where it is damaged. */
  findApiKey(hash: string): Promise<ApiKey | undefined>
  /** Takes effect at once and for good; false where there is no such key. */
  revokeApiKey(id: string): Promise<boolean>
  /** Keeps when a key was last used. */
  touchApiKey(id: string, at: Date): Promise<void>

  /** Writes a run's record over its last one; the newest thousand of a workspace are kept. */
  recordRun(run: IngestRun): Promise<void>
  /** Newest first, of the workspaces given. */
  runs(workspaces: readonly Workspace[], limit: number): Promise<readonly HeardRun[]>
  findRun(id: string): Promise<HeardRun | undefined>
  /** When the last run of a workspace that succeeded ended. */
  lastSuccessAt(workspace: Workspace): Promise<Date | null>

  /** What keeps the store from being written at the moment, in words; null where nothing does. Reads may go on. */
  health(): string | null
  /** Since when answers come from memory only, because the store itself is lost; null where it answers. */
  staleSince(): Date | null
  /** Changes when another store has taken the place of this one: what was written before is not in it. */
  generation(): number

  /** Brings the disk up to date after a run or an import; never waits for others. */
  checkpoint(): Promise<void>
  /** Ends all use; a second call does nothing. */
  close(): Promise<void>
}

/** What a run learned from its first question, or from asking again. */
export interface BoundsRecord {
  readonly binding: Binding
  readonly bounds: SourceBounds
  /** By our clock, before the question was sent. */
  readonly askedAt: Date
  readonly retentionDays: number
  /** The oldest day that the run is about to ask for; null: none. */
  readonly firstAsked: Day | null
}
