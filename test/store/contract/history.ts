// Random histories: whatever happens in whatever order, the rules that always hold go on to hold, and the store says of
// each day what the pure functions of the model say.
import assert from 'node:assert/strict'
import type { Test } from 'tap'
import { foldCells, foldLabel, type CellCount, type DayCounts } from '../../../src/model/cube.ts'
import { addDays, daysBetween, eachDay, type Day } from '../../../src/model/day.ts'
import { decideImport, decideReading, type Outcome, type StoredDay } from '../../../src/model/reading.ts'
import { daysLost } from '../../../src/model/status.ts'
import type { Applied, SeriesStore, Workspace } from '../../../src/model/store.ts'
import { cell, d } from '../../support/counts.ts'
import fc from '../../support/properties.ts'
import { ALL_DAYS, assertInvariants, BOUNDS, newBed, type FreshStore } from './support.ts'

const FIRST = d('2026-11-08')
const DAYS = eachDay({ from: FIRST, to: d('2026-11-15') })

const someCells = fc.array(
  fc.record({ location: fc.constantFrom('Junk', 'JUNK', 'Inbox', 'inBox', ''), count: fc.integer({ min: 1, max: 3 }) }),
  { maxLength: 3 }
)
const someDays = fc
  .tuple(fc.subarray(DAYS, { minLength: 1 }), fc.array(someCells, { minLength: 8, maxLength: 8 }))
  .map(([days, cells]): DayCounts[] =>
    days.map((day, i) => ({ day, cells: (cells[i] ?? []).map(({ location, count }) => cell(location, count)) }))
  )
const dayAt = (offset: number): Day => addDays(FIRST, offset)

const someStep = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('read' as const),
      days: someDays,
      /** How many transactions ago the question was asked. */
      late: fc.constantFrom(0, 0, 0, 1, 2),
      bounds: fc.record({
        today: fc.integer({ min: 4, max: 9 }).map(dayAt),
        firstArrival: fc.integer({ min: -2, max: 4 }).map(dayAt),
        proof: fc.option(fc.integer({ min: 0, max: 7 }).map(dayAt))
      }),
      force: fc.boolean()
    })
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('import' as const),
      days: someDays,
      ranged: fc.boolean(),
      replace: fc.boolean(),
      lagDays: fc.constantFrom(0, 3)
    })
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('lost' as const), before: fc.constantFrom(...DAYS) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('clock' as const),
      ms: fc.constantFrom(1, 1_000, 86_400_000, -2_592_000_000)
    })
  }
)
/** A step, in one of two workspaces, taken by one of two processes. */
const someHistory = fc.array(fc.tuple(someStep, fc.nat(1), fc.nat(1)), { minLength: 1, maxLength: 25 })

/** What the store should hold: the rows, decided by the model. */
interface Expected {
  readonly rows: Map<Day, StoredDay>
  /** Counts the transactions, in place of revisions. */
  changes: number
}

export function historyContract(t: Test, fresh: FreshStore, histories: number): void {
  t.test(
    'random histories of two workspaces and two processes keep every rule, and can be read as of any moment',
    async (t) => {
      await fc.assert(
        fc.asyncProperty(someHistory, async (history) => {
          await t.test('history', async (t) => {
            const bed = await newBed(t, fresh)
            const stores = [bed.store, await bed.under.open(bed.clock)]
            const workspaces = [bed.contoso, await bed.store.ensureWorkspace('fabrikam')]
            const expected = workspaces.map((): Expected => ({ rows: new Map(), changes: 0 }))
            const served = workspaces.map((): { revision: number; days: readonly StoredDay[] }[] => [])

            for (const [step, which, by] of history) {
              if (step.kind === 'clock') {
                await bed.clock.set(new Date(bed.clock.now().getTime() + step.ms))
                continue
              }
              const [store, workspace, mine] = [stores[by], workspaces[which], expected[which]]
              assert.ok(store && workspace && mine)
              await takeStep(store, workspace, mine, served[which] ?? [], step)
              served[which]?.push(await store.readDays(workspace, ALL_DAYS))
              assert.deepEqual(
                compact((await bed.store.readDays(workspace, ALL_DAYS)).days),
                compact([...mine.rows.values()])
              )
            }
            for (const [i, workspace] of workspaces.entries()) {
              for (const store of stores) await assertInvariants({ store, contoso: workspace })
              for (const { revision, days } of served[i] ?? []) {
                assert.equal((await bed.store.momentOf(workspace, revision))?.revision, revision)
                const again = await bed.store.readDays(workspace, ALL_DAYS, revision)
                assert.deepEqual(withoutMarks(again.days), withoutMarks(days))
              }
            }
            assert.deepEqual(await bed.store.verify(), [])
          })
        }),
        { numRuns: histories }
      )
    }
  )
}

