import assert from 'node:assert/strict'
import t from 'tap'
import {
  DIMENSIONS,
  eventsOf,
  faultOfLabel,
  foldCells,
  foldLabel,
  LOCATIONS,
  locationOf,
  MAX_CELLS_PER_DAY,
  MAX_LABEL_BYTES,
  sameCells,
  type Cell,
  type CellCount,
  type Dimension,
  type Location
} from '../../src/model/cube.ts'
import { OperationalError } from '../../src/model/errors.ts'
import { cell } from '../support/counts.ts'
import fc from '../support/properties.ts'

t.test('every delivery location that is documented or was seen has its location', async (t) => {
  const expected: [string, Location][] = [
    ['Inbox/Folder', 'Inbox'],
    ['Inbox/folder', 'Inbox'],
    ['On-premises/External', 'Other'],
    ['Junk', 'Junk'],
    ['Junk folder', 'Junk'],
    ['Quarantine', 'Quarantine'],
    ['Failed', 'Other'],
    ['Dropped', 'Other'],
    ['Deleted items', 'Delete'],
    ['Forwarded', 'Other'],
    ['', 'Other']
  ]
  for (const [text, location] of expected) t.equal(locationOf(text), location, `'${text}'`)
})

t.test('a location is found by whole terms only', async (t) => {
  const expected: [string, Location][] = [
    ['Delete', 'Delete'],
    ['Undeleted items', 'Other'],
    ['Deletion', 'Other'],
    ['Deletes', 'Other'],
    ['Quarantined', 'Other'],
    ['Junkmail', 'Other'],
    ['Junk2', 'Other'],
    ['2Junk', 'Other'],
    ['Inboxes', 'Other'],
    ['Junk-mail', 'Junk'],
    ['junk_mail', 'Junk'],
    ['(junk)', 'Junk'],
    ['the/in.box', 'Other'],
    [' inbox ', 'Inbox'],
    ['Soft Delete', 'Delete'],
    ['Hard,deleted', 'Delete']
  ]
  for (const [text, location] of expected) t.equal(locationOf(text), location, `'${text}'`)
})

t.test('letters and digits of any script belong to a term', async (t) => {
  const expected: [string, Location][] = [
    ['受信inbox', 'Other'],
    ['受信 inbox', 'Inbox'],
    ['junké', 'Other'],
    ['junk２', 'Other'],
    ['junk٣', 'Other'],
    ['ınbox', 'Other'],
    ['İNBOX', 'Other'],
    ['JUN\u212A', 'Junk'],
    ['junk\u2014ordner', 'Junk'],
    ['📥inbox📥', 'Inbox'],
    ['\u{10400}junk', 'Other'],
    ['inbox\u00a0folder', 'Inbox']
  ]
  for (const [text, location] of expected) t.equal(locationOf(text), location, `'${text}'`)
})

t.test(
  'where two rules match, the first of Quarantine, Delete, Junk, Inbox wins, whatever the order of the words',
  async (t) => {
    const words: [string, Location][] = [
      ['quarantine', 'Quarantine'],
      ['delete', 'Delete'],
      ['deleted', 'Delete'],
      ['junk', 'Junk'],
      ['inbox', 'Inbox'],
      ['forwarded', 'Other']
    ]
    for (const [first, a] of words) {
      for (const [second, b] of words) {
        const expected = LOCATIONS.find((location) => location === a || location === b)
        t.equal(locationOf(`${first} ${second}`), expected, `${first} ${second}`)
      }
    }
  }
)

const WORDS = ['quarantine', 'Quarantine', 'DELETE', 'deleted', 'Junk', 'inBox', 'items', 'un', 'x2', 'é', '7']
const GAPS = ['', ' ', '/', '-', '_', '.', '\u00a0', '…']
const phrase = fc.array(fc.tuple(fc.constantFrom(...WORDS), fc.constantFrom(...GAPS)), { maxLength: 5 })

t.test('the location of any text is that of its terms, each taken alone', async () => {
  fc.assert(
    fc.property(
      fc.oneof(
        phrase.map((parts) => parts.flat().join('')),
        fc.string({ unit: 'grapheme' })
      ),
      (text) => {
        const alone = new Set(text.split(/[^\p{L}\p{N}]+/u).map(locationOf))
        return locationOf(text) === (LOCATIONS.find((location) => alone.has(location)) ?? 'Other')
      }
    ),
    { numRuns: 2_000 }
  )
})

// Labels that are hard to keep apart or together: empty, of one letter case, named like parts of every object.
const LABELS = [
  '',
  'Junk',
  'junk',
  'JUNK',
  'Inbox/folder',
  'Inbox/Folder',
  'Éa',
  'éA',
  'e',
  'a b',
  '__proto__',
  'constructor'
]
const label = fc.constantFrom(...LABELS)
const someCell: fc.Arbitrary<CellCount> = fc.record({
  deliveryLocation: label,
  actionType: label,
  actionTrigger: fc.constantFrom('', 'AdminAction', 'adminaction'),
  actionResult: fc.constantFrom('Success', 'success', 'Error'),
  count: fc.integer({ min: 1, max: 1_000 })
})
const someCells = fc.array(someCell, { maxLength: 40 })

