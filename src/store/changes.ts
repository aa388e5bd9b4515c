// How days change: each change is a row, an entry of the log and a revision, in one transaction of the caller's.
import { DIMENSIONS, foldInSteps, type CellCount, type DayCounts } from '../model/cube.ts'
import type { Day } from '../model/day.ts'
import type { Outcome, StoredDay } from '../model/reading.ts'
import { NO_REVISION, nextRevision } from '../model/revision.ts'
import type { Applied, Workspace } from '../model/store.ts'
import type { LabelBook } from './label-book.ts'
import type { StoredState } from './packed-cells.ts'
import { stateOf, type WorkspaceTables } from './tables.ts'

/** A long write; wherever it yields, others may have a turn, and none of them sees what it has written so far. */
export type Steps<T> = Generator<undefined, T, undefined>

export interface Changer {
  /** `stored` is the day's row before. */
  change(day: Day, stored: StoredDay | undefined, state: StoredState, cells: readonly CellCount[]): void
  /** As `change`, for a day that may have thousands of cells. */
  changeInSteps(...of: Parameters<Changer['change']>): Steps<void>
  /** To be called after the last change of the transaction. */
  end(): void
}

/** Changes days of a workspace: revisions rise from its last one, and all entries carry one instant. */
export function createChanger(tables: WorkspaceTables, workspace: Workspace, now: Date): Changer {
  const { books, days, log, workspaces } = tables
  const { key } = workspace
  const before = stateOf(tables, workspace)
  // Each transaction has an instant of its own, so that an instant, too, names the end of one.
  const changedAt = new Date(Math.max(before.changedAt + 1, now.getTime()))
  let { revision } = before
  const changeInSteps = function* (...[day, stored, state, cells]: Parameters<Changer['change']>): Steps<void> {
    const previous = stored?.damaged === false ? stored.revision : (log.lastOf(key, day)?.revision ?? NO_REVISION)
    const links = { before: revision, previous }
    revision = nextRevision(revision, now)
    const entry = { day, state, cells, revision, changedAt }
    yield* enterLabels(books.of(key), cells)
    days.put(key, entry)
    yield
    log.append(key, entry, links)
  }
  return {
    change(...of) {
      const steps = changeInSteps(...of)
      while (steps.next().done !== true);
    },
    changeInSteps,
    end() {
      if (revision !== before.revision) workspaces.advance(key, revision, changedAt.getTime())
    }
  }
}

/** Does to each day what `decide` says, oldest first; a day of thousands of cells takes several steps. */
export function* applyDays(
  tables: WorkspaceTables,
  workspace: Workspace,
  readings: readonly DayCounts[],
  now: Date,
  decide: (stored: StoredDay | undefined, reading: DayCounts) => Outcome
): Steps<Applied> {
  const { books, days } = tables
  const { key } = workspace
  const applied = { stored: [], changed: [], dropped: [], shrunk: [], left: [] } as { [K in keyof Applied]: Day[] }
  const { changeInSteps, end } = createChanger(tables, workspace, now)
  for (const { day, cells: raw } of readings.toSorted((a, b) => (a.day < b.day ? -1 : 1))) {
    const stored = readHealed(tables, key, day)
    const cells = yield* foldInSteps(raw, books.of(key).spelling)
    yield
    const outcome = decide(stored, { day, cells })
    yield
    if (outcome.kind === 'changed') yield* changeInSteps(day, stored, outcome.state, outcome.cells)
    if (outcome.kind === 'changed' || outcome.kind === 'unchanged') {
      applied.stored.push(day)
      if (outcome.kind === 'changed') applied.changed.push(day)
      else if (stored?.shrunk === true) days.mark(key, day, false)
    } else {
      applied[outcome.kind].push(day)
      if (outcome.kind === 'shrunk') days.mark(key, day, true)
    }
    yield
  }
  end()
  return applied
}

/** Gives every label its id, which packing the cells would do as well, but in one piece. */
function* enterLabels(book: LabelBook, cells: readonly CellCount[]): Steps<void> {
  let done = 0
  for (const cell of cells) {
    for (const dimension of DIMENSIONS) book.idOf(dimension, cell[dimension])
    if (++done % LABEL_STEP === 0) yield
  }
}

/** Each may bring four new labels, and each of these two rows. */
const LABEL_STEP = 250

/** A damaged row is put back first where its entry is at hand, so that no older answer takes its place. */
function readHealed({ days, log }: WorkspaceTables, key: number, day: Day): StoredDay | undefined {
  const stored = days.selectOne(key, day)
  const entry = stored?.damaged === true ? log.lastOf(key, day) : undefined
  if (!entry || entry.revision !== stored?.revision) return stored
  days.put(key, entry)
  return days.selectOne(key, day)
}
