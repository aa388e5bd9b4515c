// Gaps, failed runs and unusual days, in the two forms in which the versions of the data source read annotations.
import type { Annotation } from '../../../model/annotations.ts'
import type { DayRange } from '../../../model/day.ts'
import { toDayRange } from '../../day-range.ts'
import { readAnnotations } from '../../findings.ts'
import type { ServedWorkspace } from '../../workspaces.ts'
import type { Answer, GrafanaOptions } from './answer.ts'
import { rangeOf } from './body.ts'
import { adHocFilters } from './restrictions.ts'
import { chooseWorkspaces } from './workspaces.ts'

/** By workspace, then time; with its name before each title where there are several. */
export async function readMarks(
  chosen: readonly ServedWorkspace[],
  range: DayRange,
  { store, clock, ingestTimeoutMs }: GrafanaOptions
): Promise<Annotation[]> {
  const marks: Annotation[] = []
  for (const workspace of chosen) {
    const found = await readAnnotations(workspace, range, { store, now: clock.now(), ingestTimeoutMs })
    const prefix = chosen.length > 1 ? `${workspace.name}: ` : ''
    for (const mark of found) marks.push({ ...mark, title: prefix + mark.title })
  }
  return marks
}

const COLUMNS = [
  { text: 'time', type: 'time' },
  { text: 'timeEnd', type: 'time' },
  { text: 'title', type: 'string' },
  { text: 'text', type: 'string' },
  { text: 'tags', type: 'string' }
]

/** As a query is answered. Rows of another form make the data source fail. */
export function tableOf(marks: readonly Annotation[], refId: string): object {
  const rows = marks.map(({ time, timeEnd, title, text, tags }) => [time, timeEnd, title, text, tags])
  return { type: 'table', refId, columns: COLUMNS, rows }
}

/** POST /annotations: as data sources before 2022 ask for them. */
export function createAnnotations(options: GrafanaOptions): Answer {
  return async (caller, body) => {
    const range = toDayRange(rangeOf(body), options.clock.now())
    const chosen = await chooseWorkspaces(options.workspaces, caller, adHocFilters(body))
    return readMarks(chosen, range, options)
  }
}
