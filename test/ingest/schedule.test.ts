import t from 'tap'
import { startSchedule } from '../../src/ingest/schedule.ts'

const at = (text: string): Date => new Date(text)

t.test('three scheduled times after the last success are a stale cache, two are not', async (t) => {
  const cases: readonly (readonly [cron: string, now: string, third: string])[] = [
    ['7 * * * *', '2026-11-24T08:45:00Z', '2026-11-24T06:07:00Z'],
    ['7 * * * *', '2026-11-24T08:07:00Z', '2026-11-24T06:07:00Z'],
    ['7 * * * *', '2026-11-24T08:06:59Z', '2026-11-24T05:07:00Z'],
    ['*/5 * * * *', '2026-11-24T00:04:00Z', '2026-11-23T23:50:00Z'],
    ['30 0,12 * * *', '2026-11-24T08:45:00Z', '2026-11-23T00:30:00Z'],
    ['0 3 1 * *', '2026-11-24T08:45:00Z', '2026-09-01T03:00:00Z'],
    ['0 3 29 2 *', '2026-11-24T08:45:00Z', '2016-02-29T03:00:00Z'],
    ['*/20 * * * * *', '2026-11-24T08:45:05Z', '2026-11-24T08:44:20Z']
  ]
  for (const [cron, now, third] of cases) {
    const schedule = startSchedule({ cron, tick: () => {} })
    t.teardown(() => schedule.stop())
    t.equal(schedule.hasMissedThree(new Date(at(third).getTime() - 1), at(now)), true, `${cron}: before ${third}`)
    t.equal(schedule.hasMissedThree(at(third), at(now)), false, `${cron}: at ${third}`)
  }
})

t.test('the next run is told in UTC, whatever the local zone', async (t) => {
  const schedule = startSchedule({ cron: '7 3 * * *', tick: () => {} })
  t.teardown(() => schedule.stop())
  t.match(schedule.nextRunAt()?.toISOString(), /T03:07:00\.000Z$/)
})
