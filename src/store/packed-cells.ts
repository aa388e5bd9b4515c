// How the cells of a day lie on the disk: for each cell five unsigned LEB128 numbers, the ids of its four labels and
// its count. 25 cells take about 130 bytes, in the day's row and again in its entry of the log.
import { crc32 } from 'node:zlib'
import { DIMENSIONS, type CellCount } from '../model/cube.ts'
import type { Revision } from '../model/revision.ts'
import type { LabelBook } from './label-book.ts'

/** States as they are stored. */
export const STATE_CODES = { final: 1, provisional: 2, lost: 3 } as const
export type StoredState = keyof typeof STATE_CODES
const STATES: readonly (StoredState | undefined)[] = [undefined, 'final', 'provisional', 'lost']

export function stateOfCode(code: number): StoredState | undefined {
  return STATES[code]
}

/** Packs folded cells, in their order; every label must be in the book. */
export function packCells(cells: readonly CellCount[], book: LabelBook): Buffer {
  const bytes: number[] = []
  for (const cell of cells) {
    for (const dimension of DIMENSIONS) writeNumber(bytes, book.idOf(dimension, cell[dimension]))
    writeNumber(bytes, cell.count)
  }
  return Buffer.from(bytes)
}

/** The cells in the order in which they were packed, from bytes that passed their checksum. */
export function unpackCells(bytes: Uint8Array, book: LabelBook): CellCount[] {
  const [deliveryLocations = [], actionTypes = [], actionTriggers = [], actionResults = []] = book.texts
  const numbers = createReader(bytes)
  const cells: CellCount[] = []
  while (!numbers.ended()) {
    cells.push({
      deliveryLocation: deliveryLocations[numbers.next()] ?? '',
      actionType: actionTypes[numbers.next()] ?? '',
      actionTrigger: actionTriggers[numbers.next()] ?? '',
      actionResult: actionResults[numbers.next()] ?? '',
      count: numbers.next()
    })
  }
  return cells
}

/** What a checksum protects beside the packed cells, of a day's row and of an entry of the log. */
export interface CheckedHead {
  readonly workspaceKey: number
  readonly day: number
  readonly state: number
  readonly revision: Revision
  /** Of an entry of the log: its instant, and the revisions of the entries before it, of the workspace and of the day. */
  readonly entry?: { readonly changedAt: number; readonly before: Revision; readonly previous: Revision }
}

const HEAD_BYTES = 56
const CELL_BYTES = 4 * DIMENSIONS.length + 8

/**
 * CRC-32 over the head and the cells; undefined where the bytes are none that `packCells`
 * writes. Of a label its text counts and not its id, by the CRC-32 of its own, which the book has at hand. Every error
 * within 32 neighbouring bits is found, in the row, in the packed cells, or in a label.
 */
export function checksumOf(head: CheckedHead, bytes: Uint8Array, book: LabelBook): number | undefined {
  const { checksums } = book
  // A cell takes at least five bytes.
  const view = scratch(HEAD_BYTES + Math.ceil(bytes.length / 5) * CELL_BYTES)
  view.setFloat64(0, head.workspaceKey, true)
  view.setFloat64(8, head.day, true)
  view.setFloat64(16, head.state, true)
  view.setFloat64(24, head.revision, true)
  view.setFloat64(32, head.entry?.changedAt ?? 0, true)
  view.setFloat64(40, head.entry?.before ?? 0, true)
  view.setFloat64(48, head.entry?.previous ?? 0, true)
  const numbers = createReader(bytes)
  let at = HEAD_BYTES
  while (!numbers.ended()) {
    for (const known of checksums) {
      const checksum = known[numbers.next()]
      if (checksum === undefined) return undefined
      view.setUint32(at, checksum, true)
      at += 4
    }
    const count = numbers.next()
    if (!Number.isSafeInteger(count)) return undefined
    view.setFloat64(at, count, true)
    at += 8
  }
  return crc32(new Uint8Array(view.buffer, 0, at))
}

let room = new DataView(new ArrayBuffer(64 * 1024))

/** Room that the next call uses again. */
function scratch(bytes: number): DataView {
  if (room.byteLength < bytes) room = new DataView(new ArrayBuffer(bytes))
  return room
}

/** Unsigned LEB128 numbers, one after the other; NaN beyond the end. */
function createReader(bytes: Uint8Array): { next(): number; ended(): boolean } {
  let at = 0
  return {
    ended: () => at >= bytes.length,
    next() {
      let value = 0
      for (let scale = 1; at < bytes.length; scale *= 128) {
        const byte = bytes[at++] ?? 0
        value += (byte & 127) * scale
        if (byte < 128) return value
      }
      return Number.NaN
    }
  }
}

function writeNumber(bytes: number[], value: number): void {
  let rest = value
  while (rest > 127) {
    bytes.push((rest % 128) + 128)
    rest = Math.floor(rest / 128)
  }
  bytes.push(rest)
}
