// The short words in which the contract of a store is written.
import assert from 'node:assert/strict'
import type { Test } from 'tap'
import type { Clock } from '../../../src/model/clock.ts'
import { foldLabel, DIMENSIONS, type CellCount, type DayCounts } from '../../../src/model/cube.ts'
import type { Day } from '../../../src/model/day.ts'
import type { ImportTerms, ReadingTerms, SourceBounds, StoredDay } from '../../../src/model/reading.ts'
import type { Revision } from '../../../src/model/revision.ts'
import type { Applied, BoundsRecord, ChangeEntry, SeriesStore, Workspace } from '../../../src/model/store.ts'
import { d } from '../../support/counts.ts'
import { fakeClock, type FakeClock } from '../../support/fake-clock.ts'

export interface StoreUnderTest {
  /** Opens the same store once more, as another process would. It is closed when the test ends. */
  open(clock: Clock): Promise<SeriesStore>
  /** Changes what is kept of a day, behind the store's back. */
  damageDay(workspace: Workspace, day: Day): Promise<void>
  /** The same for an entry of the log. */
  damageEntry(workspace: Workspace, revision: Revision): Promise<void>
}

/** Makes an empty store that is gone when the test ends. */
export type FreshStore = (t: Test) => Promise<StoreUnderTest>

export const NOON = '2026-11-20T12:00:00.000Z'
export const NOON_MS = Date.parse(NOON)

export interface Bed {
  readonly under: StoreUnderTest
  readonly clock: FakeClock
  readonly store: SeriesStore
  readonly contoso: Workspace
}

/** An empty store with one workspace, at noon of 20 November 2026. */
export async function newBed(t: Test, fresh: FreshStore): Promise<Bed> {
  const under = await fresh(t)
  const clock = fakeClock(NOON)
  const store = await under.open(clock)
  return { under, clock, store, contoso: await store.ensureWorkspace('contoso') }
}

/** The source shows rows of October and November, and has proven to go on after the 12th. */
export const BOUNDS: SourceBounds = {
  today: d('2026-11-20'),
  firstArrival: d('2026-10-01'),
  lastArrival: d('2026-11-20'),
  proof: d('2026-11-13')
}

/** Everything that can be stored. */
export const ALL_DAYS = { from: d('1000-01-01'), to: d('9999-12-31') }

export function counts(day: string, ...cells: CellCount[]): DayCounts {
  return { day: d(day), cells }
}

/** Applies a reading that was asked for just now, of BOUNDS, unless told otherwise. */
export async function read(
  { store, contoso }: Pick<Bed, 'store' | 'contoso'>,
  days: readonly DayCounts[],
  more: Partial<ReadingTerms> = {}
): Promise<Applied> {
  const askedAt = await store.revision(contoso)
  return store.applyReading(contoso, days, { askedAt, bounds: BOUNDS, force: false, ...more })
}

/** Applies a file that covers its days whole, read on 20 November, unless told otherwise. */
export async function load(
  { store, contoso }: Pick<Bed, 'store' | 'contoso'>,
  days: readonly DayCounts[],
  more: Partial<ImportTerms> = {}
): Promise<Applied> {
  const today = d('2026-11-20')
  return store.applyImport(contoso, days, { today, lagDays: 7, ranged: true, replace: false, ...more })
}

/** What a transaction did, with the lists that stayed empty left out. */
export function did(applied: Applied): Partial<Applied> {
  return Object.fromEntries(Object.entries(applied).filter(([, days]) => days.length > 0))
}

export async function allDays({ store, contoso }: Pick<Bed, 'store' | 'contoso'>): Promise<readonly StoredDay[]> {
  return (await store.readDays(contoso, ALL_DAYS)).days
}

/** Day, state and counts of every row, as short as they can be told. */
export async function told(bed: Pick<Bed, 'store' | 'contoso'>): Promise<string[][]> {
  return (await allDays(bed)).map(({ day, state, cells }) => {
    const row: string[] = [day, state]
    return row.concat(cells.map(tellCell))
  })
}

export function tellCell({ deliveryLocation, count }: CellCount): string {
  return `${deliveryLocation} ${count}`
}

/** The whole log, read in pages that are smaller than it. */
export async function wholeLog({ store, contoso }: Pick<Bed, 'store' | 'contoso'>): Promise<readonly ChangeEntry[]> {
  const log: ChangeEntry[] = []
  for (;;) {
    const page = await store.changes(contoso, log.at(-1)?.revision ?? 0, 7)
    assert.ok(page, 'the last revision of a page is a cursor')
    assert.ok(page.entries.length > 0 || !page.more, 'a page is not empty while there are more')
    log.push(...page.entries)
    if (!page.more) return log
  }
}

export const BINDING = { kind: 'log-analytics', id: 'a-guid', timeColumn: 'Timestamp' } as const

export function answer(more: Partial<BoundsRecord> = {}): BoundsRecord {
  return { binding: BINDING, bounds: BOUNDS, askedAt: new Date(NOON), retentionDays: 30, firstAsked: null, ...more }
}

/** Throws where the rows and the log of a workspace break a rule that always holds. */
export async function assertInvariants(bed: Pick<Bed, 'store' | 'contoso'>): Promise<void> {
  const { store, contoso } = bed
  const [days, log, facts] = [await allDays(bed), await wholeLog(bed), await store.facts(contoso)]

  const last = new Map<Day, ChangeEntry>()
  let [revision, instant] = [0, 0]
  const spelled = new Map<string, string>()
  for (const entry of log) {
    assert.ok(entry.revision > revision, 'revisions rise')
    assert.ok(entry.changedAt.getTime() >= instant, 'instants never fall')
    ;[revision, instant] = [entry.revision, entry.changedAt.getTime()]

    const { previous, ...change } = entry
    const before = last.get(entry.day)
    assert.deepEqual(previous, before === undefined ? null : withoutPrevious(before), 'each entry knows the one before')
    if (before?.state === 'final') assert.equal(entry.state, 'final', 'final is followed by final only')
    if (before !== undefined) assert.notEqual(entry.state, 'lost', 'lost is only what has no row')
    if (before !== undefined) assert.notDeepEqual(contentOf(before), contentOf(entry), 'an entry changes something')
    if (entry.state === 'lost') assert.deepEqual(entry.cells, [], 'lost has no cells')
    last.set(entry.day, { ...change, previous })

    for (const cell of entry.cells) {
      assert.ok(Number.isSafeInteger(cell.count) && cell.count > 0, 'counts are positive')
      for (const dimension of DIMENSIONS) {
        const id = `${dimension} ${foldLabel(cell[dimension])}`
        assert.equal(cell[dimension], spelled.get(id) ?? cell[dimension], 'a label is always spelled alike')
        spelled.set(id, cell[dimension])
      }
    }
  }

  const replayed = [...last.values()].toSorted((a, b) => (a.day < b.day ? -1 : 1))
  assert.deepEqual(
    days.map(({ day, revision, state, cells }) => ({ day, revision, state, cells })),
    replayed.map(({ day, revision, state, cells }) => ({ day, revision, state, cells })),
    'replaying the log gives the rows'
  )
  assert.equal(facts.revision, revision, 'the revision of a workspace is that of its last entry')
  assert.deepEqual(
    facts.coverage,
    days.map(({ cells, ...row }) => row),
    'the coverage is that of the rows'
  )
}

function withoutPrevious({ previous, ...entry }: ChangeEntry): unknown {
  return entry
}

function contentOf({ state, cells }: ChangeEntry): unknown {
  return { state, cells }
}
