// The labels of one workspace, by their ids: read once, kept while nobody else writes, added to as new ones appear.
import { crc32 } from 'node:zlib'
import { DIMENSIONS, foldLabel, locationOf, type Dimension } from '../model/cube.ts'

export interface LabelRow {
  readonly id: number
  readonly dimension: number
  readonly text: string
  /** As last computed of a delivery location; null for others, and in the copy of the row. */
  readonly location: string | null
  readonly checksum: number
}

export type NewLabel = Pick<LabelRow, 'id' | 'dimension' | 'text'>

export interface LabelBook {
  /** How a folded label is spelled here; undefined where it is new. */
  spelling(dimension: Dimension, folded: string): string | undefined
  /** The id of a label, which is added where it is new. */
  idOf(dimension: Dimension, text: string): number
  /** Of each dimension, in the order of DIMENSIONS, the labels by id; what is not a label of it is a hole. */
  readonly texts: readonly (readonly (string | undefined)[])[]
  /** In the same places the CRC-32 of each text. */
  readonly checksums: readonly (readonly (number | undefined)[])[]
  /** Every label of a dimension, in no particular order. */
  all(dimension: Dimension): readonly string[]
}

/** The checksum of a label's own row. */
export function labelChecksum(workspaceKey: number, row: Omit<LabelRow, 'checksum'>): number {
  const { id, dimension, text, location } = row
  return crc32(JSON.stringify([workspaceKey, id, dimension, text, location]))
}

export function isWholeLabel(workspaceKey: number, row: LabelRow): boolean {
  return row.checksum === labelChecksum(workspaceKey, row)
}

/** The dimension whose labels have a location. */
export const LOCATED = DIMENSIONS.indexOf('deliveryLocation')

/** The row of a label, with the location that is computed for it now. */
export function packLabel(workspaceKey: number, { id, dimension, text }: NewLabel): LabelRow {
  const row = { id, dimension, text, location: dimension === LOCATED ? locationOf(text) : null }
  return { ...row, checksum: labelChecksum(workspaceKey, row) }
}

export interface LabelBookParts {
  /** Those whose checksum holds. */
  readonly rows: readonly LabelRow[]
  /** The highest id ever given, also to a label that can no longer be read. */
  readonly lastId: number
  /** Stores a new label; called in the transaction of the write that brings it. */
  readonly add: (row: NewLabel) => void
}

export function createLabelBook({ rows, lastId: highest, add }: LabelBookParts): LabelBook {
  const texts = DIMENSIONS.map((): (string | undefined)[] => [])
  const checksums = DIMENSIONS.map((): (number | undefined)[] => [])
  /** Of each dimension, ids by the text as it is spelled, and by the folded one. */
  const ids: { readonly [D in Dimension]: Map<string, number> } = {
    deliveryLocation: new Map(),
    actionType: new Map(),
    actionTrigger: new Map(),
    actionResult: new Map()
  }
  const textsOf = (dimension: Dimension): readonly (string | undefined)[] => texts[DIMENSIONS.indexOf(dimension)] ?? []
  let lastId = highest

  const enter = (id: number, index: number, text: string): void => {
    const dimension = DIMENSIONS[index]
    const [ownTexts, ownChecksums] = [texts[index], checksums[index]]
    if (dimension === undefined || ownTexts === undefined || ownChecksums === undefined) return
    ownTexts[id] = text
    ownChecksums[id] = crc32(text)
    ids[dimension].set(text, id).set(foldLabel(text), id)
  }
  for (const { id, dimension, text } of rows) enter(id, dimension, text)

  return {
    texts,
    checksums,
    spelling(dimension, folded) {
      const id = ids[dimension].get(folded)
      return id === undefined ? undefined : textsOf(dimension)[id]
    },
    idOf(dimension, text) {
      // Nearly all are spelled as the book does, and to fold a text takes longer than to find it.
      const known = ids[dimension].get(text) ?? ids[dimension].get(foldLabel(text))
      if (known !== undefined) return known
      const id = ++lastId
      const index = DIMENSIONS.indexOf(dimension)
      add({ id, dimension: index, text })
      enter(id, index, text)
      return id
    },
    all: (dimension) => textsOf(dimension).filter((text) => text !== undefined)
  }
}
