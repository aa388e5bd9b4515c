// Two clocks: ours, and the one that the source tells with each answer.
import { OperationalError } from '../../model/errors.ts'

/** Further apart than this and one of them is wrong; days would be stored that have not begun. */
const MAX_SKEW_MS = 10 * 60_000

/** The source's clock by its `Date` header, null where it does not tell; throws `clock-skew`. */
export function checkClocks(header: string | null, sentAt: Date, receivedAt: Date): Date | null {
  const date = new Date(header ?? Number.NaN)
  const ms = date.getTime()
  if (Number.isNaN(ms)) return null
  // The header was written at some time between.
  const behind = sentAt.getTime() - ms
  const ahead = ms - receivedAt.getTime()
  if (Math.max(behind, ahead) <= MAX_SKEW_MS) return date
  throw new OperationalError(
    'clock-skew',
    `our clock says ${receivedAt.toISOString()} and the source's ${date.toISOString()}: set the clock of this machine (NTP)`
  )
}
