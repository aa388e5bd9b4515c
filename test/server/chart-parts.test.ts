// What a picture is put together from: colours, bands, outlines, dates and words.
import t from 'tap'
import { LOCATIONS } from '../../src/model/cube.ts'
import { addDays, dayOfNumber, eachDay, type Day } from '../../src/model/day.ts'
import type { DayState } from '../../src/model/reading.ts'
import { CHART_THEMES, LOCATION_COLORS, OTHERS_COLOR, SERIES_COLORS, THEMES } from '../../src/server/chart/palette.ts'
import { shapesOf, type Plot } from '../../src/server/chart/shapes.ts'
import { MOST_BANDS, stackOf, type Stack, type StackRow } from '../../src/server/chart/stack.ts'
import { cutText, escapeXml, inShort, plainText, widthOf } from '../../src/server/chart/text.ts'
import { ticksOf } from '../../src/server/chart/ticks.ts'
import { notesOf, summaryOf } from '../../src/server/chart/words.ts'
import fc from '../support/properties.ts'
import { contrast, difference, SIGHTS } from './chart/sight.ts'
import { d } from '../support/counts.ts'

t.test('every colour stands out from the background, and every text can be read on it', async (t) => {
  for (const theme of CHART_THEMES) {
    const { background, provisional, text, muted, hatch, missing, lost, notice } = THEMES[theme]
    for (const color of [...Object.values(LOCATION_COLORS), ...SERIES_COLORS, OTHERS_COLOR, hatch]) {
      t.ok(contrast(color, background) >= 3, `${color} in ${theme}`)
    }
    for (const place of [missing, lost]) t.ok(contrast(hatch, place) >= 3, `the hatch on ${place}`)
    t.ok(contrast(text, background) >= 7 && contrast(muted, background) >= 4.5 && contrast(text, notice) >= 7)
    t.ok(contrast(muted, provisional) >= 4.5)
  }
})

t.test('any two colours of a chart can be told apart, whatever the sight of who looks', async (t) => {
  for (const colors of [Object.values(LOCATION_COLORS), [...SERIES_COLORS, OTHERS_COLOR]]) {
    for (const sight of SIGHTS) {
      const pairs = colors.flatMap((a, i) => colors.slice(i + 1).map((b) => [a, b] as const))
      const near = pairs.filter(([a, b]) => difference(a, b, sight) < 9)
      t.same(near, [], sight)
    }
  }
  t.ok(difference('#009e73', '#cc79a7', 'deuteranopia') < 9, 'a pair that deuteranopia brings together is found')
})

t.test('a location has its colour whichever others are shown beside it', async (t) => {
  const { bands } = stackOf(table(['Junk', 'Other'], [[1, 2]]), 'location')
  t.same(
    bands.map(({ name, color }) => [name, color]),
    [
      ['Junk', LOCATION_COLORS.Junk],
      ['Other', LOCATION_COLORS.Other]
    ]
  )
  t.same(Object.keys(LOCATION_COLORS), LOCATIONS)
})

t.test('of more columns than colours the largest are shown in their order, and the others are added up', async (t) => {
  const counts = [5, 1, 7, 2, 9, 3, 8, 4, 6]
  const names = counts.map((count) => `label ${count}`)
  const { bands, rows } = stackOf(table(names, [counts, counts]), 'actionType')
  t.same(
    bands.map(({ name, sum }) => [name, sum]),
    [...[5, 7, 9, 8, 4, 6].map((count) => [`label ${count}`, 2 * count]), ['others (3)', 12]]
  )
  t.same(rows[0]?.values, [5, 7, 9, 8, 4, 6, 6])
  t.equal(rows[0]?.total, 45)
  t.equal(bands.length, MOST_BANDS)
  t.equal(new Set(bands.map(({ color }) => color)).size, MOST_BANDS)
  t.equal(stackOf(table(names.slice(0, 7), [counts.slice(0, 7)]), 'actionType').bands.at(-1)?.name, 'label 8')
})

t.test('what is not known has its place and no bar, and a quiet day has neither', async (t) => {
  const rows = stackRows(['final', [4, 6]], ['missing'], ['lost'], ['lost'], ['final', [0, 0]], ['provisional', [2, 0]])
  t.same(shapesOf(rows, 2, plot(60)), {
    bands: ['M1.1 100L8.9 100L8.9 140L1.1 140ZM51.1 120L58.9 120L58.9 140L51.1 140Z', 'M1.1 40L8.9 40L8.9 99L1.1 99Z'],
    provisional: 'M51.1 120L58.9 120L58.9 140L51.1 140Z',
    places: {
      provisional: 'M50 40L60 40L60 140L50 140Z',
      missing: 'M10 40L20 40L20 140L10 140Z',
      lost: 'M20 40L40 40L40 140L20 140Z'
    }
  })
})

t.test('bars that are too thin for gaps are one outline, which a day that is not known parts', async (t) => {
  const rows = stackRows(['final', [4]], ['final', [4]], ['final', [6]], ['missing'], ['final', [2]])
  t.same(shapesOf(rows, 1, plot(15)).bands, ['M0 100L6 100L6 80L9 80L9 140L0 140ZM12 120L15 120L15 140L12 140Z'])
})

t.test('of ten years no unread day and no highest day goes unseen', async (t) => {
  const rows = Array.from({ length: 3660 }, (_, i) =>
    stackRow(i, i === 3659 ? 'missing' : 'final', [i === 1001 ? 10 : 1])
  )
  const { bands, places } = shapesOf(rows, 1, plot(732))
  t.match(bands[0], '40L')
  t.equal(places.missing, 'M730.5 40L732 40L732 140L730.5 140Z')
})

