// Comma separated values, as the Defender portal and Log Analytics export them: a header, then one event a record.
import { pipeline } from 'node:stream/promises'
import { CsvError, parse } from 'csv-parse'
import type { Columns } from './columns.ts'
import type { EventCounter } from './events.ts'
import { Fault, locate } from './fault.ts'
import { MAX_EVENT_BYTES } from './limits.ts'
import { trackLines } from './lines.ts'

// The parser holds a few bytes back to look ahead.
const LOOKAHEAD_BYTES = 16

/** Counts every record after the header; a fault has the line on which its record begins. */
export async function readCsv(chunks: AsyncIterable<Buffer>, events: EventCounter): Promise<void> {
  const lines = trackLines()
  let columns: Columns | undefined
  let written = 0
  /** Where the last record ended, and so the next one begins. */
  let recordEnd = 0

  const onRecord = (record: string[], end: number): void => {
    checkLength(end - recordEnd)
    if (columns === undefined) columns = events.columnsOf(record)
    else events.addRow(columns, record)
    recordEnd = end
  }
  const parser = parse({
    columns: false,
    record_delimiter: ['\r\n', '\n'],
    skip_empty_lines: true,
    // Nothing is handed on, so the parser never waits for a reader, and keeps nothing.
    on_record: (record: string[], { bytes }) => {
      onRecord(record, bytes)
      return null
    }
  })
  // The parser's own count of lines takes a quoted CRLF for two.
  async function* measured(): AsyncGenerator<Buffer> {
    for await (const chunk of chunks) {
      lines.release(recordEnd)
      lines.add(chunk)
      written += chunk.length
      yield chunk
      checkLength(written - recordEnd - LOOKAHEAD_BYTES)
    }
  }
  try {
    await pipeline(measured(), parser.resume())
  } catch (err) {
    throw locate(faultOf(err), () => lines.lineAt(recordEnd))
  }
}

function checkLength(bytes: number): void {
  if (bytes > MAX_EVENT_BYTES) throw new Fault(`is longer than ${MAX_EVENT_BYTES} bytes: look for an open quote`)
}

/** What the parser found wrong, in words for whoever exported the file. */
function faultOf(err: unknown): unknown {
  if (!(err instanceof CsvError)) return err
  switch (err.code) {
    case 'CSV_QUOTE_NOT_CLOSED':
      return new Fault('opens a quote that is never closed: the file may be cut off, export it again')
    case 'CSV_RECORD_INCONSISTENT_FIELDS_LENGTH':
      return new Fault(`has another number of fields than the header: ${RECORD_REMEDY}`)
    default:
      return new Fault(`has a quote that does not enclose a whole field: ${RECORD_REMEDY}`)
  }
}

const RECORD_REMEDY = 'quote each field that holds a comma, a quote or a line break, and double the quotes in it'
