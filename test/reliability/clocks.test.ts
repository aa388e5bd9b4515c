// Clocks that jump, calendars with their seams, and machines whose own zone is no round number of hours from UTC. More
// of it in test/ingest/histories.test.ts: a clock that is a month ahead, and midnight between two requests.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { globSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { MS_PER_DAY } from '../../src/model/day.ts'
import { openSqliteStore } from '../../src/store/sqlite.ts'
import { DUE, logOf, openBench } from '../support/ingest.ts'
import { SOAK } from '../support/reliability/soak.ts'

const NOW = '2026-11-24T18:00:00Z'

// One run a day for three weeks, R 20, LAG 7: what the first run reached, up to eight days before the last one, is
// final; seven days are provisional, and the last one has had one of its two events.
for (const { seam, from, to, days } of [
  {
    seam: 'a leap day',
    from: '2028-02-20',
    to: '2028-03-12',
    days: ['2028-02-01..2028-03-04 final 2', '2028-03-05..2028-03-11 provisional 2', '2028-03-12 provisional 1']
  },
  {
    seam: 'a leap day that is none',
    from: '2100-02-20',
    to: '2100-03-12',
    days: ['2100-02-01..2100-03-04 final 2', '2100-03-05..2100-03-11 provisional 2', '2100-03-12 provisional 1']
  },
  {
    seam: 'the end of a year',
    from: '2027-12-22',
    to: '2028-01-12',
    days: ['2027-12-03..2028-01-04 final 2', '2028-01-05..2028-01-11 provisional 2', '2028-01-12 provisional 1']
  }
]) {
  t.test(`over ${seam} every day has its events, and is final when it should be`, async (t) => {
    const bench = await openBench(t, `${from}T00:00:00Z`, { retentionDays: 20 })
    const year = Number(from.slice(0, 4))
    bench.source.addDaily(`${year - 1}-11-01`, `${year + 1}-04-30`, { '06:00': 1, '20:00': 1 })
    const statuses = new Set((await bench.runDaily(from, to)).map(({ status }) => status))
    t.strictSame([...statuses], ['succeeded'])
    t.same(await bench.days(), days)
    t.same(await bench.store.verify(), [])
  })
}

t.test('with our clock a day back a run stores nothing, and what a file stores follows what is there', async (t) => {
  const bench = await openBench(t, NOW, { retentionDays: 20 })
  bench.source.addDaily('2026-10-01', '2026-12-31', { '06:00': 2 })
  await bench.runAt(NOW)
  const before = await bench.days()

  bench.source.skewMs = MS_PER_DAY
  t.match(await bench.runAt('2026-11-23T18:00:00Z'), { status: 'failed', error: { code: 'clock-skew' } })
  t.same(await bench.days(), before)
  t.same((await bench.importFile({ '2026-10-01': 7, '2026-10-02': 8 })).changed, ['2026-10-01', '2026-10-02'])
  const log = await logOf(bench.store)
  const sorted = log.toSorted((a, b) => a.revision - b.revision || a.changedAt.getTime() - b.changedAt.getTime())
  t.same(log, sorted, 'revisions and instants never fall')
  t.same(await bench.store.verify(), [])

  bench.source.skewMs = 0
  t.match(await bench.runAt('2026-11-24T19:00:00Z'), { status: 'succeeded', daysChanged: 0 })
})

// The slow one asks a minute before midnight, when the 17th is the newest day at least LAG days ago and has two events.
// A third arrives; after midnight the quick one sees it, and that the source went on: final 3. The old answer is late.
t.test('an ingester that is paused over a boundary of the lag undoes nothing of a second one', async (t) => {
  const bench = await openBench(t, '2026-11-24T23:59:00Z', { retentionDays: 20 })
  bench.source.addDaily('2026-10-01', '2026-12-31', { '06:00': 2 })
  bench.source.add('2026-11-17T07:00:00Z', 1, '2026-11-24T23:59:30Z')
  const second = await openSqliteStore({ path: bench.path, clock: bench.clock })
  t.teardown(() => second.close())

  const hold = bench.source.hold('days')
  const slow = await bench.ingester().request('default', 'schedule', DUE)
  await hold.asked
  await bench.clock.set('2026-11-25T00:00:30Z')
  t.match(await (await bench.ingester({ store: second }).request('default', 'schedule', DUE)).done, {
    status: 'succeeded'
  })
  const newer = ['2026-11-17 final 3', '2026-11-18..2026-11-24 provisional 2']
  const without = async (): Promise<string[]> => (await bench.days()).filter((line) => !line.startsWith('2026-11-25'))
  t.same(await without(), ['2026-11-06..2026-11-16 final 2', ...newer])
  hold.release()
  t.match(await slow.done, { status: 'succeeded', daysChanged: 1 })
  t.same(await without(), ['2026-11-05..2026-11-16 final 2', ...newer], 'it adds the day that only it could reach')
})

const ROOT = join(import.meta.dirname, '../..')
const ZONES = SOAK
  ? ['America/St_Johns', 'Pacific/Chatham', 'Pacific/Apia', 'Europe/Berlin', 'Asia/Kathmandu']
  : ['America/St_Johns']
const FILES = SOAK
  ? globSync(['test/model/*.test.ts', 'test/ingest/*.test.ts'], { cwd: ROOT })
  : ['test/model/day.test.ts', 'test/ingest/histories.test.ts', 'test/ingest/export-time.test.ts']

t.test('in whatever zone the machine is, with summer time or without, the days are the same', async (t) => {
  for (const TZ of ZONES) {
    for (const file of FILES) {
      const child = spawn(process.execPath, [file], {
        cwd: ROOT,
        env: { PATH: process.env['PATH'], TZ, TAP_TIMEOUT: '0' },
        stdio: 'ignore'
      })
      const [code] = await once(child, 'exit')
      t.equal(code, 0, `${file} in ${TZ}`)
    }
  }
})
