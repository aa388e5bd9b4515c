// Requests for runs: what joins, what waits, what is refused, and the record that each run has from beginning to end.
import t, { type Test } from 'tap'
import type { RunRequest } from '../../src/ingest/run.ts'
import { OperationalError, type RunErrorCode } from '../../src/model/errors.ts'
import { asHeard, type IngestRun } from '../../src/model/run.ts'
import type { SeriesStore } from '../../src/model/store.ts'
import { DUE, openBench, range, TIMEOUT_MS, type Bench } from '../support/ingest.ts'

const NOW = '2026-11-24T18:00:00Z'

async function steady(t: Test): Promise<Bench> {
  const bench = await openBench(t, NOW, { retentionDays: 40 })
  bench.source.addDaily('2026-07-01', '2027-01-31', { '06:00': 2 })
  return bench
}

function backfill(from: string, to: string, force = false): RunRequest {
  return { range: range(from, to), force }
}

/** The record as the store has it, and as it would be told now. */
async function heard({ store, clock }: Bench, { id }: IngestRun): Promise<{ stored: IngestRun; told: IngestRun }> {
  const found = await store.findRun(id)
  if (found === undefined) throw new Error(`there is no run ${id}`)
  return { stored: found.run, told: asHeard(found.run, found.heardAt, clock.now(), TIMEOUT_MS) }
}

/** The store, but for its way to record a run. */
function recording(store: SeriesStore, recordRun: SeriesStore['recordRun']): SeriesStore {
  return { ...store, recordRun }
}

t.test('a run has a record when it is asked for, at each step, and when it has ended', async (t) => {
  const bench = await steady(t)
  const seen: IngestRun[] = []
  const hold = bench.source.hold('bounds')
  const ingester = bench.ingester({ onProgress: (run) => void seen.push(run) })
  const { run, done } = await ingester.request('default', 'request', DUE)
  const queued = {
    id: run.id,
    trigger: 'request',
    workspace: 'default',
    source: 'event-log',
    status: 'queued',
    from: null,
    to: null,
    startedAt: '2026-11-24T18:00:00.000Z',
    finishedAt: null,
    daysPlanned: 0,
    daysStored: 0,
    daysChanged: 0
  } as const
  t.same(run, queued)
  await hold.asked
  t.same((await heard(bench, run)).stored, { ...queued, status: 'running' })

  await bench.clock.advance(1_000)
  hold.release()
  const days = { from: '2026-10-16', to: '2026-11-24', daysPlanned: 40 }
  const finishedAt = '2026-11-24T18:00:01.000Z'
  const ended = { ...queued, ...days, status: 'succeeded', finishedAt, daysStored: 40, daysChanged: 40 }
  t.same(await done, ended)
  t.same((await heard(bench, run)).stored, ended)
  t.same(seen, [
    queued,
    { ...queued, status: 'running' },
    { ...queued, ...days, status: 'running' },
    { ...queued, ...days, status: 'running', daysStored: 30, daysChanged: 30 },
    { ...queued, ...days, status: 'running', daysStored: 40, daysChanged: 40 },
    ended
  ])
})

t.test('whatever a run fails with, its record says so, and the next run is not hindered', async (t) => {
  const codes: readonly RunErrorCode[] = [
    'source-throttled',
    'source-unavailable',
    'source-timeout',
    'source-unauthorized',
    'source-rejected',
    'source-incomplete',
    'source-changed',
    'clock-skew',
    'store-unavailable',
    'internal'
  ]
  const bench = await steady(t)
  const workspace = await bench.store.ensureWorkspace('default')
  for (const asks of ['bounds', 'days'] as const) {
    for (const code of codes) {
      bench.source.onQuestion = (question) => {
        if (question.asks !== asks) return
        throw code === 'internal' ? new RangeError('ours') : new OperationalError(code, `it was ${code}`)
      }
      const run = await bench.runAt(NOW)
      t.match(run, { status: 'failed', finishedAt: '2026-11-24T18:00:00.000Z', error: { code } }, `${code} of ${asks}`)
      t.same((await heard(bench, run)).stored, run)
    }
  }
  t.equal(await bench.store.lastSuccessAt(workspace), null)
  bench.source.onQuestion = () => {}
  t.match(await bench.runAt(NOW), { status: 'succeeded', daysStored: 40 })
  t.same(await bench.store.lastSuccessAt(workspace), new Date(NOW))
  t.equal((await bench.store.runs([workspace], 1_000)).length, 2 * codes.length + 1)
})

t.test('a message of any length is recorded, cut', async (t) => {
  const bench = await steady(t)
  bench.source.onQuestion = () => {
    throw new OperationalError('source-rejected', 'long '.repeat(1_000))
  }
  const { error } = await bench.runAt(NOW)
  t.equal(error?.message, 'long '.repeat(120))
})

