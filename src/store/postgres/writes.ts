// How days of one workspace change: read under its lock what the rules will ask for, let them decide, write all of it.
import { setImmediate as turn } from 'node:timers/promises'
import type { Clock } from '../../model/clock.ts'
import { numberOfDay, type Day } from '../../model/day.ts'
import type { Outcome, StoredDay } from '../../model/reading.ts'
import type { Revision } from '../../model/revision.ts'
import { daysLost } from '../../model/status.ts'
import type { Applied, Workspace } from '../../model/store.ts'
import type { DayCounts } from '../../model/cube.ts'
import { applyDays, createChanger } from '../changes.ts'
import { readDay, type DayRow } from '../day-rows.ts'
import { healWorkspace, type Healed } from '../heal.ts'
import { packLabel, type LabelRow, type NewLabel } from '../label-book.ts'
import { moveLocations } from '../locations.ts'
import type { EntryRow } from '../log-rows.ts'
import type { WorkspaceState } from '../tables.ts'
import { createDraft, revisionAfter, type Draft } from './draft.ts'
import type { DraftBook, LabelBooks } from './labels.ts'
import { loadDays, loadLastEntries, loadLog, loadSomeDays, lockState } from './load.ts'
import type { Session } from './pool.ts'
import { healRuns } from './runs.ts'
import { save, saveLabels } from './save.ts'
import type { Transactions } from './transactions.ts'

export interface DayWrites {
  apply(
    workspace: Workspace,
    readings: readonly DayCounts[],
    decide: (stored: StoredDay | undefined, reading: DayCounts) => Outcome
  ): Promise<Applied>
  markLost(workspace: Workspace, before: Day): Promise<readonly Day[]>
  heal(workspace: Workspace): Promise<Healed>
  /** Writes an entry for each day that a changed rule of locations moves. */
  move(workspace: Workspace): Promise<void>
}

interface Locked {
  readonly session: Session
  readonly state: WorkspaceState
  readonly labels: DraftBook
}

export interface DayWriteParts {
  readonly books: LabelBooks
  readonly clock: Clock
  /** Is told the revision of a workspace as soon as it is in force. */
  readonly committed: (workspaceKey: number, revision: Revision) => void
}

export function createDayWrites(
  { write }: Pick<Transactions, 'write'>,
  { books, clock, committed }: DayWriteParts
): DayWrites {
  const change = async <T>(
    workspace: Workspace,
    draw: (locked: Locked) => Promise<{ readonly draft: Draft; readonly result: T }>
  ): Promise<T> => {
    const { key } = workspace
    const done = await write(async (session) => {
      const state = await lockState(session, workspace)
      const labels = await books.draft(session, key, state.revision)
      const { draft, result } = await draw({ session, state, labels })
      const written = draft.written()
      await save(session, key, written, labels.added)
      return { result, labels, revision: revisionAfter(written, state) }
    })
    done.labels.keep(done.revision)
    committed(key, done.revision)
    return done.result
  }

  return {
    apply: (workspace, readings, decide) =>
      change(workspace, async (locked) => {
        const numbers = [...new Set(readings.map(({ day }) => numberOfDay(day)))]
        const days = await loadSomeDays(locked.session, workspace.key, numbers)
        const whole = new Set(days.filter((row) => isWhole(workspace, row, locked)).map(({ day }) => day))
        const entries = await lastEntries(
          workspace,
          numbers.filter((day) => !whole.has(day)),
          locked
        )
        const draft = draftOf(workspace, locked, days, entries)
        const steps = applyDays(draft.tables, workspace, readings, clock.now(), decide)
        let step = steps.next()
        for (; step.done !== true; step = steps.next()) await turn()
        return { draft, result: step.value }
      }),
    markLost: (workspace, before) =>
      change(workspace, async (locked) => {
        const { days } = await loadDays(locked.session, workspace, 'every')
        const stored = draftOf(workspace, locked, days, []).tables.days.select(workspace.key)
        const lost = daysLost(stored, locked.state.firstAsked, before)
        const draft = draftOf(workspace, locked, days, await lastEntries(workspace, lost.map(numberOfDay), locked))
        const { change: put, end } = createChanger(draft.tables, workspace, clock.now())
        for (const day of lost) put(day, undefined, 'lost', [])
        end()
        return { draft, result: lost }
      }),
    heal: (workspace) =>
      change(workspace, async (locked) => {
        await healRuns(locked.session, workspace.key)
        const { days } = await loadDays(locked.session, workspace, 'every')
        const damaged = !days.every((row) => isWhole(workspace, row, locked))
        const log = damaged ? await loadLog(locked.session, workspace.key) : []
        const draft = draftOf(workspace, locked, days, log)
        return { draft, result: healWorkspace(draft.tables, workspace) }
      }),
    move: (workspace) =>
      change(workspace, async (locked) => {
        const { session, labels } = locked
        const { days } = await loadDays(session, workspace, 'every')
        const draft = draftOf(workspace, locked, days, [])
        const settled: LabelRow[] = []
        const located = {
          moved: (key: number): NewLabel[] =>
            labels.rows.filter((row) => row.location !== packLabel(key, row).location),
          settle: (key: number, label: NewLabel) => void settled.push(packLabel(key, label))
        }
        moveLocations({ books: located, days: draft.tables.days }, workspace, () =>
          createChanger(draft.tables, workspace, clock.now())
        )
        await saveLabels(session, workspace.key, settled)
        return { draft, result: undefined }
      })
  }
}

function draftOf(
  workspace: Workspace,
  { state, labels }: Locked,
  days: readonly DayRow[],
  entries: readonly EntryRow[]
): Draft {
  return createDraft({ workspace, state, days, entries, book: labels.book })
}

function isWhole({ key }: Workspace, row: DayRow, { labels }: Locked): boolean {
  return !readDay(key, row, labels.book).damaged
}

function lastEntries({ key }: Workspace, days: readonly number[], { session }: Locked): Promise<EntryRow[]> {
  return loadLastEntries(session, key, days)
}
