// How cells lie on the disk, byte for byte: a store that is written today is read by every later version.
import assert from 'node:assert/strict'
import { crc32 } from 'node:zlib'
import t from 'tap'
import { DIMENSIONS, foldCells, MAX_CELLS_PER_DAY, type CellCount } from '../../src/model/cube.ts'
import { readChecked, type CheckedRow } from '../../src/store/checked-cells.ts'
import { createLabelBook, type LabelBook } from '../../src/store/label-book.ts'
import {
  checksumOf,
  packCells,
  STATE_CODES,
  stateOfCode,
  unpackCells,
  type CheckedHead
} from '../../src/store/packed-cells.ts'
import { cell } from '../support/counts.ts'
import fc from '../support/properties.ts'
import { someCellsOf } from '../support/some-cells.ts'

const newBook = (lastId = 0): LabelBook => createLabelBook({ rows: [], lastId, add: () => {} })

const HEAD: CheckedHead = { workspaceKey: 3, day: 20_767, state: 1, revision: 1_794_312_000_123 }
const ENTRY = { changedAt: 1_794_312_000_000, before: 1_794_312_000_122, previous: 1_794_225_600_000 }

t.test('a cell is the ids of its four labels and its count, seven bits a byte, the lowest first', async (t) => {
  const written = (count: number, lastId = 0): number[] => [...packCells([cell('Junk', count)], newBook(lastId))]

  t.strictSame(written(1), [1, 2, 3, 4, 1])
  t.strictSame(written(127), [1, 2, 3, 4, 127])
  t.strictSame(written(128), [1, 2, 3, 4, 128, 1])
  t.strictSame(written(300), [1, 2, 3, 4, 172, 2])
  t.strictSame(written(16_384), [1, 2, 3, 4, 128, 128, 1])
  t.strictSame(written(Number.MAX_SAFE_INTEGER), [1, 2, 3, 4, 255, 255, 255, 255, 255, 255, 255, 15])
  t.strictSame(written(5, 126), [127, 128, 1, 129, 1, 130, 1, 5])
  t.strictSame([...packCells([], newBook())], [])
})

t.test('states have the same codes for ever, and no other code is a state', async (t) => {
  t.strictSame(STATE_CODES, { final: 1, provisional: 2, lost: 3 })
  t.strictSame([0, 1, 2, 3, 4, -1, 1.5].map(stateOfCode), [
    undefined,
    'final',
    'provisional',
    'lost',
    undefined,
    undefined,
    undefined
  ])
})

const label = fc.constantFrom('', 'Junk', 'Inbox/Folder', 'é', 'a b', '__proto__')
const someCells = someCellsOf(label)

t.test('what was packed is unpacked as it was, also by a book that has many labels', async () => {
  fc.assert(
    fc.property(someCells, fc.constantFrom(0, 120, 16_380, 3_000_000), (cells, lastId) => {
      const book = newBook(lastId)
      assert.deepEqual(unpackCells(packCells(cells, book), book), cells)
    })
  )
})

function double(value: number): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeDoubleLE(value)
  return bytes
}

function word(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value)
  return bytes
}

t.test('a checksum is that of the head, and of the texts and counts of the cells, in that order', async (t) => {
  const cells = [cell('Junk', 7), cell('Inbox', 300)]
  const book = newBook()
  const packed = packCells(cells, book)
  const head = [HEAD.workspaceKey, HEAD.day, HEAD.state, HEAD.revision].map(double)
  const entry = [ENTRY.changedAt, ENTRY.before, ENTRY.previous].map(double)
  const noEntry = [0, 0, 0].map(double)
  const body = cells.flatMap(({ count, ...labels }) => [
    Buffer.concat(DIMENSIONS.map((dimension) => word(crc32(labels[dimension])))),
    double(count)
  ])

  t.equal(checksumOf(HEAD, packed, book), crc32(Buffer.concat([...head, ...noEntry, ...body])))
  t.equal(checksumOf({ ...HEAD, entry: ENTRY }, packed, book), crc32(Buffer.concat([...head, ...entry, ...body])))
  t.equal(checksumOf(HEAD, packCells([], book), book), crc32(Buffer.concat([...head, ...noEntry])))
})

