import t from 'tap'
import { assert, integer, property } from 'fast-check'
import { instantOf, parseInstant } from '../../src/server/instant.ts'

const two = (n: number): string => String(Math.trunc(Math.abs(n))).padStart(2, '0')

t.test('a time with an offset, or without one in UTC, is told to the millisecond', async (t) => {
  const instants: Record<string, string> = {
    '2026-11-01T08:30:00Z': '2026-11-01T08:30:00.000Z',
    '2026-11-01t08:30:00.1z': '2026-11-01T08:30:00.100Z',
    '2026-11-01 08:30': '2026-11-01T08:30:00.000Z',
    '2026-11-01T08:30:15.123999999': '2026-11-01T08:30:15.123Z',
    '2026-11-01T00:30:00+01:00': '2026-10-31T23:30:00.000Z',
    '2026-11-01T00:30:00 01:00': '2026-10-31T23:30:00.000Z',
    '2026-11-01T23:59:60Z': '2026-11-01T23:59:59.999Z'
  }
  for (const [text, instant] of Object.entries(instants)) t.equal(instantOf(text)?.toISOString(), instant, text)
  t.equal(parseInstant('since', '2026-11-01').toISOString(), '2026-11-01T00:00:00.000Z', 'a day is its beginning')
})

t.test('what is no time is none, and is refused where one is wanted', async (t) => {
  for (const text of ['', 'now', '2026-11-01T', '2026-11-01T24:00', '2026-02-30T00:00Z', '2026-11-01T08:30:00.Z']) {
    t.equal(instantOf(text), undefined, text)
    t.throws(() => parseInstant('since', text), { code: 'invalid-request', errors: [{ parameter: 'since' }] }, text)
  }
})

t.test('every instant, in every zone, is itself', async () => {
  assert(
    property(integer({ min: 0, max: 4e12 }), integer({ min: -1439, max: 1439 }), (ms, offset) => {
      const local = new Date(ms + offset * 60_000).toISOString().slice(0, -1)
      const zone = `${offset < 0 ? '-' : '+'}${two(offset / 60)}:${two(offset % 60)}`
      return instantOf(`${local}${zone}`)?.getTime() === ms
    })
  )
})
