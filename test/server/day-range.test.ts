import t from 'tap'
import { assert, integer, property } from 'fast-check'
import { addDays, dayOf, parseDay } from '../../src/model/day.ts'
import { toDayRange } from '../../src/server/day-range.ts'

const pad = (n: number): string => String(Math.trunc(Math.abs(n))).padStart(2, '0')

const NOW = new Date('2026-11-24T23:59:59.999Z')

function fault(asked: { from?: string; to?: string }): string | undefined {
  try {
    toDayRange(asked, NOW)
  } catch (error) {
    return (error as { code: string }).code
  }
  return undefined
}

t.test('a moment means the UTC day that holds it', async (t) => {
  const days: Record<string, string> = {
    '2026-11-01': '2026-11-01',
    '2026-11-01T00:00:00Z': '2026-11-01',
    '2026-11-01t23:59:59.9999999z': '2026-11-01',
    '2026-11-01T23:59:60Z': '2026-11-01',
    '2026-11-01T23:30': '2026-11-01',
    '2026-11-01 23:30:00': '2026-11-01',
    '2026-11-01T23:30:00.0000000': '2026-11-01',
    '2026-11-01T23:30:00-01:00': '2026-11-02',
    '2026-11-01T00:30:00+01:00': '2026-10-31',
    '2026-11-01T00:30:00 01:00': '2026-10-31',
    '2024-02-29T12:00:00Z': '2024-02-29',
    '1793491200000': '2026-11-01',
    '1793491199999': '2026-10-31'
  }
  for (const [text, day] of Object.entries(days))
    t.equal(toDayRange({ from: text, to: '2026-12-01' }, NOW).from, day, text)
})

t.test('what is no moment is refused, and named', async (t) => {
  const texts = ['yesterday', '2026-13-01', '2026-02-29', '2026-11-1', '0999-01-01', '20261101', '179349120000']
  const times = ['T24:00:00Z', 'T12:60Z', 'T12:00:61Z', 'T12:00:00+24:00', 'T12', 'T', 'Z', 'T12:00:00Zx', '\n']
  const edges = [
    '9999-12-31T23:59:59-00:01',
    '1000-01-01T00:00:00+00:01',
    '17934912000000',
    '0793491200000',
    '-1793491200000'
  ]
  for (const text of [...texts, ...times.map((time) => `2026-11-01${time}`), ...edges]) {
    t.equal(fault({ from: text }), 'invalid-request', text)
    t.throws(() => toDayRange({ to: text }, NOW), { errors: [{ parameter: 'to' }] }, text)
  }
})

t.test('what one end, or none, leaves open is filled in', async (t) => {
  t.same(toDayRange({}, NOW), { from: '2026-10-25', to: '2026-11-23' })
  t.same(toDayRange({ from: '2026-11-01' }, NOW), { from: '2026-11-01', to: '2026-11-23' })
  t.same(toDayRange({ from: '2026-11-24' }, NOW), { from: '2026-11-24', to: '2026-11-24' })
  t.same(toDayRange({ from: '2027-01-01' }, NOW), { from: '2027-01-01', to: '2027-01-01' })
  t.same(toDayRange({ to: '2026-11-30' }, NOW), { from: '2026-11-01', to: '2026-11-30' })
  t.same(toDayRange({ to: '1000-01-05' }, NOW), { from: '1000-01-01', to: '1000-01-05' })
})

t.test('a range is in order, and at most 3,660 days long', async (t) => {
  t.equal(fault({ from: '2026-11-02', to: '2026-11-01' }), 'invalid-range')
  const to = parseDay('2026-11-01')
  t.equal(fault({ from: addDays(to, -3_659), to }), undefined)
  t.equal(fault({ from: addDays(to, -3_660), to }), 'invalid-range')
  t.equal(fault({ from: '1990-01-01' }), 'invalid-range', 'also where one end is left open')
})

t.test('every instant, however it is written, means its UTC day', async () => {
  assert(
    property(integer({ min: 1e12, max: 4e12 }), integer({ min: -1439, max: 1439 }), (ms, offset) => {
      const instant = new Date(ms)
      const local = new Date(ms + offset * 60_000).toISOString().slice(0, -1)
      const zone = `${offset < 0 ? '-' : '+'}${pad(offset / 60)}:${pad(offset % 60)}`
      const to = addDays(dayOf(instant), 1)
      return [String(ms), instant.toISOString(), `${local}${zone}`].every(
        (text) => toDayRange({ from: text, to }, NOW).from === dayOf(instant)
      )
    })
  )
})
