// One JSON document: an array of events, or an answer of Log Analytics or of Graph. Parsed as it streams by.
import { TokenParser, TokenParserError, TokenType, Tokenizer, TokenizerError } from '@streamparser/json'
import type { EventCounter } from './events.ts'
import { Fault, locate } from './fault.ts'
import { createAnswerReader } from './json-answer.ts'
import { MAX_EVENT_BYTES, MAX_JSON_DEPTH } from './limits.ts'
import { trackLines } from './lines.ts'

/** What is to be done with the parts of a document. */
export interface DocumentReader {
  /** The parts that are kept until they are whole, and then handed on; all else is forgotten at once. */
  readonly paths: string[]
  /** How deep an event lies under a key of the document; what lies as deep may not be longer than an event. */
  eventDepth(topKey: string): number
  add(part: Part): void
  /** All was read; told are the keys of the document, in lower case, that hold a list. */
  finish(lists: ReadonlySet<string>): void
}

interface Part {
  readonly value: unknown
  /** The keys and indexes that lead to it. */
  readonly path: readonly (string | number | undefined)[]
}

/** Counts every event of an array of event objects. */
export function readJsonArray(chunks: AsyncIterable<Buffer>, events: EventCounter): Promise<void> {
  return readDocument(chunks, {
    paths: ['$.*'],
    eventDepth: () => 2,
    add: ({ value }) => events.addObject(value),
    finish: () => undefined
  })
}

/** Counts every event of an answer; one that says that it is partial is refused. */
export function readJsonAnswer(chunks: AsyncIterable<Buffer>, events: EventCounter): Promise<void> {
  return readDocument(chunks, createAnswerReader(events))
}

async function readDocument(chunks: AsyncIterable<Buffer>, reader: DocumentReader): Promise<void> {
  const lines = trackLines()
  const lists = new Set<string>()
  let topKey = ''
  let eventDepth = reader.eventDepth(topKey)
  let depth = 0
  let eventStart = 0
  /** Where the last token stands; then, how much was read. */
  let offset = 0
  let written = 0

  /** Where the event begins that is being read; outside of one, the last token. */
  const begin = (): number => (depth >= eventDepth ? eventStart : offset)
  const checkLength = (end: number): void => {
    if (end - begin() > MAX_EVENT_BYTES) throw new Fault(`is longer than ${MAX_EVENT_BYTES} bytes: export it again`)
  }

  // A string without a limit of its own would be kept by the tokenizer in one piece for each of its bytes.
  const tokenizer = new Tokenizer({ stringBufferSize: 65_536 })
  const parser = new TokenParser({ paths: reader.paths, keepStack: false })
  tokenizer.onToken = (token) => {
    offset = token.offset
    if (token.token === TokenType.LEFT_BRACE || token.token === TokenType.LEFT_BRACKET) {
      if (depth === 1 && token.token === TokenType.LEFT_BRACKET) lists.add(topKey)
      if (++depth > MAX_JSON_DEPTH) throw new Fault(`is nested deeper than ${MAX_JSON_DEPTH} levels: export it again`)
      if (depth === eventDepth) eventStart = offset
    } else if (depth === 1 && token.token === TokenType.STRING) {
      // Also where it is a value, which no event lies under.
      topKey = String(token.value).toLowerCase()
      eventDepth = reader.eventDepth(topKey)
    }
    checkLength(offset)
    parser.write(token)
    if (token.token === TokenType.RIGHT_BRACE || token.token === TokenType.RIGHT_BRACKET) depth--
  }
  parser.onValue = ({ value, key, stack }) => {
    reader.add({ value, path: [...stack.slice(1).map((container) => container.key), key] })
  }

  try {
    for await (const chunk of chunks) {
      lines.release(begin())
      lines.add(chunk)
      written += chunk.length
      tokenizer.write(chunk)
      checkLength(written)
    }
    offset = written
    if (!parser.isEnded)
      throw new Fault('is where the file ends, in the midst of a document: it is cut off, export it again')
    reader.finish(lists)
  } catch (err) {
    throw locate(faultOf(err), () => lines.lineAt(begin()))
  }
}

function faultOf(err: unknown): unknown {
  if (!(err instanceof TokenizerError || err instanceof TokenParserError)) return err
  return new Fault('is no JSON: export the file again')
}
