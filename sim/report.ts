// What is told of a history that went wrong, and how it is played again.
import { drawHistory } from './draw.ts'
import { randomOf } from './random.ts'
import { only } from './shrink.ts'
import type { History } from './steps.ts'
import { tell, tellBeginning } from './words.ts'

/** Where somebody is who plays. */
export interface Place {
  /** Of the history. */
  readonly number: number
  /** The steps that are left out, counted from 1. */
  readonly without: readonly number[]
  /** Of those that are left the one under way, counted from 1; 0 before the first. */
  readonly step: number
}

/** The first so many steps of a history in words, and what was found then. */
export function tellHistory(history: History, step: number, found: readonly string[]): string {
  const steps = history.steps.slice(0, step).map((each, i) => `    ${i + 1}. ${tell(each)}`)
  return [`    ${tellBeginning(history)}`, ...steps, ...found.slice(0, 5).map((each) => `  found: ${each}`)].join('\n')
}

/** A play that came to no end, and why it is taken for that. */
export function tellHang(seed: number, { number, without, step }: Place, reason: string): string {
  const drawn = drawHistory(randomOf(seed, number))
  const history = only(drawn, keptSteps(drawn, without))
  return [
    `seed ${seed} history ${number} step ${step}`,
    tellHistory(history, step, [reason]),
    `replay it:\n    ${replay(seed, number, without)}`
  ].join('\n')
}

export function replay(seed: number, number: number, without: readonly number[]): string {
  const words = `npm run sim -- --seed ${seed} --history ${number}`
  return without.length > 0 ? `${words} --without ${without.join()}` : words
}

/** The indices of the steps that are not left out. */
export function keptSteps({ steps }: History, without: readonly number[]): number[] {
  return steps.map((_, i) => i).filter((i) => !without.includes(i + 1))
}

/** What a shorter history lacks of the one that it was made of. */
export function leftOut({ steps }: History, shorter: History): number[] {
  return steps.flatMap((step, i) => (shorter.steps.includes(step) ? [] : [i + 1]))
}
