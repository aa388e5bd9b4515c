// The words and marks around the plot, as ECharts' `graphic` takes them.
import type { ChartQuestion } from './chart.ts'
import { INNER_WIDTH, HEIGHT, MARGIN, WIDTH, type Layout } from './layout.ts'
import { LEGEND_FONT_SIZE, MARK, MARK_GAP } from './legend.ts'
import { THEMES } from './palette.ts'
import type { Stack } from './stack.ts'
import { cutText, widthOf } from './text.ts'
import { summaryOf } from './words.ts'

const TITLE_SIZE = 22
const TEXT_SIZE = 16
const SMALL_SIZE = 15
const TITLE_Y = 26
const SAMPLE_NOTE = 'invented sample counts'
const SAMPLE_WIDTH = widthOf(SAMPLE_NOTE, SMALL_SIZE) + 12

export interface FrameElement {
  readonly type: 'text' | 'rect'
  readonly x?: number
  readonly y?: number
  readonly shape?: Rectangle
  readonly style: { readonly [key: string]: string | number }
}

interface Rectangle {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

export function frameOf(question: ChartQuestion, stack: Stack, { legend, notes, plot }: Layout): FrameElement[] {
  const { text, muted } = THEMES[question.theme]
  return [
    ...titleOf(question),
    words(question.subtitle, MARGIN, 54, TEXT_SIZE, muted),
    words(summaryOf(stack, question.step), MARGIN, 80, TEXT_SIZE, text),
    ...legend.entries.flatMap((entry) => [
      ...entry.fills.map((fill) => box({ x: entry.x, y: entry.y - MARK / 2, width: MARK, height: MARK }, fill)),
      words(entry.text, entry.x + MARK + MARK_GAP, entry.y, LEGEND_FONT_SIZE, text)
    ]),
    words(`actions per ${question.step}`, MARGIN, plot.y - 20, SMALL_SIZE, muted),
    words(notes, MARGIN, HEIGHT - 16, SMALL_SIZE, muted)
  ]
}

/** The title, and to its right what nobody who is shown the picture alone may miss. */
function titleOf({ title, theme, sample }: ChartQuestion): FrameElement[] {
  const { text, notice } = THEMES[theme]
  const room = sample ? INNER_WIDTH - SAMPLE_WIDTH - MARGIN : INNER_WIDTH
  // Bold letters are a tenth wider.
  const bold = words(cutText(title, TITLE_SIZE, room / 1.1), MARGIN, TITLE_Y, TITLE_SIZE, text)
  const heading = { ...bold, style: { ...bold.style, fontWeight: 'bold' } }
  if (!sample) return [heading]
  const x = WIDTH - MARGIN - SAMPLE_WIDTH
  return [
    heading,
    box({ x, y: TITLE_Y - 13, width: SAMPLE_WIDTH, height: 26 }, notice),
    { ...words(SAMPLE_NOTE, x + SAMPLE_WIDTH / 2, TITLE_Y, SMALL_SIZE, text, 'center') }
  ]
}

/** A line whose middle is at `y`, cut where it would leave the picture. */
function words(line: string, x: number, y: number, fontSize: number, fill: string, align = 'left'): FrameElement {
  const text = cutText(line, fontSize, INNER_WIDTH)
  return { type: 'text', x, y, style: { text, fontSize, fill, align, verticalAlign: 'middle' } }
}

function box(shape: Rectangle, fill: string): FrameElement {
  return { type: 'rect', shape, style: { fill } }
}