t.test('a request joins a run that covers every day asked for, whether it waits or works; no other', async (t) => {
  const bench = await steady(t)
  const ingester = bench.ingester()
  const hold = bench.source.hold('bounds')
  const request = async (request: RunRequest): Promise<string> =>
    (await ingester.request('default', 'request', request)).run.id
  const due = await request(DUE)
  const november = await request(backfill('2026-11-01', '2026-11-20'))
  const forced = await request(backfill('2026-11-01', '2026-11-20', true))
  await hold.asked

  t.equal(new Set([due, november, forced]).size, 3)
  t.equal(await request(DUE), due)
  t.equal(await request(backfill('2026-11-01', '2026-11-20')), november)
  t.equal(await request(backfill('2026-11-20', '2026-11-20')), november)
  t.equal(await request(backfill('2026-11-10', '2026-11-12', true)), forced)
  const wider = await request(backfill('2026-11-01', '2026-11-21'))
  t.notOk([due, november, forced].includes(wider), 'one day more is not covered')
  t.equal(await request(backfill('2026-11-21', '2026-11-21')), wider)

  hold.release()
  await ingester.stop()
})

t.test('two who ask at the same moment get the same run, and both of them its end', async (t) => {
  const bench = await steady(t)
  const ingester = bench.ingester()
  const [one, other] = await Promise.all([
    ingester.request('default', 'schedule', DUE),
    ingester.request('default', 'request', DUE)
  ])
  t.equal(one.run.id, other.run.id)
  t.same(await one.done, await other.done)
  t.equal(
    bench.source.questions.filter(({ asks }) => asks === 'bounds').length,
    2,
    'one run: at its start and its edge'
  )
})

t.test('runs of one workspace take turns in the order in which they were asked for', async (t) => {
  const bench = await steady(t)
  const ended: (string | null)[] = []
  const ingester = bench.ingester({ onProgress: (run) => void (run.finishedAt !== null && ended.push(run.from)) })
  const accepted = []
  for (const day of ['2026-11-03', '2026-11-01', '2026-11-02']) {
    accepted.push(await ingester.request('default', 'command', backfill(day, day)))
  }
  await Promise.all(accepted.map(({ done }) => done))
  t.same(ended, ['2026-11-03', '2026-11-01', '2026-11-02'])
  const asked = bench.source.questions.map(({ range }) => range?.from)
  t.same(asked, [undefined, '2026-11-03', undefined, '2026-11-01', undefined, '2026-11-02'])
})

t.test('a run that has ended is joined by nobody', async (t) => {
  const bench = await steady(t)
  const ingester = bench.ingester()
  const first = await ingester.request('default', 'schedule', DUE)
  await first.done
  const second = await ingester.request('default', 'schedule', DUE)
  t.not(second.run.id, first.run.id)
  t.match(await second.done, { status: 'succeeded', daysPlanned: 8, daysChanged: 0 })
})

t.test('only so many runs may wait; who asks for one more is told so, and leaves no record', async (t) => {
  const bench = await steady(t)
  const ingester = bench.ingester()
  const hold = bench.source.hold('bounds')
  const request = (day: number) => {
    const text = `2026-11-${String(day).padStart(2, '0')}`
    return ingester.request('default', 'request', backfill(text, text))
  }
  for (let day = 1; day <= 21; day++) await request(day)
  await t.rejects(request(22), { code: 'overloaded' })
  t.ok(await request(21), 'one that joins does not wait')
  hold.release()
  await ingester.stop()
  t.equal((await bench.store.runs([await bench.store.ensureWorkspace('default')], 100)).length, 21)
})

t.test('a workspace that hangs or fails delays and hinders no other', async (t) => {
  const bench = await steady(t)
  const names = ['contoso', 'fabrikam', 'northwind']
  const ingester = bench.ingester({ workspaces: names.map((name) => ({ name, id: `id of ${name}` })) })
  const hung = Promise.withResolvers<void>()
  bench.source.onQuestion = async ({ workspace }) => {
    if (workspace.name === 'contoso') await hung.promise
    if (workspace.name === 'fabrikam') throw new OperationalError('source-unauthorized', 'no access')
  }
  const [contoso, fabrikam, northwind] = await Promise.all(names.map((name) => ingester.request(name, 'schedule', DUE)))
  t.match(await fabrikam?.done, { workspace: 'fabrikam', status: 'failed', error: { code: 'source-unauthorized' } })
  t.match(await northwind?.done, { workspace: 'northwind', status: 'succeeded', daysStored: 40 })
  t.same(await bench.days('fabrikam'), [])
  t.equal((await bench.days('northwind')).length, 2)
  hung.resolve()
  t.match(await contoso?.done, { workspace: 'contoso', status: 'succeeded', daysStored: 40 })
})

