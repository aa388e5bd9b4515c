// Several at work at once, and the order in which they go on drawn from a seed. Whoever is about to ask the store or
// the source, or is about to hear its answer, waits at a gate; one gate after the other is opened. Nothing here waits
// for a disk, a network or a timer, so that the same seed gives the same history.
import { setImmediate as turn } from 'node:timers/promises'
import type { Clock } from '../src/model/clock.ts'
import type { Random } from './random.ts'
import type { Time } from './time.ts'

/** Whoever waits; behind a gate of one that is dead nothing happens any more but an error. */
export interface Owner {
  dead: boolean
}

export interface Ticket {
  readonly owner: Owner
  /** What is about to happen behind the gate. */
  readonly what: 'ask' | 'write' | 'hear' | 'sleep' | 'alone'
  go(): void
}

export interface Play {
  readonly random: Random
  readonly actors: readonly Promise<unknown>[]
  /**
   * Called before a gate is opened, with those that could be, and with whether everything stands still. It may choose
   * one, let what goes on come to a stand, or end the play.
   */
  meanwhile(waiting: readonly Ticket[], still: boolean): Promise<Ticket | 'wait' | 'end' | undefined>
}

export interface Scheduler {
  /** Waits at a gate while a play is on, else not at all. */
  gate(owner: Owner, what: Ticket['what']): Promise<void>
  /** Between two gates: counted until it has ended. */
  work<T>(run: () => Promise<T>): Promise<T>
  /** On the way of a request. */
  requestGate(owner: Owner): Promise<void>
  /** For a store: who waits for another's lock waits at a gate, and no time passes. */
  lockClock(owner: Owner): Clock
  /** Whether anything goes on behind an open gate. */
  readonly busy: boolean
  /** Until all actors have ended, or the play is; throws where nothing can go on. */
  play(play: Play): Promise<void>
  /** A request, whose way between its gates nobody counts: it may wait for another request. */
  request<T>(run: () => Promise<T>): Promise<T>
  /** Opens the gates of who makes requests until all of them are answered. */
  finishRequests(client: Owner): Promise<void>
  /** Lets those that are dead find out at their gates, until none of them is left. */
  bury(owners: readonly Owner[]): Promise<void>
}

/** How often another gate is opened while the work behind the last one may still be going on. */
const OVERLAP = 0.25

/** So many turns of the event loop take a request from one gate to the next, or to its end. */
const REQUEST_TURNS = 4

/** So often nobody stands at a gate, as what is under way takes more turns. */
const MOST_IDLE = 1_000

export function createScheduler(time: Time, onLockWait: () => void): Scheduler {
  const waiting: Ticket[] = []
  let playing = false
  let underWay = 0
  let requests = 0
  const goesOn = (): boolean => underWay > 0
  const isAsked = (): boolean => requests > 0

  const wait = async (owner: Owner, what: Ticket['what']): Promise<void> => {
    requireLife(owner)
    await new Promise<void>((go) => void waiting.push({ owner, what, go }))
    requireLife(owner)
  }

  const open = (ticket: Ticket): void => {
    waiting.splice(waiting.indexOf(ticket), 1)
    ticket.go()
  }

  const openAllOf = (owner: Owner): number => {
    const tickets = waiting.filter((ticket) => ticket.owner === owner)
    tickets.forEach(open)
    return tickets.length
  }

  /** Until everything stands at a gate, or somebody waits for a lock, and others behind it. */
  const stillness = async (): Promise<void> => {
    for (let i = 0; i < (isAsked() ? REQUEST_TURNS : 0); i++) await turn()
    do await turn()
    while (goesOn() && !waiting.some(({ what }) => what === 'sleep'))
  }

  const scheduler: Scheduler = {
    get busy() {
      return underWay > 0
    },
    gate: async (owner, what) => {
      if (playing) await wait(owner, what)
      else requireLife(owner)
    },
    async work(run) {
      underWay++
      try {
        return await run()
      } finally {
        underWay--
      }
    },
    requestGate: async (owner) => {
      if (playing) await wait(owner, 'ask')
    },
    lockClock: (owner) => ({
      now: time.clock.now,
      async after() {
        onLockWait()
        if (!playing) throw new Error('a lock is held, and nobody is there to let it go')
        underWay--
        await wait(owner, 'sleep').finally(() => underWay++)
      }
    }),
    async play({ random, actors, meanwhile }) {
      playing = true
      let ended = 0
      let idle = 0
      let failure: unknown
      for (const actor of actors) {
        void actor.catch((error: unknown) => (failure ??= error)).then(() => ended++)
      }
      const haveEnded = (): boolean => {
        if (failure !== undefined) throw failure
        return ended === actors.length
      }
      try {
        for (let still = true; ;) {
          await (still ? stillness() : turn())
          if (haveEnded()) return
          const ready = waiting.filter(({ owner, what }) => !owner.dead && (what !== 'alone' || underWay === 0))
          if (ready.length === 0) {
            if (++idle > MOST_IDLE) throw new Error('nothing goes on, and not all have ended')
            still = true
            continue
          }
          idle = 0
          const chosen = await meanwhile(ready, underWay === 0)
          if (chosen === 'end') return
          if (chosen === 'wait') {
            still = true
            continue
          }
          const alive = ready.filter(({ owner }) => !owner.dead)
          const ticket = chosen ?? (alive.length > 0 ? random.pick(alive) : undefined)
          if (ticket !== undefined) open(ticket)
          if (ticket?.what === 'alone') {
            do await turn()
            while (goesOn())
          }
          still = !random.chance(OVERLAP)
        }
      } finally {
        playing = false
      }
    },
    async request(run) {
      requests++
      try {
        return await run()
      } finally {
        requests--
      }
    },
    async finishRequests(client) {
      while (isAsked()) {
        openAllOf(client)
        await turn()
      }
    },
    async bury(owners) {
      for (let opened = 1; opened > 0 || goesOn();) {
        await turn()
        opened = owners.reduce((sum, owner) => sum + openAllOf(owner), 0)
      }
    }
  }
  return scheduler
}

function requireLife(owner: Owner): void {
  if (owner.dead) throw new Error('the process was killed')
}
