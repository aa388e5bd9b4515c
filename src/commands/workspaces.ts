// `workspaces`: what the store holds, and what its names stand for.
import type { Config } from '../config.ts'
import { NAME, NAME_REMEDY } from '../config/lists.ts'
import { completenessOf } from '../model/status.ts'
import type { SeriesStore, Workspace } from '../model/store.ts'
import { systemClock } from '../system-clock.ts'
import { print, readWords, UsageError, type Command } from './command.ts'
import { withExistingStore } from './existing-store.ts'

const OPTIONS = { yes: { type: 'boolean', default: false }, json: { type: 'boolean', default: false } } as const

export const workspacesCommand: Command = async (words, config) => {
  const { values, positionals } = readWords('workspaces', words, OPTIONS)
  const [action, ...names] = positionals
  if (action === 'list') return withStore(config, names, 0, (store) => list(store, values.json))
  if (action === 'rename') return withStore(config, names, 2, (store, [from, to]) => rename(store, from, to))
  if (action === 'bind') return withStore(config, names, 1, (store, [name]) => bind(store, name))
  if (action === 'remove') {
    if (!values.yes) throw new UsageError('workspaces remove forgets all days of the workspace: add --yes to do it')
    return withStore(config, names, 1, (store, [name]) => remove(store, name))
  }
  throw new UsageError(`workspaces ${action ?? ''}: it is list, rename OLD NEW, bind NAME, or remove NAME --yes`)
}

async function withStore(
  config: Config,
  names: readonly string[],
  wanted: number,
  act: (store: SeriesStore, names: readonly [string, string]) => Promise<void>
): Promise<number> {
  if (names.length !== wanted) throw new UsageError(`workspaces: ${names.length} names given, ${wanted} wanted`)
  return withExistingStore(config, async (store) => {
    await act(store, [names[0] ?? '', names[1] ?? ''])
    return 0
  })
}

async function list(store: SeriesStore, json: boolean): Promise<void> {
  const rows = await Promise.all((await store.workspaces()).map((workspace) => describe(store, workspace)))
  if (json) return print(JSON.stringify(rows, null, 2))
  if (rows.length === 0) return print('the store holds no workspace yet')
  for (const { name, source, firstDate, lastDate, days } of rows) {
    const held = days === 0 ? 'no days' : `${days} days, ${firstDate} to ${lastDate}`
    print(`${name}: ${held}, ${source === null ? 'bound to no source' : `bound to ${source.kind} ${source.id}`}`)
  }
}

async function describe(store: SeriesStore, workspace: Workspace) {
  const { coverage, bounds } = await store.facts(workspace)
  const { firstDate, lastDate } = completenessOf(coverage, bounds, systemClock.now())
  const days = coverage.filter(({ state }) => state === 'final' || state === 'provisional').length
  return { name: workspace.name, source: workspace.binding, firstDate, lastDate, days }
}

async function rename(store: SeriesStore, from: string, to: string): Promise<void> {
  if (!NAME.test(to)) throw new UsageError(`'${to}' is no name of a workspace: ${NAME_REMEDY}`)
  // Whoever reads that name must know that its counts are invented, and that no other's are.
  if ([from, to].some((name) => name.toLowerCase() === 'sample')) {
    throw new UsageError("'sample' is kept for invented counts: it is not renamed, and no other takes its name")
  }
  await store.renameWorkspace(await find(store, from), to)
  print(`${from} is ${to} now: write the new name into WORKSPACES`)
}

async function bind(store: SeriesStore, name: string): Promise<void> {
  await store.unbindWorkspace(await find(store, name))
  print(`${name} follows the source that its next run finds`)
}

async function remove(store: SeriesStore, name: string): Promise<void> {
  await store.removeWorkspace(await find(store, name))
  print(`${name} and all its days are removed`)
}

async function find(store: SeriesStore, name: string): Promise<Workspace> {
  const workspace = await store.findWorkspace(name)
  if (workspace !== undefined) return workspace
  const names = (await store.workspaces()).map((each) => each.name)
  throw new UsageError(`the store has no workspace '${name}': it has ${names.join(', ') || 'none yet'}`)
}
