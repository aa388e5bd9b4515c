// Numbers, days and spans of time, as people read them.

const number = new Intl.NumberFormat('en-GB')
const percent = new Intl.NumberFormat('en-GB', { style: 'percent', maximumFractionDigits: 0 })

/** @param {Intl.DateTimeFormatOptions} options */
const inUtc = (options) => new Intl.DateTimeFormat('en-GB', { timeZone: 'UTC', ...options })
const whole = inUtc({ day: 'numeric', month: 'short', year: 'numeric' })
const withWeekday = inUtc({ weekday: 'short', day: 'numeric', month: 'short', year: 'numeric' })
const short = inUtc({ day: 'numeric', month: 'short' })
const month = inUtc({ month: 'short', year: 'numeric' })
const minute = inUtc({ day: 'numeric', month: 'short', year: 'numeric', hour: '2-digit', minute: '2-digit' })

/** @param {number} value */
export const formatNumber = (value) => number.format(value)
/** @param {number} part @param {number} all */
export const formatShare = (part, all) => (all === 0 ? '' : percent.format(part / all))
/** @param {string} day */
export const formatDay = (day) => whole.format(new Date(day))
/** @param {string} day */
export const formatShortDay = (day) => short.format(new Date(day))
/** @param {string} day */
export const formatMonth = (day) => month.format(new Date(day))
/** @param {string} instant */
export const formatInstant = (instant) => `${minute.format(new Date(instant))} UTC`

/**
 * What a row is, in full.
 * @param {{ date: string, days?: number }} row
 * @param {string} step
 */
export function formatRow({ date, days }, step) {
  if (step === 'month') return `${formatMonth(date)}, ${countDays(days ?? 0)}`
  if (step === 'week') return `Week of ${formatDay(date)}, ${countDays(days ?? 0)}`
  return withWeekday.format(new Date(date))
}

/** @param {{ from: string, to: string }} range */
export function formatRange({ from, to }) {
  return from === to ? formatDay(from) : `${formatDay(from)} – ${formatDay(to)}`
}

/** @param {number} days */
export function countDays(days) {
  return `${formatNumber(days)} ${days === 1 ? 'day' : 'days'}`
}

/**
 * A span in its largest fitting unit.
 * @param {number} ms
 */
export function formatSpan(ms) {
  const minutes = Math.max(0, Math.round(ms / 60_000))
  if (minutes < 1) return 'less than a minute'
  if (minutes < 120) return `${minutes} min`
  const hours = Math.round(minutes / 60)
  return hours < 48 ? `${hours} h` : countDays(Math.round(hours / 24))
}

/**
 * How a total moved. By signs that every font has.
 * @param {number} now
 * @param {number} before
 */
export function formatChange(now, before) {
  if (now === before) return 'unchanged'
  if (before === 0) return `+${formatNumber(now)}, from 0`
  const times = now / before
  if (times >= 10) return `${formatNumber(Math.round(times))}× as many`
  const moved = Math.abs(times - 1)
  const sign = times > 1 ? '+' : '−'
  return moved < 0.005 ? `${sign} less than 1%` : `${sign}${percent.format(moved)}`
}
