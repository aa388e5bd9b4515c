// Where everything stands, in pixels of the picture. Shown 600 wide, all of it is three quarters of this.
import type { ChartQuestion } from './chart.ts'
import { legendOf, type Legend } from './legend.ts'
import type { Stack } from './stack.ts'
import { notesOf } from './words.ts'

export const WIDTH = 800
export const HEIGHT = 450
export const MARGIN = 24
export const INNER_WIDTH = WIDTH - 2 * MARGIN

const LEGEND_TOP = 94
/** Room for the longest numbers beside the axis, for its unit above it, and for two lines of dates below. */
const AXIS_WIDTH = 42
const UNIT_HEIGHT = 38
const DATES_HEIGHT = 54
const NOTES_HEIGHT = 24

export interface Layout {
  readonly legend: Legend
  readonly notes: string
  readonly plot: { readonly x: number; readonly y: number; readonly width: number; readonly height: number }
}

/** The plot gets what the legend and the notes leave. */
export function layoutOf({ step, theme }: ChartQuestion, stack: Stack): Layout {
  const legend = legendOf(stack, step, theme, { x: MARGIN, y: LEGEND_TOP, width: INNER_WIDTH })
  const notes = notesOf(stack, step)
  const x = MARGIN + AXIS_WIDTH
  const y = LEGEND_TOP + legend.height + UNIT_HEIGHT
  const below = DATES_HEIGHT + (notes === '' ? 0 : NOTES_HEIGHT)
  return { legend, notes, plot: { x, y, width: WIDTH - MARGIN - x, height: HEIGHT - below - y } }
}
