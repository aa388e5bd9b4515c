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
  if (packed.length < cells.length * MOST_CELL_BYTES) packed = new Uint8Array(cells.length * MOST_CELL_BYTES)
  let at = 0
  for (const { deliveryLocation, actionType, actionTrigger, actionResult, count } of cells) {
    at = writeNumber(packed, at, book.idOf('deliveryLocation', deliveryLocation))
    at = writeNumber(packed, at, book.idOf('actionType', actionType))
    at = writeNumber(packed, at, book.idOf('actionTrigger', actionTrigger))
    at = writeNumber(packed, at, book.idOf('actionResult', actionResult))
    at = writeNumber(packed, at, count)
  }
  return Buffer.from(packed.subarray(0, at))
}

/** The cells in the order in which they were packed, from bytes that passed their checksum. */
export function unpackCells(bytes: Uint8Array, book: LabelBook): CellCount[] {
  const [deliveryLocations = [], actionTypes = [], actionTriggers = [], actionResults = []] = book.texts
  const { numbers, length } = readNumbers(bytes)
  const cells: CellCount[] = []
  for (let i = 0; i < length; i += CELL_NUMBERS) {
    cells.push({
      deliveryLocation: deliveryLocations[numbers[i] ?? 0] ?? '',
      actionType: actionTypes[numbers[i + 1] ?? 0] ?? '',
      actionTrigger: actionTriggers[numbers[i + 2] ?? 0] ?? '',
      actionResult: actionResults[numbers[i + 3] ?? 0] ?? '',
      count: numbers[i + COUNT] ?? 0
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

/** In units of eight bytes: seven numbers, and for each cell four checksums of half that size, and its count. */
const HEAD_DOUBLES = 7
const CELL_DOUBLES = 3

/**
 * CRC-32 over the head and the cells; undefined where the bytes are none that `packCells`
 * writes. Of a label its text counts and not its id, by the CRC-32 of its own, which the book has at hand. Every error
 * within 32 neighbouring bits is found, in the row, in the packed cells, or in a label.
 */
export function checksumOf(head: CheckedHead, bytes: Uint8Array, book: LabelBook): number | undefined {
  const [locations = [], types = [], triggers = [], results = []] = book.checksums
  const { numbers, length } = readNumbers(bytes)
  if (length % CELL_NUMBERS !== 0) return undefined
  const { words, doubles } = roomFor(HEAD_DOUBLES + (length / CELL_NUMBERS) * CELL_DOUBLES)
  doubles[0] = head.workspaceKey
  doubles[1] = head.day
  doubles[2] = head.state
  doubles[3] = head.revision
  doubles[4] = head.entry?.changedAt ?? 0
  doubles[5] = head.entry?.before ?? 0
  doubles[6] = head.entry?.previous ?? 0
  let at = HEAD_DOUBLES
  for (let i = 0; i < length; i += CELL_NUMBERS) {
    const location = locations[numbers[i] ?? 0]
    const type = types[numbers[i + 1] ?? 0]
    const trigger = triggers[numbers[i + 2] ?? 0]
    const result = results[numbers[i + 3] ?? 0]
    const count = numbers[i + COUNT] ?? 0
    if (location === undefined || type === undefined || trigger === undefined || result === undefined) return undefined
    if (!Number.isSafeInteger(count)) return undefined
    words[at * 2] = location
    words[at * 2 + 1] = type
    words[at * 2 + 2] = trigger
    words[at * 2 + 3] = result
    doubles[at + 2] = count
    at += CELL_DOUBLES
  }
  return crc32(new Uint8Array(doubles.buffer, 0, at * 8))
}

interface Room {
  readonly words: Uint32Array
  readonly doubles: Float64Array
}

/** Numbers lie there as this machine keeps them, the lowest byte first, as on every machine that Node 24 runs on but one. */
let room = newRoom(8_192)

function newRoom(length: number): Room {
  const doubles = new Float64Array(length)
  return { doubles, words: new Uint32Array(doubles.buffer) }
}

/** Room that the next call uses again. */
function roomFor(length: number): Room {
  if (room.doubles.length < length) room = newRoom(length)
  return room
}

/** Where the count stands among the numbers of a cell, behind the ids of its labels; and how many numbers it has. */
export const COUNT = DIMENSIONS.length
export const CELL_NUMBERS = COUNT + 1

/** Five safe integers, of 53 bits each. */
const MOST_CELL_BYTES = CELL_NUMBERS * 8

/** Room that the next call of `packCells` uses again. */
let packed = new Uint8Array(8_192)

let numbers = new Float64Array(8_192)

/** Unsigned LEB128 numbers, in room that the next call uses again; one that is cut off at the end is NaN. */
export function readNumbers(bytes: Uint8Array): { readonly numbers: Float64Array; readonly length: number } {
  // Each takes at least a byte.
  if (numbers.length < bytes.length) numbers = new Float64Array(bytes.length)
  let length = 0
  for (let at = 0; at < bytes.length; length++) {
    let byte = bytes[at++] ?? 0
    let value = byte & 127
    for (let scale = 128; byte > 127; scale *= 128) {
      // Of what is cut off there is no value, and so no sum.
      byte = at < bytes.length ? (bytes[at++] ?? 0) : Number.NaN
      value += (byte % 128) * scale
    }
    numbers[length] = value
  }
  return { numbers, length }
}

/** Returns where the next one goes. */
function writeNumber(bytes: Uint8Array, start: number, value: number): number {
  let at = start
  let rest = value
  while (rest > 127) {
    bytes[at++] = (rest % 128) + 128
    rest = Math.floor(rest / 128)
  }
  bytes[at++] = rest
  return at
}
