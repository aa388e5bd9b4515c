// What a reading and an import do to a day: an example for each row of the tables. That all combinations of their
// conditions agree is the matter of reading-table.test.ts.
import t from 'tap'
import type { CellCount } from '../../src/model/cube.ts'
import {
  decideImport,
  decideReading,
  type ImportTerms,
  type Outcome,
  type ReadingTerms,
  type StoredDay
} from '../../src/model/reading.ts'
import { cell, d } from '../support/counts.ts'

const ASKED_AT = 1_000

/** Asked on the 20th of a source that shows rows from the 1st on, and one as late as the 13th. */
const terms: ReadingTerms = {
  askedAt: ASKED_AT,
  bounds: {
    today: d('2026-11-20'),
    firstArrival: d('2026-11-01'),
    lastArrival: d('2026-11-20'),
    proof: d('2026-11-13')
  },
  force: false
}
const three = [cell('Junk', 3)]
const hundred = [cell('Junk', 100)]

function stored(day: string, state: StoredDay['state'], cells: readonly CellCount[], revision = ASKED_AT): StoredDay {
  return { day: d(day), state, revision, cells, damaged: false, shrunk: false }
}

function reading(
  day: string,
  cells: readonly CellCount[],
  before?: StoredDay,
  more: Partial<ReadingTerms> = {}
): Outcome {
  return decideReading(before, { day: d(day), cells }, { ...terms, ...more })
}

t.test('an older answer never replaces what was stored after the question', async (t) => {
  const imported = stored('2026-11-10', 'provisional', hundred, ASKED_AT + 1)
  t.strictSame(reading('2026-11-10', three, imported), { kind: 'dropped' })
  t.strictSame(reading('2026-11-10', three, { ...imported, revision: ASKED_AT }), {
    kind: 'changed',
    state: 'provisional',
    cells: three
  })
})

t.test('a day that was marked lost after the question stays lost', async (t) => {
  t.strictSame(reading('2026-11-10', three, stored('2026-11-10', 'lost', [], ASKED_AT + 1)), { kind: 'dropped' })
})

t.test('what a source says of tomorrow is dropped', async (t) => {
  t.strictSame(reading('2026-11-21', three), { kind: 'dropped' })
  t.strictSame(reading('2026-11-20', three), { kind: 'changed', state: 'provisional', cells: three }, 'today is not')
})

t.test('a day that the source has forgotten is dropped, and so is what came late to it, even by force', async (t) => {
  const before = stored('2026-10-31', 'provisional', hundred)
  for (const cells of [[], three, hundred]) {
    t.strictSame(reading('2026-10-31', cells, before), { kind: 'dropped' })
    t.strictSame(reading('2026-10-31', cells, before, { force: true }), { kind: 'dropped' })
  }
})

t.test('the first day of the window, which may be cut, can only gain, and is never final', async (t) => {
  const first = '2026-11-01'
  t.strictSame(reading(first, three), { kind: 'changed', state: 'provisional', cells: three })
  t.strictSame(reading(first, three, stored(first, 'lost', [])), {
    kind: 'changed',
    state: 'provisional',
    cells: three
  })
  t.strictSame(reading(first, []), { kind: 'dropped' }, 'and no event there is not zero')
  t.strictSame(reading(first, hundred, stored(first, 'provisional', three)), {
    kind: 'changed',
    state: 'provisional',
    cells: hundred
  })
  t.strictSame(reading(first, three, stored(first, 'provisional', hundred)), { kind: 'dropped' })
  t.strictSame(reading(first, [], stored(first, 'provisional', hundred)), { kind: 'dropped' })
  t.strictSame(reading(first, hundred, stored(first, 'final', three)), { kind: 'dropped' })
})

t.test('rather old than empty: a day that had events and comes back without is marked, not stored', async (t) => {
  t.strictSame(reading('2026-11-10', [], stored('2026-11-10', 'provisional', three)), { kind: 'shrunk' })
  t.strictSame(reading('2026-11-10', [], stored('2026-11-10', 'final', three)), { kind: 'shrunk' })
  t.strictSame(reading('2026-11-19', [], stored('2026-11-19', 'provisional', three)), { kind: 'shrunk' })
})

t.test(
  'by force a day comes back empty: final stays final, provisional is confirmed by a second reading',
  async (t) => {
    const force = { force: true }
    t.strictSame(reading('2026-11-10', [], stored('2026-11-10', 'final', three), force), {
      kind: 'changed',
      state: 'final',
      cells: []
    })
    t.strictSame(reading('2026-11-10', [], stored('2026-11-10', 'provisional', three), force), {
      kind: 'changed',
      state: 'provisional',
      cells: []
    })
    t.strictSame(reading('2026-11-10', [], stored('2026-11-10', 'provisional', []), force), {
      kind: 'changed',
      state: 'final',
      cells: []
    })
  }
)

t.test('a final day that is read again gets the counts, more or fewer, and stays final', async (t) => {
  for (const [before, now] of [
    [three, hundred],
    [hundred, three]
  ]) {
    for (const day of ['2026-11-10', '2026-11-19']) {
      t.strictSame(reading(day, now ?? [], stored(day, 'final', before ?? [])), {
        kind: 'changed',
        state: 'final',
        cells: now
      })
    }
  }
})

