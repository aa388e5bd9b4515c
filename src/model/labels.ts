import { DIMENSIONS, locationOf, type Dimension } from './cube.ts'
import type { StoredDay } from './reading.ts'
import type { LabelFact } from './store.ts'

/** What is known of each label of a dimension; `days` are all stored ones, oldest first. Sorted by label. */
export function labelFacts(labels: readonly string[], dimension: Dimension, days: readonly StoredDay[]): LabelFact[] {
  const facts = new Map<string, { -readonly [K in keyof LabelFact]: LabelFact[K] }>()
  for (const label of labels) {
    const location = dimension === DIMENSIONS[0] ? locationOf(label) : null
    facts.set(label, { label, location, firstDate: null, lastDate: null, count: 0 })
  }
  for (const { day, cells } of days) {
    for (const cell of cells) {
      const fact = facts.get(cell[dimension])
      if (fact === undefined) continue
      fact.firstDate ??= day
      fact.lastDate = day
      fact.count += cell.count
    }
  }
  return [...facts.values()].toSorted((a, b) => (a.label < b.label ? -1 : 1))
}