t.test('a workspace that the settings do not name is not ingested', async (t) => {
  const bench = await steady(t)
  await t.rejects(bench.ingester().request('contoso', 'request', DUE), {
    code: 'unknown-workspace',
    message: /contoso/
  })
  t.equal(await bench.store.findWorkspace('contoso'), undefined)
})

t.test('while a question hangs, both the run and those that wait for it are heard of', async (t) => {
  const bench = await steady(t)
  const ingester = bench.ingester()
  const hold = bench.source.hold('days')
  const running = await ingester.request('default', 'schedule', DUE)
  const waiting = await ingester.request('default', 'request', backfill('2026-11-01', '2026-11-02'))
  await hold.asked
  for (let minutes = 0; minutes < 60; minutes += 5) {
    await bench.clock.advance(300_000)
    t.equal((await heard(bench, running.run)).told.status, 'running')
    t.equal((await heard(bench, waiting.run)).told.status, 'queued')
  }
  hold.release()
  t.match(await running.done, { status: 'succeeded' })
  t.match(await waiting.done, { status: 'succeeded' })

  await bench.clock.advance(10 * TIMEOUT_MS)
  t.same(await heard(bench, running.run), { stored: await running.done, told: await running.done })
})

t.test('a run whose process is gone is told as cancelled after two timeouts', async (t) => {
  const bench = await steady(t)
  bench.source.hold('bounds')
  const gone = recording(bench.store, async (run) => {
    if (bench.clock.now().getTime() === Date.parse(NOW)) await bench.store.recordRun(run)
  })
  const { run } = await bench.ingester({ store: gone }).request('default', 'schedule', DUE)
  await bench.clock.advance(2 * TIMEOUT_MS)
  t.equal((await heard(bench, run)).told.status, 'running')
  await bench.clock.advance(1)
  t.match((await heard(bench, run)).told, { status: 'failed', finishedAt: new Date(NOW).toISOString() })
  t.equal((await heard(bench, run)).told.error?.code, 'cancelled')
})

t.test("a sign of life that is slow to be written does not undo the run's last word", async (t) => {
  const bench = await steady(t)
  const gate = Promise.withResolvers<void>()
  let slow = false
  const store = recording(bench.store, async (run) => {
    if (slow) {
      slow = false
      await gate.promise
    }
    await bench.store.recordRun(run)
  })
  const hold = bench.source.hold('bounds')
  const { run, done } = await bench.ingester({ store }).request('default', 'schedule', DUE)
  await hold.asked
  slow = true
  await bench.clock.advance(TIMEOUT_MS / 2)
  t.equal(slow, false, 'it is on its way')
  hold.release()
  await bench.clock.advance(1_000)
  gate.resolve()
  const ended = await done
  t.equal(ended.status, 'succeeded')
  t.same((await heard(bench, run)).stored, ended)
})

t.test('stopping cancels what runs and what waits, keeps what is stored, and waits for both', async (t) => {
  const bench = await steady(t)
  const ingester = bench.ingester()
  const second = Promise.withResolvers<void>()
  bench.source.onQuestion = ({ range }) => {
    if (range?.to !== '2026-10-25') return
    bench.source.hold('days')
    second.resolve()
  }
  const running = await ingester.request('default', 'schedule', DUE)
  const waiting = await ingester.request('default', 'request', backfill('2026-11-01', '2026-11-02'))
  await second.promise

  await Promise.all([ingester.stop(), ingester.stop()])
  const cancelled = { code: 'cancelled', message: 'the service is stopping' }
  t.match(await running.done, { status: 'partial', daysStored: 30, error: cancelled })
  t.match(await waiting.done, { status: 'failed', daysStored: 0, error: cancelled })
  t.same((await heard(bench, running.run)).stored, await running.done)
  t.same((await heard(bench, waiting.run)).stored, await waiting.done)
  t.same(await bench.days(), ['2026-10-26..2026-11-16 final 2', '2026-11-17..2026-11-24 provisional 2'])
  await t.rejects(ingester.request('default', 'request', DUE), { code: 'store-unavailable', message: /stopping/ })
  await ingester.stop()

  bench.source.onQuestion = () => {}
  t.match(await bench.runAt(NOW), { status: 'succeeded' })
  t.equal((await bench.days())[0], '2026-10-16..2026-11-16 final 2')
})

t.test('stopping cancels a run that waits for its first answer', async (t) => {
  const bench = await steady(t)
  const ingester = bench.ingester()
  const hold = bench.source.hold('bounds')
  const { done } = await ingester.request('default', 'schedule', DUE)
  await hold.asked
  await ingester.stop()
  t.match(await done, { status: 'failed', daysPlanned: 0, error: { code: 'cancelled' } })
})

