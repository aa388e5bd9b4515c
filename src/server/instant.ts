// Instants, as parameters carry them.
import { isDay } from '../model/day.ts'
import { badParameter } from './problem.ts'

/** Hours and minutes of RFC 3339, seconds or none, also a leap second. A blank is a plus sign that was sent as it is. */
const TIME = /^([01]\d|2[0-3]):[0-5]\d(:([0-5]\d|60)(\.\d{1,9})?)?(z|[+\- ]([01]\d|2[0-3]):[0-5]\d)?$/i

/**
 * The instant of a date with a time, which is in UTC without an offset; undefined for what is none. What is finer than
 * a millisecond is cut off, and a leap second is the last millisecond before it.
 */
export function instantOf(text: string): Date | undefined {
  const date = text.slice(0, 10)
  const time = text.slice(11)
  if (!isDay(date) || !/^[t ]$/i.test(text.charAt(10)) || !TIME.test(time)) return undefined
  const zone = /(z|[+\- ]\d\d:\d\d)$/i.exec(time)?.[0] ?? 'Z'
  const [, second = '00', fraction = ''] = /^\d\d:\d\d:(\d\d)(?:\.(\d+))?/.exec(time) ?? []
  const fine = second === '60' ? '59.999' : `${second}.${fraction.slice(0, 3).padEnd(3, '0')}`
  return new Date(`${date}T${time.slice(0, 5)}:${fine}${zone.toUpperCase().replace(' ', '+')}`)
}

/** The instant that a parameter names; of a day, its beginning. */
export function parseInstant(parameter: string, text: string): Date {
  const instant = isDay(text) ? new Date(text) : instantOf(text)
  if (instant !== undefined) return instant
  throw badParameter(
    parameter,
    `'${text}' is neither digits, nor a time (2026-11-01T08:30:00Z), nor a day (2026-11-01)`
  )
}
