// A play that hangs, in an endless loop or for an answer that never comes, cannot say so itself. So it takes place in a
// process of its own, which tells of each step; this one ends it when it has been silent for too long.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { makeQuickFolder } from '../test/support/quick-folder.ts'
import { tellHang, type Place } from './report.ts'
import type { Simulated, Simulation } from './simulate.ts'

/** What the process that plays is given, as JSON, as its only argument. */
export interface Task {
  readonly simulation: Simulation
  readonly folder: string
}

/** What it tells, as JSON. */
export type News =
  | { readonly kind: 'at'; readonly place: Place }
  | { readonly kind: 'failed'; readonly failure: string }
  | { readonly kind: 'ended'; readonly played: Played }

export interface Played extends Simulated {
  readonly cpuMs: number
}

export interface WatchOptions {
  /** A step that takes longer hangs: most take some milliseconds, on a busy machine a second. */
  readonly quietMs: number
  /** The program that plays. */
  readonly player?: URL
  onHistory?(played: number): void
}

/** Loading the program and building the servers takes a few seconds. */
const START_MS = 60_000

/** The simulation in a process of its own; one that comes to no end has failed where it was. */
export async function watch(
  simulation: Simulation,
  { quietMs, player = new URL('./player.ts', import.meta.url), onHistory }: WatchOptions
): Promise<Played> {
  const folder = makeQuickFolder('post-delivery-series-sim-')
  const task: Task = { simulation, folder }
  const child = fork(player, [JSON.stringify(task)])
  const heard: { place: Place; failure?: string; played?: Played; silent: boolean } = {
    place: { number: simulation.from, without: simulation.without, step: 0 },
    silent: false
  }
  const end = (): void => {
    heard.silent = true
    child.kill('SIGKILL')
  }
  let timer = setTimeout(end, START_MS)
  child.on('message', (message) => {
    const news: News = JSON.parse(typeof message === 'string' ? message : '{}')
    clearTimeout(timer)
    timer = setTimeout(end, quietMs)
    if (news.kind === 'failed') heard.failure = news.failure
    if (news.kind === 'ended') heard.played = news.played
    if (news.kind !== 'at') return
    if (news.place.number > heard.place.number) onHistory?.(news.place.number - simulation.from)
    heard.place = news.place
  })
  const [code] = await once(child, 'close')
  clearTimeout(timer)
  rmSync(folder, { recursive: true, force: true })
  if (heard.played !== undefined) return heard.played

  const { place, failure, silent } = heard
  const reason = silent
    ? `it hangs: it was silent for ${quietMs / 1_000} s`
    : `its process ended with ${code}: nothing was under way any more, or what was under way ended it`
  const hang = tellHang(simulation.seed, place, reason)
  const told =
    failure === undefined ? hang : `${failure}\nA shorter one was looked for, and this one failed so:\n${hang}`
  return { played: place.number - simulation.from + 1, counts: [], failure: told, cpuMs: 0 }
}
