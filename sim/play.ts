// Plays a history: the parts of the service as they are, on a world in which only the clock, the source and the disk are
// not. After each step what is stored and what is served is held against the model.
import { change, importFile, pass, run } from './acts.ts'
import { DAY } from './days.ts'
import { randomOf, type Random } from './random.ts'
import { bind, recover } from './recover.ts'
import type { History, Step } from './steps.ts'
import { faultsOfStore, lostRuns, wrongFinals } from './stored.ts'
import type { Tally } from './tally.ts'
import { together } from './together.ts'
import { openWorld, textOf, type Stage, type World } from './world.ts'

export interface Failure {
  /** The number of the step after which it was found, counted from 1. */
  readonly step: number
  readonly faults: readonly string[]
}

export interface Hearers {
  readonly tally: Tally
  /** A step is about to be taken, counted from 1; 0: the history begins. */
  onStep(number: number): void
}

/** What was found wrong, or null. */
export async function playHistory(history: History, stage: Stage, hearers: Hearers): Promise<Failure | null> {
  let number = 0
  hearers.onStep(number)
  const world = await openWorld(history, stage, hearers.tally)
  try {
    pass(world, { hours: history.hoursBefore, busy: history.busyBefore, events: history.before })
    for (const step of history.steps) {
      hearers.onStep(++number)
      // Nothing that somebody does comes at the same moment as the next.
      world.time.pass(1_000 + (step.look % 5_000))
      await take(world, stage, step)
      const random = randomOf(step.look)
      await check(world, random, THOROUGH.has(step.do) || random.chance(0.1))
    }
    await world.looks.lookAtAll(randomOf(history.start))
    stopIf(world.model.untrue)
    stopIf(await world.processes[1].raw.verify())
    return null
  } catch (error) {
    return { step: number, faults: error instanceof Untrue ? error.faults : [textOf(error)] }
  } finally {
    await world.end()
  }
}

const MINUTE = 60_000

const AHEAD = {
  right: 0,
  'a month ahead': 30 * DAY,
  'a day back': -DAY,
  'minutes ahead': 9 * MINUTE,
  'minutes back': -9 * MINUTE
} as const

const CLOCKS = {
  'a month ahead': 'the clock is a month ahead',
  'a day back': 'the clock is a day back',
  'minutes ahead': 'the clock is minutes off',
  'minutes back': 'the clock is minutes off'
} as const

/** There and back, so that there are few settings, each with its server. */
const RENAMES: { readonly [name: string]: string } = { north: 'east', east: 'north', south: 'west', west: 'south' }

async function take(world: World, { api }: Stage, step: Step): Promise<void> {
  const { tally, time } = world
  switch (step.do) {
    case 'pass':
      tally.note('days pass')
      return pass(world, step.span)
    case 'run':
      await run(world, step)
      return world.processes[step.by].witness.faults.clear()
    case 'together':
      return together(world, api, step)
    case 'import':
      return importFile(world, step)
    case 'set':
      tally.note('the lag and the retention are set')
      Object.assign(world.settings, step.to)
      return world.restart()
    case 'clock':
      if (step.ahead !== 'right') tally.note(CLOCKS[step.ahead])
      time.ahead = AHEAD[step.ahead]
      return
    case 'restart':
      tally.note(step.upgrade ? 'an upgrade' : 'a restart')
      if (step.upgrade) world.upgrade()
      return world.restart()
    case 'copy':
      return world.copy()
    case 'restore':
      return world.restore(step.copy)
    case 'rename':
      return rename(world, step.of)
    case 'another source':
      tally.note('a workspace gets another source')
      world.readOther(step.of)
      return world.restart()
    case 'bind':
      return bind(world, step.of)
    case 'remove':
      return remove(world, step.of)
    case 'well':
      return recover(world)
    default:
      return change(world, step)
  }
}

async function rename(world: World, side: 0 | 1): Promise<void> {
  const { raw } = world.processes[0]
  const workspace = await raw.findWorkspace(world.nameOf(side))
  const to = RENAMES[world.nameOf(side)]
  if (workspace === undefined || to === undefined || world.model.workspaces.has(to)) return
  await raw.renameWorkspace(workspace, to)
  world.model.rename(workspace.name, to)
  world.rename(side, to)
  world.tally.note('a workspace is renamed')
  await world.restart()
}

async function remove({ processes, model, tally, nameOf }: World, side: 0 | 1): Promise<void> {
  const { raw } = processes[0]
  const workspace = await raw.findWorkspace(nameOf(side))
  if (workspace === undefined) return
  await raw.removeWorkspace(workspace)
  model.remove(workspace.name)
  tally.note('a workspace is removed')
}

/** After these everything is looked at. */
const THOROUGH: ReadonlySet<Step['do']> = new Set(['restart', 'restore', 'rename', 'remove'])

/** Throws what is not true. */
async function check(world: World, random: Random, thoroughly: boolean): Promise<void> {
  const { model, time, looks, tally } = world
  stopIf(model.untrue)
  const { raw } = random.pick(world.processes)
  stopIf(await faultsOfStore(raw, model))
  stopIf(wrongFinals(model, world.tenantById, time.real, () => tally.note('a final day is wrong, and may be')))
  if (thoroughly) {
    stopIf(await lostRuns(raw, model))
    stopIf(await raw.verify())
  }
  await looks.look(world.nameOf(random.chance(0.6) ? 0 : 1), random)
  stopIf(model.untrue)
}

class Untrue extends Error {
  readonly faults: readonly string[]

  constructor(faults: readonly string[]) {
    super(faults.join('\n'))
    this.faults = faults
  }
}

function stopIf(faults: readonly string[]): void {
  if (faults.length > 0) throw new Untrue([...faults])
}
