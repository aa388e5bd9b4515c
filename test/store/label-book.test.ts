import { crc32 } from 'node:zlib'
import t from 'tap'
import {
  createLabelBook,
  isWholeLabel,
  labelChecksum,
  packLabel,
  type LabelBook,
  type NewLabel
} from '../../src/store/label-book.ts'

interface Bed {
  readonly book: LabelBook
  readonly added: NewLabel[]
}

function newBed(labels: readonly NewLabel[] = [], lastId = 0): Bed {
  const added: NewLabel[] = []
  const rows = labels.map((label) => ({ ...label, location: null, checksum: 0 }))
  return { added, book: createLabelBook({ rows, lastId, add: (row) => added.push(row) }) }
}

t.test('a new label takes the next id and is stored once, however it is spelled later', async (t) => {
  const { book, added } = newBed([], 41)
  t.equal(book.idOf('actionType', 'Spam ZAP'), 42)
  t.equal(book.idOf('actionType', 'SPAM zap'), 42)
  t.equal(book.idOf('actionResult', 'Success'), 43)
  t.strictSame(added, [
    { id: 42, dimension: 1, text: 'Spam ZAP' },
    { id: 43, dimension: 3, text: 'Success' }
  ])
})

t.test('a label is spelled as it was first stored, in its dimension only', async (t) => {
  const { book, added } = newBed([{ id: 7, dimension: 0, text: 'Junk Folder' }], 7)
  book.idOf('actionType', 'Spam ZAP')
  t.equal(book.spelling('deliveryLocation', 'junk folder'), 'Junk Folder')
  t.equal(book.spelling('actionType', 'spam zap'), 'Spam ZAP')
  t.equal(book.spelling('actionTrigger', 'spam zap'), undefined)
  t.equal(book.idOf('deliveryLocation', 'junk folder'), 7)
  t.equal(book.idOf('actionTrigger', 'Junk Folder'), 9, 'the same text in another dimension is another label')
  t.equal(added.length, 2)
})

t.test('labels and their checksums lie by id, and what is no label of a dimension is a hole in it', async (t) => {
  const { book } = newBed([
    { id: 1, dimension: 0, text: 'Junk' },
    { id: 3, dimension: 0, text: '' },
    { id: 2, dimension: 2, text: 'é' }
  ])
  const [first, second, third, fourth] = book.texts
  t.strictSame([first?.[1], first?.[2], first?.[3]], ['Junk', undefined, ''])
  t.strictSame([second?.length, third?.[2], fourth?.length], [0, 'é', 0])
  t.strictSame([book.checksums[0]?.[1], book.checksums[0]?.[3], book.checksums[2]?.[2]], [crc32('Junk'), 0, crc32('é')])
  t.equal(book.checksums[0]?.[2], undefined)
  t.equal(book.texts.length, 4)
})

t.test('all labels of a dimension are told, the empty one too', async (t) => {
  const { book } = newBed([
    { id: 5, dimension: 1, text: 'Phish ZAP' },
    { id: 2, dimension: 1, text: '' },
    { id: 3, dimension: 0, text: 'Junk' }
  ])
  t.strictSame(book.all('actionType'), ['', 'Phish ZAP'])
  t.strictSame(book.all('actionResult'), [])
})

t.test('a row of a dimension that there is not is no label', async (t) => {
  const { book } = newBed([
    { id: 1, dimension: 4, text: 'Junk' },
    { id: 2, dimension: -1, text: 'Junk' }
  ])
  t.strictSame(book.texts, [[], [], [], []])
})

t.test('the checksum of a label is over all that its row says, and of which workspace', async (t) => {
  const row = { id: 5, dimension: 0, text: 'Junk', location: 'Junk' }
  t.equal(labelChecksum(3, row), crc32('[3,5,0,"Junk","Junk"]'))
  t.equal(labelChecksum(3, { ...row, location: null }), crc32('[3,5,0,"Junk",null]'))
})

t.test('the row of a delivery location has its location, that of another label none, and both are whole', async (t) => {
  for (const [dimension, location] of [
    [0, 'Junk'],
    [1, null],
    [3, null]
  ] as const) {
    const row = packLabel(3, { id: 5, dimension, text: 'Junk' })
    t.strictSame(row, { id: 5, dimension, text: 'Junk', location, checksum: row.checksum })
    t.ok(isWholeLabel(3, row))
  }
})

t.test('a row of a label of which anything was changed is not whole', async (t) => {
  const row = packLabel(3, { id: 5, dimension: 0, text: 'Junk' })
  for (const change of [{ id: 6 }, { dimension: 1 }, { text: 'junk' }, { location: 'Inbox' }, { location: null }]) {
    t.notOk(isWholeLabel(3, { ...row, ...change }), JSON.stringify(change))
  }
  t.notOk(isWholeLabel(4, row), 'the label of another workspace')
  t.notOk(isWholeLabel(3, { ...row, checksum: row.checksum ^ 1 }))
})
