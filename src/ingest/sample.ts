// Counts computed from the day alone: for a first start, demonstrations, benchmarks and tests. They are nobody's, so
// they live in a workspace called `sample`, which takes no other counts.
import type { Clock } from '../model/clock.ts'
import type { CellCount } from '../model/cube.ts'
import { addDays, dayOf, eachDay, numberOfDay, type Day } from '../model/day.ts'
import type { EventSource } from './source.ts'

export interface SampleOptions {
  readonly clock: Clock
  readonly lagDays: number
  readonly retentionDays: number
}

/** The source reaches back to T-R, and a row arrived on each of these days, also on the quiet ones. */
export function openSampleSource({ clock, lagDays, retentionDays }: SampleOptions): EventSource {
  return {
    name: 'sample',
    async fetchBounds({ id }, signal) {
      signal.throwIfAborted()
      const today = dayOf(clock.now())
      return {
        today,
        bounds: {
          today,
          firstArrival: addDays(today, -retentionDays),
          lastArrival: today,
          proof: addDays(today, -lagDays)
        },
        binding: { kind: 'sample', id, timeColumn: null }
      }
    },
    async fetchDays(_workspace, range, signal) {
      signal.throwIfAborted()
      return eachDay(range).map((day) => ({ day, cells: sampleCells(day) }))
    },
    close: async () => {}
  }
}

/** Label texts as the table has them, with the events of an ordinary Wednesday. */
const KINDS: readonly (readonly [number, string, string, string, string])[] = [
  [38, 'Quarantine', 'Phish ZAP', 'SpecialAction', 'Success'],
  [9, 'Quarantine', 'Malware ZAP', 'SpecialAction', 'Success'],
  [2, 'Quarantine', 'Malware ZAP', 'SpecialAction', 'Error'],
  [7, 'Quarantine', 'Automated Remediation', 'AutomatedAction', 'Success'],
  [11, 'Deleted items', 'Manual Remediation', 'AdminAction', 'Success'],
  [1, 'Deleted items', 'Manual Remediation', 'AdminAction', 'Error'],
  [46, 'Junk folder', 'Spam ZAP', 'SpecialAction', 'Success'],
  [4, 'Junk folder', 'Spam ZAP', 'SpecialAction', 'AdminPolicy'],
  [13, 'Inbox/Folder', 'Redelivery', 'AdminAction', 'Success'],
  [5, 'On-premises/External', 'Phish ZAP', 'SpecialAction', 'Success'],
  [2, 'Failed', 'Manual Remediation', 'AdminAction', 'Error']
]

/** Monday to Sunday, of an ordinary Wednesday. */
const WEEKLY = [1.05, 1.1, 1, 0.95, 0.8, 0.25, 0.2]

/** Every day has the same cells whenever it is asked for: a weekly shape, some noise, a monthly spike, quiet days. */
export function sampleCells(day: Day): CellCount[] {
  const number = numberOfDay(day)
  if (modulo(number, 17) === 5) return []
  const weekly = WEEKLY[modulo(number + 3, 7)] ?? 1
  const spike = modulo(number, 29) === 11 ? 4 : 1
  return KINDS.flatMap(([usual, deliveryLocation, actionType, actionTrigger, actionResult], i) => {
    const noise = 0.75 + 0.5 * scatter(number * KINDS.length + i)
    const attack = actionType === 'Phish ZAP' ? spike : 1
    const count = Math.round(usual * weekly * noise * attack)
    return count === 0 ? [] : [{ deliveryLocation, actionType, actionTrigger, actionResult, count }]
  })
}

function modulo(a: number, n: number): number {
  return ((a % n) + n) % n
}

/** From a whole number to one that looks random, at least 0 and less than 1. */
function scatter(seed: number): number {
  let x = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b)
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35)
  return ((x ^ (x >>> 16)) >>> 0) / 2 ** 32
}
