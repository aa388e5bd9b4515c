// The questions whose pictures are kept beside this file, and some that are too large to be kept.
import { LOCATIONS, type CellCount } from '../../../src/model/cube.ts'
import { eachDay, numberOfDay, parseDay, type Day, type DayRange } from '../../../src/model/day.ts'
import type { DayState, StoredDay } from '../../../src/model/reading.ts'
import { buildSeries, type By, type Step } from '../../../src/model/series.ts'
import type { ChartQuestion } from '../../../src/server/chart/chart.ts'

const LABELS = [
  ['Quarantine', 1],
  ['Deleted items', 0.3],
  ['Junk folder', 0.7],
  ['Inbox/folder', 0.9],
  ['Failed', 0.12],
  ['On-premises/External', 0.1],
  ['Dropped', 0.2],
  ['Forwarded', 0.15],
  ['', 0.05],
  [`<script>alert("1")</script> & 'more', ${'and so on '.repeat(9)}`, 0.4]
] as const

export interface Made {
  readonly step?: Step
  readonly by?: By
  /** How many of the labels occur. */
  readonly labels?: number
  /** The most events that a label has in a day, about. */
  readonly scale?: number
  readonly today?: string
  /** By the place of the day in the range; final unless told. */
  readonly state?: (place: number) => DayState
  readonly title?: string
  readonly theme?: ChartQuestion['theme']
  readonly sample?: boolean
}

/** Counts that depend on the day alone, lower at weekends. */
export function question(from: string, to: string, made: Made = {}): ChartQuestion {
  const { by = 'location', step = 'day', theme = 'light', sample = false, today = '2027-12-31' } = made
  const range: DayRange = { from: parseDay(from), to: parseDay(to) }
  const days = eachDay(range).flatMap((day, place) => stored(day, made.state?.(place) ?? 'final', made))
  return {
    title: made.title ?? 'Post-delivery actions by location',
    subtitle: `contoso · ${from} to ${to}, UTC`,
    theme,
    step,
    by,
    sample,
    table: buildSeries({ range, by, step, locations: LOCATIONS, labels: {}, today: parseDay(today) }, days)
  }
}

const UNMARKED = { revision: 1, damaged: false, shrunk: false }

function stored(day: Day, state: DayState, { labels = 5, scale = 40 }: Made): StoredDay[] {
  if (state === 'missing') return []
  if (state === 'lost') return [{ day, state, cells: [], ...UNMARKED }]
  const number = numberOfDay(day)
  const weekday = [2, 3].includes(number % 7) ? 0.35 : 1
  const cells = LABELS.slice(0, labels).map(([deliveryLocation, share], i): CellCount => {
    const count = Math.floor(scale * share * weekday * (0.4 + noise(number * 31 + i)))
    return { deliveryLocation, actionType: 'Phish ZAP', actionTrigger: '', actionResult: 'Success', count }
  })
  return [{ day, state, cells: cells.filter(({ count }) => count > 0), ...UNMARKED }]
}

/** From 0 to 1, the same for the same number. */
function noise(number: number): number {
  const mixed = Math.imul(number ^ (number >>> 3), 2_654_435_761)
  return (Math.imul(mixed ^ (mixed >>> 15), 2_246_822_519) >>> 8) / 2 ** 24
}

/** The newest week provisional, two days unread, one and the beginning lost. */
const everyState = (place: number): DayState => {
  if (place < 3 || place === 15) return 'lost'
  if (place === 8 || place === 9) return 'missing'
  return place >= 23 ? 'provisional' : 'final'
}

const LONG_TITLE =
  'Post-delivery actions by delivery location, with a title that is far too long for a picture of this width'

/** Each is kept as `<name>.svg`. */
export const KEPT: Readonly<Record<string, ChartQuestion>> = {
  month: question('2026-11-01', '2026-11-30', { state: (place) => (place >= 23 ? 'provisional' : 'final') }),
  'states-light': question('2026-11-01', '2026-11-30', { state: everyState, sample: true }),
  'states-dark': question('2026-11-01', '2026-11-30', { state: everyState, sample: true, theme: 'dark' }),
  quarter: question('2026-09-01', '2026-11-30', { state: (place) => (place === 50 ? 'missing' : 'final') }),
  weeks: question('2026-06-03', '2026-11-30', {
    step: 'week',
    today: '2026-11-30',
    state: (n) => (n === 50 ? 'lost' : 'final')
  }),
  months: question('2025-06-03', '2026-11-20', { step: 'month', scale: 4000, theme: 'dark', today: '2026-11-20' }),
  labels: question('2026-11-01', '2026-11-30', { by: 'deliveryLocation', labels: 10, title: LONG_TITLE }),
  total: question('2026-12-22', '2027-01-08', { by: 'total' }),
  'one-day': question('2026-11-01', '2026-11-01'),
  'one-unread': question('2026-11-01', '2026-11-01', { state: () => 'missing' }),
  unread: question('2026-11-01', '2026-11-30', { state: () => 'missing', by: 'actionType', theme: 'dark' }),
  quiet: question('2026-11-01', '2026-11-30', { scale: 0, state: (place) => (place > 20 ? 'provisional' : 'final') })
}

const empty = question('2026-11-01', '2026-11-01', { by: 'actionType', scale: 0 })

export const LARGE: Readonly<Record<string, ChartQuestion>> = {
  year: question('2025-12-01', '2026-11-30', { state: everyState }),
  'ten years': question('2017-01-01', '2027-01-08', {
    scale: 400,
    state: (n) => (n % 500 === 7 ? 'missing' : 'final')
  }),
  'ten years of labels': question('2017-01-01', '2027-01-08', { by: 'deliveryLocation', labels: 10, scale: 1e9 }),
  'ten years, every other day': question('2017-01-01', '2027-01-08', {
    state: (n) => (n % 2 === 0 ? 'final' : 'lost')
  }),
  'a quiet day without columns': empty,
  'no rows': { ...empty, table: { ...empty.table, rows: [] } }
}
