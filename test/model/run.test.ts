import t from 'tap'
import { asHeard, inProgress, RUN_STATUSES, RUN_TRIGGERS, RUNS_KEPT, type IngestRun } from '../../src/model/run.ts'
import { d } from '../support/counts.ts'

const TIMEOUT_MS = 180_000
const HEARD_AT = new Date('2026-11-10T12:00:00Z')
const after = (ms: number): Date => new Date(HEARD_AT.getTime() + ms)

const running: IngestRun = {
  id: 'a-run',
  trigger: 'schedule',
  workspace: 'default',
  source: 'sample',
  status: 'running',
  from: d('2026-11-01'),
  to: d('2026-11-10'),
  startedAt: '2026-11-10T11:59:00.000Z',
  finishedAt: null,
  daysPlanned: 10,
  daysStored: 4,
  daysChanged: 3
}

t.test('the words for triggers and statuses are those of the contract', async (t) => {
  t.strictSame(RUN_TRIGGERS, ['schedule', 'start', 'command', 'request'])
  t.strictSame(RUN_STATUSES, ['queued', 'running', 'succeeded', 'partial', 'failed'])
  t.equal(RUNS_KEPT, 1_000)
})

t.test('a run is in progress while it is queued or running', async (t) => {
  t.strictSame(
    RUN_STATUSES.filter((status) => inProgress({ ...running, status })),
    ['queued', 'running']
  )
})

t.test('a run that was heard of within two timeouts is told as it was', async (t) => {
  for (const status of RUN_STATUSES) {
    const run = { ...running, status }
    t.equal(asHeard(run, HEARD_AT, after(2 * TIMEOUT_MS), TIMEOUT_MS), run, status)
  }
})

t.test('a run not heard of for two timeouts has failed as cancelled, at the instant of its last word', async (t) => {
  for (const status of ['queued', 'running'] as const) {
    t.strictSame(asHeard({ ...running, status }, HEARD_AT, after(2 * TIMEOUT_MS + 1), TIMEOUT_MS), {
      ...running,
      status: 'failed',
      finishedAt: '2026-11-10T12:00:00.000Z',
      error: { code: 'cancelled', message: 'not heard of since 2026-11-10T12:00:00.000Z' }
    })
  }
})

t.test('what a silent run had stored stays told, and so does how it began', async (t) => {
  const { daysPlanned, daysStored, daysChanged, startedAt, id } = asHeard(running, HEARD_AT, after(1e9), TIMEOUT_MS)
  t.strictSame(
    { daysPlanned, daysStored, daysChanged, startedAt, id },
    {
      daysPlanned: 10,
      daysStored: 4,
      daysChanged: 3,
      startedAt: '2026-11-10T11:59:00.000Z',
      id: 'a-run'
    }
  )
})

t.test('a run that has ended stays as it ended, however long ago', async (t) => {
  for (const status of ['succeeded', 'partial', 'failed'] as const) {
    const run = { ...running, status, finishedAt: HEARD_AT.toISOString() }
    t.equal(asHeard(run, HEARD_AT, after(1e12), TIMEOUT_MS), run, status)
  }
})

t.test('a run heard of later than now, by a clock that was set back, is not given up', async (t) => {
  t.equal(asHeard(running, HEARD_AT, after(-1e9), TIMEOUT_MS), running)
})
