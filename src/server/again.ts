// Questions that were asked before. Most requests are the same few, from the same few callers, and between two of them
// nothing has changed. What was found out about such a question is remembered, so that only what can change is looked
// at again: who asks, and how often, by the gates before; here the day, and whether anything was written.
import type { FastifyReply, FastifyRequest } from 'fastify'
import { LRUCache } from 'lru-cache'
import type { Clock } from '../model/clock.ts'
import { MS_PER_DAY } from '../model/day.ts'
import type { SeriesStore, Workspace } from '../model/store.ts'
import { callerOf, type Caller } from './caller.ts'
import { matches, type Answered } from './etag.ts'
import { sendReady } from './ready.ts'

export interface Again {
  /** Answers, where the answer that was given before is still right and at hand; false where it is not. */
  answer(request: FastifyRequest, reply: FastifyReply): boolean
  /** Keeps for the next time how a request was answered, and what that depended on. */
  remember(request: FastifyRequest, basis: Basis, answered: Answered): void
}

/** Who asked, and for what form of the answer: the same address is another question for another caller. */
interface Asker {
  readonly caller: Caller
  readonly accept: string | undefined
  readonly coding: string | string[] | undefined
}

/** What the answer was found by, beside its question. */
export interface Basis {
  readonly workspace: Workspace
  /** The last write when it was chosen among all workspaces; null where its name was given. */
  readonly chosenAt: number | undefined | null
  readonly now: Date
}

interface Remembered extends Answered, Asker {
  readonly workspace: Workspace
  readonly chosenAt: number | undefined | null
  /** Days since 1970: the default range depends on it, and the end of weeks and months. */
  readonly today: number
  readonly query: unknown
}

/** Addresses are as long as others like, so what they take is counted, about two bytes a character. */
const MAX_BYTES = 8 * 1_048_576
const ENTRY_BYTES = 1_024
/** So many askers of one address; they are looked through one by one. */
const MOST_ASKERS = 16

export function createAgain(store: Pick<SeriesStore, 'lastRevision' | 'lastWrite'>, clock: Clock): Again {
  /** By address as it came, since a key put together of all parts costs more than to compare them. */
  const remembered = new LRUCache<string, readonly Remembered[]>({
    maxSize: MAX_BYTES,
    sizeCalculation: (known, url) => known.length * (2 * url.length + ENTRY_BYTES)
  })
  const holds = ({ workspace, revision, chosenAt, today }: Remembered): boolean =>
    store.lastRevision(workspace) === revision &&
    (chosenAt === null || store.lastWrite() === chosenAt) &&
    dayNumber(clock.now()) === today

  return {
    answer(request, reply) {
      const asker = askerOf(request)
      const known = remembered.get(request.url)?.find((each) => isSame(each, asker))
      if (known === undefined || !holds(known)) return false
      const unchanged = matches(request.headers['if-none-match'], known.tag)
      const ready = unchanged ? known.unchanged : request.server.replyCache.kept(known.key)
      if (ready === undefined) return false
      // For the log, which tells what was asked as it was understood.
      request.query = known.query
      sendReady(reply, ready)
      return true
    },
    remember(request, { workspace, chosenAt, now }, answered) {
      if (chosenAt === undefined) return
      const { query, url } = request
      const asker = askerOf(request)
      const others = (remembered.get(url) ?? []).filter((each) => !isSame(each, asker))
      const latest = { ...answered, ...asker, workspace, chosenAt, today: dayNumber(now), query }
      remembered.set(url, [latest, ...others].slice(0, MOST_ASKERS))
    }
  }
}

function askerOf(request: FastifyRequest): Asker {
  const { accept, 'accept-encoding': coding } = request.headers
  return { caller: callerOf(request), accept, coding }
}

/** As long as nothing about a caller changes, it is the same object. */
function isSame(a: Asker, b: Asker): boolean {
  return a.caller === b.caller && a.accept === b.accept && a.coding === b.coding
}

function dayNumber(now: Date): number {
  return Math.floor(now.getTime() / MS_PER_DAY)
}
