// The parts of the page that do not touch it, run here as they are.
import * as fc from 'fast-check'
import { deepStrictEqual } from 'node:assert/strict'
import t from 'tap'
import { LOCATIONS } from '../../src/model/cube.ts'
import { cell, newService } from '../support/service.ts'
import { LOCATION_COLORS, OTHERS_COLOR, SERIES_COLORS } from '../../src/server/chart/palette.ts'

/** Calls what a module of the page exports. */
async function part(name: string): Promise<(named: string, ...args: readonly unknown[]) => unknown> {
  const module = (await import(new URL(`../../src/server/page/${name}`, import.meta.url).href)) as Record<
    string,
    Function
  >
  return (named, ...args) => module[named]?.(...args)
}

t.test('an address says the whole state: what is written is read back', async (t) => {
  const statePart = await part('state.js')
  const labels = fc.uniqueArray(fc.string({ minLength: 1 }), { maxLength: 3 })
  const day = fc
    .date({ min: new Date('1000-01-01'), max: new Date('9999-12-31'), noInvalidDate: true })
    .map((date) => date.toISOString().slice(0, 10))
  const preset = fc.constantFrom('7d', '30d', '90d', '1y', 'all')
  const range = fc.oneof(
    preset.map((name) => ({ preset: name, custom: { from: '', to: '' } })),
    fc.record({ preset: fc.constant(null), custom: fc.record({ from: day, to: day }) })
  )
  const rest = fc.record({
    by: fc.constantFrom('location', 'deliveryLocation', 'actionType', 'actionTrigger', 'actionResult', 'total'),
    step: fc.constantFrom('day', 'week', 'month'),
    view: fc.constantFrom('stacked', 'lines', 'table'),
    workspace: fc.string(),
    filters: fc.record({
      location: labels,
      deliveryLocation: labels,
      actionType: labels,
      actionTrigger: labels,
      actionResult: labels
    })
  })
  fc.assert(
    fc.property(range, rest, (days, others) => {
      const state = { ...days, ...others }
      deepStrictEqual(statePart('readState', statePart('writeState', state)), structuredClone(state))
    }),
    { numRuns: 200 }
  )
  t.equal(statePart('writeState', statePart('readState', '')), '', 'what is as usual leaves the address as it is')
})

t.test('a label is asked for as the API reads it, whatever commas and backslashes are in it', async (t) => {
  const statePart = await part('state.js')
  const labels = ['a', 'b', 'a,b', String.raw`a\,b`, 'a\\', String.raw`\\a`, ',', String.raw`\,\,`]
  const { app, fill } = await newService(t)
  await fill('default', { '2026-11-01': labels.map((actionType) => cell('Inbox', 1, { actionType })) })
  const address = new URLSearchParams({ by: 'total' })
  for (const label of labels) address.append('actionType', label)
  const state = statePart('readState', `?${address.toString()}`)
  const query = String(statePart('seriesQuery', state, { from: '2026-11-01', to: '2026-11-01' }))
  const { series, unmatched } = (await app.inject(`/series?${query}`)).json()
  t.same([series[0].total, unmatched], [labels.length, undefined], query)
})

t.test('days that were imported are not said never to have been read', async (t) => {
  const statusPart = await part('status.js')
  const status = { lastSuccessAt: null, stale: null, lastRun: null, firstDate: null }
  const wordOf = (more: object): unknown => statusPart('freshnessOf', { ...status, ...more }, 0)
  t.match(wordOf({}), { word: 'Never read yet' })
  t.match(wordOf({ firstDate: '2026-11-01' }), { word: 'Imported' })
  t.match(wordOf({ firstDate: '2026-11-01', lastRun: { status: 'failed' } }), { word: 'Never read yet' })
  t.match(wordOf({ firstDate: '2026-11-01', lastRun: { status: 'succeeded' }, lastSuccessAt: '1970-01-01' }), {
    word: /^Read /
  })
})

t.test('what an address says wrongly is left out', async (t) => {
  const statePart = await part('state.js')
  for (const search of [
    '?range=8d',
    '?from=2026-02-30&to=2026-03-01',
    '?from=2026-02-01',
    '?by=x&step=hour&view=pie',
    '?key=k&location='
  ]) {
    t.equal(statePart('writeState', statePart('readState', search)), '', search)
  }
})

t.test('presets end yesterday by the clock of the service, and all begins with the first day', async (t) => {
  const rangePart = await part('range.js')
  const rangeOf = (preset: string, firstDate: string | null) =>
    rangePart('resolveRange', { preset, custom: {} }, '2026-03-01T00:10:00Z', firstDate)
  t.same(rangeOf('7d', null), { from: '2026-02-22', to: '2026-02-28' })
  t.same(rangeOf('30d', null), { from: '2026-01-30', to: '2026-02-28' })
  t.same(rangeOf('1y', null), { from: '2025-03-01', to: '2026-02-28' })
  t.same(rangeOf('all', '2025-12-24'), { from: '2025-12-24', to: '2026-02-28' })
  t.same(rangeOf('all', null), { from: '2026-01-30', to: '2026-02-28' })
  t.same(rangeOf('all', '2026-03-01'), { from: '2026-01-30', to: '2026-02-28' }, 'no day before today has counts')
  t.same(rangeOf('all', '1999-01-01'), { from: '2016-02-22', to: '2026-02-28' }, 'the longest that one answer holds')
  t.same(rangePart('rangeBefore', { from: '2026-02-22', to: '2026-02-28' }), { from: '2026-02-15', to: '2026-02-21' })
})

