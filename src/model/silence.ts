// Silence: the whole table without an event for longer than the workspace has ever been quiet.

/** How many events a day had; null where that is not known. */
export type Total = number | null

/** With less than this, nobody knows how long the workspace is quiet at times. */
export const MIN_KNOWN_DAYS = 56
export const MIN_DAYS_WITH_EVENTS = 30

/** Places are those of the list of totals. */
export interface Silence {
  /** The first quiet day, the day on which it became longer than any before, and the last quiet day so far. */
  readonly first: number
  readonly noticed: number
  readonly last: number
  /** Quiet days, not counting those between them of which nothing is known. */
  readonly days: number
  /** The longest that the workspace was quiet before. */
  readonly longestBefore: number
}

/** How much is known before a day. */
export interface Known {
  readonly days: number
  readonly withEvents: number
}

/**
 * Each silence among the totals of consecutive days, oldest first; and how much was known in the end. A day of which
 * nothing is known ends a quiet time, for it may have had events; a silence once noticed lasts until an event is seen.
 */
export function findSilences(totals: readonly Total[]): { readonly silences: Silence[]; readonly known: Known } {
  const silences: Silence[] = []
  const known = { days: 0, withEvents: 0 }
  let longest = 0
  let quiet = { first: 0, days: 0, judged: false }
  let noticed: { -readonly [K in keyof Silence]: Silence[K] } | null = null
  totals.forEach((total, place) => {
    if (total === 0) {
      if (quiet.days === 0) quiet = { first: place, days: 0, judged: isEnough(known) }
      quiet.days++
      if (noticed !== null) {
        noticed.last = place
        noticed.days = quiet.days
      } else if (quiet.judged && quiet.days > longest) {
        noticed = { first: quiet.first, noticed: place, last: place, days: quiet.days, longestBefore: longest }
        silences.push(noticed)
      }
    } else if (total !== null || noticed === null) {
      longest = Math.max(longest, quiet.days)
      quiet.days = 0
      noticed = null
    }
    if (total !== null) known.days++
    if (total !== null && total > 0) known.withEvents++
  })
  return { silences, known }
}

/** Whether enough is known to tell silence from an ordinary quiet time. */
export function isEnough(known: Known): boolean {
  return known.days >= MIN_KNOWN_DAYS && known.withEvents >= MIN_DAYS_WITH_EVENTS
}
