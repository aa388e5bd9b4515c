import * as fc from 'fast-check'
import t from 'tap'
import { createTimeReader } from '../../src/ingest/export/event-time.ts'
import { openTimeZone } from '../../src/ingest/export/time-zone.ts'
import { count, linesOf, refusal } from '../support/exports.ts'

const csv = (...times: string[]): string =>
  `Timestamp,DeliveryLocation\n${times.map((time) => `"${time}",Inbox\n`).join('')}`
const read = (text: string, utc = true): string => new Date(createTimeReader(null)(text, utc)).toISOString()

t.test('every form in which the portals and the APIs write a time is read', async (t) => {
  for (const [text, expected] of [
    ['2026-11-01T10:00:00.1234567Z', '2026-11-01T10:00:00.123Z'],
    ['2026-11-01T23:59:59.999999999Z', '2026-11-01T23:59:59.999Z'],
    ['2026-11-01T10:00:00.5Z', '2026-11-01T10:00:00.500Z'],
    ['2026-11-01T10:00:00Z', '2026-11-01T10:00:00.000Z'],
    ['2026-11-01T10:00Z', '2026-11-01T10:00:00.000Z'],
    ['2026-11-01t10:00:00z', '2026-11-01T10:00:00.000Z'],
    ['2026-11-01 10:00:00.000', '2026-11-01T10:00:00.000Z'],
    ['2026-11-01 10:00', '2026-11-01T10:00:00.000Z'],
    ['2026-11-01T10:00:00+02:00', '2026-11-01T08:00:00.000Z'],
    ['2026-11-01T10:00:00-0330', '2026-11-01T13:30:00.000Z'],
    ['2026-11-01 10:00:00 +00:00', '2026-11-01T10:00:00.000Z'],
    ['2024-02-29T00:00:00Z', '2024-02-29T00:00:00.000Z'],
    ['2000-02-29T00:00:00Z', '2000-02-29T00:00:00.000Z'],
    ['7/15/2021, 8:02:22.123 AM', '2021-07-15T08:02:22.123Z'],
    ['7/15/2021, 8:02:22.123 PM', '2021-07-15T20:02:22.123Z'],
    ['7/5/2021 12:02:22 AM', '2021-07-05T00:02:22.000Z'],
    ['07/05/2021, 12:02 PM', '2021-07-05T12:02:00.000Z'],
    ['7/15/2021, 8:02:22\u202fAM', '2021-07-15T08:02:22.000Z'],
    ['7/15/2021, 8:02:22\u00a0AM', '2021-07-15T08:02:22.000Z'],
    ['Apr 5, 2023 10:00:00 AM', '2023-04-05T10:00:00.000Z'],
    ['Sep 30, 2023 12:00:00 PM', '2023-09-30T12:00:00.000Z'],
    ['December 31, 2023, 11:59 PM', '2023-12-31T23:59:00.000Z'],
    ['Apr 5, 2023 22:00:00', '2023-04-05T22:00:00.000Z'],
    ['Apr 5, 2023 22:00:00.25', '2023-04-05T22:00:00.250Z']
  ] as const) {
    t.equal(read(text), expected, text)
  }
})

t.test('a time that the calendar or the clock does not have is refused', async (t) => {
  for (const text of [
    '2026-02-30T10:00:00Z',
    '2026-02-29T10:00:00Z',
    '2100-02-29T10:00:00Z',
    '2026-13-01T10:00:00Z',
    '2026-00-01T10:00:00Z',
    '2026-11-00T10:00:00Z',
    '2026-11-31T10:00:00Z',
    '2026-11-01T24:00:00Z',
    '2026-11-01T10:60:00Z',
    '2026-11-01T10:00:60Z',
    '15/7/2021, 8:02:22 AM',
    '7/15/2021, 0:02:22 AM',
    '7/15/2021, 13:02:22 PM',
    'Apr 31, 2023 10:00:00 AM',
    'Xyz 3, 2023 10:00:00 AM',
    'Apr 5, 2023 25:00:00'
  ]) {
    t.throws(() => read(text), /^the time ".*" is none of the calendar: export times like 2026-11-01T10:00:00Z$/, text)
  }
})

