import { Readable } from 'node:stream'
import t from 'tap'
import { countExport } from '../../src/ingest/export-file.ts'
import { parseDay, type Day } from '../../src/model/day.ts'
import { count, linesOf, refusal } from '../support/exports.ts'

const csv = (...times: string[]): string =>
  `Timestamp,DeliveryLocation\n${times.map((time) => `${time},Inbox\n`).join('')}`
const range = (from: string | null, to: string | null): { from: Day | null; to: Day | null } => ({
  from: from === null ? null : parseDay(from),
  to: to === null ? null : parseDay(to)
})
const THREE = csv('2026-11-05T10:00:00Z', '2026-11-02T10:00:00Z', '2026-11-03T10:00:00Z')

t.test(
  'a file covers its first to its last day, in whatever order its events stand; days between are quiet',
  async (t) => {
    const counts = await count(THREE)
    t.same(counts.range, { from: '2026-11-02', to: '2026-11-05' })
    t.same(linesOf(counts), [
      '2026-11-02 Inbox||| 1',
      '2026-11-03 Inbox||| 1',
      '2026-11-04 quiet',
      '2026-11-05 Inbox||| 1'
    ])
  }
)

t.test(
  'a range that is given, or one end of it, decides what is covered; events outside are not counted',
  async (t) => {
    for (const [asked, covered, events] of [
      [range('2026-11-01', '2026-11-06'), ['2026-11-01', '2026-11-06'], 3],
      [range('2026-11-03', '2026-11-04'), ['2026-11-03', '2026-11-04'], 1],
      [range('2026-11-03', '2026-11-03'), ['2026-11-03', '2026-11-03'], 1],
      [range('2016-11-17', '2026-11-24'), ['2016-11-17', '2026-11-24'], 3],
      [range('2026-11-03', null), ['2026-11-03', '2026-11-05'], 2],
      [range('2026-10-30', null), ['2026-10-30', '2026-11-05'], 3],
      [range(null, '2026-11-03'), ['2026-11-02', '2026-11-03'], 2],
      [range(null, '2026-11-24'), ['2026-11-02', '2026-11-24'], 3],
      [range('2026-11-06', '2026-11-07'), ['2026-11-06', '2026-11-07'], 0]
    ] as const) {
      const counts = await count(THREE, { range: asked })
      t.same(counts.range, { from: covered[0], to: covered[1] }, JSON.stringify(asked))
      t.same([counts.events, counts.outside], [events, 3 - events])
      t.same([counts.days[0]?.day, counts.days.at(-1)?.day], covered)
    }
  }
)

t.test('without an event to tell an end, nothing is covered', async (t) => {
  for (const asked of [range('2026-11-06', null), range(null, '2026-11-01')]) {
    const counts = await count(THREE, { range: asked })
    t.same([counts.range, counts.days, counts.events, counts.outside], [null, [], 0, 3])
  }
})

t.test('a range given in full is covered also where the file has no event', async (t) => {
  const counts = await count(csv(), { range: range('2026-11-01', '2026-11-02') })
  t.same(linesOf(counts), ['2026-11-01 quiet', '2026-11-02 quiet'])
})

t.test('an event outside of the range is checked all the same', async (t) => {
  const asked = { range: range('2026-11-03', '2026-11-04') }
  t.match(await refusal(`${THREE}soon,Inbox\n`, asked), /^export, line 5: the time "soon"/)
  t.match(
    await refusal(`${THREE}2026-11-01T00:00:00Z,${'x'.repeat(300)}\n`, asked),
    /^export, line 5: the DeliveryLocation/
  )
  t.match(await refusal(`${THREE}2027-11-01T00:00:00Z,Inbox\n`, asked), /^export, line 5: .* lies in the future/)
})

