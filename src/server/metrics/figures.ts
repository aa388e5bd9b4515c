// What the metrics tell of one workspace, computed once for each state that it is in.
import { LRUCache } from 'lru-cache'
import type { Anomaly } from '../../model/anomalies.ts'
import type { Clock } from '../../model/clock.ts'
import { LOCATIONS, locationOf, type Location } from '../../model/cube.ts'
import { addDays, dayOf, lengthOf, type Day, type DayRange } from '../../model/day.ts'
import type { DayState, StoredDay } from '../../model/reading.ts'
import { completenessOf } from '../../model/status.ts'
import type { SeriesStore } from '../../model/store.ts'
import { openFromOf, readAnomalies } from '../findings.ts'
import type { ServedWorkspace } from '../workspaces.ts'

export interface Figures {
  /** Yesterday. */
  readonly day: Day
  /** Of yesterday; null where that is not known. */
  readonly events: ReadonlyMap<Location, number> | null
  /** How many days are in each state; `missing` are those that the source could still give, and damaged ones. */
  readonly days: { readonly [S in DayState]: number }
  readonly daysAtRisk: number
  /** The score of what is unusual yesterday and today, by location or `total`. */
  readonly anomalies: ReadonlyMap<string, number>
}

export type FiguresOf = (workspace: ServedWorkspace) => Promise<Figures>

/** More than anybody has; each is a few numbers. */
const KEPT = 20_000

/**
 * Reading all days of all workspaces at every scrape would keep the process busy with nothing else, so figures are kept
 * until something is written of a workspace: a change of a day has a revision, and what a run learns beside that is
 * followed by a word in its record.
 */
export function createFigures(store: SeriesStore, clock: Clock): FiguresOf {
  const kept = new LRUCache<string, { readonly asOf: string; readonly figures: Figures }>({ max: KEPT })
  return async (workspace) => {
    const now = clock.now()
    const asOf = await stateOf(store, workspace, dayOf(now))
    const key = String(workspace.stored?.key ?? `unknown ${workspace.name}`)
    const before = kept.get(key)
    if (before?.asOf === asOf) return before.figures
    const figures = await readFigures(workspace, now)
    kept.set(key, { asOf, figures })
    return figures
  }
}

/** A text that differs whenever the figures may; what is written after it was made only makes it old too soon. */
async function stateOf(store: SeriesStore, workspace: ServedWorkspace, today: Day): Promise<string> {
  const { stored } = workspace
  if (stored === null) return today
  const [last] = await store.runs([stored], 1)
  const heard = last === undefined ? null : [last.run.id, last.run.status, last.heardAt.getTime()]
  return JSON.stringify([today, await workspace.revision(), stored.binding, heard])
}

async function readFigures(workspace: ServedWorkspace, now: Date): Promise<Figures> {
  const today = dayOf(now)
  const day = addDays(today, -1)
  const facts = await workspace.facts()
  const { missing, damaged, atRisk } = completenessOf(facts.coverage, facts.bounds, now)
  const inState = (state: DayState): number => facts.coverage.filter((each) => each.state === state).length
  const { days } = await workspace.readDays({ from: day, to: day })
  const openFrom = openFromOf(facts, now)
  const { found } = await readAnomalies(workspace, { range: { from: day, to: today }, locations: LOCATIONS, openFrom })
  return {
    day,
    events: eventsOn(days[0]),
    days: {
      final: inState('final'),
      provisional: inState('provisional'),
      missing: countDays(missing) + countDays(damaged),
      lost: inState('lost')
    },
    daysAtRisk: countDays(atRisk),
    anomalies: strongest(found.anomalies)
  }
}

/** One score for each location: that of the stranger day. */
function strongest(anomalies: readonly Anomaly[]): Map<string, number> {
  const scores = new Map<string, number>()
  for (const { location, score } of anomalies) {
    if (Math.abs(score) > Math.abs(scores.get(location) ?? 0)) scores.set(location, score)
  }
  return scores
}

function eventsOn(day: StoredDay | undefined): Figures['events'] {
  if (day === undefined || (day.state !== 'final' && day.state !== 'provisional')) return null
  const events = new Map<Location, number>(LOCATIONS.map((location) => [location, 0]))
  for (const { deliveryLocation, count } of day.cells) {
    const location = locationOf(deliveryLocation)
    events.set(location, (events.get(location) ?? 0) + count)
  }
  return events
}

function countDays(ranges: readonly DayRange[]): number {
  return ranges.reduce((sum, range) => sum + lengthOf(range), 0)
}
