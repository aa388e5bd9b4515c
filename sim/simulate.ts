// Many histories one after the other, and what is told of the first that fails.
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { makeQuickFolder } from '../test/support/quick-folder.ts'
import { openApi } from './api.ts'
import { createTemplates } from './disk.ts'
import { playHistory, type Failure } from './play.ts'
import { randomOf } from './random.ts'
import { only, shrink } from './shrink.ts'
import { drawHistory, type History } from './steps.ts'
import { createTally, type Tally } from './tally.ts'
import { tell, tellBeginning } from './words.ts'
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
  readonly onProgress?: (played: number) => void
}

export interface Simulated {
  readonly played: number
  readonly tally: Tally
  /** In words; null where no history failed. */
  readonly failure: string | null
}

export async function simulate(simulation: Simulation): Promise<Simulated> {
  const folder = makeQuickFolder('post-delivery-series-sim-')
  const api = await openApi()
  const stage = { api, folder: join(folder, 'history'), template: createTemplates(folder) }
  const tally = createTally()
  const end = performance.now() + simulation.minutes * 60_000
  let played = 0
  let failure: string | null = null
  try {
    while (played < simulation.histories && performance.now() < end && failure === null) {
      failure = await playOne(simulation, simulation.from + played, stage, tally)
      simulation.onProgress?.(++played)
    }
    return { played, tally, failure }
  } finally {
    await api.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

async function playOne(
  { seed, without }: Simulation,
  number: number,
  stage: Stage,
  tally: Tally
): Promise<string | null> {
  const drawn = drawHistory(randomOf(seed, number))
  const given = drawn.steps.map((_, i) => i).filter((i) => !without.includes(i + 1))
  const history = only(drawn, given)
  const failure = await playHistory(history, stage, tally)
  if (failure === null) return null
  const aside = createTally()
  const needed = await shrink(history, async (shorter) => (await playHistory(shorter, stage, aside)) !== null)
  const shortest = only(history, needed)
  const again = await playHistory(shortest, stage, aside)
  const left = drawn.steps.map((_, i) => i + 1).filter((step) => !needed.some((i) => given[i] === step - 1))
  const replay = `npm run sim -- --seed ${seed} --history ${number}`
  return [
    `seed ${seed} history ${number} step ${failure.step}`,
    tellFailure(history, failure),
    `replay it:\n    ${replay}${without.length > 0 ? ` --without ${without.join()}` : ''}`,
    again === null
      ? 'Played again it does not fail: something in it goes by chance.'
      : `The shortest found:\n${tellFailure(shortest, again)}\nreplay that:\n    ${replay} --without ${left.join()}`
  ].join('\n')
}

function tellFailure(history: History, { step, faults }: Failure): string {
  const steps = history.steps.slice(0, step).map((each, i) => `    ${i + 1}. ${tell(each)}`)
  return [`    ${tellBeginning(history)}`, ...steps, ...faults.slice(0, 5).map((fault) => `  found: ${fault}`)].join(
    '\n'
  )
}
