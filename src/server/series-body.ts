// The answer of GET /series in each of its forms.
import { setImmediate as turn } from 'node:timers/promises'
import { buildSeries, type SeriesQuery, type SeriesTable } from '../model/series.ts'
import type { Revision } from '../model/revision.ts'
import { drawChart } from './chart/chart.ts'
import type { ChartTheme } from './chart/palette.ts'
import { findUnmatched, knownAt, readKnownLabels, respell, type KnownLabels } from './label-filters.ts'
import type { Format } from './media.ts'
import { csvOf, jsonRows, ndjsonOf, type Shape } from './series-text.ts'
import { titleOf } from './series-title.ts'
import type { ServedWorkspace } from './workspaces.ts'

export interface SeriesQuestion {
  readonly query: SeriesQuery & Shape
  readonly format: Format | 'svg'
  readonly theme: ChartTheme
  /** Whether the counts are invented. */
  readonly sample: boolean
  /** The past revision to look at; null: the present one. */
  readonly at: Revision | null
}

/** Reading, adding up and writing down so many days takes some milliseconds each; others have a turn between. */
const SLICE_DAYS = 500

/** The text, and whether it holds a damaged day. `admit` may refuse the number of columns. */
export async function computeSeries(
  workspace: ServedWorkspace,
  { query: asked, at, format, theme, sample }: SeriesQuestion,
  admit: (columns: number) => void
): Promise<{ readonly body: string; readonly unstable: boolean }> {
  const { revision, days } = await workspace.readDays(asked.range, at ?? undefined)
  const known = await readKnownLabels(workspace, asked.labels)
  const query = respell(asked, at === null ? known : await knownAt(workspace, asked, { known, days, at }))
  const long = days.length > SLICE_DAYS
  if (long) await turn()
  const table = buildSeries(query, days, admit)
  if (long) await turn()
  const unstable = days.some((day) => day.damaged)
  if (format === 'csv') return { body: csvOf(table, query), unstable }
  if (format === 'ndjson') return { body: ndjsonOf(table, query, workspace.name), unstable }
  if (format === 'json') return { body: jsonOf(table, query, { workspace: workspace.name, revision, known }), unstable }
  const { from, to } = query.range
  const body = await drawChart({
    title: titleOf(query),
    subtitle: `${workspace.name} · ${from} to ${to}, UTC`,
    theme,
    step: query.step,
    by: query.by,
    table,
    sample
  })
  return { body, unstable }
}

interface Facts {
  readonly workspace: string
  readonly revision: Revision
  readonly known: KnownLabels
}

function jsonOf(table: SeriesTable, query: SeriesQuery & Shape, { workspace, revision, known }: Facts): string {
  const unmatched = findUnmatched(query.labels, known)
  const head = JSON.stringify({
    workspace,
    by: query.by,
    unit: 'actions',
    timeZone: 'UTC',
    from: query.range.from,
    to: query.range.to,
    step: query.step,
    revision: String(revision),
    coverage: table.coverage,
    ...(unmatched.length > 0 && { unmatched })
  })
  return `${head.slice(0, -1)},"series":[${jsonRows(table, query).join(',')}]}`
}
