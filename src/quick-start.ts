// What a start needs, and how little of it stays.
import { createHook } from 'node:async_hooks'
import { flushCompileCache } from 'node:module'
import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8'
import type { Clock } from './model/clock.ts'

/**
 * V8 trades memory for time by what it finds on the machine, and on a large one takes hundreds of megabytes for garbage
 * of a program that has 40. Here the nursery keeps the size that it begins with, and the rest is looked through when it
 * has grown by two fifths. To be called before anything large is loaded.
 */
export function keepHeapSmall(): void {
  keepTickAlive()
  growNurseryBy(1)
  setFlagsFromString('--heap-growing-percent=40')
}

let tick: object | undefined

/**
 * Node makes an object for each `nextTick`, some for every request. V8 knows their shape only as long as one of them is
 * alive; if it looks through the heap while none is, as it does often beside loading, then each later one takes a way
 * that is slower by half a microsecond, as long as the process lives. So one of them is kept.
 */
function keepTickAlive(): void {
  const hook = createHook({
    init(_id, type, _trigger, resource) {
      if (type === 'TickObject') tick = resource
    }
  }).enable()
  process.nextTick(() => {})
  hook.disable()
}

/** Whether an object of `nextTick` is kept: false where Node does not make them any more, and nothing is gained. */
export function keepsTick(): boolean {
  return tick !== undefined
}

const NURSERY_BYTES = 8 * 1_048_576
const LOOK_EVERY_MS = 250

/**
 * Requests need a larger nursery than loading: each leaves some 15 kB behind, and in a small one cleaning up takes a
 * fifth of the time. So from here on it may grow, up to a size at which that does not matter any more, and again after
 * V8 has let it shrink in quiet hours. Never resolves.
 */
export async function letNurseryGrow(clock: Clock): Promise<never> {
  for (;;) {
    growNurseryBy(nurseryBytes() < NURSERY_BYTES ? 4 : 1)
    await clock.after(LOOK_EVERY_MS)
  }
}

function nurseryBytes(): number {
  return getHeapSpaceStatistics().find(({ space_name: name }) => name === 'new_space')?.space_size ?? 0
}

function growNurseryBy(factor: number): void {
  setFlagsFromString(`--semi-space-growth-factor=${factor}`)
}

/**
 * Writes down what was compiled so far, where that is kept for the next start, which then takes a third less; a service
 * that is killed would never come to it.
 */
export function saveCompiled(): void {
  flushCompileCache()
}
