// What a reading and an import do to a day. The rules stand here a second time, as the rows of two tables in words and
// conditions, and are compared with the code for every combination of their conditions.
import t from 'tap'
import type { CellCount } from '../../src/model/cube.ts'
import { addDays, type Day } from '../../src/model/day.ts'
import {
  decideImport,
  decideReading,
  type ImportTerms,
  type Outcome,
  type ReadingTerms,
  type StoredDay
} from '../../src/model/reading.ts'
import { cell, d } from '../support/counts.ts'

const D = d('2026-11-10')
const ASKED_AT = 1_000

/** Five events, the same five under other labels, and so on: all that a reading or a stored day can hold here. */
const COUNTS = {
  none: [],
  fewer: [cell('Junk', 3)],
  five: [cell('Junk', 5)],
  otherFive: [cell('Inbox/Folder', 2), cell('Junk', 3)],
  more: [cell('Junk', 5), cell('Quarantine', 2)]
} as const satisfies Record<string, readonly CellCount[]>
const EVENTS = { none: 0, fewer: 3, five: 5, otherFive: 5, more: 7 } as const
type Counts = keyof typeof COUNTS
const ALL_COUNTS = Object.keys(COUNTS) as Counts[]

/** What the store has of the day. */
interface Had {
  readonly row: 'none' | 'lost' | 'provisional' | 'final' | 'damaged'
  /** Of a covered day; else none. */
  readonly had: Counts
  /** Of the row, as seen from the question: changed before it was asked, by the last change before it, or after. */
  readonly changed: 'before' | 'at' | 'after'
  readonly shrunk: boolean
}

function* everyStored(): Generator<Had> {
  yield { row: 'none', had: 'none', changed: 'before', shrunk: false }
  for (const changed of ['before', 'at', 'after'] as const) {
    yield { row: 'lost', had: 'none', changed, shrunk: false }
    for (const shrunk of [false, true]) {
      yield { row: 'damaged', had: 'none', changed, shrunk }
      for (const had of ALL_COUNTS) {
        yield { row: 'provisional', had, changed, shrunk }
        yield { row: 'final', had, changed, shrunk }
      }
    }
  }
}

function storedOf({ row, had, changed, shrunk }: Had): StoredDay | undefined {
  if (row === 'none') return undefined
  const damaged = row === 'damaged'
  const revision = ASKED_AT + { before: -1, at: 0, after: 1 }[changed]
  return Object.freeze({ day: D, state: damaged ? 'missing' : row, revision, cells: COUNTS[had], damaged, shrunk })
}

interface Row<C> {
  readonly name: string
  readonly fits: (c: C) => boolean
  /** A state: the reading is stored under it. */
  readonly result: 'dropped' | 'shrunk' | 'left' | 'provisional' | 'final'
}

/** The first row that fits. */
function rowFor<C>(table: readonly Row<C>[], c: C): Row<C> {
  const row = table.find(({ fits }) => fits(c))
  if (row === undefined) throw new Error('no row fits')
  return row
}

/** What the row says, in the words of the code: storing what is there already is no change. */
function expected<C extends Had & { readonly n: Counts }>({ result }: Row<C>, c: C): Outcome {
  if (result === 'dropped' || result === 'shrunk' || result === 'left') return { kind: result }
  if (c.row === result && c.had === c.n) return { kind: 'unchanged' }
  return { kind: 'changed', state: result, cells: COUNTS[c.n] }
}

const isCovered = ({ row }: Had): boolean => row === 'provisional' || row === 'final'

// --- readings ---------------------------------------------------------------------------------------------------

/** One combination; T, F and W are given as days after D. */
interface ReadingCase extends Had {
  readonly n: Counts
  readonly T: number
  readonly F: number
  readonly W: number | null
  readonly force: boolean
}

const nothingThere = ({ row }: Had): boolean => !isCovered({ row } as Had)

const READING: readonly Row<ReadingCase>[] = [
  {
    name: 'a day that changed after the question was asked is dropped',
    fits: (c) => (c.row === 'lost' || isCovered(c)) && c.changed === 'after',
    result: 'dropped'
  },
  { name: 'a day after the day of asking is dropped', fits: (c) => c.T < 0, result: 'dropped' },
  { name: 'a day before the first that the source shows is dropped', fits: (c) => c.F > 0, result: 'dropped' },
  {
    name: 'the first day that the source shows, over nothing, is stored provisionally if it has events',
    fits: (c) => c.F === 0 && nothingThere(c) && c.n !== 'none',
    result: 'provisional'
  },
  {
    name: 'the first day that the source shows, over a provisional one, is stored if it has more events',
    fits: (c) => c.F === 0 && c.row === 'provisional' && EVENTS[c.n] > EVENTS[c.had],
    result: 'provisional'
  },
  { name: 'the first day that the source shows is dropped otherwise', fits: (c) => c.F === 0, result: 'dropped' },
  {
    name: 'no event where there are some is marked, unless it is forced',
    fits: (c) => c.n === 'none' && EVENTS[c.had] > 0 && !c.force,
    result: 'shrunk'
  },
  {
    name: 'no event where the row is damaged is marked, unless it is forced',
    fits: (c) => c.n === 'none' && c.row === 'damaged' && !c.force,
    result: 'shrunk'
  },
  { name: 'a final day gets the counts and stays final', fits: (c) => c.row === 'final', result: 'final' },
  {
    name: 'a day before the proof, of which nothing is stored, becomes final',
    fits: (c) => c.W !== null && c.W > 0 && nothingThere(c),
    result: 'final'
  },
  {
    name: 'a day before the proof becomes final with as many events as were stored, or more',
    fits: (c) => c.W !== null && c.W > 0 && EVENTS[c.n] >= EVENTS[c.had],
    result: 'final'
  },
  { name: 'every other day is provisional', fits: () => true, result: 'provisional' }
]

