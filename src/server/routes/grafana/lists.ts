// The lists that editors and drop-downs of Grafana are filled with.
import { BY, STEPS } from '../../../model/series.ts'
import { DIMENSIONS, LOCATIONS, type Dimension } from '../../../model/cube.ts'
import type { Caller } from '../../caller.ts'
import type { WorkspaceChooser } from '../../workspaces.ts'
import { PAYLOAD_KEYS } from './asked.ts'
import type { Filter } from './restrictions.ts'
import { FIXED, labelTargets, namesOf, type Target } from './targets.ts'
import { chooseOne, labelsOf } from './workspaces.ts'

/** More entries than that nobody finds anything in. */
const MAX_ENTRIES = 2_000

/** Everything that has a list of values, by its name in a payload. */
export const LISTS = [...PAYLOAD_KEYS, 'targets'] as const
export type ListName = (typeof LISTS)[number]

/** The list of that name, in any case and number; undefined where there is none. */
export function findList(text: string): ListName | undefined {
  const folded = text.trim().toLowerCase()
  return LISTS.find((name) => [name, `${name}s`].some((each) => each.toLowerCase() === folded))
}

export interface ListQuestion {
  readonly caller: Caller
  /** Whose labels are listed. */
  readonly filters: readonly Filter[]
}

/** The values of a list, of one workspace where they depend on it. */
export async function listValues(
  name: ListName,
  { caller, filters }: ListQuestion,
  workspaces: WorkspaceChooser
): Promise<string[]> {
  if (name === 'workspace') return (await workspaces.readable(caller)).map((each) => each.name).slice(0, MAX_ENTRIES)
  if (name === 'by') return [...BY]
  if (name === 'step') return [...STEPS]
  if (name === 'location') return [...LOCATIONS]
  const workspace = await chooseOne(workspaces, caller, filters)
  if (isDimension(name)) return namesOf(await workspace.labelNames(name)).slice(0, MAX_ENTRIES)
  return (await listTargets({ caller, filters }, workspaces)).map((target) => target.name)
}

/** All that can be asked for by name: what is always there, then the labels of one workspace. */
export async function listTargets(
  { caller, filters }: ListQuestion,
  workspaces: WorkspaceChooser
): Promise<readonly Target[]> {
  const workspace = await chooseOne(workspaces, caller, filters)
  return [...FIXED, ...labelTargets(await labelsOf(workspace))]
}

function isDimension(name: string): name is Dimension {
  return DIMENSIONS.some((dimension) => dimension === name)
}
