// The samples of each workspace, under the names that rules and dashboards are written against.
import { setImmediate as turn } from 'node:timers/promises'
import { MS_PER_DAY, numberOfDay } from '../../model/day.ts'
import type { SeriesStore } from '../../model/store.ts'
import { unlessGone, type ServedWorkspace } from '../workspaces.ts'
import type { FiguresOf } from './figures.ts'
import type { RunCounter } from './run-counts.ts'
import { addSample, labelText, textOf, type Family } from './text.ts'

export interface WorkspaceMetricsOptions {
  readonly store: SeriesStore
  readonly figuresOf: FiguresOf
  readonly runs: RunCounter
}

/** The metrics of these workspaces, one after the other: between two of them others have their turn. */
export async function workspaceMetrics(
  workspaces: readonly ServedWorkspace[],
  { store, figuresOf, runs }: WorkspaceMetricsOptions
): Promise<string> {
  const families = newFamilies()
  for (const workspace of workspaces) {
    // Written once; what follows it are names of ours, which need no care.
    const labels = labelText({ workspace: workspace.name })
    const figures = await unlessGone(figuresOf(workspace))
    if (figures === undefined) continue
    const { day, events, days, daysAtRisk, anomalies } = figures
    for (const [location, count] of events ?? []) addSample(families.events, `${labels},location="${location}"`, count)
    addSample(families.eventsDay, labels, events && secondsOf(numberOfDay(day) * MS_PER_DAY))
    for (const [state, count] of Object.entries(days)) addSample(families.days, `${labels},state="${state}"`, count)
    addSample(families.daysAtRisk, labels, daysAtRisk)
    for (const [location, score] of anomalies) addSample(families.anomaly, `${labels},location="${location}"`, score)
    const lastSuccessAt = workspace.stored && (await store.lastSuccessAt(workspace.stored))
    addSample(families.lastSuccess, labels, lastSuccessAt && secondsOf(lastSuccessAt.getTime()))
    const counts = runs.of(workspace.name)
    if (counts !== undefined) {
      for (const [status, count] of Object.entries(counts.ends))
        addSample(families.runs, `${labels},status="${status}"`, count)
      for (const [code, count] of Object.entries(counts.errors))
        addSample(families.errors, `${labels},code="${code}"`, count)
    }
    await turn()
  }
  return Object.values(families).map(textOf).join('')
}

function family(name: string, type: Family['type'], help: string): Family {
  return { name, type, help, samples: [] }
}

function newFamilies(): Record<
  'events' | 'eventsDay' | 'lastSuccess' | 'days' | 'daysAtRisk' | 'anomaly' | 'runs' | 'errors',
  Family
> {
  return {
    events: family(
      'post_delivery_events',
      'gauge',
      'Action events of yesterday (UTC) by final location; no sample while that day is unread.'
    ),
    eventsDay: family(
      'post_delivery_events_day_timestamp_seconds',
      'gauge',
      'Start of the day that post_delivery_events is about.'
    ),
    lastSuccess: family(
      'post_delivery_last_success_timestamp_seconds',
      'gauge',
      'End of the last run that succeeded, in whatever process; no sample before the first.'
    ),
    days: family(
      'post_delivery_days',
      'gauge',
      'Days by state; missing are those that the source could still give, and those that cannot be read from the store.'
    ),
    daysAtRisk: family('post_delivery_days_at_risk', 'gauge', 'Missing days that the source is about to forget.'),
    anomaly: family(
      'post_delivery_anomaly',
      'gauge',
      'Score of what is unusual yesterday or today: too high above 0, too low or silent below; no sample where nothing is.'
    ),
    runs: family('post_delivery_runs_total', 'counter', 'Ingest runs that this process ended, by how they ended.'),
    errors: family(
      'post_delivery_ingest_errors_total',
      'counter',
      'Ingest runs of this process that met an error, by the code in their record.'
    )
  }
}

function secondsOf(ms: number): number {
  return ms / 1_000
}
