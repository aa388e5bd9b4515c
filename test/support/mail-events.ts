// Events as an organisation has them over some weeks, always the same, with all that makes counting hard: at the very
// ends of days, late, in odd spelling, on quiet days not at all.
import type { FakeEvent } from './azure-table.ts'
import { instantOf, type KqlRow, type KqlTable } from './kql-engine.ts'

const LOCATIONS = [
  'Quarantine',
  'quarantine',
  'QUARANTINE',
  'Moved to Quarantine/hold',
  'Quarantined',
  'Unquarantine',
  'Inbox/Folder',
  'Inbox/folder',
  'INBOX',
  'Junk folder',
  'junk',
  'Deleted items',
  'Delete',
  'On-premises/External',
  'Failed',
  ''
]
const TYPES = ['Phish ZAP', 'Malware ZAP', 'Spam ZAP', 'Manual Remediation', 'Manual remediation']
const TRIGGERS = ['SpecialAction', 'AdminAction', '']
const RESULTS = ['Success', 'Error', 'AdminPolicy']
const ENDS = ['00:00:00Z', '00:00:00.0000001Z', '23:59:59.9999999Z']
const MS_PER_DAY = 86_400_000

/** From day to day (`YYYY-MM-DD`), both ends included. */
export function mailEvents(from: string, to: string, seed = 1): FakeEvent[] {
  const random = scatter(seed)
  const pick = <T>(of: readonly T[]): T => of[Math.floor(random() * of.length)] as T
  const events: FakeEvent[] = []
  for (let start = Date.parse(from); start <= Date.parse(to); start += MS_PER_DAY) {
    if (random() < 0.1) continue
    const day = new Date(start).toISOString().slice(0, 10)
    const inside = Array.from({ length: Math.floor(random() * 40) }, () =>
      new Date(start + Math.floor(random() * MS_PER_DAY)).toISOString()
    )
    for (const at of [...ENDS.map((end) => `${day}T${end}`), ...inside]) {
      const delayMs = random() < 0.05 ? random() * 5 * MS_PER_DAY : random() * 600_000
      const arrived = new Date(Date.parse(at) + 1 + delayMs).toISOString()
      // The time of day at which tests ask: what is counted then is not to change while they do.
      if (arrived.slice(11, 15) === '15:0') continue
      events.push({
        at,
        // An event that is more than two days late is filed under the time at which it came.
        generated: delayMs > 2 * MS_PER_DAY ? arrived : at,
        arrived,
        deliveryLocation: pick(LOCATIONS),
        actionType: pick(TYPES),
        actionTrigger: pick(TRIGGERS),
        actionResult: pick(RESULTS)
      })
    }
  }
  return events
}

/** The events as rows of the table, in a workspace or in advanced hunting, which knows less about times. */
export function tableOf(events: readonly FakeEvent[], place: 'workspace' | 'hunting' = 'workspace'): KqlTable {
  const inWorkspace = place === 'workspace'
  return {
    columns: {
      Timestamp: 'datetime',
      ...(inWorkspace && { TimeGenerated: 'datetime', TenantId: 'string' }),
      DeliveryLocation: 'string',
      ActionType: 'string',
      ActionTrigger: 'string',
      ActionResult: 'string'
    },
    rows: events.map((event): KqlRow => {
      const generated = instantOf(event.generated ?? event.at)
      return {
        ingested: inWorkspace ? instantOf(event.arrived ?? event.generated ?? event.at) : null,
        values: {
          Timestamp: instantOf(event.at),
          ...(inWorkspace && { TimeGenerated: generated }),
          DeliveryLocation: event.deliveryLocation ?? '',
          ActionType: event.actionType ?? '',
          ActionTrigger: event.actionTrigger ?? '',
          ActionResult: event.actionResult ?? ''
        }
      }
    })
  }
}

/** What has arrived at an instant and is not forgotten yet, after so many days by arrival. */
export function shownAt(events: readonly FakeEvent[], now: Date, keepDays: number): FakeEvent[] {
  const oldest = now.getTime() - keepDays * MS_PER_DAY
  return events.filter(({ at, arrived }) => {
    const ms = Date.parse(arrived ?? at)
    return ms <= now.getTime() && ms >= oldest
  })
}

/** Numbers from 0 to 1 that look random. */
function scatter(seed: number): () => number {
  let state = seed
  return () => {
    state = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9
    const mixed = Math.imul(state ^ (state >>> 13), 0x297a2d39)
    return ((mixed ^ (mixed >>> 16)) >>> 0) / 2 ** 32
  }
}