/** What is counted, whatever the spelling and the order: each combination of folded labels with its sum. */
function counted(cells: readonly CellCount[]): Record<string, number> {
  const sums = new Map<string, number>()
  for (const { count, ...labels } of cells) {
    const key = JSON.stringify(DIMENSIONS.map((dimension) => labels[dimension].toLowerCase()))
    sums.set(key, (sums.get(key) ?? 0) + count)
  }
  return Object.fromEntries([...sums].toSorted(([a], [b]) => (a < b ? -1 : 1)))
}

t.test('folding adds the cells whose labels differ in case only, and keeps all others apart', async () => {
  fc.assert(
    fc.property(someCells, (cells) => {
      const folded = foldCells(cells)
      assert.deepEqual(counted(folded), counted(cells))
      assert.equal(folded.length, Object.keys(counted(cells)).length, 'no combination twice')
    }),
    { numRuns: 500 }
  )
})

t.test('the parts of folded cells add up to the total, along every dimension', async () => {
  fc.assert(
    fc.property(someCells, (cells) => {
      const folded = foldCells(cells)
      for (const dimension of DIMENSIONS) {
        const perLabel = Map.groupBy(folded, (cell) => cell[dimension])
        const total = [...perLabel.values()].reduce((sum, part) => sum + eventsOf(part), 0)
        assert.equal(total, eventsOf(cells), dimension)
      }
      const perLocation = LOCATIONS.map((location) =>
        folded.filter((cell) => locationOf(cell.deliveryLocation) === location)
      )
      assert.equal(
        perLocation.reduce((sum, part) => sum + eventsOf(part), 0),
        eventsOf(cells),
        'location'
      )
    })
  )
})

t.test('folding what is folded changes nothing', async () => {
  fc.assert(
    fc.property(someCells, (cells) => {
      const folded = foldCells(cells)
      assert.deepEqual(foldCells(folded), folded)
    })
  )
})

const spellFolded = (_: Dimension, folded: string): string => folded

t.test('the order of the cells decides nothing but the spelling', async () => {
  const shuffled = someCells.chain((cells) =>
    fc.tuple(fc.constant(cells), fc.shuffledSubarray(cells, { minLength: cells.length }))
  )
  fc.assert(
    fc.property(shuffled, ([cells, others]) => {
      assert.deepEqual(counted(foldCells(others)), counted(foldCells(cells)))
      // With the spelling given, it decides nothing at all.
      assert.deepEqual(foldCells(others, spellFolded), foldCells(cells, spellFolded))
    })
  )
})

function isBefore(a: Cell, b: Cell): boolean {
  const differs = DIMENSIONS.find((dimension) => a[dimension] !== b[dimension])
  return differs !== undefined && a[differs] < b[differs]
}

t.test('folded cells are sorted by their labels, one dimension after the other', async () => {
  fc.assert(
    fc.property(someCells, (cells) => {
      const folded = foldCells(cells)
      return folded.slice(1).every((cell, i) => isBefore(folded[i] ?? cell, cell))
    })
  )
})

const knowsSpamZap = (dimension: Dimension, folded: string): string | undefined =>
  dimension === 'actionType' && folded === 'spam zap' ? 'SPAM Zap' : undefined

t.test('a label is spelled as the workspace knows it, else as first met, in each dimension for itself', async (t) => {
  const cells = [
    cell('Junk Folder', 1, { actionType: 'spam zap', actionResult: 'spam zap' }),
    cell('junk folder', 2, { actionType: 'Spam ZAP', actionResult: 'Spam ZAP' })
  ]

  t.strictSame(foldCells(cells, knowsSpamZap), [
    cell('Junk Folder', 3, { actionType: 'SPAM Zap', actionResult: 'spam zap' })
  ])
})

t.test('folding leaves what it was given as it was', async (t) => {
  const cells = [cell('B', 1), cell('a', 2), cell('b', 3)].map((one) => Object.freeze(one))
  t.strictSame(foldCells(Object.freeze(cells)), [cell('B', 4), cell('a', 2)])
})

t.test('a quiet day folds to no cells', async (t) => {
  t.strictSame(foldCells([]), [])
  t.equal(eventsOf([]), 0)
})

const rejected = (message: RegExp): { code: string; message: RegExp } => ({ code: 'source-rejected', message })

t.test('a count that is no whole number from 1 to the largest exact one is rejected', async (t) => {
  for (const count of [0, -1, 0.5, 1.5, Number.NaN, Number.POSITIVE_INFINITY, Number.MAX_SAFE_INTEGER + 1, '7', null]) {
    const cells = [cell('Junk', count as number)]
    t.throws(() => foldCells(cells), rejected(/is no positive whole number/), String(count))
  }
  t.strictSame(foldCells([cell('Junk', Number.MAX_SAFE_INTEGER)]), [cell('Junk', Number.MAX_SAFE_INTEGER)])
})