t.test('a time in which day and month could be either way round is refused', async (t) => {
  for (const text of [
    '4/5/2023 22:00:00',
    '04/05/2023',
    '4/5/2023, 10:00:00 am',
    '05.04.2023 10:00:00',
    '7/15/2021, 8:02:22 AM x',
    '05-04-2023T10:00:00Z'
  ]) {
    t.throws(() => read(text), /is in doubt, since day and month could be either way round: export times like/, text)
  }
})

t.test('what is no time is refused', async (t) => {
  for (const text of [
    'soon',
    '1700000000',
    '2026-11-01',
    '2026-11-01T10:00:00.1234567890Z',
    '2026-11-01T10Z',
    '2026-11-01T10:00:00+15:00',
    '2026-11-01T10:00:00+02:60',
    '2026-11-01T10:00:00 UTC+1',
    ' 2026-11-01T10:00:00Z x',
    'x 2026-11-01T10:00:00Z',
    'x 7/15/2021, 8:02:22 AM',
    'x Apr 5, 2023 10:00:00 AM',
    'Apr 5, 2023 10:00:00 AM x',
    '0001-01-01T00:00:00Z'
  ]) {
    t.throws(() => read(text), /^the time ".*" can not be read: export times like 2026-11-01T10:00:00Z$/, text)
  }
})

const two = (value: number): string => String(Math.trunc(Math.abs(value))).padStart(2, '0')

t.test('any instant comes back from the form of the APIs, with any offset', async (t) => {
  const instant = fc.date({
    min: new Date('1000-01-02T00:00:00Z'),
    max: new Date('9999-12-30T00:00:00Z'),
    noInvalidDate: true
  })
  fc.assert(
    fc.property(instant, fc.integer({ min: -14 * 60, max: 14 * 60 }), (date, minutes) => {
      const local = new Date(date.getTime() + minutes * 60_000).toISOString().slice(0, -1)
      const offset = `${minutes < 0 ? '-' : '+'}${two(minutes / 60)}:${two(minutes % 60)}`
      t.equal(read(local + offset, false), date.toISOString())
    }),
    { numRuns: 300 }
  )
})

t.test('the first and the last instant of a day belong to it', async (t) => {
  const counts = await count(
    csv(
      '2026-11-01T00:00:00.0000000Z',
      '2026-11-01T23:59:59.9999999Z',
      '2026-11-03T00:00:00Z',
      '2026-11-03T00:30:00+01:00'
    )
  )
  t.same(linesOf(counts), ['2026-11-01 Inbox||| 2', '2026-11-02 Inbox||| 1', '2026-11-03 Inbox||| 1'])
})

t.test('a time without a zone is refused, unless its column says UTC or a zone is named', async (t) => {
  const local = csv('2026-11-01T10:00:00')
  t.match(
    await refusal(local),
    /^export, line 2: the time "2026-11-01T10:00:00" has no zone: name it, as in --time-zone Europe\/Berlin, or export/
  )
  for (const text of ['7/15/2021, 8:02:22 AM', 'Apr 5, 2023 10:00:00 AM']) {
    t.match(await refusal(csv(text)), /^export, line 2: the time .* has no zone: /)
  }
  t.match(await refusal(local.replace('Timestamp', 'Timestamp [Local Time]')), /has no zone/)
  t.equal((await count(local.replace('Timestamp', 'Timestamp [UTC]'))).events, 1)
  t.equal((await count(local, { timeZone: 'UTC' })).events, 1)
})