function* everyReading(): Generator<ReadingCase> {
  for (const had of everyStored()) {
    for (const n of ALL_COUNTS) {
      for (const F of [-3, -1, 0, 1]) {
        for (const T of [-1, 0, 1, 3].filter((T) => T >= F)) {
          for (const W of [null, -1, 0, 1, 2]) {
            for (const force of [false, true]) yield { ...had, n, T, F, W, force }
          }
        }
      }
    }
  }
}

function at(daysAfter: number): Day {
  return addDays(D, daysAfter)
}

function termsOf({ T, F, W, force }: ReadingCase): ReadingTerms {
  const bounds = { today: at(T), firstArrival: at(F), lastArrival: at(T), proof: W === null ? null : at(W) }
  return Object.freeze({ askedAt: ASKED_AT, bounds: Object.freeze(bounds), force })
}

function read(c: ReadingCase): Outcome {
  return decideReading(storedOf(c), { day: D, cells: COUNTS[c.n] }, termsOf(c))
}

t.test('a reading does what the first row that fits says, for every combination of all conditions', async (t) => {
  const used = new Map(READING.map(({ name }) => [name, 0]))
  const wrong: unknown[] = []
  for (const c of everyReading()) {
    const row = rowFor(READING, c)
    used.set(row.name, (used.get(row.name) ?? 0) + 1)
    const [found, wanted] = [read(c), expected(row, c)]
    if (JSON.stringify(found) !== JSON.stringify(wanted)) wrong.push({ case: c, row: row.name, found, wanted })
  }
  t.strictSame(wrong.slice(0, 3), [], `${wrong.length} wrong`)
  for (const [name, times] of used) t.ok(times > 0, `${name}: ${times} cases`)
})

t.test('whatever a reading says, what holds of every day goes on to hold', async (t) => {
  const broken = new Map<string, ReadingCase>()
  const claim = (name: string, holds: boolean, c: ReadingCase): void => {
    if (!holds && !broken.has(name)) broken.set(name, c)
  }
  for (const c of everyReading()) {
    const out = read(c)
    const changed = out.kind === 'changed'
    const accepted = changed || out.kind === 'unchanged'
    claim('final is followed by final only', !(changed && c.row === 'final') || out.state === 'final', c)
    claim('nothing becomes missing or lost', !changed || out.state === 'final' || out.state === 'provisional', c)
    claim('what is not stored has no counts', changed || Object.keys(out).join() === 'kind', c)
    claim('a reading leaves nothing alone', out.kind !== 'left', c)
    claim('no day after the day of asking is stored', !accepted || c.T >= 0, c)
    claim('no day before the first one shown is stored', !accepted || c.F <= 0, c)
    claim('the first day shown never becomes final', !changed || c.F !== 0 || out.state === 'provisional', c)
    claim('nothing final without proof', !changed || out.state !== 'final' || c.row === 'final' || (c.W ?? 0) > 0, c)
    claim('counts are those of the reading', !changed || out.cells === COUNTS[c.n], c)
    claim('a change changes something', !changed || c.row !== out.state || c.had !== c.n, c)
    claim('unchanged is what was there', out.kind !== 'unchanged' || (isCovered(c) && c.had === c.n), c)
    claim('events vanish by force only', !changed || c.n !== 'none' || c.had === 'none' || c.force, c)
  }
  t.strictSame([...broken], [])
})

t.test('the mark of a refused reading has no part in what the next one does', async (t) => {
  const wrong = [...everyReading()].filter((c) => {
    return c.shrunk && JSON.stringify(read(c)) !== JSON.stringify(read({ ...c, shrunk: false }))
  })
  t.strictSame(wrong.slice(0, 3), [])
})

t.test('the same reading three times: the third changes nothing', async (t) => {
  const wrong: ReadingCase[] = []
  for (const c of everyReading()) {
    const reading = { day: D, cells: COUNTS[c.n] }
    let stored = storedOf(c)
    let changes = 0
    for (let revision = 2_000; revision < 2_003; revision++) {
      const out = decideReading(stored, reading, { ...termsOf(c), askedAt: revision })
      changes = out.kind === 'changed' ? changes + 1 : 0
      if (out.kind === 'changed') {
        stored = { day: D, state: out.state, revision, cells: out.cells, damaged: false, shrunk: false }
      }
    }
    if (changes > 0) wrong.push(c)
  }
  t.strictSame(wrong.slice(0, 3), [])
})

