// What the columns of a table are called, in every form of it.
import { nameOf, type By } from '../model/series.ts'

/** A name for each label, in their order; none is equal to another, or to another field of the row, but for case. */
export function columnNames(labels: readonly string[], by: By): string[] {
  return by === 'location' || by === 'total' ? [...labels] : labels.map(nameOf)
}
