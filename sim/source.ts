// What events there are, when each arrived, and what the source shows of them: it forgets, it shows less than it has,
// it fails. It knows what it hides, so what is stored can be held against the truth.
import type { BoundsAnswer } from '../src/ingest/source.ts'
import type { CellCount, DayCounts } from '../src/model/cube.ts'
import { OperationalError } from '../src/model/errors.ts'
import { DAY, dayAt, days, dayText, write } from './days.ts'
import type { Counts } from './rules.ts'
import type { Time } from './time.ts'

export interface SourceEvent {
  readonly at: number
  readonly arrived: number
  readonly place: string
  readonly type: string
  readonly count: number
  /** Purged: the source has it no more, whatever it keeps. */
  gone: boolean
}

/** One workspace of Log Analytics, or one tenant of Defender, and how it behaves at the moment. */
export interface Tenant {
  readonly id: string
  /** By day. */
  readonly events: Map<number, SourceEvent[]>
  keepDays: number
  forgetsBy: 'arrival' | 'event time'
  /** Since which moment of the model it keeps so much. */
  keepsSince: number
  /** It shows no event of any day, or no row at all. */
  empty: 'no' | 'days' | 'all'
  /** It hides an event of each day. */
  short: boolean
  /** It can not answer for this day. */
  badDay: number | null
}

/** What it said of a day, and what it hid. */
export interface AnsweredDay {
  readonly counts: Counts
  /** Because it is older than what it keeps. */
  readonly forgot: boolean
  /** For no good reason. */
  readonly hid: boolean
}

export interface SourceTerms {
  readonly lagDays: number
  readonly retentionDays: number
}

/** Beyond this two clocks contradict each other. */
const MAX_SKEW = 600_000

export function createTenant(id: string, keeps: Pick<Tenant, 'keepDays' | 'forgetsBy'>): Tenant {
  return { id, events: new Map(), ...keeps, keepsSince: 0, empty: 'no', short: false, badDay: null }
}

export function add(tenant: Tenant, event: Omit<SourceEvent, 'gone'>): void {
  const day = dayAt(event.at)
  const events = tenant.events.get(day) ?? []
  tenant.events.set(day, events)
  events.push({ ...event, gone: false })
}

/** Every event of a day that has arrived, also those that the source shows no more. */
export function arrivedOf(tenant: Tenant, day: number, now: number): SourceEvent[] {
  return (tenant.events.get(day) ?? []).filter(({ arrived }) => arrived <= now)
}

export function cellOf({ place, type, count }: SourceEvent): CellCount {
  return { deliveryLocation: place, actionType: type, actionTrigger: 'SpecialAction', actionResult: 'Success', count }
}

/** Labels in lower case, as one text. */
export function keyOf(cell: Pick<CellCount, 'deliveryLocation' | 'actionType'>): string {
  return `${cell.deliveryLocation}|${cell.actionType}`.toLowerCase()
}

export function fold(cells: readonly CellCount[]): Counts {
  const counts = new Map<string, number>()
  for (const cell of cells) counts.set(keyOf(cell), (counts.get(keyOf(cell)) ?? 0) + cell.count)
  return counts
}

/** How far the source reaches, by the days on which rows arrived; throws `clock-skew`. */
export function boundsOf(tenant: Tenant, time: Time, { lagDays, retentionDays }: SourceTerms): BoundsAnswer {
  if (Math.abs(time.ahead) > MAX_SKEW) {
    throw new OperationalError('clock-skew', `our clock and the source's are ${time.ahead} ms apart`)
  }
  const today = dayAt(Math.min(time.real, time.ours))
  const arrivals = new Set<number>()
  for (const events of tenant.events.values()) {
    for (const event of events) if (isShown(tenant, event, time.real)) arrivals.add(dayAt(event.arrived))
  }
  const sorted = [...arrivals].filter((day) => day >= today - retentionDays - 2).toSorted((a, b) => a - b)
  const proof = sorted.findLast((day) => day <= today - lagDays)
  const [first, last] = [sorted[0], sorted.at(-1)]
  const binding = { kind: 'sim', id: tenant.id, timeColumn: 'Timestamp' }
  if (tenant.empty === 'all' || first === undefined || last === undefined) {
    return { today: dayText(today), bounds: null, binding }
  }
  const bounds = {
    firstArrival: dayText(first),
    lastArrival: dayText(last),
    proof: proof === undefined ? null : dayText(proof)
  }
  return { today: dayText(today), bounds: { today: dayText(today), ...bounds }, binding }
}

/** The counts of each day, and beside them what was hidden; throws where it can not answer for one of them. */
export function answerOf(
  tenant: Tenant,
  [from, to]: readonly [number, number],
  now: number
): { readonly days: DayCounts[]; readonly answered: ReadonlyMap<number, AnsweredDay> } {
  if (tenant.badDay !== null && tenant.badDay >= from && tenant.badDay <= to) {
    throw new OperationalError('source-rejected', `the source can not answer for ${write(tenant.badDay)}`)
  }
  const answered = new Map<number, AnsweredDay>()
  const counts = [...days(from, to)].map((day): DayCounts => {
    const arrived = arrivedOf(tenant, day, now)
    const kept = arrived.filter((event) => isKept(tenant, event, now))
    const there = kept.filter((event) => !event.gone)
    const shown = tenant.empty === 'no' ? there.slice(tenant.short ? 1 : 0) : []
    const cells = shown.map(cellOf)
    answered.set(day, {
      counts: fold(cells),
      forgot: kept.length < arrived.length,
      hid: shown.length < kept.length
    })
    return { day: dayText(day), cells }
  })
  return { days: counts, answered }
}

function isShown(tenant: Tenant, event: SourceEvent, now: number): boolean {
  return !event.gone && event.arrived <= now && isKept(tenant, event, now)
}

function isKept({ forgetsBy, keepDays }: Tenant, { at, arrived }: SourceEvent, now: number): boolean {
  return (forgetsBy === 'arrival' ? arrived : at) >= now - keepDays * DAY
}