// --- imports ----------------------------------------------------------------------------------------------------

interface ImportCase extends Had {
  readonly n: Counts
  /** How many days after D the file is read. */
  readonly age: number
  readonly lagDays: number
  readonly ranged: boolean
  readonly replace: boolean
}

const IMPORT: readonly Row<ImportCase>[] = [
  { name: 'a day after the one on which the file is read is dropped', fits: (c) => c.age < 0, result: 'dropped' },
  {
    name: 'a day that has counts is left alone, unless it is to be replaced',
    fits: (c) => isCovered(c) && !c.replace,
    result: 'left'
  },
  {
    name: 'a quiet day of a file does not make a damaged day quiet, unless it is to be replaced',
    fits: (c) => c.row === 'damaged' && c.n === 'none' && !c.replace,
    result: 'shrunk'
  },
  { name: 'a final day that is replaced stays final', fits: (c) => c.row === 'final', result: 'final' },
  {
    name: 'a day of a range given by hand, older than the lag, is final',
    fits: (c) => c.ranged && c.age > c.lagDays,
    result: 'final'
  },
  { name: 'every other imported day is provisional', fits: () => true, result: 'provisional' }
]

function* everyImport(): Generator<ImportCase> {
  for (const had of everyStored()) {
    for (const n of ALL_COUNTS) {
      for (const lagDays of [0, 1, 7]) {
        for (const age of new Set([-1, 0, 1, lagDays, lagDays + 1, 400])) {
          for (const ranged of [false, true]) {
            // A range is needed to replace; the command refuses it otherwise.
            for (const replace of ranged ? [false, true] : [false]) yield { ...had, n, age, lagDays, ranged, replace }
          }
        }
      }
    }
  }
}

function importOf(c: ImportCase): Outcome {
  const terms: ImportTerms = { today: addDays(D, c.age), lagDays: c.lagDays, ranged: c.ranged, replace: c.replace }
  return decideImport(storedOf(c), { day: D, cells: COUNTS[c.n] }, Object.freeze(terms))
}

t.test('an import does what the first row that fits says, for every combination of all conditions', async (t) => {
  const used = new Map(IMPORT.map(({ name }) => [name, 0]))
  const wrong: unknown[] = []
  for (const c of everyImport()) {
    const row = rowFor(IMPORT, c)
    used.set(row.name, (used.get(row.name) ?? 0) + 1)
    const [found, wanted] = [importOf(c), expected(row, c)]
    if (JSON.stringify(found) !== JSON.stringify(wanted)) wrong.push({ case: c, row: row.name, found, wanted })
  }
  t.strictSame(wrong.slice(0, 3), [], `${wrong.length} wrong`)
  for (const [name, times] of used) t.ok(times > 0, `${name}: ${times} cases`)
})

t.test('whatever a file says, what holds of every day goes on to hold', async (t) => {
  const broken = new Map<string, ImportCase>()
  const claim = (name: string, holds: boolean, c: ImportCase): void => {
    if (!holds && !broken.has(name)) broken.set(name, c)
  }
  for (const c of everyImport()) {
    const out = importOf(c)
    const changed = out.kind === 'changed'
    claim('final is followed by final only', !(changed && c.row === 'final') || out.state === 'final', c)
    claim('nothing becomes missing or lost', !changed || out.state === 'final' || out.state === 'provisional', c)
    claim('what is not stored has no counts', changed || Object.keys(out).join() === 'kind', c)
    claim('no day after today is stored', c.age >= 0 || out.kind === 'dropped', c)
    claim('no other day is dropped', c.age < 0 || out.kind !== 'dropped', c)
    claim('counts are replaced on demand only', !changed || !isCovered(c) || c.replace, c)
    claim('a change changes something', !changed || c.row !== out.state || c.had !== c.n, c)
    const whole = c.ranged && c.age > c.lagDays
    claim('nothing final without a range', !changed || out.state !== 'final' || c.row === 'final' || whole, c)
    const again = decideImport(
      changed
        ? { day: D, state: out.state, revision: 2_000, cells: out.cells, damaged: false, shrunk: false }
        : storedOf(c),
      { day: D, cells: COUNTS[c.n] },
      { today: addDays(D, c.age), lagDays: c.lagDays, ranged: c.ranged, replace: c.replace }
    )
    claim('importing twice changes nothing more', again.kind !== 'changed', c)
  }
  t.strictSame([...broken], [])
})

t.test('when an import happens decides nothing but by the lag', async (t) => {
  const wrong = [...everyImport()].filter((c) => {
    return c.age === 400 && JSON.stringify(importOf(c)) !== JSON.stringify(importOf({ ...c, age: c.lagDays + 1 }))
  })
  t.strictSame(wrong.slice(0, 3), [])
})
