// Reading an answer without trusting it to end.
import { OperationalError } from '../../model/errors.ts'

/** Above what either service sends (about 100 MB), and little enough to hold. */
export const MAX_BODY_BYTES = 128 * 1024 * 1024

/**
 * The whole body as text. `source-rejected` where it is longer than the limit or no UTF-8, `source-incomplete` where it
 * breaks off; in either case the rest of it is not read.
 */
export async function readBody(chunks: AsyncIterable<Uint8Array | string>, maxBytes = MAX_BODY_BYTES): Promise<string> {
  const parts: Uint8Array[] = []
  let bytes = 0
  try {
    for await (const read of chunks) {
      const chunk = typeof read === 'string' ? Buffer.from(read) : read
      bytes += chunk.byteLength
      // Leaving the loop ends the connection.
      if (bytes > maxBytes) break
      parts.push(chunk)
    }
  } catch (cause) {
    throw new OperationalError('source-incomplete', `the answer broke off after ${bytes} bytes`, { cause })
  }
  if (bytes > maxBytes) {
    throw new OperationalError('source-rejected', `the answer is longer than ${maxBytes} bytes, which no good one is`)
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(parts))
  } catch (cause) {
    throw new OperationalError('source-rejected', 'the answer is no UTF-8 text', { cause })
  }
}