type Step = Exclude<typeof someStep extends fc.Arbitrary<infer S> ? S : never, { kind: 'clock' }>

async function takeStep(
  store: SeriesStore,
  workspace: Workspace,
  mine: Expected,
  served: readonly { revision: number }[],
  step: Step
): Promise<void> {
  if (step.kind === 'lost') {
    const coverage = [...mine.rows.values()].toSorted((a, b) => daysBetween(b.day, a.day))
    const lost = daysLost(coverage, null, step.before)
    assert.deepEqual(await store.markLost(workspace, step.before), lost)
    mine.changes++
    for (const day of lost) mine.rows.set(day, { ...rowOf(day, mine), state: 'lost' })
    return
  }
  if (step.kind === 'import') {
    const terms = { today: d('2026-11-20'), lagDays: step.lagDays, ranged: step.ranged, replace: step.replace }
    const applied = await store.applyImport(workspace, step.days, terms)
    assert.deepEqual(
      applied,
      expect(mine, step.days, (stored, reading) => decideImport(stored, reading, terms))
    )
    return
  }
  const askedAt = served.at(-1 - step.late)?.revision ?? 0
  const { force } = step
  const bounds = { ...BOUNDS, ...step.bounds }
  const applied = await store.applyReading(workspace, step.days, { askedAt, bounds, force })
  // The store's revisions are left to the invariants; here a day changed since when it changed in a later transaction.
  const known = served.length - step.late <= 0 ? 0 : mine.changes - step.late
  assert.deepEqual(
    applied,
    expect(mine, step.days, (stored, reading) => decideReading(stored, reading, { askedAt: known, bounds, force }))
  )
}

function expect(
  mine: Expected,
  days: readonly DayCounts[],
  decide: (stored: StoredDay | undefined, reading: DayCounts) => Outcome
): Applied {
  mine.changes++
  const applied = {
    stored: [] as Day[],
    changed: [] as Day[],
    dropped: [] as Day[],
    shrunk: [] as Day[],
    left: [] as Day[]
  }
  for (const { day, cells } of days) {
    const before = mine.rows.get(day)
    const outcome = decide(before, { day, cells: foldCells(lower(cells)) })
    if (outcome.kind === 'changed') {
      applied.stored.push(day)
      applied.changed.push(day)
      mine.rows.set(day, { ...rowOf(day, mine), state: outcome.state, cells: outcome.cells })
    } else if (outcome.kind === 'unchanged') {
      applied.stored.push(day)
      if (before !== undefined) mine.rows.set(day, { ...before, shrunk: false })
    } else {
      applied[outcome.kind].push(day)
      if (before !== undefined && outcome.kind === 'shrunk') mine.rows.set(day, { ...before, shrunk: true })
    }
  }
  return applied
}

function rowOf(day: Day, { changes }: Expected): StoredDay {
  return { day, state: 'lost', revision: changes, cells: [], damaged: false, shrunk: false }
}

/** Spelling is the matter of the invariants. */
function lower(cells: readonly CellCount[]): CellCount[] {
  return cells.map((cell) => ({ ...cell, deliveryLocation: foldLabel(cell.deliveryLocation) }))
}

function compact(days: readonly StoredDay[]): unknown[] {
  return days
    .toSorted((a, b) => daysBetween(b.day, a.day))
    .map(({ day, state, cells, shrunk }) => ({ day, state, shrunk, cells: foldCells(lower(cells)) }))
}

/** The mark is outside the log. */
function withoutMarks(days: readonly StoredDay[]): unknown[] {
  return days.map(({ shrunk, ...day }) => day)
}