t.test('the dates below a chart have room beside each other, for every range', async (t) => {
  const tight: string[] = []
  for (let length = 1; length <= 3660; length += length < 400 ? 1 : 97) {
    const days = eachDay({ from: d('2024-02-17'), to: addDays(d('2024-02-17'), length - 1) })
    const ticks = [...ticksOf(days, 'day')]
    if (ticks.length === 0) tight.push(`${length} days have no date`)
    ticks.forEach(([place, text], i) => {
      const [next, nextText] = ticks[i + 1] ?? [Infinity, '']
      const letters = Math.max(...`${text}\n${nextText}`.split('\n').map((line) => line.length))
      if ((next - place) * (710 / length) < letters * 8) tight.push(`${length} days: ${text}, ${nextText}`)
    })
  }
  t.same(tight, [])
})

t.test('dates are written at Mondays, months and years, and a year where it begins', async (t) => {
  t.same(texts('2026-12-30', '2027-01-02'), ['30 Dec\n2026', '31 Dec', '1 Jan\n2027', '2 Jan'])
  t.same(texts('2026-11-01', '2026-11-30'), ['2 Nov\n2026', '9 Nov', '16 Nov', '23 Nov', '30 Nov'])
  t.same(texts('2026-06-15', '2027-01-31').at(-1), '1 Jan\n2027')
  t.same(texts('2020-05-01', '2023-02-01'), [
    '1 Jul\n2020',
    '1 Oct',
    ...['2021', '2022'].flatMap(quarters),
    '1 Jan\n2023'
  ])
  t.same(
    [...ticksOf([d('2026-11-01'), d('2026-12-01'), d('2027-01-01')], 'month').values()],
    ['Nov\n2026', 'Dec', 'Jan\n2027']
  )
})

t.test('words say the total, the highest day, and how much is not known', async (t) => {
  const rows = stackRows(['final', [1000]], ['missing'], ['final', [2000]], ['provisional', [2000]])
  t.equal(summaryOf(stack(...rows), 'day'), 'Total 5,000 · highest 2,000 on 1970-01-03 · 1 of 4 days not known')
  t.equal(summaryOf(stack(...stackRows(['final', [3]])), 'month'), 'Total 3')
  t.equal(summaryOf(stack(...stackRows(['lost'])), 'week'), 'No week of this range is known')
  t.equal(summaryOf(stack(), 'day'), 'No day in this range')
})

t.test('a week or month that holds fewer days than it has is named', async (t) => {
  t.equal(
    notesOf(stack(bucket('2026-11-02', 3), bucket('2026-11-09', 7)), 'week'),
    'The week of 2026-11-02 holds 3 days only.'
  )
  t.equal(notesOf(stack(bucket('2028-02-01', 28)), 'month'), 'The month of 2028-02-01 holds 28 days only.')
  t.equal(notesOf(stack(bucket('2026-02-01', 28), bucket('2026-12-01', 31)), 'month'), '')
})

t.test('a text is written so that it is a text, whatever stands in it', async (t) => {
  t.equal(escapeXml(`<b a="1" b='2'>&`), '&lt;b a=&quot;1&quot; b=&#39;2&#39;&gt;&amp;')
  t.equal(plainText('  a\u202Eb\uFFFEc\u0000d \u00A0 e\uD800 '), 'a\uFFFDb\uFFFDc\uFFFDd e\uFFFD')
  t.equal(inShort(9999), '9,999')
  t.equal(inShort(1_250_000), '1.25M')
})

t.test('a text is cut between two characters, where it is wider than its room, and only there', async (t) => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 60 }), fc.integer({ min: 40, max: 400 }), (text, width) => {
      const cut = cutText(text, 16, width)
      const whole = plainText(text)
      if (widthOf(whole, 16) <= width) return cut === whole
      return widthOf(cut, 16) <= width && cut.endsWith('…') && whole.startsWith(cut.slice(0, -1))
    })
  )
  t.equal(cutText('👩‍👩‍👧‍👧'.repeat(3), 10, 20), '👩‍👩‍👧‍👧…')
})

function texts(from: string, to: string): string[] {
  return [...ticksOf(eachDay({ from: d(from), to: d(to) }), 'day').values()]
}

function stack(...rows: StackRow[]): Stack {
  return { bands: [], rows }
}

function bucket(date: string, days: number): StackRow {
  return { date: d(date), state: 'final', days, values: [1], total: 1 }
}

/** A plot that is 100 high, from 40 to 140, for counts up to 10. */
function plot(width: number): Plot {
  return { x: 0, y: 40, width, height: 100, yOf: (count) => 140 - count * 10 }
}

function stackRows(...rows: readonly (readonly [DayState, (readonly number[])?])[]): StackRow[] {
  return rows.map(([state, values], i) => stackRow(i, state, values))
}

function stackRow(place: number, state: DayState, values: readonly number[] = []): StackRow {
  const known = state === 'final' || state === 'provisional'
  const total = known ? values.reduce((sum, count) => sum + count, 0) : 0
  return { date: dayOfNumber(place), state, days: 1, values: known ? values : null, total }
}

function table(columns: readonly string[], rows: readonly (readonly number[])[]) {
  return {
    columns,
    rows: rows.map((values, i) => ({ date: dayOfNumber(i) satisfies Day, state: 'final' as const, days: 1, values })),
    coverage: { final: rows.length, provisional: 0, missing: 0, lost: 0 }
  }
}

function quarters(year: string): string[] {
  return [`1 Jan\n${year}`, '1 Apr', '1 Jul', '1 Oct']
}
