// What the columns of a table are called, so that none hides another.
import { foldLabel } from '../model/cube.ts'
import { nameOf, type By } from '../model/series.ts'

/** Names that rows have for themselves, in one form or another. */
const RESERVED = ['date', 'state', 'days', 'workspace']

/**
 * A name for each label, in their order. A label that would hide a field of the row, or that differs from another name
 * in case alone, has ` (label)` added until it does not: Excel and Power BI take such names for one.
 */
export function columnNames(labels: readonly string[], by: By, spell = (name: string): string => name): string[] {
  if (by === 'location' || by === 'total') return [...labels]
  const wanted = labels.map((label) => spell(nameOf(label)))
  const taken = new Set(RESERVED)
  // Who can keep its name does, whatever the order; the others make way.
  const kept = wanted.map((name) => {
    const free = !taken.has(foldLabel(name))
    if (free) taken.add(foldLabel(name))
    return free
  })
  return wanted.map((name, i) => {
    if (kept[i] === true) return name
    let other = `${name} (label)`
    while (taken.has(foldLabel(other))) other = `${other} (label)`
    taken.add(foldLabel(other))
    return other
  })
}
