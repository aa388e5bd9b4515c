// Variables that are none of ours, but look like one that was mistyped.

// Shorter names have too many neighbours that mean something else: HOME is not far from HOST.
const LEAST_LENGTH = 8
const MOST_EDITS = 2

/** For each variable that is nearly one of the names: both. The values are not looked at. */
export function nearMisses(
  variables: readonly string[],
  names: readonly string[]
): { variable: string; name: string }[] {
  const known = new Set(names)
  const long = names.filter((name) => name.length >= LEAST_LENGTH)
  return variables
    .filter((variable) => !known.has(variable))
    .flatMap((variable) => {
      const [nearest] = long
        .filter((name) => Math.abs(name.length - variable.length) <= MOST_EDITS)
        .map((name) => ({ variable, name, edits: editsBetween(variable, name) }))
        .toSorted((a, b) => a.edits - b.edits)
      return nearest !== undefined && nearest.edits <= MOST_EDITS ? [{ variable, name: nearest.name }] : []
    })
}

/**
 * How many letters have to be put in, taken out or exchanged to make one text the other (Levenshtein); infinitely many
 * where it is soon seen to be more than matter.
 */
function editsBetween(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const exchange = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min(exchange, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1))
    }
    if (Math.min(...next) > MOST_EDITS) return Number.POSITIVE_INFINITY
    row = next
  }
  return row[b.length] ?? 0
}
