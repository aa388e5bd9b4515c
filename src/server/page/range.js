// Days of a range. A day is text, `2026-11-24`, in UTC.

const MS_PER_DAY = 86_400_000

/** @type {Record<string, number>} */
const DAYS = { '7d': 7, '30d': 30, '90d': 90, '1y': 365 }

/** The most days that one answer holds. */
const MAX_DAYS = 3_660

/** @param {string} day @param {number} days */
export function addDays(day, days) {
  return new Date(Date.parse(day) + days * MS_PER_DAY).toISOString().slice(0, 10)
}

/** How many days. @param {import('./types.js').Range} range */
export function lengthOf({ from, to }) {
  return (Date.parse(to) - Date.parse(from)) / MS_PER_DAY + 1
}

/**
 * The days that are asked for. The presets end yesterday, since today is not over.
 * @param {Pick<import('./types.js').PageState, 'preset' | 'custom'>} state
 * @param {string} now the instant, by the clock of the service
 * @param {string | null} firstDate the first day that has counts
 * @returns {import('./types.js').Range}
 */
export function resolveRange({ preset, custom }, now, firstDate) {
  if (preset === null) return custom
  const yesterday = addDays(now.slice(0, 10), -1)
  if (preset !== 'all') return daysUntil(yesterday, DAYS[preset] ?? 30)
  const longest = daysUntil(yesterday, MAX_DAYS)
  if (firstDate === null || firstDate > yesterday) return daysUntil(yesterday, 30)
  return { from: firstDate > longest.from ? firstDate : longest.from, to: yesterday }
}

/** What is wrong with a range, in words; empty where nothing is. @param {import('./types.js').Range} range */
export function faultOf({ from, to }) {
  if (from === '' || to === '') return 'Give both days.'
  if (from > to) return 'The first day lies after the last one.'
  return lengthOf({ from, to }) > MAX_DAYS ? `Ask for at most ${MAX_DAYS} days, which are ten years.` : ''
}

/** As many days, right before. @param {import('./types.js').Range} range */
export function rangeBefore(range) {
  return daysUntil(addDays(range.from, -1), lengthOf(range))
}

/** @param {string} to @param {number} days */
function daysUntil(to, days) {
  return { from: addDays(to, 1 - days), to }
}
