// The bytes of a file as all formats want them: UTF-8 that is whole, without a byte order mark.
import { isUtf8 } from 'node:buffer'
import type { Readable } from 'node:stream'
import { Fault } from './fault.ts'
import { countLineFeeds } from './lines.ts'

const UTF8_MARK = Buffer.from([0xef, 0xbb, 0xbf])
const REMEDY = 'save the file as UTF-8'

/**
 * The file in chunks that end between characters. Refuses what is not UTF-8 with its line; `onProgress` hears how many
 * bytes were read so far.
 */
export async function* readText(input: Readable, onProgress?: (bytes: number) => void): AsyncGenerator<Buffer> {
  let rest: Buffer = Buffer.alloc(0)
  let line = 1
  let bytes = 0
  let begun = false
  for await (const piece of input) {
    const read: Buffer = Buffer.isBuffer(piece) ? piece : Buffer.from(piece)
    bytes += read.length
    onProgress?.(bytes)
    rest = rest.length === 0 ? read : Buffer.concat([rest, read])
    // Four bytes tell every kind of file that is known by its first bytes.
    if (!begun && rest.length < 4) continue
    if (!begun) rest = withoutMark(rest)
    begun = true
    const end = endOfCharacters(rest)
    if (end === 0) continue
    const chunk = rest.subarray(0, end)
    rest = rest.subarray(end)
    check(chunk, line)
    yield chunk
    line += countLineFeeds(chunk, chunk.length)
  }
  if (!begun) rest = withoutMark(rest)
  check(rest, line)
  if (rest.length > 0) yield rest
}

function withoutMark(head: Buffer): Buffer {
  const [a, b] = head
  if (a === 0x1f && b === 0x8b) throw new Fault('is compressed by gzip: unpack it first', 1)
  if (head.subarray(0, 4).toString('latin1') === 'PK\x03\x04') {
    throw new Fault('is a zip archive or an Excel workbook: unpack it, or save it as CSV in UTF-8', 1)
  }
  const wide = (a === 0xff && b === 0xfe) || (a === 0xfe && b === 0xff) || head.subarray(0, 4).includes(0)
  if (wide) throw new Fault(`is encoded as UTF-16 or UTF-32: ${REMEDY}`, 1)
  return head.subarray(0, 3).equals(UTF8_MARK) ? head.subarray(3) : head
}

/** Where the last character ends that is whole: of one that has begun, up to three bytes are left for later. */
function endOfCharacters(bytes: Buffer): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back] ?? 0
    if (byte < 0x80) break
    if (byte >= 0xc0) return back < lengthOfCharacter(byte) ? bytes.length - back : bytes.length
  }
  return bytes.length
}

function lengthOfCharacter(lead: number): number {
  if (lead >= 0xf0) return 4
  return lead >= 0xe0 ? 3 : 2
}

function check(chunk: Buffer, firstLine: number): void {
  if (isUtf8(chunk)) return
  // A line feed is never part of another character, so each line can be looked at alone.
  let start = 0
  for (let line = firstLine; ; line++) {
    const found = chunk.indexOf(0x0a, start)
    const end = found === -1 ? chunk.length : found + 1
    if (found === -1 || !isUtf8(chunk.subarray(start, end))) {
      throw new Fault(`is not UTF-8: ${REMEDY}`, line)
    }
    start = end
  }
}
