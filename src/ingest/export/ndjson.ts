// NDJSON: one event a line, as an object.
import type { EventCounter } from './events.ts'
import { Fault } from './fault.ts'
import { MAX_EVENT_BYTES } from './limits.ts'

const LINE_FEED = 0x0a

/** Counts the event of every line that is not blank. */
export async function readNdjson(chunks: AsyncIterable<Buffer>, events: EventCounter): Promise<void> {
  let line = 1
  /** The beginning of a line whose end has not come yet, in pieces. */
  let begun: Buffer[] = []
  let begunBytes = 0

  const hold = (piece: Buffer): void => {
    begun.push(piece)
    begunBytes += piece.length
    if (begunBytes <= MAX_EVENT_BYTES) return
    throw new Fault(`is longer than ${MAX_EVENT_BYTES} bytes: write one event a line`, line)
  }
  const take = (): string => {
    const text = (begun.length === 1 ? begun[0] : Buffer.concat(begun))?.toString('utf8') ?? ''
    begun = []
    begunBytes = 0
    return text
  }
  for await (const chunk of chunks) {
    let start = 0
    for (let end = chunk.indexOf(LINE_FEED); end !== -1; end = chunk.indexOf(LINE_FEED, start)) {
      hold(chunk.subarray(start, end))
      addLine(take(), line, events)
      start = end + 1
      line++
    }
    if (start < chunk.length) hold(chunk.subarray(start))
  }
  addLine(take(), line, events)
}

function addLine(text: string, line: number, events: EventCounter): void {
  if (text.trim() === '') return
  try {
    events.addObject(parseLine(text))
  } catch (err) {
    throw err instanceof Fault ? new Fault(err.message, line) : err
  }
}

function parseLine(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new Fault('is no JSON: write one whole event a line')
  }
}