t.test('a range that ends before it begins, after today, or is too long is refused', async (t) => {
  for (const [asked, expected] of [
    [range('2026-11-03', '2026-11-02'), /^export: can not be imported from 2026-11-03 to 2026-11-02: exchange/],
    [
      range('2026-11-01', '2026-11-25'),
      /^export: can not be imported for 2026-11-25, which is after today, 2026-11-24$/
    ],
    [range(null, '2026-11-25'), /for 2026-11-25, which is after today/],
    [range('2026-11-25', null), /for 2026-11-25, which is after today/],
    [range('2016-11-16', '2026-11-24'), /^export: can not be imported for 3661 days, from .*: at most 3660 at once$/]
  ] as const) {
    t.match(await refusal(THREE, { range: asked }), expected)
  }
})

t.test('a stray date is refused with its line, and not made into thousands of quiet days', async (t) => {
  t.match(
    await refusal(csv('2026-11-05T10:00:00Z', '2016-10-01T10:00:00Z')),
    /^export, line 3: with this event the file covers 2016-10-01 to 2026-11-05, more than 3660 days: name the days/
  )
  t.equal((await count(csv('2026-11-05T10:00:00Z', '2016-10-29T10:00:00Z'))).days.length, 3_660)
  t.match(await refusal(csv('2026-11-05T10:00:00Z', '2016-10-28T10:00:00Z')), /more than 3660 days/)
  t.match(
    await refusal(csv('2026-11-05T10:00:00Z'), { range: range('2000-01-01', null) }),
    /^export, line 2: with this event the file covers 2000-01-01 to 2026-11-05/
  )
  const saved = await count(csv('2026-11-05T10:00:00Z', '1999-10-01T10:00:00Z'), { range: range('2026-11-01', null) })
  t.same([saved.events, saved.outside], [1, 1])
})

t.test('an event at this very instant is counted, one a millisecond later is refused', async (t) => {
  t.equal((await count(csv('2026-11-24T12:00:00.0009Z'))).events, 1)
  t.match(await refusal(csv('2026-11-24T12:00:00.001Z')), /^export, line 2: .* lies in the future: check its time zone/)
})

t.test('ten thousand combinations of labels in a day are counted, one more is refused with its line', async (t) => {
  const labels = Array.from({ length: 10_000 }, (_, i) => `2026-11-01T10:00:00Z,folder ${i}\n`).join('')
  const full = `Timestamp,DeliveryLocation\n${labels}`
  const again = labels.replaceAll('folder', 'FOLDER')
  const counts = await count(full + again)
  t.same([counts.events, counts.days[0]?.cells.length], [20_000, 10_000])
  t.match(
    await refusal(`${full}${again}2026-11-01T10:00:00Z,one more\n`),
    /^export, line 20002: 2026-11-01 has more than 10000 combinations of labels: check/
  )
  t.equal((await count(`${full}2026-11-02T10:00:00Z,one more\n`)).events, 10_001)
})

t.test('labels that are another for each event, as an id is, are refused before they fill the memory', async (t) => {
  const ids = Array.from({ length: 100_001 }, (_, i) => `2026-11-${10 + (i % 11)}T10:00:00Z,id ${i}\n`)
  t.match(
    await refusal(`Timestamp,DeliveryLocation\n${ids.join('')}`),
    /^export, line 100002: makes more than 100000 combinations of labels: check what the columns hold$/
  )
})

t.test('the file is not held open after a fault, nor after the last byte', async (t) => {
  for (const content of ['Timestamp,DeliveryLocation\nsoon,Inbox\n', 'nothing\n', '', csv()]) {
    const input = Readable.from([Buffer.from(content), Buffer.from('\n')])
    const options = { range: range(null, null), timeZone: null, timeColumn: 'auto', now: new Date() } as const
    await countExport(input, 'export', options).catch(() => undefined)
    t.ok(input.destroyed, JSON.stringify(content))
  }
  const input = Readable.from([Buffer.from(csv())])
  const never = {
    range: range('2026-11-03', '2026-11-02'),
    timeZone: null,
    timeColumn: 'auto',
    now: new Date()
  } as const
  await t.rejects(countExport(input, 'export', never), { code: 'invalid-request' })
  t.ok(input.destroyed, 'nor where it need not be read')
})
