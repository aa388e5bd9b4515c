// Which workspaces a query is about: those that its payload names, else those that the dashboard filters by, else one.
import { DIMENSIONS } from '../../../model/cube.ts'
import type { Caller } from '../../caller.ts'
import { badParameter } from '../../problem.ts'
import type { ServedWorkspace, WorkspaceChooser } from '../../workspaces.ts'
import { valuesOf, type Filter } from './restrictions.ts'
import type { Labels } from './targets.ts'

/** So many can stand in one answer. */
const MAX_WORKSPACES = 50

/** At least one, unless the filters exclude all. Throws `unknown-workspace` for a name that the caller may not read. */
export async function chooseWorkspaces(
  chooser: WorkspaceChooser,
  caller: Caller,
  filters: readonly Filter[]
): Promise<ServedWorkspace[]> {
  const asked = filters.filter(({ key }) => key === 'workspace')
  if (asked.length === 0) return [await chooser.choose(caller, undefined)]
  const readable = new Map((await chooser.readable(caller)).map((each) => [each.name, each]))
  const named = asked.map((filter) => ({
    excludes: filter.excludes,
    names: valuesOf(filter, (text) => readable.has(text))
  }))
  for (const { excludes, names } of named) {
    // One that is not there is told, unless it is meant to be left out.
    const unknown = excludes ? undefined : names.find((name) => !readable.has(name))
    if (unknown !== undefined) readable.set(unknown, await chooser.choose(caller, unknown))
  }
  const chosen = [...readable.values()].filter(({ name }) =>
    named.every(({ excludes, names }) => names.includes(name) !== excludes)
  )
  if (chosen.length <= MAX_WORKSPACES) return chosen
  throw badParameter(
    'workspace',
    `${chosen.length} workspaces are more than ${MAX_WORKSPACES} in one answer: name them`
  )
}

/** The one of which values are listed: the first that is named, else the default. */
export async function chooseOne(
  chooser: WorkspaceChooser,
  caller: Caller,
  filters: readonly Filter[]
): Promise<ServedWorkspace> {
  const [first] = await chooseWorkspaces(
    chooser,
    caller,
    filters.filter(({ excludes }) => !excludes)
  )
  return first ?? chooser.choose(caller, undefined)
}

/** Reads no day. */
export async function labelsOf(workspace: ServedWorkspace): Promise<Labels> {
  const [deliveryLocation = [], actionType = [], actionTrigger = [], actionResult = []] = await Promise.all(
    DIMENSIONS.map((dimension) => workspace.labelNames(dimension))
  )
  return { deliveryLocation, actionType, actionTrigger, actionResult }
}
