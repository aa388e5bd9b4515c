// What a file is, told by its content: names lie, and standard input has none.
import { Fault } from './fault.ts'
import { MAX_EVENT_BYTES } from './limits.ts'

/** The top-level keys of an answer; what has one of them is no event. */
const ANSWER_KEYS = new Set(['tables', 'schema', 'results', 'error'])

export type ExportFormat = 'csv' | 'ndjson' | 'json-array' | 'json-answer'

export interface Detected {
  readonly format: ExportFormat
  /** The whole file, also the part that was looked at. */
  readonly chunks: AsyncIterable<Buffer>
}

/** Reads as little as tells the format; refuses a file without content. */
export async function detectFormat(chunks: AsyncIterable<Buffer>): Promise<Detected> {
  const rest = chunks[Symbol.asyncIterator]()
  let head: Buffer = Buffer.alloc(0)
  let ended = false
  let format = formatOf(head, ended)
  while (format === undefined) {
    const next = await rest.next()
    if (next.done === true) ended = true
    else head = Buffer.concat([head, next.value])
    format = formatOf(head, ended)
  }
  return { format, chunks: resume(head, rest) }
}

async function* resume(head: Buffer, rest: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  if (head.length > 0) yield head
  for (let next = await rest.next(); next.done !== true; next = await rest.next()) yield next.value
}

/** The format of a file that begins so; undefined where more has to be seen. */
function formatOf(head: Buffer, ended: boolean): ExportFormat | undefined {
  const enough = ended || head.length > MAX_EVENT_BYTES
  const start = head.findIndex((byte) => byte !== 0x20 && byte !== 0x09 && byte !== 0x0d && byte !== 0x0a)
  if (start === -1) {
    if (enough) throw new Fault('is empty: export the events again', 1)
    return undefined
  }
  const first = String.fromCharCode(head[start] ?? 0)
  if (first === '[') return 'json-array'
  if (first !== '{') return 'csv'
  // An object: alone on its line it is an event of NDJSON, unless it has the keys of an answer.
  const end = head.indexOf(0x0a, start)
  if (end === -1 && !enough) return undefined
  const line = head.toString('utf8', start, end === -1 ? head.length : end)
  const keys = keysOf(line)
  return keys === undefined || keys.some((key) => ANSWER_KEYS.has(key.toLowerCase())) ? 'json-answer' : 'ndjson'
}

/** The keys of the object that a line holds; undefined where it holds no whole one. */
function keysOf(line: string): string[] | undefined {
  try {
    return Object.keys(Object(JSON.parse(line)))
  } catch {
    return undefined
  }
}