t.test('a day is final when a row arrived after it, at least the lag ago', async (t) => {
  t.strictSame(reading('2026-11-12', three), { kind: 'changed', state: 'final', cells: three })
  t.strictSame(reading('2026-11-12', []), { kind: 'changed', state: 'final', cells: [] }, 'a quiet one too')
  t.strictSame(
    reading('2026-11-13', three),
    { kind: 'changed', state: 'provisional', cells: three },
    'the day of the proof is not'
  )
})

t.test('without any proof nothing becomes final', async (t) => {
  const bounds = { ...terms.bounds, proof: null }
  t.strictSame(reading('2026-11-02', three, undefined, { bounds }), {
    kind: 'changed',
    state: 'provisional',
    cells: three
  })
})

t.test('100, then 3: the lower reading is provisional, and final when the next one agrees', async (t) => {
  const day = '2026-11-10'
  t.strictSame(reading(day, three, stored(day, 'provisional', hundred)), {
    kind: 'changed',
    state: 'provisional',
    cells: three
  })
  t.strictSame(reading(day, three, stored(day, 'provisional', three)), {
    kind: 'changed',
    state: 'final',
    cells: three
  })
})

t.test('a reading that says what is stored changes nothing', async (t) => {
  t.strictSame(reading('2026-11-19', three, stored('2026-11-19', 'provisional', three)), { kind: 'unchanged' })
  t.strictSame(reading('2026-11-10', three, stored('2026-11-10', 'final', three)), { kind: 'unchanged' })
})

t.test('the same number of events under other labels is a change', async (t) => {
  const others = [cell('Inbox/Folder', 3)]
  t.strictSame(reading('2026-11-10', others, stored('2026-11-10', 'final', three)), {
    kind: 'changed',
    state: 'final',
    cells: others
  })
})

t.test('a damaged day is read like one that was never there, but is not believed to be empty', async (t) => {
  const damaged: StoredDay = { ...stored('2026-11-10', 'missing', []), damaged: true }
  t.strictSame(reading('2026-11-10', three, damaged), { kind: 'changed', state: 'final', cells: three })
  t.strictSame(reading('2026-11-10', [], damaged), { kind: 'shrunk' })
  t.strictSame(reading('2026-11-10', [], damaged, { force: true }), { kind: 'changed', state: 'final', cells: [] })
})

/** Imported on the 20th, with a lag of a week. */
const importTerms: ImportTerms = { today: d('2026-11-20'), lagDays: 7, ranged: true, replace: false }

function imported(
  day: string,
  cells: readonly CellCount[],
  before?: StoredDay,
  more: Partial<ImportTerms> = {}
): Outcome {
  return decideImport(before, { day: d(day), cells }, { ...importTerms, ...more })
}

t.test('an import leaves days alone that have counts, quiet ones too', async (t) => {
  t.strictSame(imported('2026-11-10', hundred, stored('2026-11-10', 'provisional', three)), { kind: 'left' })
  t.strictSame(imported('2026-11-10', hundred, stored('2026-11-10', 'final', [])), { kind: 'left' })
  t.strictSame(imported('2026-11-10', three, stored('2026-11-10', 'final', three)), { kind: 'left' })
})

t.test('a quiet day of a file is not believed over a damaged day, unless it is to be replaced', async (t) => {
  const damaged: StoredDay = { ...stored('2026-11-10', 'missing', []), damaged: true }
  t.strictSame(imported('2026-11-10', [], damaged), { kind: 'shrunk' })
  t.strictSame(imported('2026-11-10', three, damaged), { kind: 'changed', state: 'final', cells: three })
  t.strictSame(imported('2026-11-10', [], damaged, { replace: true }), { kind: 'changed', state: 'final', cells: [] })
})

t.test('an import fills a missing and a lost day, with zero where the file is quiet', async (t) => {
  for (const before of [undefined, stored('2026-11-10', 'lost', [])]) {
    t.strictSame(imported('2026-11-10', three, before), { kind: 'changed', state: 'final', cells: three })
    t.strictSame(imported('2026-11-10', [], before), { kind: 'changed', state: 'final', cells: [] })
  }
})

t.test('an import that replaces a final day leaves it final, however young it is', async (t) => {
  const before = stored('2026-11-19', 'final', hundred)
  t.strictSame(imported('2026-11-19', three, before, { replace: true }), {
    kind: 'changed',
    state: 'final',
    cells: three
  })
  t.strictSame(imported('2026-11-19', hundred, before, { replace: true }), { kind: 'unchanged' })
})

t.test('an imported day is final from the day after the lag on', async (t) => {
  t.strictSame(imported('2026-11-12', three), { kind: 'changed', state: 'final', cells: three }, 'eight days old')
  t.strictSame(imported('2026-11-13', three), { kind: 'changed', state: 'provisional', cells: three }, 'seven days old')
})

t.test('without a range given by hand nothing that a file says is final', async (t) => {
  t.strictSame(imported('2020-02-29', three, undefined, { ranged: false }), {
    kind: 'changed',
    state: 'provisional',
    cells: three
  })
})

t.test('what a file says of tomorrow is dropped', async (t) => {
  t.strictSame(imported('2026-11-21', three), { kind: 'dropped' })
  t.strictSame(imported('2026-11-20', three), { kind: 'changed', state: 'provisional', cells: three }, 'today is not')
})

t.test('an import does not depend on when the stored day changed', async (t) => {
  t.strictSame(imported('2026-11-10', three, stored('2026-11-10', 'lost', [], ASKED_AT + 1)), {
    kind: 'changed',
    state: 'final',
    cells: three
  })
})