t.test('counts that add up to an inexact number are rejected, in one cell or in several', async (t) => {
  const most = Number.MAX_SAFE_INTEGER
  for (const other of ['junk', 'Inbox']) {
    t.equal(eventsOf(foldCells([cell('Junk', most - 1), cell(other, 1)])), most)
    t.throws(() => foldCells([cell('Junk', most), cell(other, 1)]), rejected(/add up to 9007199254740992/))
  }
})

t.test('a day may have ten thousand cells after folding, and not one more', async (t) => {
  const many = Array.from({ length: MAX_CELLS_PER_DAY }, (_, i) => cell(`label ${i}`, 1))
  t.equal(MAX_CELLS_PER_DAY, 10_000)
  t.equal(foldCells([...many, cell('LABEL 0', 1)]).length, 10_000)
  t.throws(() => foldCells([...many, cell('one more', 1)]), rejected(/^10001 cells in a day are more than 10000$/))
})

t.test('a label may have 256 bytes in UTF-8, in every dimension, and not one more', async (t) => {
  t.equal(MAX_LABEL_BYTES, 256)
  for (const dimension of DIMENSIONS) {
    for (const letter of ['x', 'é', '受', '😀']) {
      const fits = letter.repeat(Math.floor(256 / Buffer.byteLength(letter)))
      const tooLong = 'y'.repeat(257 - Buffer.byteLength(fits)) + fits
      t.strictSame(foldCells([cell('Junk', 1, { [dimension]: fits })]), [cell('Junk', 1, { [dimension]: fits })])
      t.throws(
        () => foldCells([cell('Junk', 1, { [dimension]: tooLong })]),
        rejected(new RegExp(`the ${dimension} "y.*" is longer than 256 bytes`))
      )
    }
  }
})

t.test('a label that is too long is rejected also where a shorter one folds to the same', async (t) => {
  // The Kelvin sign has three bytes, and folds to the k that has one.
  const [short, long] = ['k'.repeat(256), '\u212A'.repeat(256)]
  t.equal(foldLabel(long), short)
  t.throws(() => foldCells([cell(short, 1), cell(long, 1)]), rejected(/longer than 256 bytes/))
  t.throws(() => foldCells([cell(long, 1), cell(short, 1)]), rejected(/longer than 256 bytes/))
})

t.test('a label that the workspace knows is held to the limits as well', async (t) => {
  t.throws(() => foldCells([cell('x'.repeat(257), 1)], () => 'known'), rejected(/longer than 256 bytes/))
})

t.test('a control character has no place in a label, in any dimension', async (t) => {
  const controls = [...Array.from({ length: 0x20 }, (_, i) => i), ...Array.from({ length: 0x21 }, (_, i) => 0x7f + i)]
  for (const code of controls) {
    const text = `Junk${String.fromCharCode(code)}folder`
    for (const dimension of DIMENSIONS) {
      assert.throws(() => foldCells([cell('Junk', 1, { [dimension]: text })]), rejected(/holds a control character$/))
    }
  }
  t.equal(controls.length, 65)
  t.equal(faultOfLabel('Junk\u00a0folder'), undefined)
})

t.test('half a character is no text', async (t) => {
  for (const text of ['\ud800', 'Junk \udc00', '\udc00\ud800']) {
    t.throws(() => foldCells([cell(text, 1)]), rejected(/is no well-formed text$/))
  }
  t.equal(faultOfLabel('\ud83d\ude00'), undefined)
})

t.test(
  'what is rejected is an error that was foreseen, and quotes no more than the beginning of a label',
  async (t) => {
    t.plan(2)
    try {
      foldCells([cell('x'.repeat(5_000), 1)])
    } catch (error) {
      t.ok(error instanceof OperationalError)
      t.equal((error as Error).message, `the deliveryLocation "${'x'.repeat(64)}" is longer than 256 bytes`)
    }
  }
)

t.test('folded cells are the same when every label and every count is', async () => {
  fc.assert(
    fc.property(someCells, someCells, (a, b) => {
      const [one, other] = [foldCells(a), foldCells(b)]
      assert.equal(sameCells(one, foldCells(a)), true)
      assert.equal(sameCells(one, other), JSON.stringify(one) === JSON.stringify(other))
    })
  )
})

t.test('cells differ by one count, by one label of any dimension, by its spelling, and by one cell more', async (t) => {
  const one = [cell('Junk', 3)]
  const others = [
    [cell('Junk', 4)],
    [],
    [cell('Junk', 3), cell('Quarantine', 1)],
    [cell('junk', 3)],
    ...DIMENSIONS.map((dimension) => [cell('Junk', 3, { [dimension]: 'other' })])
  ]
  for (const other of others) {
    t.notOk(sameCells(one, other))
    t.notOk(sameCells(other, one))
  }
  t.notOk(
    sameCells([cell('a', 1, { actionType: 'b c' })], [cell('a b', 1, { actionType: 'c' })]),
    'labels do not run into one another'
  )
})
