// What is usual for a weekday, judged by the same weekday of the weeks before. docs/anomalies.md tells why it is so.

/** How far back the same weekday is looked at. */
export const HISTORY_WEEKS = 12
/** With fewer of these days than that, nothing is said. */
export const MIN_HISTORY = 6
/** A count is out of line where its score is further from 0 than this. */
export const SCORE_LIMIT = 4.5

export interface Usual {
  /** The counts that are in line, both ends included: whole numbers, `low` at least 0. */
  readonly low: number
  readonly high: number
  /** The usual count, by the last weeks and by all: the smaller and the larger of the two. */
  readonly middle: readonly [number, number]
  /** By how many spreads a count lies above (positive) or below (negative) the middle; 0 within it. */
  scoreOf(count: number): number
}

/** The last weeks alone may show a new level: from the third week on it is no news. */
const RECENT_WEEKS = 3
/** Half the width, in weeks, of the stretch whose median a past count is compared with. */
const AROUND = 3
/** Of twelve counts that vary by chance, nine usually lie within so many standard deviations of the median around them. */
const NINE_IN_TWELVE = 0.99
/** However alike the past counts were, an ordinary day may differ from them by this part of the level. */
const ORDINARY_VARIATION = 0.15

/** What is usual after these counts of the same weekday, oldest first; of no counts: none. */
export function usualOf(history: readonly number[]): Usual {
  const past = history.map(toScale)
  const all = past.length === 0 ? toScale(0) : medianOf(past)
  const recent = past.length === 0 ? all : medianOf(past.slice(-RECENT_WEEKS))
  const below = Math.min(all, recent)
  const above = Math.max(all, recent)
  // Of fewer days it is known less well, and looks smaller than it is.
  const doubt = HISTORY_WEEKS / Math.max(1, past.length)
  const restless = (Math.max(1, doubt) * restlessnessOf(past)) / all
  // What varies by more than chance varies by a part of its level, so the spread moves with a new one.
  const spreadAt = (level: number): number => {
    return Math.max(Math.hypot(1, (ORDINARY_VARIATION / 2) * level), restless * level)
  }
  const lowest = below - SCORE_LIMIT * spreadAt(below)
  return {
    low: lowest <= toScale(0) ? 0 : Math.ceil(fromScale(lowest)),
    high: Math.floor(fromScale(above + SCORE_LIMIT * spreadAt(above))),
    middle: [Math.round(fromScale(below)), Math.round(fromScale(above))],
    scoreOf(count) {
      const value = toScale(count)
      if (value > above) return (value - above) / spreadAt(above)
      return value < below ? (value - below) / spreadAt(below) : 0
    }
  }
}

/**
 * How much past counts differ from those around them, as a standard deviation. Compared with the median of the weeks
 * around it, neither a few wild days nor a change of level makes the others look restless.
 */
function restlessnessOf(past: readonly number[]): number {
  const width = 2 * AROUND + 1
  const distances = past.map((value, i) => {
    const first = Math.max(0, Math.min(i - AROUND, past.length - width))
    return Math.abs(value - medianOf(past.slice(first, first + width)))
  })
  const sorted = distances.toSorted((a, b) => a - b)
  return (sorted[Math.floor(0.75 * (sorted.length - 1))] ?? 0) / NINE_IN_TWELVE
}

// The square root makes chance equally wide at every level: a count that varies by chance alone (Poisson) has a
// standard deviation of 1 on this scale, whether it is usually 5 or 5,000 (Anscombe, 1948).
function toScale(count: number): number {
  return 2 * Math.sqrt(count + 3 / 8)
}

function fromScale(value: number): number {
  return Math.max(0, (value / 2) ** 2 - 3 / 8)
}

/** Of at least one value; between two values in the middle, half the way. */
function medianOf(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = (sorted.length - 1) / 2
  return ((sorted[Math.floor(middle)] ?? 0) + (sorted[Math.ceil(middle)] ?? 0)) / 2
}
