// Several at once, in an order drawn from a seed, and what may end it: one is killed, all are, the power is cut.
import type { Api } from './api.ts'
import { act } from './acts.ts'
import { dayAt } from './days.ts'
import { tear, type Files } from './disk.ts'
import { randomOf } from './random.ts'
import type { Ticket } from './scheduler.ts'
import type { Together } from './steps.ts'
import { faultsOfStore, lostRuns } from './stored.ts'
import type { Witness } from './witness.ts'
import type { World } from './world.ts'

const MINUTE = 60_000
/** How often, of the times when everything stands still, some of the time passes. */
const TIME_PASSES = 0.15

type Next = Ticket | 'wait' | 'end' | undefined

export async function together(world: World, api: Api, step: Together): Promise<void> {
  const { scheduler, client, disk, tally, time } = world
  tally.note('several at once')
  const random = randomOf(step.seed)
  let opened = 0
  let minutes = step.minutes
  let { end } = step
  let cut: { readonly witness: Witness; readonly before: Files } | undefined
  /** What is found when the machine starts again. */
  let left: Files | undefined

  const passSome = (): void => {
    const some = random.chance(0.5) ? minutes : random.whole(0, minutes)
    const before = dayAt(time.real)
    time.pass(some * MINUTE + random.whole(0, 999))
    minutes -= some
    tally.note(dayAt(time.real) === before ? 'time passes under a run' : 'midnight passes under a run')
  }

  const killOne = async (): Promise<Next> => {
    const victim = random.pick(world.processes)
    tally.note('one process is killed')
    end = 'whole'
    // Its requests are answered first: what nobody hears is nobody's business.
    await scheduler.finishRequests(client)
    victim.witness.life.dead = true
    await scheduler.bury([victim.witness.life])
    await victim.raw.close()
    return 'wait'
  }

  /** The power goes with a write: nobody hears that it was done. No write of the same process may be waiting for a lock. */
  const cutPower = (waiting: readonly Ticket[]): Next => {
    if (waiting.some(({ what }) => what === 'sleep')) return undefined
    const writes = waiting.filter(({ what }) => what === 'write')
    if (writes.length === 0) return undefined
    const ticket = random.pick(writes)
    const victim = world.processes.find(({ witness }) => witness.life === ticket.owner)
    if (victim === undefined) return undefined
    victim.witness.unheard = []
    cut = { witness: victim.witness, before: disk.files() }
    tally.note('a power cut')
    return ticket
  }

  const meanwhile = async (waiting: readonly Ticket[], still: boolean): Promise<Next> => {
    if (cut !== undefined) return still ? 'end' : 'wait'
    if (still && minutes > 0 && random.chance(TIME_PASSES)) passSome()
    if (opened++ < step.after || end === 'whole') return undefined
    if (end === 'kill all') {
      if (still && step.within) return undefined
      left = disk.files()
      // What still goes on is done to files that are nobody's any more.
      for (const { witness } of world.processes) witness.life.dead = true
      tally.note(still ? 'all are killed' : 'all are killed within a transaction')
      return 'end'
    }
    // One that dies within a transaction leaves a lock, which only the system can take from it.
    if (!still) return undefined
    return end === 'kill one' ? killOne() : cutPower(waiting)
  }

  await scheduler.play({ random, actors: step.actors.map((actor) => act(world, api, actor)), meanwhile })
  if (cut !== undefined) left = tear(cut.before, disk.files(), random)
  if (left === undefined) await world.revive()
  else {
    // What is answered now nobody hears either.
    world.replacedUnderRuns = true
    await scheduler.finishRequests(client)
    await world.goOnWith(left)
    if (cut !== undefined) await decide(world, cut.witness.unheard ?? [])
  }
  world.replacedUnderRuns = false
  for (const { witness } of world.processes) witness.faults.clear()
}

/** After a power cut a write of which nobody heard is there or not, but wholly: whichever the store shows. */
async function decide({ model, processes, tally }: World, unheard: readonly (() => void)[]): Promise<void> {
  const { raw } = processes[0]
  const before = model.snapshot()
  for (const note of unheard) note()
  const isThere = [...(await faultsOfStore(raw, model)), ...(await lostRuns(raw, model))].length === 0
  if (!isThere) model.goBack(before)
  tally.note(isThere ? 'a power cut: the write is there' : 'a power cut: the write is gone')
}
