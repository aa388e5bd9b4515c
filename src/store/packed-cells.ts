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

/** The cells in the order in which they were packed; undefined where the bytes are not what `packCells` writes. */
export function unpackCells(bytes: Uint8Array, book: LabelBook): CellCount[] | undefined {
  const cells: CellCount[] = []
  let at = 0
  const read = (): number => {
    let value = 0
    for (let scale = 1; at < bytes.length; scale *= 128) {
      const byte = bytes[at++] ?? 0
      value += (byte & 127) * scale
      if (byte < 128) return value
    }
    return Number.NaN
  }
  while (at < bytes.length) {
    const deliveryLocation = book.textOf(read(), 'deliveryLocation')
    const actionType = book.textOf(read(), 'actionType')
    const actionTrigger = book.textOf(read(), 'actionTrigger')
    const actionResult = book.textOf(read(), 'actionResult')
    const count = read()
    if (
      deliveryLocation === undefined ||
      actionType === undefined ||
      actionTrigger === undefined ||
      actionResult === undefined ||
      !Number.isSafeInteger(count)
    ) {
      return undefined
    }
    cells.push({ deliveryLocation, actionType, actionTrigger, actionResult, count })
  }
  return cells
}

/** What a checksum protects: a day's row, and with its instant an entry of the log. */
export interface Checked {
  readonly workspaceKey: number
  readonly day: number
  readonly state: number
  readonly revision: Revision
  readonly changedAt?: number
  readonly cells: readonly CellCount[]
}

const HEAD_BYTES = 40
const CELL_BYTES = 4 * DIMENSIONS.length + 8

/**
 * CRC-32 over the key, day, state, revision, instant and cells. Of a label its text counts and not its id, by the
 * CRC-32 of its own, which the book has at hand. Every error within 32 neighbouring bits is found, in the row, in the
 * packed cells, or in a label.
 */
export function checksumOf(row: Checked, book: LabelBook): number {
  const bytes = Buffer.allocUnsafe(HEAD_BYTES + row.cells.length * CELL_BYTES)
  bytes.writeDoubleLE(row.workspaceKey, 0)
  bytes.writeDoubleLE(row.day, 8)
  bytes.writeDoubleLE(row.state, 16)
  bytes.writeDoubleLE(row.revision, 24)
  bytes.writeDoubleLE(row.changedAt ?? 0, 32)
  let at = HEAD_BYTES
  for (const cell of row.cells) {
    for (const dimension of DIMENSIONS) at = bytes.writeUInt32LE(book.checksumOf(cell[dimension]), at)
    at = bytes.writeDoubleLE(cell.count, at)
  }
  return crc32(bytes)
}

function writeNumber(bytes: number[], value: number): void {
  let rest = value
  while (rest > 127) {
    bytes.push((rest % 128) + 128)
    rest = Math.floor(rest / 128)
  }
  bytes.push(rest)
}
