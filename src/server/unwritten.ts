// Answers to questions of which nobody can tell what they depend on, but that it is kept in the store: they are right
// for as long as nothing at all is written.
import { createHash } from 'node:crypto'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { SeriesStore } from '../model/store.ts'
import { callerOf, numberOf } from './caller.ts'
import { codingOf, packed } from './coding.ts'
import { readyBody, sendReady } from './ready.ts'

export interface Unwritten {
  readonly store: Pick<SeriesStore, 'lastWrite'>
  /** All that the answer depends on beside the caller and the store; and so the day, where that counts. */
  readonly question: unknown
  /** The answer, which becomes JSON as it is, and whether the time of day decides of it. */
  compute(): Promise<{ readonly answer: unknown; readonly timed: boolean }>
}

/** Answers with JSON: with that of before, where the same caller asked the same and nothing was written since. */
export async function sendUnlessWritten(
  request: FastifyRequest,
  reply: FastifyReply,
  { store, question, compute }: Unwritten
): Promise<FastifyReply> {
  const coding = codingOf(request.headers['accept-encoding'])
  const before = store.lastWrite()
  const asked = [numberOf(callerOf(request)), request.routeOptions.url, before, coding, question]
  const { ready } = await request.server.replyCache.get(digestOf(asked), async () => {
    const { answer, timed } = await compute()
    const unstable = timed || before === undefined || store.lastWrite() !== before
    const { body, encoding } = await packed(JSON.stringify(answer), coding)
    const head = {
      'content-type': 'application/json; charset=utf-8',
      'cache-control': 'no-store',
      ...(encoding !== undefined && { 'content-encoding': encoding })
    }
    return { ready: readyBody(body, head), unstable }
  })
  return sendReady(reply, ready)
}

function digestOf(asked: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(asked)).digest('base64url')
}
