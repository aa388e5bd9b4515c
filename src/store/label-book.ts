// The labels of one workspace, by their ids: read once, kept while nobody else writes, added to as new ones appear.
import { crc32 } from 'node:zlib'
import { DIMENSIONS, foldLabel, type Dimension } from '../model/cube.ts'

export interface LabelRow {
  readonly id: number
  readonly dimension: number
  readonly text: string
  readonly checksum: number
}

export interface LabelBook {
  /** How a folded label is spelled here; undefined where it is new. */
  spelling(dimension: Dimension, folded: string): string | undefined
  /** The id of a label, which is added where it is new. */
  idOf(dimension: Dimension, text: string): number
  /** The label of an id; undefined where there is none, or where it belongs to another dimension. */
  textOf(id: number, dimension: Dimension): string | undefined
  /** CRC-32 of a label's text. */
  checksumOf(text: string): number
  /** Every label of a dimension, in no particular order. */
  all(dimension: Dimension): readonly string[]
}

/** The checksum of a label's own row. */
export function labelChecksum(workspaceKey: number, id: number, dimension: number, text: string): number {
  return crc32(`${workspaceKey} ${id} ${dimension} ${text}`)
}

export interface LabelBookParts {
  /** Those whose checksum holds. */
  readonly rows: readonly LabelRow[]
  /** The highest id ever given, also to a label that can no longer be read. */
  readonly lastId: number
  /** Stores a new label; called in the transaction of the write that brings it. */
  readonly add: (row: Omit<LabelRow, 'checksum'>) => void
}

export function createLabelBook({ rows, lastId: highest, add }: LabelBookParts): LabelBook {
  const byId = new Map<number, { dimension: Dimension; text: string }>()
  const perDimension = new Map(DIMENSIONS.map((dimension) => [dimension, new Map<string, number>()]))
  const idsOf = (dimension: Dimension): Map<string, number> => perDimension.get(dimension) ?? new Map<string, number>()
  const textChecksums = new Map<string, number>()
  let lastId = highest

  const enter = (id: number, dimension: Dimension, text: string): void => {
    byId.set(id, { dimension, text })
    idsOf(dimension).set(foldLabel(text), id)
  }
  for (const row of rows) {
    const dimension = DIMENSIONS[row.dimension]
    if (dimension !== undefined) enter(row.id, dimension, row.text)
  }

  const spelling = (dimension: Dimension, folded: string): string | undefined =>
    byId.get(idsOf(dimension).get(folded) ?? 0)?.text

  return {
    spelling,
    idOf(dimension, text) {
      const known = idsOf(dimension).get(foldLabel(text))
      if (known !== undefined) return known
      const id = ++lastId
      add({ id, dimension: DIMENSIONS.indexOf(dimension), text })
      enter(id, dimension, text)
      return id
    },
    textOf(id, dimension) {
      const label = byId.get(id)
      return label?.dimension === dimension ? label.text : undefined
    },
    checksumOf(text) {
      let checksum = textChecksums.get(text)
      if (checksum === undefined) textChecksums.set(text, (checksum = crc32(text)))
      return checksum
    },
    all: (dimension) => [...idsOf(dimension).keys()].map((folded) => spelling(dimension, folded) ?? folded)
  }
}
