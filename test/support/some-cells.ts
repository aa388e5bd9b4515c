// Days at random, of few labels, so that many of them meet.
import { foldCells, type CellCount } from '../../src/model/cube.ts'
import fc from './properties.ts'

/** Folded cells; their counts are small mostly, and some need many bytes. */
export function someCellsOf(label: fc.Arbitrary<string>): fc.Arbitrary<CellCount[]> {
  const count = fc.oneof(fc.integer({ min: 1, max: 20_000 }), fc.integer({ min: 1, max: 2 ** 45 }))
  const cell = { deliveryLocation: label, actionType: label, actionTrigger: label, actionResult: label, count }
  return fc.array(fc.record(cell), { maxLength: 30 }).map((cells) => foldCells(cells))
}
