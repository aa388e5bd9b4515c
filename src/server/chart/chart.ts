// The time chart as a picture, for tickets, mails and chat: an SVG that looks the same wherever it is opened.
//
// Bars that are stacked, because the parts of a day add up to its total, because a day is a thing of its own with a
// state, and because a day alone between two gaps is still seen, which a line or an area would not show. What is not
// known is no bar at all but a hatched place, so that it never looks like a quiet day.
import type { By, SeriesTable, Step } from '../../model/series.ts'
import { toDocument } from './document.ts'
import type { ChartTheme } from './palette.ts'
import { stackOf } from './stack.ts'
import { descriptionOf } from './words.ts'

export interface ChartQuestion {
  /** What is shown, in a few words; cut where it is too long. */
  readonly title: string
  /** Workspace, range and zone; cut where it is too long. The unit, the sums and the states come by themselves. */
  readonly subtitle: string
  readonly theme: ChartTheme
  readonly step: Step
  readonly by: By
  readonly table: SeriesTable
  /** Whether the counts are invented; the picture then says so. */
  readonly sample: boolean
}

/**
 * An SVG document of 800 by 450 pixels, readable at 600. The same question gives the same bytes, in any process and
 * after any other pictures. It holds no script, no event handler, no style sheet and no reference to anything outside,
 * and needs none of these from the page that shows it. With more columns than colours it shows the largest and
 * `others (n)`; with more than 1,200 rows the highest of a few neighbours, and says so.
 */
export async function drawChart(question: ChartQuestion): Promise<string> {
  // ECharts takes a third of a second to load, which a start without pictures need not wait for.
  const { drawPicture } = await import('./picture.ts')
  const stack = stackOf(question.table, question.by)
  const title = question.sample ? `${question.title} (invented sample counts)` : question.title
  return toDocument(drawPicture(question, stack), {
    title: `${title}. ${question.subtitle}`,
    description: descriptionOf(stack, question.step),
    theme: question.theme
  })
}
