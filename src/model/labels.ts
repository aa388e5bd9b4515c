import { DIMENSIONS, locationOf, type Dimension } from './cube.ts'
import type { StoredDay } from './reading.ts'
import type { LabelFact } from './store.ts'
import { addUpAll } from './sums.ts'

/** What is known of each label of a dimension; `days` are all stored ones, oldest first. Sorted by label. */
export function labelFacts(labels: readonly string[], dimension: Dimension, days: readonly StoredDay[]): LabelFact[] {
  const facts = new Map<string, { -readonly [K in keyof LabelFact]: LabelFact[K] }>()
  for (const label of labels) {
    const location = dimension === DIMENSIONS[0] ? locationOf(label) : null
    facts.set(label, { label, location, firstDate: null, lastDate: null, count: 0 })
  }
  const inOrder = [...facts.values()]
  const places = new Map(inOrder.map(({ label }, place) => [label, place]))
  // What is no label of the workspace is counted behind them all, and left out.
  const columnOf = (label: string): number => places.get(label) ?? places.size
  const sums = addUpAll(days, { by: dimension, columnOf, passes: {} })
  for (const [i, { day }] of days.entries()) {
    for (const [place, fact] of inOrder.entries()) {
      const count = sums[i]?.[place] ?? 0
      if (count === 0) continue
      fact.firstDate ??= day
      fact.lastDate = day
      fact.count += count
    }
  }
  return inOrder.toSorted((a, b) => (a.label < b.label ? -1 : 1))
}
