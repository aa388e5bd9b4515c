// Many histories one after the other, and what is told of the first that fails.
import { join } from 'node:path'
import { openApi } from './api.ts'
import { createTemplates } from './disk.ts'
import { drawHistory } from './draw.ts'
import { playHistory, type Failure } from './play.ts'
import { randomOf } from './random.ts'
import { keptSteps, leftOut, replay, tellHistory, type Place } from './report.ts'
import { only, shrink } from './shrink.ts'
import type { History } from './steps.ts'
import { createTally, type Kind, type Tally } from './tally.ts'
import type { Stage } from './world.ts'

export interface Simulation {
  readonly seed: number
  /** The number of the first history, and how many at most. */
  readonly from: number
  readonly histories: number
  /** No history begins after so many minutes. */
  readonly minutes: number
  /** Steps to leave out, counted from 1. */
  readonly without: readonly number[]
}

export interface Listener {
  /** A history begins, or a step of it. */
  at(place: Place): void
  /** What is told of the first failure, before a shorter history is looked for. */
  failed(failure: string): void
}

export interface Simulated {
  readonly played: number
  /** How often each kind of thing happened. */
  readonly counts: readonly (readonly [Kind, number])[]
  /** In words; null where no history failed. */
  readonly failure: string | null
}

/** `folder` is one in memory, that somebody else removes. */
export async function simulate(simulation: Simulation, folder: string, listener: Listener): Promise<Simulated> {
  const api = await openApi()
  const stage = { api, folder: join(folder, 'history'), template: createTemplates(folder) }
  const tally = createTally()
  const end = performance.now() + simulation.minutes * 60_000
  let played = 0
  let failure: string | null = null
  try {
    while (played < simulation.histories && performance.now() < end && failure === null) {
      failure = await playOne(simulation, simulation.from + played, { stage, tally, listener })
      played++
    }
    return { played, counts: [...tally.counts], failure }
  } finally {
    await api.close()
  }
}

interface Means {
  readonly stage: Stage
  readonly tally: Tally
  readonly listener: Listener
}

async function playOne({ seed, without }: Simulation, number: number, means: Means): Promise<string | null> {
  const { stage, listener } = means
  const drawn = drawHistory(randomOf(seed, number))
  const play = (history: History, tally: Tally): Promise<Failure | null> => {
    const place = { number, without: leftOut(drawn, history) }
    return playHistory(history, stage, { tally, onStep: (step) => listener.at({ ...place, step }) })
  }
  const history = only(drawn, keptSteps(drawn, without))
  const failure = await play(history, means.tally)
  if (failure === null) return null
  const told = [
    `seed ${seed} history ${number} step ${failure.step}`,
    tellHistory(history, failure.step, failure.faults),
    `replay it:\n    ${replay(seed, number, without)}`
  ].join('\n')
  listener.failed(told)

  const aside = createTally()
  const shortest = only(history, await shrink(history, async (shorter) => (await play(shorter, aside)) !== null))
  const again = await play(shortest, aside)
  if (again === null) return `${told}\nPlayed again it does not fail: something in it goes by chance.`
  const short = tellHistory(shortest, again.step, again.faults)
  return `${told}\nThe shortest found:\n${short}\nreplay that:\n    ${replay(seed, number, leftOut(drawn, shortest))}`
}