t.test('an ingester that never ran stops at once', async (t) => {
  const bench = await steady(t)
  await bench.ingester().stop()
  t.same(bench.source.questions, [])
})

t.test('a run that cannot be recorded is refused, to those who joined it too, and asks for nothing', async (t) => {
  const bench = await steady(t)
  let broken = true
  const store = recording(bench.store, async (run) => {
    if (broken) throw new OperationalError('store-unavailable', 'the disk is full')
    await bench.store.recordRun(run)
  })
  const ingester = bench.ingester({ store })
  const requests = [1, 2].map(() => ingester.request('default', 'request', DUE))
  for (const request of requests) await t.rejects(request, { code: 'store-unavailable', message: 'the disk is full' })
  t.same(bench.source.questions, [])

  broken = false
  t.match(
    await (
      await ingester.request('default', 'request', DUE)
    ).done,
    { status: 'succeeded' },
    'it stands in no way'
  )
  await ingester.stop()
})

t.test('a run has not succeeded unless its record says so', async (t) => {
  const full = new OperationalError('store-unavailable', 'the disk is full')
  for (const [what, breaking] of [
    ['the last word', (run: IngestRun) => run.finishedAt !== null],
    ['the word that it runs', (run: IngestRun) => run.status === 'running']
  ] as const) {
    const bench = await steady(t)
    let broken = true
    const store = recording(bench.store, async (run) => {
      if (broken && breaking(run)) {
        broken = false
        throw full
      }
      await bench.store.recordRun(run)
    })
    const { run, done } = await bench.ingester({ store }).request('default', 'schedule', DUE)
    t.match(await done, { status: 'failed', error: { code: 'store-unavailable', message: 'the disk is full' } }, what)
    t.same((await heard(bench, run)).stored, await done)
    t.equal(await bench.store.lastSuccessAt(await bench.store.ensureWorkspace('default')), null)
    await bench.store.close()
  }
})

t.test('a run has not succeeded unless its days are on the disk', async (t) => {
  const bench = await steady(t)
  const full = new OperationalError('store-unavailable', 'the disk is full')
  const store = { ...bench.store, checkpoint: () => Promise.reject(full) }
  const { run, done } = await bench.ingester({ store }).request('default', 'schedule', DUE)
  t.match(await done, { status: 'failed', daysStored: 40, error: { code: 'store-unavailable' } })
  t.same((await heard(bench, run)).stored, await done)
})

t.test(
  'a run that cannot be recorded any more ends all the same, and is cancelled as nobody hears of it',
  async (t) => {
    const bench = await steady(t)
    const store = recording(bench.store, async (run) => {
      if (run.status !== 'queued') throw new OperationalError('store-unavailable', 'read-only')
      await bench.store.recordRun(run)
    })
    const { run, done } = await bench.ingester({ store }).request('default', 'schedule', DUE)
    t.match(await done, { status: 'failed', error: { code: 'store-unavailable' } })
    t.equal((await heard(bench, run)).stored.status, 'queued')
    await bench.clock.advance(3 * TIMEOUT_MS)
    t.match((await heard(bench, run)).told, { status: 'failed', error: { code: 'cancelled' } })
  }
)

function refuseFull(): Promise<never> {
  return Promise.reject(new OperationalError('store-unavailable', 'full'))
}

t.test('a run forgets the changes that are older than is kept, and succeeds where it cannot', async (t) => {
  const bench = await steady(t)
  const { store } = bench
  await bench.runAt('2026-11-24T18:00:00Z')
  const workspace = await store.ensureWorkspace('default')
  const entriesOf = async (): Promise<number> => (await store.changes(workspace, 0, 5_000))?.entries.length ?? 0
  for (let day = 25; day <= 30; day++) await bench.runAt(`2026-11-${day}T18:00:00Z`)
  const all = await entriesOf()

  await bench.clock.set('2026-12-01T18:00:00Z')
  const run = async (of: SeriesStore): Promise<IngestRun> => {
    const { done } = await bench.ingester({ store: of, changesKeepDays: 2 }).request('default', 'schedule', DUE)
    return done
  }
  t.match(await run({ ...store, trimLog: refuseFull }), { status: 'succeeded' })
  t.match(bench.logged.at(-1), { level: 'warn', err: { message: 'full' } })
  t.ok((await entriesOf()) > all)

  t.match(await run(store), { status: 'succeeded' })
  t.ok((await entriesOf()) < all)
  const { changedAt } = await store.keptSince(workspace)
  t.equal(changedAt?.toISOString(), '2026-11-28T18:00:00.000Z', 'the last change before 29 November')
})
