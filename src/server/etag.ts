// Answers that need not be sent twice.
import { createHash } from 'node:crypto'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Revision } from '../model/revision.ts'
import { codingOf, packed } from './coding.ts'
import { readyBody, readyUnchanged, sendReady, type Ready } from './ready.ts'
import type { ReplyCache } from './reply-cache.ts'

declare module 'fastify' {
  interface FastifyInstance {
    replyCache: ReplyCache
  }
}

export interface Cacheable {
  /** All that the bytes depend on, but the workspace's revision and the coding; nothing that others' data decides. */
  readonly question: readonly unknown[]
  /** Of the workspace; counts all of them, and so keeps answers apart in memory only. */
  readonly key: number | undefined
  readonly mediaType: string
  revision(): Promise<Revision>
  /** The body, and whether the next answer to the same question may be another without a new revision. */
  compute(): Promise<{ readonly body: string; readonly unstable: boolean }>
  /** Hears of an answer that is right as long as the workspace has this revision. */
  onAnswer?(answered: Answered): void
}

export interface Answered {
  readonly revision: Revision
  readonly tag: string
  /** Of the answer in the reply cache. */
  readonly key: string
  /** For whoever shows the validator. */
  readonly unchanged: Ready
}

/** How often an answer is computed again because the workspace changed meanwhile, before it goes without a validator. */
const ATTEMPTS = 3

/**
 * Answers with a strong validator, or with 304. The validator is computed from the question, not from the body: what a
 * client has already is not even read, and what was answered before comes from memory.
 */
export async function sendCacheable(
  request: FastifyRequest,
  reply: FastifyReply,
  { question, key: workspaceKey, mediaType, revision, compute, onAnswer }: Cacheable
): Promise<FastifyReply> {
  const { replyCache } = request.server
  // The coding that was agreed on counts, also where the body is too small to be packed.
  const coding = codingOf(request.headers['accept-encoding'])
  for (let attempt = 1; ; attempt++) {
    const before = await revision()
    const tag = etagOf([...question, mediaType, coding, before])
    const answered = { revision: before, tag, key: `${workspaceKey} ${tag}`, unchanged: readyUnchanged(tag) }
    if (matches(request.headers['if-none-match'], tag)) {
      onAnswer?.(answered)
      return sendReady(reply, answered.unchanged)
    }
    const { ready, unstable } = await replyCache.get(answered.key, async () => {
      const answer = await compute()
      const moved = (await revision()) !== before
      const changing = answer.unstable || moved
      const { body, encoding } = await packed(answer.body, coding)
      const head = {
        'content-type': mediaType,
        ...(encoding !== undefined && { 'content-encoding': encoding }),
        ...(!changing && { etag: tag })
      }
      return { ready: readyBody(body, head), unstable: changing }
    })
    if (unstable && attempt < ATTEMPTS && (await revision()) !== before) continue
    if (!unstable) onAnswer?.(answered)
    return sendReady(reply, ready)
  }
}

function etagOf(parts: readonly unknown[]): string {
  return `"${createHash('sha256').update(JSON.stringify(parts)).digest('base64url').slice(0, 27)}"`
}

/** Whether `If-None-Match` names the validator, or anything; `W/` is looked through, as RFC 9110 wants it. */
export function matches(ifNoneMatch: string | undefined, tag: string): boolean {
  if (ifNoneMatch === undefined) return false
  if (ifNoneMatch === tag) return true
  const named: readonly string[] = ifNoneMatch.match(/"[^"]*"/g) ?? []
  return ifNoneMatch.trim() === '*' || named.includes(tag)
}
