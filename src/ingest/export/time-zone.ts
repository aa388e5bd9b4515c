// Local times of a named zone. Asking the zone's rules costs some microseconds, so it is done once for each hour.
import { Temporal } from 'temporal-polyfill'
import { Fault, show } from './fault.ts'

const MS_PER_HOUR = 3_600_000
/** Ten years of hours have their place; a file that jumps about more only becomes slower. */
const MAX_HOURS = 100_000

/** Milliseconds as if local were UTC to milliseconds since 1970; null where the zone has that time not, or twice. */
export type LocalClock = (local: number) => number | null

/** The clock of an IANA time zone; a fault where there is no zone of that name. */
export function openTimeZone(name: string): LocalClock {
  checkName(name)
  /** How far the zone is off through a whole hour; null where that changes within the hour. */
  const offsets = new Map<number, number | null>()

  const ask = (local: number): number | null => {
    const time = Temporal.Instant.fromEpochMilliseconds(local).toZonedDateTimeISO('UTC').toPlainDateTime()
    try {
      return time.toZonedDateTime(name, { disambiguation: 'reject' }).epochMilliseconds
    } catch (err) {
      if (err instanceof RangeError) return null
      throw err
    }
  }
  // Two changes within one hour do not exist, so what holds at both of its ends holds between them.
  const offsetThrough = (start: number): number | null => {
    const first = ask(start)
    const last = ask(start + MS_PER_HOUR - 1)
    if (first === null || last === null || last - first !== MS_PER_HOUR - 1) return null
    return start - first
  }
  return (local) => {
    const hour = Math.floor(local / MS_PER_HOUR)
    let offset = offsets.get(hour)
    if (offset === undefined) {
      if (offsets.size >= MAX_HOURS) offsets.clear()
      offset = offsetThrough(hour * MS_PER_HOUR)
      offsets.set(hour, offset)
    }
    return offset === null ? ask(local) : local - offset
  }
}

function checkName(name: string): void {
  try {
    // Throws for what is no name of a zone, where Temporal would also take a whole date with one.
    Intl.DateTimeFormat('en', { timeZone: name })
  } catch {
    throw new Fault(`the time zone ${show(name)} is unknown: name it like Europe/Berlin`)
  }
}
