// Exports made by hand for tests: counted, refused, and cut into pieces.
import { Readable } from 'node:stream'
import { countExport, type ExportCounts, type ExportOptions } from '../../src/ingest/export-file.ts'
import { OperationalError } from '../../src/model/errors.ts'

export const HEADER = 'Timestamp,DeliveryLocation,ActionType,ActionTrigger,ActionResult'
/** The event that most tests need: on a line of its own, under `HEADER`. */
export const LINE = '2026-11-01T10:00:00.1234567Z,Junk folder,Phish ZAP,SpecialAction,Success'
/** The same event as an object. */
export const EVENT = {
  Timestamp: '2026-11-01T10:00:00.1234567Z',
  DeliveryLocation: 'Junk folder',
  ActionType: 'Phish ZAP',
  ActionTrigger: 'SpecialAction',
  ActionResult: 'Success'
}
/** The same event as it is counted. */
export const CELL = {
  deliveryLocation: 'Junk folder',
  actionType: 'Phish ZAP',
  actionTrigger: 'SpecialAction',
  actionResult: 'Success',
  count: 1
}

const DEFAULTS: ExportOptions = {
  range: { from: null, to: null },
  timeZone: null,
  timeColumn: 'auto',
  now: new Date('2026-11-24T12:00:00Z')
}

/** Counts a file that holds this; it comes in pieces of so many bytes. */
export function count(
  content: string | Buffer,
  options: Partial<ExportOptions> = {},
  pieceBytes = 65_536
): Promise<ExportCounts> {
  const bytes = Buffer.from(content)
  const pieces = Array.from({ length: Math.ceil(bytes.length / pieceBytes) }, (_, i) =>
    bytes.subarray(i * pieceBytes, (i + 1) * pieceBytes)
  )
  return countExport(Readable.from(pieces), 'export', { ...DEFAULTS, ...options })
}

/** Why a file that holds this is refused: the message, where it is an `invalid-request`. */
export async function refusal(
  content: string | Buffer,
  options: Partial<ExportOptions> = {},
  pieceBytes = 65_536
): Promise<string> {
  try {
    const counts = await count(content, options, pieceBytes)
    return `accepted, with ${counts.events} events`
  } catch (err) {
    if (err instanceof OperationalError && err.code === 'invalid-request') return err.message
    throw err
  }
}

/** The counts as one line a cell, quiet days as one line without: easy to read in a difference. */
export function linesOf(counts: ExportCounts): string[] {
  return counts.days.flatMap(({ day, cells }) =>
    cells.length === 0
      ? [`${day} quiet`]
      : cells.map(
          (cell) =>
            `${day} ${cell.deliveryLocation}|${cell.actionType}|${cell.actionTrigger}|${cell.actionResult} ${cell.count}`
        )
  )
}
