// The legend: bands with their sums, then the states that occur; as many lines as they need.
import type { Step } from '../../model/series.ts'
import { hatchFill, HATCHED } from './hatch.ts'
import { THEMES, type ChartTheme } from './palette.ts'
import type { Stack } from './stack.ts'
import { cutText, inFull, plural, widthOf } from './text.ts'
import { STATE_NAMES } from './words.ts'

export interface LegendEntry {
  readonly x: number
  /** The middle of its line. */
  readonly y: number
  readonly text: string
  /** What its mark is filled with, one over the other. */
  readonly fills: readonly string[]
}

export interface Legend {
  readonly entries: readonly LegendEntry[]
  readonly height: number
}

/** Its upper left corner, and how wide a line may be. */
export interface Place {
  readonly x: number
  readonly y: number
  readonly width: number
}

export const MARK = 14
export const MARK_GAP = 7
export const LEGEND_FONT_SIZE = 16
const BETWEEN = 22
const LINE = 25
/** A longer name is cut. */
const WIDEST_NAME = 200

export function legendOf(stack: Stack, step: Step, theme: ChartTheme, place: Place): Legend {
  const bands = stack.bands.map(({ name, color, sum }) => ({
    text: `${cutText(name, LEGEND_FONT_SIZE, WIDEST_NAME)} ${stack.rows.some(({ values }) => values) ? inFull(sum) : '–'}`,
    fills: [color]
  }))
  const states = HATCHED.map((state) => ({ state, rows: stack.rows.filter((row) => row.state === state).length }))
    .filter(({ rows }) => rows > 0)
    .map(({ state, rows }) => ({
      text: `${STATE_NAMES[state]}: ${plural(rows, step)}`,
      fills: state === 'provisional' ? [THEMES[theme].hatch, hatchFill(state, theme)] : [hatchFill(state, theme)]
    }))
  let x = place.x
  let line = 0
  const entries = [...bands, ...states].map(({ text, fills }) => {
    const width = MARK + MARK_GAP + widthOf(text, LEGEND_FONT_SIZE)
    if (x > place.x && x + width > place.x + place.width) {
      x = place.x
      line++
    }
    const placed = { text, fills, x, y: place.y + line * LINE + LINE / 2 }
    x += width + BETWEEN
    return placed
  })
  return { entries, height: entries.length === 0 ? 0 : (line + 1) * LINE }
}
