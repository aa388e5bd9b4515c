// How many connections there may be, and how long one may hold an answer.
import { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { FastifyInstance } from 'fastify'
import type { Clock } from '../model/clock.ts'
import { membersOf } from './members.ts'

/** Each costs some memory, and a descriptor of which the store needs some too. */
export const MOST_CONNECTIONS = 2_000

/** In this time every answer can be read over a slow line; until then it lies in our memory. */
export const READ_WITHIN_MS = 60_000
const LOOK_EVERY_MS = 5_000
/** So many that came last may still be about to say something: a burst of callers must not turn out its own. */
const JUST_COME = 256

export interface Connections {
  /** How much of the answers has been made, and not been taken by the other side yet. */
  unsentBytes(): number
}

/**
 * Nobody can keep others out by opening connections and doing nothing with them: the one that has been idle longest makes
 * room for the next. And nobody can keep answers in our memory by not reading them: a byte now and then is no reading.
 */
export function addConnectionLimits(app: FastifyInstance, clock: Clock): Connections {
  const open = new Set<Socket>()
  let watching = false

  app.server.on('connection', (socket) => {
    if (open.size >= MOST_CONNECTIONS) {
      const leaving = idlest(open) ?? socket
      // At once, since it is closed only later, and the next of a burst would choose it again.
      open.delete(leaving)
      leaving.destroy()
    }
    if (socket.destroyed) return
    open.add(socket)
    socket.once('close', () => open.delete(socket))
    if (!watching) void watch()
  })

  /** Goes on as long as there is a connection. */
  const watch = async (): Promise<void> => {
    watching = true
    const unread = new Map<Socket, { readonly answer: ServerResponse; readonly since: number }>()
    while (open.size > 0) {
      await clock.after(LOOK_EVERY_MS)
      const now = clock.now().getTime()
      for (const socket of open) {
        const answer = socket.writableLength > 0 ? answerOf(socket) : null
        const before = unread.get(socket)
        if (answer === null) unread.delete(socket)
        else if (before?.answer !== answer) unread.set(socket, { answer, since: now })
        else if (now - before.since >= READ_WITHIN_MS) socket.destroy()
      }
      for (const socket of unread.keys()) if (!open.has(socket)) unread.delete(socket)
    }
    watching = false
  }

  return { unsentBytes: () => [...open].reduce((sum, socket) => sum + socket.writableLength, 0) }
}

/** The oldest that never sent anything and had the time to, else the oldest on which no request is being answered. */
function idlest(open: ReadonlySet<Socket>): Socket | undefined {
  let idle: Socket | undefined
  let older = open.size - JUST_COME
  for (const socket of open) {
    if (older-- > 0 && socket.bytesRead === 0) return socket
    if (idle === undefined && answerOf(socket) === null) idle = socket
  }
  return idle
}

/**
 * The answer that is being given on a connection. Node keeps it there without a documented name; to note each answer
 * ourselves would cost every request. Should it move, connections look idle, and the tests of this file fail.
 */
function answerOf(socket: Socket): ServerResponse | null {
  const answer = membersOf(socket)['_httpMessage']
  return answer instanceof ServerResponse ? answer : null
}
