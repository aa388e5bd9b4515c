/**
 * Names one change of one day, or the state of a workspace after it; text of digits outside. A hybrid clock: at least
 * the milliseconds since 1970 and greater than the workspace's last, so that a store put back from a copy never
 * issues a number again. `0` comes before the first change.
 */
export type Revision = number

export const NO_REVISION: Revision = 0

export function nextRevision(last: Revision, now: Date): Revision {
  return Math.max(last + 1, now.getTime())
}
