// Answers that lie ready, head and body: the one place where something is written past the framework, which would look
// at every header and at the body again.
import type { FastifyReply } from 'fastify'
import { completeHead, HEADERS } from './headers.ts'

export interface Ready {
  readonly status: 200 | 304
  /** Names and values, one after the other; beside what is told of the request, as `RateLimit`. */
  readonly head: readonly string[]
  /** Bytes; as a text, each character is one of them. */
  readonly body: Buffer | string
}

/**
 * Node sends a text together with the head in one piece, through room on its stack, as long as both fit into 16 kB: that
 * is a fifth cheaper than to hand over a buffer beside the head.
 */
const ONE_PIECE_BYTES = 14 * 1_024

/** A body that is sent whole. */
export function readyBody(body: Buffer, head: { readonly [name: string]: string }): Ready {
  return {
    status: 200,
    head: Object.entries({ ...CACHED, ...head, 'content-length': String(body.byteLength) }).flat(),
    body: body.byteLength <= ONE_PIECE_BYTES ? body.toString('latin1') : body
  }
}

/** What is said to whoever has the answer already. */
export function readyUnchanged(etag: string): Ready {
  return { status: 304, head: Object.entries({ ...CACHED, etag }).flat(), body: '' }
}

/** May be kept by the caller alone, and used again once we were asked whether it is still right. */
const CACHED = { ...HEADERS, 'cache-control': 'private, no-cache' }

/** Sends it; hooks that would change the answer are not asked, those that only count it are. */
export function sendReady(reply: FastifyReply, { status, head, body }: Ready): FastifyReply {
  const whole = completeHead(reply, head)
  // From here on nothing may throw: nobody would answer.
  reply.hijack()
  reply.raw.writeHead(status, whole).end(body, 'latin1')
  return reply
}