t.test('a wrong range is told in words', async (t) => {
  const rangePart = await part('range.js')
  t.equal(rangePart('faultOf', { from: '2026-01-01', to: '2026-01-01' }), '')
  t.equal(rangePart('faultOf', { from: '2026-01-02', to: '2026-01-01' }), 'The first day lies after the last one.')
  t.equal(rangePart('faultOf', { from: '', to: '2026-01-01' }), 'Give both days.')
  t.match(rangePart('faultOf', { from: '2010-01-01', to: '2026-01-01' }), /at most 3660 days/)
})

/** An answer of so many days, each with the same counts; those that are named are not known. */
function answer(from: string, days: number, counts: Record<string, number>, unknown: readonly number[] = []): object {
  const series = Array.from({ length: days }, (_, i) => {
    const date = new Date(Date.parse(from) + i * 86_400_000).toISOString().slice(0, 10)
    const values = Object.entries(counts).map(([label, count]) => [label, unknown.includes(i) ? null : count])
    return { date, state: unknown.includes(i) ? 'missing' : 'final', ...Object.fromEntries(values) }
  })
  const coverage = { final: days - unknown.length, provisional: 0, missing: unknown.length, lost: 0 }
  return { workspace: 'default', by: 'location', step: 'day', from, to: series.at(-1)?.date, coverage, series }
}

interface Built {
  readonly total: number
  readonly totalBefore: number | null
  readonly comparison: string
  readonly columns: readonly {
    name: string
    total: number
    before: number | null
    values: readonly (number | null)[]
  }[]
}

t.test('a change is shown only where every day of both ranges is known; else the reason', async (t) => {
  const totalsPart = await part('totals.js')
  const known = answer('2026-11-11', 10, { Junk: 3, Inbox: 1 })
  const before = answer('2026-11-01', 10, { Junk: 2 })
  const gap = answer('2026-11-11', 10, { Junk: 3, Inbox: 1 }, [4])
  const build = (now: object, earlier: object): Built =>
    totalsPart('buildResult', { reply: now, daily: now, before: earlier }) as Built

  const both = build(known, before)
  t.same([both.total, both.totalBefore], [40, 20])
  t.same(
    both.columns.map(({ name, total, before: was }) => [name, total, was]),
    [
      ['Junk', 30, 20],
      ['Inbox', 10, 0]
    ]
  )
  t.equal(both.comparison, 'Changes are against the 10 days before, 1 Nov 2026 – 10 Nov 2026.')

  const now = build(gap, before)
  t.same([now.total, now.totalBefore, now.columns[0]?.before], [36, null, null])
  t.equal(now.comparison, 'No change is shown: 1 of these 10 days is not known, and the totals are of the others.')

  const earlier = build(known, answer('2026-11-01', 10, { Junk: 2 }, [0, 1]))
  t.same([earlier.total, earlier.totalBefore], [40, null])
  t.equal(earlier.comparison, 'No change is shown: of the 10 days before (1 Nov 2026 – 10 Nov 2026) 2 are not known.')
})

t.test(
  'labels without a colour of their own are one column, which is not known where one of them is not',
  async (t) => {
    const totalsPart = await part('totals.js')
    const counts = Object.fromEntries(Array.from({ length: 9 }, (_, i) => [`label ${i}`, i + 1]))
    const reply = { ...answer('2026-11-01', 2, counts, [1]), by: 'actionType' }
    const { columns } = totalsPart('buildResult', { reply, daily: reply, before: reply }) as Built
    t.same(
      columns.map(({ name, total, values }) => [name, total, values]),
      [4, 5, 6, 7, 8]
        .map((i): [string, number, (number | null)[]] => [`label ${i}`, i + 1, [i + 1, null]])
        .concat([['4 other labels', 10, [10, null]]])
    )
  }
)

t.test('a label that looks like a name of the language is one like the others', async (t) => {
  const totalsPart = await part('totals.js')
  const reply: unknown =
    JSON.parse(`{"by":"actionType","from":"2026-11-01","to":"2026-11-01","coverage":{"final":1,"provisional":0,"missing":0,"lost":0},
    "series":[{"date":"2026-11-01","state":"final","__proto__":2,"constructor":3}]}`)
  t.same(totalsPart('labelsOf', reply), ['__proto__', 'constructor'])
  const built = totalsPart('buildResult', { reply, daily: reply, before: reply }) as Built
  t.equal(built.total, 5)
})

t.test('changes are told so that nobody takes them for more than they are', async (t) => {
  const formatPart = await part('format.js')
  t.equal(formatPart('formatChange', 5, 5), 'unchanged')
  t.equal(formatPart('formatChange', 112, 100), '+12%')
  t.equal(formatPart('formatChange', 88, 100), '−12%')
  t.equal(formatPart('formatChange', 3, 0), '+3, from 0')
  t.equal(formatPart('formatChange', 1_001, 1_000), '+ less than 1%')
  t.equal(formatPart('formatChange', 2_000, 100), '20× as many')
})

t.test('the page paints a location and a label as the pictures do', async (t) => {
  const palettePart = await part('palette.js')
  for (const location of LOCATIONS) t.equal(palettePart('colourOf', 'location', location, 0), LOCATION_COLORS[location])
  SERIES_COLORS.forEach((colour, i) => t.equal(palettePart('colourOf', 'actionType', 'any', i), colour))
  t.equal(palettePart('colourOf', 'actionType', '', -1), OTHERS_COLOR)
})
