import t from 'tap'
import type { IngestRun } from '../../src/model/run.ts'
import { d } from '../support/counts.ts'
import { cell, newService } from '../support/service.ts'

const HOUR_MS = 3_600_000
const at = (instant: string): number => Date.parse(instant)

const RUN: IngestRun = {
  id: 'a-run',
  trigger: 'schedule',
  workspace: 'default',
  source: 'sample',
  status: 'failed',
  from: null,
  to: null,
  startedAt: '2026-11-05T07:07:00.000Z',
  finishedAt: '2026-11-05T07:08:00.000Z',
  daysPlanned: 0,
  daysStored: 0,
  daysChanged: 0,
  error: { code: 'source-throttled', message: 'too many queries' }
}

t.test('gaps, lost and shrunk days, failed runs and unusual days are told by time, in milliseconds', async (t) => {
  const { app, store, fill } = await newService(t, { now: '2026-11-08T06:00:00Z' })
  const workspace = await fill(
    'default',
    { '2026-11-01': [cell('Inbox', 1)], '2026-11-04': [cell('Inbox', 2)], '2026-11-07': [cell('Inbox', 3)] },
    '2026-11-05'
  )
  await store.markLost(workspace, d('2026-11-03'))
  await fill('default', { '2026-11-04': [] }, '2026-11-05')
  await store.recordRun(RUN)

  const res = await app.inject('/annotations?from=2026-11-01&to=2026-11-07')
  t.strictSame(Object.keys(res.json()), ['annotations'])
  t.equal(res.headers['cache-control'], 'no-store', 'it depends on the clock and on runs')
  t.strictSame(res.json().annotations, [
    {
      time: at('2026-11-02'),
      timeEnd: at('2026-11-03') - 1,
      title: 'Lost: 1 day',
      text: '2026-11-02: the source forgot them before they were read',
      tags: 'gap,lost'
    },
    {
      time: at('2026-11-03'),
      timeEnd: at('2026-11-04') - 1,
      title: 'Missing: 1 day',
      text: '2026-11-03: not read yet',
      tags: 'gap,missing'
    },
    {
      time: at('2026-11-04'),
      timeEnd: at('2026-11-05') - 1,
      title: 'Shrunk: 1 day',
      text: '2026-11-04: the source no longer shows their events; the counts from before are kept',
      tags: 'shrunk'
    },
    {
      time: at('2026-11-05'),
      timeEnd: at('2026-11-07') - 1,
      title: 'Missing: 2 days',
      text: '2026-11-05 to 2026-11-06: not read yet',
      tags: 'gap,missing'
    },
    {
      time: at(RUN.startedAt),
      timeEnd: at(RUN.finishedAt ?? ''),
      title: 'Run failed',
      text: 'source-throttled: too many queries',
      tags: 'run,failed,source-throttled'
    }
  ])
  const cut = (await app.inject('/annotations?from=2026-11-06&to=2026-11-06')).json().annotations
  t.match(cut, [{ time: at('2026-11-06'), timeEnd: at('2026-11-07') - 1, title: 'Missing: 2 days' }])
  t.equal(cut.length, 1)
})

t.test('an unusual day is told with its reason', async (t) => {
  const { app, fill } = await newService(t, { now: '2026-11-24T06:00:00Z' })
  const days = Array.from({ length: 100 }, (_, i) => [
    new Date(at('2026-08-15') + i * 24 * HOUR_MS).toISOString().slice(0, 10),
    [cell('Junk', i === 90 ? 500 : 40)]
  ])
  await fill('default', Object.fromEntries(days), '2026-11-30')
  const [mark, ...others] = (await app.inject('/annotations?from=2026-11-01&to=2026-11-22')).json().annotations
  t.strictSame(others, [])
  t.match(mark, {
    time: at('2026-11-13'),
    timeEnd: at('2026-11-14') - 1,
    title: 'Junk unusually high',
    text: /^500 events in Junk on Friday 2026-11-13/,
    tags: 'anomaly,high,Junk'
  })
})

t.test('a run that nobody has heard of for two timeouts is told as failed', async (t) => {
  const { app, store, clock, fill } = await newService(t, { now: '2026-11-05T07:07:00Z' })
  await fill('default', {})
  const { error, ...rest } = RUN
  await store.recordRun({ ...rest, status: 'running', finishedAt: null })
  const url = '/annotations?from=2026-11-05&to=2026-11-05'
  t.strictSame((await app.inject(url)).json().annotations, [])
  await clock.advance(2 * 180_000 + 1)
  t.match((await app.inject(url)).json().annotations, [{ title: 'Run failed', tags: 'run,failed,cancelled' }])
})

t.test('of a workspace that nothing is stored of there is nothing to tell', async (t) => {
  const { app } = await newService(t)
  t.strictSame((await app.inject('/annotations')).json(), { annotations: [] })
})
