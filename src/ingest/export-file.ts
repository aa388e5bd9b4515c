// Events exported from the Defender portal or from Log Analytics, counted by UTC day while the file streams by.
import type { Readable } from 'node:stream'
import type { DayCounts, Dimension } from '../model/cube.ts'
import type { DayRange } from '../model/day.ts'
import { OperationalError } from '../model/errors.ts'
import type { TimeColumn } from './export/columns.ts'
import { createTally, type AskedRange } from './export/count.ts'
import { readCsv } from './export/csv.ts'
import { detectFormat, type ExportFormat } from './export/detect.ts'
import { createEventCounter, type EventCounter } from './export/events.ts'
import { Fault } from './export/fault.ts'
import { readJsonAnswer, readJsonArray } from './export/json.ts'
import { readNdjson } from './export/ndjson.ts'
import { readText } from './export/text.ts'

export interface ExportOptions {
  /** The days that the file covers, as they were given; null where its events tell that end. */
  readonly range: AskedRange
  /** The IANA time zone of times that name none, and whose column does not say UTC. */
  readonly timeZone: string | null
  readonly timeColumn: 'auto' | TimeColumn
  /** No event may be later. */
  readonly now: Date
  /** Hears how many bytes were read so far. */
  readonly onProgress?: ((bytes: number) => void) | undefined
}

export interface ExportCounts {
  /** What the file covers; null where it has no event, and its ends were not both given. */
  readonly range: DayRange | null
  /** Every day of the range, oldest first; a quiet one has no cells. */
  readonly days: readonly DayCounts[]
  readonly events: number
  /** Events of the file outside of the range given: checked, and not counted. */
  readonly outside: number
  /** The labels that the file has no column for, which are therefore empty. */
  readonly absentLabels: readonly Dimension[]
  /** The column that told the time, as the file spells it; null where a file without events names none. */
  readonly timeColumn: string | null
}

const READERS: Record<ExportFormat, (chunks: AsyncIterable<Buffer>, events: EventCounter) => Promise<void>> = {
  csv: readCsv,
  ndjson: readNdjson,
  'json-array': readJsonArray,
  'json-answer': readJsonAnswer
}

/**
 * Counts the events of one export, whatever its format: CSV, NDJSON, JSON.
 *
 * Whole or an error: `invalid-request`, with the file's `name`, the line and the remedy, for anything in the file that
 * is wrong or in doubt, and for options that can not be kept. Errors of reading `input` itself pass through as they
 * are. `input` is used up, or destroyed. Memory does not grow with the number of events.
 */
export async function countExport(input: Readable, name: string, options: ExportOptions): Promise<ExportCounts> {
  try {
    const tally = createTally(options.range, options.now)
    const events = createEventCounter(tally, options)
    const { format, chunks } = await detectFormat(readText(input, options.onProgress))
    await READERS[format](chunks, events)
    return { ...tally.finish(), ...events.facts() }
  } catch (err) {
    if (!(err instanceof Fault)) throw err
    const where = err.line === null ? name : `${name}, line ${err.line}`
    throw new OperationalError('invalid-request', `${where}: ${err.message}`)
  } finally {
    input.destroy()
  }
}
