// Compressed bodies: by what the client accepts, off the thread that serves.
import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'
import type { FastifyInstance } from 'fastify'
import Negotiator from 'negotiator'
import PQueue from 'p-queue'

export type Coding = 'br' | 'gzip' | 'identity'

const CODINGS: readonly Coding[] = ['br', 'gzip', 'identity']

/** Below this, packing costs more than it saves. */
const WORTHWHILE_BYTES = 1_024

/** As many as there are threads for it: each takes its memory when it begins to wait. */
const AT_ONCE = 4
const packing = new PQueue({ concurrency: AT_ONCE })

const PACK: { readonly [C in Exclude<Coding, 'identity'>]: (body: Buffer) => Promise<Buffer> } = {
  br: (body) => promisify(brotliCompress)(body, { params: brotliFor(body.byteLength) }),
  gzip: (body) => promisify(gzip)(body, { level: 1 })
}

/** With a window no larger than the body: the usual one takes 4 MB, which stay with the process. */
function brotliFor(bytes: number): Record<number, number> {
  return {
    [constants.BROTLI_PARAM_QUALITY]: 4,
    [constants.BROTLI_PARAM_SIZE_HINT]: bytes,
    [constants.BROTLI_PARAM_LGWIN]: Math.min(20, Math.max(14, Math.ceil(Math.log2(bytes))))
  }
}

function pack(coding: Exclude<Coding, 'identity'>, body: Buffer): Promise<Buffer> {
  return packing.add(() => PACK[coding](body))
}

/** What the client prefers of ours; nothing that it refuses by `q=0`, but for the plain bytes. */
export function codingOf(acceptEncoding: string | string[] | undefined): Coding {
  if (acceptEncoding === undefined) return 'identity'
  const preferred = new Negotiator({ headers: { 'accept-encoding': acceptEncoding } }).encodings(CODINGS)[0]
  return CODINGS.find((coding) => coding === preferred) ?? 'identity'
}

/** A body as it is sent with a coding; one that is too small for it stays plain. */
export async function packed(text: string, coding: Coding): Promise<{ body: Buffer; encoding: string | undefined }> {
  const body = Buffer.from(text)
  if (coding === 'identity' || body.byteLength < WORTHWHILE_BYTES) return { body, encoding: undefined }
  return { body: await pack(coding, body), encoding: coding }
}

/** Packs every text that is large enough. Whether it does depends on the text and the coding alone. */
export function addCompression(app: FastifyInstance): void {
  app.addHook('onSend', async (request, reply, payload: unknown) => {
    if (typeof payload !== 'string' && !Buffer.isBuffer(payload)) return payload
    if (Buffer.byteLength(payload) < WORTHWHILE_BYTES || reply.hasHeader('content-encoding')) return payload
    const coding = codingOf(request.headers['accept-encoding'])
    if (coding === 'identity') return payload
    reply.header('content-encoding', coding).removeHeader('content-length')
    return pack(coding, typeof payload === 'string' ? Buffer.from(payload) : payload)
  })
}