t.test('a named zone moves times without a zone to their UTC day, and no others', async (t) => {
  const times = ['2026-11-02T00:30:00', '7/2/2026, 1:59:59.999 AM', '2026-11-02T00:30:00Z', '2026-11-02T00:30:00+00:00']
  const berlin = await count(csv(...times), { timeZone: 'Europe/Berlin', range: { from: null, to: null } })
  t.same(
    berlin.days.filter(({ cells }) => cells.length > 0).map(({ day, cells }) => [day, cells[0]?.count]),
    [
      ['2026-07-01', 1],
      ['2026-11-01', 1],
      ['2026-11-02', 2]
    ]
  )
  const said = await count(csv(times[0] ?? '').replace('Timestamp', 'Timestamp [UTC]'), { timeZone: 'Europe/Berlin' })
  t.same(said.range, { from: '2026-11-02', to: '2026-11-02' })
})

t.test('a local time that the zone skips, or has twice, is refused with its line', async (t) => {
  const fine = '2026-03-29T01:59:59'
  for (const [timeZone, time] of [
    ['Europe/Berlin', '2026-03-29T02:00:00'],
    ['Europe/Berlin', '2026-03-29T02:59:59.999'],
    ['Europe/Berlin', '2025-10-26T02:00:00'],
    ['Europe/Berlin', '2025-10-26T02:59:59'],
    ['America/New_York', '2026-11-01T01:30:00'],
    // Half an hour only.
    ['Australia/Lord_Howe', '2026-04-05T01:45:00'],
    ['Australia/Lord_Howe', '2025-10-05T02:15:00']
  ] as const) {
    t.match(
      await refusal(csv(fine, time), { timeZone }),
      new RegExp(`^export, line 3: the time "${time}" does not exist in ${timeZone}, or exists twice there: export`),
      `${timeZone} ${time}`
    )
  }
  for (const [timeZone, time] of [
    ['Europe/Berlin', '2026-03-29T03:00:00'],
    ['Europe/Berlin', '2025-10-26T03:00:00'],
    ['Europe/Berlin', '2025-10-26T01:59:59.999'],
    ['Australia/Lord_Howe', '2026-04-05T01:15:00'],
    ['Australia/Lord_Howe', '2025-10-05T02:45:00']
  ] as const) {
    t.equal((await count(csv(time), { timeZone })).events, 1, `${timeZone} ${time}`)
  }
})

t.test('an unknown time zone is refused by name', async (t) => {
  for (const timeZone of ['Europe/Berlinn', '', '2026-01-01T00:00[Europe/Berlin]']) {
    t.match(
      await refusal(csv('2026-11-01T10:00:00Z'), { timeZone }),
      /^export: the time zone ".*" is unknown: name it like/
    )
  }
})

t.test("around its changes a zone's clock names the one instant that the zone writes so, or none", async (t) => {
  for (const [name, around] of [
    ['Europe/Berlin', '2026-03-29T02:00Z'],
    ['Europe/Berlin', '2025-10-26T02:00Z'],
    ['Australia/Lord_Howe', '2026-04-05T01:45Z'],
    ['Australia/Lord_Howe', '2025-10-05T02:15Z'],
    ['Pacific/Apia', '2011-12-30T12:00Z'],
    ['Asia/Kathmandu', '2026-01-01T00:00Z']
  ] as const) {
    const clock = openTimeZone(name)
    const here = new Intl.DateTimeFormat('sv', { timeZone: name, dateStyle: 'short', timeStyle: 'medium' })
    for (let minute = -180; minute < 180; minute += 5) {
      const local = Date.parse(around) + minute * 60_000
      const written = new Date(local).toISOString().slice(0, 19).replace('T', ' ')
      // Every instant that this zone writes so, found by looking at all that could be.
      const instants = Array.from({ length: 113 }, (_, i) => local + (i - 56) * 900_000).filter(
        (instant) => here.format(instant) === written
      )
      t.equal(clock(local), instants.length === 1 ? instants[0] : null, `${name} ${written}`)
    }
  }
})
