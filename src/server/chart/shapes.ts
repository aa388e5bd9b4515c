// From rows to the outlines of a stack: bars with gaps between them, or, where these would be too thin, joined ones.
import type { Hatched } from './hatch.ts'
import type { StackRow } from './stack.ts'

/** Where the rows are drawn, in pixels of the picture. */
export interface Plot {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
  /** The height of a count, as a place in the picture. */
  readonly yOf: (count: number) => number
}

/** Path data; empty where there is nothing to draw. */
export interface Shapes {
  /** One for each band of the stack. */
  readonly bands: readonly string[]
  /** Over the whole stack of provisional rows. */
  readonly provisional: string
  /** From top to bottom of the plot: where counts are provisional, and where nothing is known. */
  readonly places: { readonly [S in Hatched]: string }
}

/** Bars narrower than this touch each other; the gaps would take what little there is. */
const NARROW = 4
const WIDEST = 80
/** A single day of ten years is a fifth of a pixel; where it was not read it shall still be seen. */
const THINNEST_PLACE = 1.5
/** Of rows that are thinner than a pixel only the highest of some neighbours is drawn: together they would be a haze. */
const MOST_BARS = 1200

/** How many neighbouring rows share a bar; 1 unless there are very many. */
export function rowsPerBar(rows: number): number {
  return Math.max(1, Math.ceil(rows / MOST_BARS))
}

export function shapesOf(rows: readonly StackRow[], bands: number, plot: Plot): Shapes {
  const bars = barsOf(rows, plot)
  const outlines = (drawn: readonly Bar[], lower: Height, upper: Height): string =>
    runsOf(drawn)
      .map((run) => outline(run, lower, upper, plot))
      .join('')
  const provisional = bars.filter(({ row }) => row.state === 'provisional')
  return {
    bands: Array.from({ length: bands }, (_, band) => outlines(bars, heightBelow(band), heightBelow(band + 1))),
    provisional: outlines(
      provisional,
      () => 0,
      (row) => row.total
    ),
    places: {
      provisional: placesOf(rows, 'provisional', plot),
      missing: placesOf(rows, 'missing', plot),
      lost: placesOf(rows, 'lost', plot)
    }
  }
}

interface Bar {
  readonly row: StackRow
  readonly left: number
  readonly right: number
}

/** The bars of the rows that are known. */
function barsOf(rows: readonly StackRow[], plot: Plot): Bar[] {
  const each = plot.width / rows.length
  const margin = each < NARROW ? 0 : (each - Math.min(each * 0.78, WIDEST)) / 2
  const together = rowsPerBar(rows.length)
  const bars: Bar[] = []
  for (let from = 0; from < rows.length; from += together) {
    const to = Math.min(from + together, rows.length)
    const row = highest(rows.slice(from, to))
    if (row !== undefined) bars.push({ row, left: plot.x + from * each + margin, right: plot.x + to * each - margin })
  }
  return bars
}

function highest(rows: readonly StackRow[]): StackRow | undefined {
  const known = rows.filter((row) => row.values !== null)
  return known.reduce<StackRow | undefined>((most, row) => (most && most.total >= row.total ? most : row), undefined)
}

/** Bars that touch, to be drawn by one outline: between two outlines a viewer shows a seam. */
function runsOf(bars: readonly Bar[]): Bar[][] {
  const runs: Bar[][] = []
  for (const bar of bars) {
    const run = runs.at(-1)
    const last = run?.at(-1)
    if (last !== undefined && bar.left - last.right < 0.01) run?.push(bar)
    else runs.push([bar])
  }
  return runs
}

/** A count of a row, up to which something reaches. */
type Height = (row: StackRow) => number

/** Where a band begins: the counts of those below it. */
function heightBelow(band: number): Height {
  return (row) => (row.values ?? []).slice(0, band).reduce((sum, count) => sum + count, 0)
}

/** Along the upper edge to the right, and back along the lower one. */
function outline(run: readonly Bar[], lower: Height, upper: Height, plot: Plot): string {
  if (run.every(({ row }) => upper(row) === lower(row))) return ''
  const top = run.flatMap(({ row, left, right }) => level(left, right, plot.yOf(upper(row))))
  const bottom = run.toReversed().flatMap(({ row, left, right }) => {
    const y = plot.yOf(lower(row))
    // Between two bands of a bar a line of background; none where it would take much of the band.
    const line = run.length === 1 && lower(row) > 0 && y - plot.yOf(upper(row)) >= 3 ? 1 : 0
    return level(right, left, y - line)
  })
  return `M${[...withoutBetween(top), ...withoutBetween(bottom)].join('L')}Z`
}

type Point = readonly [x: string, y: string]

function level(from: number, to: number, y: number): Point[] {
  return [
    [tenths(from), tenths(y)],
    [tenths(to), tenths(y)]
  ]
}

/** Without the points that lie between two others of their height. */
function withoutBetween(points: readonly Point[]): string[] {
  const kept = points.filter(([, y], i) => points[i - 1]?.[1] !== y || points[i + 1]?.[1] !== y)
  return kept.map((point) => point.join(' '))
}

/** Neighbouring rows of a state as one rectangle. */
function placesOf(rows: readonly StackRow[], state: Hatched, plot: Plot): string {
  const each = plot.width / rows.length
  const paths: string[] = []
  for (let from = 0; from < rows.length; from++) {
    let to = from
    while (rows[to]?.state === state) to++
    if (to === from) continue
    const width = Math.max((to - from) * each, THINNEST_PLACE)
    const left = Math.min(plot.x + from * each, plot.x + plot.width - width)
    paths.push(`M${rectangle(left, plot.y, left + width, plot.y + plot.height)}Z`)
    from = to
  }
  return paths.join('')
}

function rectangle(left: number, top: number, right: number, bottom: number): string {
  return [...level(left, right, top), ...level(right, left, bottom)].map((point) => point.join(' ')).join('L')
}

/** A tenth of a pixel is as fine as anyone sees. */
function tenths(pixels: number): string {
  return String(Math.round(pixels * 10) / 10)
}
