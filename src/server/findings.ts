// What there is to tell of a workspace beside its counts; several routes do, each in its own form.
import { buildAnnotations, type Annotation } from '../model/annotations.ts'
import { findAnomalies, type Anomalies, type AnomalyQuestion } from '../model/anomalies.ts'
import { LOCATIONS } from '../model/cube.ts'
import { dayOf, type Day, type DayRange } from '../model/day.ts'
import { asHeard, RUNS_KEPT } from '../model/run.ts'
import { completenessOf } from '../model/status.ts'
import type { SeriesStore, WorkspaceFacts } from '../model/store.ts'
import { FIRST_DAY } from './day-range.ts'
import type { ServedWorkspace } from './workspaces.ts'

/** The first day that may have been read before it was over. The answer depends on it beside the revision. */
export function openFromOf({ bounds }: Pick<WorkspaceFacts, 'bounds'>, now: Date): Day {
  return bounds?.today ?? dayOf(now)
}

/** The unusual days of a range, and whether a damaged day may have kept some from being found. */
export async function readAnomalies(
  workspace: ServedWorkspace,
  question: AnomalyQuestion
): Promise<{ readonly found: Anomalies; readonly damaged: boolean }> {
  // How long the workspace was ever quiet is told by all of its days.
  const { days } = await workspace.readDays({ from: FIRST_DAY, to: question.range.to })
  return { found: findAnomalies(question, days), damaged: days.some((day) => day.damaged) }
}

export interface AnnotationTerms {
  readonly store: SeriesStore
  readonly now: Date
  /** A run not heard of for two of these is over. */
  readonly ingestTimeoutMs: number
}

/** Gaps, shrunk days, failed runs and unusual days that touch a range, by time. */
export async function readAnnotations(
  workspace: ServedWorkspace,
  range: DayRange,
  { store, now, ingestTimeoutMs }: AnnotationTerms
): Promise<Annotation[]> {
  const facts = await workspace.facts()
  const heard = workspace.stored === null ? [] : await store.runs([workspace.stored], RUNS_KEPT)
  const { found } = await readAnomalies(workspace, { range, locations: LOCATIONS, openFrom: openFromOf(facts, now) })
  return buildAnnotations(range, {
    completeness: completenessOf(facts.coverage, facts.bounds, now),
    runs: heard.map(({ run, heardAt }) => asHeard(run, heardAt, now, ingestTimeoutMs)),
    anomalies: found.anomalies
  })
}
