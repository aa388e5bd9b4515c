// Labels that filters name, against those that a workspace has.
import { DIMENSIONS, foldLabel, type Dimension } from '../model/cube.ts'
import { labelNamed, nameOf, type SeriesQuery } from '../model/series.ts'
import type { StoredDay } from '../model/reading.ts'
import { NO_REVISION, type Revision } from '../model/revision.ts'
import type { ServedWorkspace } from './workspaces.ts'

type Labels = SeriesQuery['labels']

/** The labels of each dimension that a filter names, by how they are folded. */
export type KnownLabels = ReadonlyMap<Dimension, ReadonlyMap<string, string>>

/** What the workspace has ever stored in the dimensions that are filtered. */
export async function readKnownLabels(workspace: ServedWorkspace, labels: Labels): Promise<KnownLabels> {
  const known = new Map<Dimension, ReadonlyMap<string, string>>()
  for (const dimension of DIMENSIONS) {
    if (labels[dimension] === undefined) continue
    const names = await workspace.labelNames(dimension)
    known.set(dimension, new Map(names.map((name) => [foldLabel(name), name])))
  }
  return known
}

/** Filter values that the workspace has never seen, so that a typing mistake does not look like quiet. */
export function findUnmatched(
  labels: Labels,
  known: KnownLabels
): { readonly parameter: Dimension; readonly value: string }[] {
  return DIMENSIONS.flatMap((dimension) =>
    (labels[dimension] ?? [])
      .filter((value) => known.get(dimension)?.has(foldLabel(labelNamed(value))) !== true)
      .map((value) => ({ parameter: dimension, value }))
  )
}

/** The same query with its labels spelled as they were first stored: one that has no event has its column by that name. */
export function respell<Q extends SeriesQuery>(query: Q, known: KnownLabels): Q {
  const { by, labels } = query
  if (by === 'location' || by === 'total' || labels[by] === undefined) return query
  const spelled = labels[by].map((value) => {
    const label = known.get(by)?.get(foldLabel(labelNamed(value)))
    return label === undefined ? value : nameOf(label)
  })
  return { ...query, labels: { ...labels, [by]: spelled } }
}

/**
 * What was known at a past revision, as far as it makes a difference to how a column is spelled. What the days at hand
 * show was known; only for the rest, and only where its spelling is another, is the log looked through.
 */
export async function knownAt(
  workspace: ServedWorkspace,
  { by, labels }: SeriesQuery,
  { known, days, at }: { known: KnownLabels; days: readonly Pick<StoredDay, 'cells'>[]; at: Revision }
): Promise<KnownLabels> {
  if (by === 'location' || by === 'total') return known
  const asked = (labels[by] ?? []).flatMap((value) => {
    const label = known.get(by)?.get(foldLabel(labelNamed(value)))
    return label === undefined || nameOf(label) === value ? [] : [label]
  })
  const sought = new Set(asked)
  const find = (each: readonly Pick<StoredDay, 'cells'>[]): void => {
    for (const cell of each.flatMap(({ cells }) => cells)) sought.delete(cell[by])
  }
  find(days)
  for (let since: Revision | undefined = NO_REVISION; since !== undefined && sought.size > 0;) {
    const page = await workspace.changes(since, ENTRIES_AT_ONCE)
    find(page?.entries.filter(({ revision }) => revision <= at) ?? [])
    const last = page?.entries.at(-1)?.revision ?? at
    since = last < at ? last : undefined
  }
  const found = asked.filter((label) => !sought.has(label))
  return new Map([...known, [by, new Map(found.map((label) => [foldLabel(label), label]))]])
}

const ENTRIES_AT_ONCE = 500