t.test('a day of ten thousand cells has a checksum too, and so has the next one after it', async (t) => {
  const book = newBook()
  const many = foldCells(Array.from({ length: MAX_CELLS_PER_DAY }, (_, i) => cell(`label ${i}`, i + 1)))
  const packed = packCells(many, book)
  const few = packCells(many.slice(0, 2_700), book)
  const before = checksumOf(HEAD, few, book)

  t.type(checksumOf(HEAD, packed, book), 'number')
  t.equal(checksumOf(HEAD, packed, book), checksumOf(HEAD, packed, book))
  t.equal(checksumOf(HEAD, few, book), before)
  t.strictSame(unpackCells(packed, book), many)
})

t.test('bytes that nothing was packed into have no checksum', async (t) => {
  const book = newBook()
  const whole = packCells([cell('Junk', 300), cell('Inbox', 7)], book)
  for (let length = 1; length < whole.length; length++) {
    const cut = checksumOf(HEAD, whole.subarray(0, length), book)
    t.equal(cut === undefined, length !== 6, `the first ${length} bytes, of which six are the first cell`)
  }
  const [junk = 0, ...rest] = whole
  t.equal(checksumOf(HEAD, Buffer.from([99, ...rest]), book), undefined, 'an id that no label has')
  t.equal(checksumOf(HEAD, Buffer.from([0, ...rest]), book), undefined)
  t.equal(checksumOf(HEAD, Buffer.from([junk + 1, ...rest]), book), undefined, 'the id of another dimension')
  const tooMany = [...whole.subarray(0, 4), 128, 128, 128, 128, 128, 128, 128, 16]
  t.equal(checksumOf(HEAD, Buffer.from(tooMany), book), undefined, 'a count beyond the exact ones')
})

// --- rows -------------------------------------------------------------------------------------------------------

function rowOf(cells: readonly CellCount[], book: LabelBook, more: Partial<CheckedRow> = {}): CheckedRow {
  const { day, state, revision } = HEAD
  const packed = packCells(cells, book)
  return { day, state, revision, cells: packed, checksum: checksumOf(HEAD, packed, book) ?? 0, ...more }
}

t.test('a row that passes its checksum says its state and its cells', async (t) => {
  const book = newBook()
  const cells = foldCells([cell('Junk', 7), cell('Inbox', 300)])
  const read = readChecked(HEAD.workspaceKey, rowOf(cells, book), book)
  t.equal(read?.state, 'final')
  t.strictSame(read?.cells(), cells)
})

t.test('a row of which anything was changed says nothing', async (t) => {
  const book = newBook()
  const cells = [cell('Junk', 7)]
  const right = rowOf(cells, book)
  const wrong: Partial<CheckedRow>[] = [
    { day: right.day + 1 },
    { state: 2 },
    { state: 0 },
    { state: 4 },
    { revision: right.revision - 1 },
    { checksum: right.checksum ^ 1 },
    { cells: packCells([cell('Junk', 8)], book) },
    { cells: packCells([], book) }
  ]
  for (const change of wrong) {
    t.equal(readChecked(HEAD.workspaceKey, { ...right, ...change }, book), undefined, JSON.stringify(change))
  }
  t.equal(readChecked(HEAD.workspaceKey + 1, right, book), undefined, 'the row of another workspace')
  t.equal(readChecked(HEAD.workspaceKey, right, book, ENTRY), undefined, 'a row of a day is no entry of the log')
})

t.test('a row whose state is none, or whose cells are no bytes, says nothing even if its checksum fits', async (t) => {
  const book = newBook()
  const state = 9
  const checksum = checksumOf({ ...HEAD, state }, Buffer.alloc(0), book) ?? 0
  t.equal(readChecked(HEAD.workspaceKey, rowOf([], book, { state, checksum }), book), undefined)
  // As it comes from a column whose type was damaged.
  const text = '' as unknown as Uint8Array
  t.equal(readChecked(HEAD.workspaceKey, rowOf([], book, { cells: text }), book), undefined)
})

t.test('an entry of the log passes only with its instant and the entries before it', async (t) => {
  const book = newBook()
  const packed = packCells([cell('Junk', 7)], book)
  const checksum = checksumOf({ ...HEAD, entry: ENTRY }, packed, book) ?? 0
  const row = rowOf([cell('Junk', 7)], book, { checksum })
  t.equal(readChecked(HEAD.workspaceKey, row, book, ENTRY)?.state, 'final')
  for (const key of ['changedAt', 'before', 'previous'] as const) {
    t.equal(readChecked(HEAD.workspaceKey, row, book, { ...ENTRY, [key]: ENTRY[key] + 1 }), undefined, key)
  }
  t.equal(readChecked(HEAD.workspaceKey, row, book), undefined)
})
