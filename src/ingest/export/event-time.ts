// When an event happened: the forms in which the portals and the APIs write it, and no form that could mean two things.
import { Fault, show } from './fault.ts'
import { openTimeZone } from './time-zone.ts'

// What the APIs and both portals' own exports write: 2026-11-01T10:00:00.1234567Z, also with a space and an offset.
const ISO =
  /^([1-9]\d{3})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?(?: ?([Zz]|[+-](?:0\d|1[0-4]):?[0-5]\d))?$/
// What the Azure portal writes in English of the United States: 7/15/2021, 8:02:22.123 AM, with one of several blanks.
const AZURE_PORTAL =
  /^(\d{1,2})\/(\d{1,2})\/([1-9]\d{3}),? (\d{1,2}):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?[ \u{a0}\u{202f}](AM|PM)$/u
// What the Defender portal writes: Apr 5, 2023 10:00:00 AM.
const DEFENDER_PORTAL =
  /^([A-Z][a-z]{2,8}) (\d{1,2}), ([1-9]\d{3}),? (\d{1,2}):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?(?:[ \u{a0}\u{202f}](AM|PM))?$/u
// Days and months as numbers, in an order that depends on who wrote them; also `am`, which who writes days first uses.
const IN_DOUBT = /^\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}/

const MONTHS = 'january february march april may june july august september october november december'.split(' ')
const DAYS_IN_MONTH = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
const REMEDY = 'export times like 2026-11-01T10:00:00Z'

/** A time as it was read: milliseconds as if it were UTC, and how far it is off; null where no zone was told. */
interface ReadTime {
  readonly local: number
  readonly offset: number | null
}

/**
 * Reads times into milliseconds since 1970; what is finer is cut off. A time without a zone is UTC where its column
 * says so, else of the time zone given, else a fault.
 */
export function createTimeReader(timeZone: string | null): (text: string, utc: boolean) => number {
  const zone = timeZone === null ? null : openTimeZone(timeZone)
  return (text, utc) => {
    const time = readIso(text) ?? readAzurePortal(text) ?? readDefenderPortal(text)
    if (time === null) throw unreadable(text)
    if (Number.isNaN(time.local)) throw new Fault(`the time ${show(text)} is none of the calendar: ${REMEDY}`)
    if (time.offset !== null) return time.local - time.offset
    if (utc) return time.local
    if (zone === null) {
      throw new Fault(`the time ${show(text)} has no zone: name it, as in --time-zone Europe/Berlin, or ${REMEDY}`)
    }
    const instant = zone(time.local)
    if (instant === null) {
      throw new Fault(`the time ${show(text)} does not exist in ${timeZone}, or exists twice there: ${REMEDY}`)
    }
    return instant
  }
}

function readIso(text: string): ReadTime | null {
  const found = ISO.exec(text)
  if (found === null) return null
  const [, year, month, day, hour, minute, second, fraction, zone] = found
  return {
    local: toMs(Number(year), Number(month), Number(day), Number(hour), minute, second, fraction),
    offset: zone === undefined ? null : offsetOf(zone)
  }
}

function readAzurePortal(text: string): ReadTime | null {
  const found = AZURE_PORTAL.exec(text)
  if (found === null) return null
  const [, month, day, year, hour, minute, second, fraction, half] = found
  const hours = hourOf(Number(hour), half)
  return { local: toMs(Number(year), Number(month), Number(day), hours, minute, second, fraction), offset: null }
}

function readDefenderPortal(text: string): ReadTime | null {
  const found = DEFENDER_PORTAL.exec(text)
  if (found === null) return null
  const [, name = '', day, year, hour, minute, second, fraction, half] = found
  const month = MONTHS.findIndex((full) => full === name.toLowerCase() || full.slice(0, 3) === name.toLowerCase()) + 1
  const hours = hourOf(Number(hour), half)
  return { local: toMs(Number(year), month, Number(day), hours, minute, second, fraction), offset: null }
}

/** The hour of the day; NaN where a clock of twelve hours does not show it. */
function hourOf(hour: number, half: string | undefined): number {
  if (half === undefined) return hour
  if (hour < 1 || hour > 12) return Number.NaN
  return (hour % 12) + (half === 'PM' ? 12 : 0)
}

/** NaN where the calendar has no such day, or the day no such time. */
function toMs(
  year: number,
  month: number,
  day: number,
  hour: number,
  minute = '0',
  second = '0',
  fraction = ''
): number {
  const minutes = Number(minute)
  const seconds = Number(second)
  const longest = month === 2 && !isLeap(year) ? 28 : (DAYS_IN_MONTH[month - 1] ?? 0)
  if (day < 1 || day > longest || hour > 23 || minutes > 59 || seconds > 59) return Number.NaN
  return Date.UTC(year, month - 1, day, hour, minutes, seconds, Number(fraction.padEnd(3, '0').slice(0, 3)))
}

function isLeap(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)
}

function offsetOf(zone: string): number {
  if (zone.length === 1) return 0
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(-2))
  return (zone.startsWith('-') ? -minutes : minutes) * 60_000
}

function unreadable(text: string): Fault {
  if (text === '') return new Fault(`has no time: ${REMEDY}`)
  if (!IN_DOUBT.test(text)) return new Fault(`the time ${show(text)} can not be read: ${REMEDY}`)
  return new Fault(`the time ${show(text)} is in doubt, since day and month could be either way round: ${REMEDY}`)
}
