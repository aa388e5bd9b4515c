// One run, and all that can go wrong in it. Unless told otherwise the source keeps everything, and has two events a day.
import t, { type Test } from 'tap'
import { readFileSync } from 'node:fs'
import type { RunRequest } from '../../src/ingest/run.ts'
import { OperationalError, type RunErrorCode } from '../../src/model/errors.ts'
import type { IngestRun } from '../../src/model/run.ts'
import type { SeriesStore } from '../../src/model/store.ts'
import { openSqliteStore } from '../../src/store/sqlite.ts'
import { cell } from '../support/counts.ts'
import type { EventLogSettings, Question } from '../support/event-log.ts'
import { daysOf, DUE, openBench, range, type Bench } from '../support/ingest.ts'

const NOW = '2026-11-24T18:00:00Z'
const RECENT = ['2026-11-17..2026-11-24 provisional 2']

async function steady(t: Test, settings: Partial<EventLogSettings> = {}): Promise<Bench> {
  const bench = await openBench(t, NOW, settings)
  bench.source.addDaily('2026-07-01', '2027-01-31', { '06:00': 2 })
  return bench
}

/** Every question for a range that holds the day fails so. */
function fail(bench: Bench, day: string, code: RunErrorCode): void {
  bench.source.onQuestion = ({ range }) => {
    if (range !== null && range.from <= day && day <= range.to) throw new OperationalError(code, `no ${day}`)
  }
}

function asked({ questions }: { questions: readonly Question[] }): string[] {
  return questions.map(({ asks, range }) => (range === null ? asks : `${range.from}..${range.to}`))
}

t.test('one bad day of thirty costs no other day', async (t) => {
  for (const code of ['source-rejected', 'source-incomplete', 'source-unavailable'] as const) {
    t.test(code, async (t) => {
      const bench = await steady(t, { retentionDays: 30 })
      fail(bench, '2026-11-03', code)
      const run = await bench.runAt(NOW)
      t.match(run, {
        status: 'partial',
        from: '2026-10-26',
        to: '2026-11-24',
        daysPlanned: 30,
        daysStored: 29,
        daysChanged: 29,
        error: { code, message: 'no 2026-11-03' }
      })
      t.same(await bench.days(), ['2026-10-26..2026-11-02 final 2', '2026-11-04..2026-11-16 final 2', ...RECENT])
      t.ok(bench.source.questions.length < 20, 'found by halving')

      bench.source.onQuestion = () => {}
      t.match(await bench.runAt(NOW), { status: 'succeeded' })
      t.same(await bench.days(), ['2026-10-26..2026-11-16 final 2', ...RECENT])
    })
  }
})

t.test('a chunk that fails stops no other; what asking for less cannot help is not asked again', async (t) => {
  for (const code of ['source-timeout', 'source-throttled', 'source-unauthorized'] as const) {
    t.test(code, async (t) => {
      const bench = await steady(t)
      fail(bench, '2026-10-10', code)
      t.match(await bench.runAt(NOW), { status: 'partial', daysPlanned: 90, daysStored: 60, error: { code } })
      t.same(asked(bench.source), [
        'bounds',
        '2026-10-26..2026-11-24',
        '2026-09-26..2026-10-25',
        '2026-08-27..2026-09-25',
        'bounds'
      ])
      t.same(await bench.days(), ['2026-08-27..2026-09-25 final 2', '2026-10-26..2026-11-16 final 2', ...RECENT])
    })
  }
})

t.test('where every day fails, the run ends after a bounded number of questions, and has failed', async (t) => {
  const bench = await steady(t)
  bench.source.onQuestion = ({ asks }) => {
    if (asks === 'days') throw new OperationalError('source-unavailable', 'none')
  }
  t.match(await bench.runAt(NOW), { status: 'failed', daysPlanned: 90, daysStored: 0, error: { message: 'none' } })
  t.ok(bench.source.questions.length < 100)
  t.same(await bench.days(), [])
})

t.test('a run whose bounds fail asks for no day, stores nothing and loses nothing', async (t) => {
  const bench = await steady(t, { retentionDays: 30, keepDays: 30 })
  await bench.runAt(NOW)
  const before = await bench.days()
  const workspace = await bench.store.ensureWorkspace('default')
  const facts = await bench.store.facts(workspace)
  for (const code of [
    'source-throttled',
    'source-unavailable',
    'source-timeout',
    'source-unauthorized',
    'source-rejected',
    'source-incomplete',
    'clock-skew',
    'store-unavailable'
  ] as const) {
    bench.source.questions.length = 0
    bench.source.onQuestion = () => {
      throw new OperationalError(code, `it was ${code}`)
    }
    const run = await bench.runAt('2027-01-20T18:00:00Z')
    t.match(run, { status: 'failed', from: null, to: null, daysPlanned: 0, error: { code, message: `it was ${code}` } })
    t.same(asked(bench.source), ['bounds'])
  }
  t.same(await bench.days(), before)
  t.same(await bench.store.facts(workspace), facts)
})

t.test('days that were asked for in vain are lost once the source has forgotten them, and not before', async (t) => {
  const bench = await steady(t, { retentionDays: 30, keepDays: 30 })
  bench.source.onQuestion = ({ asks }) => {
    if (asks === 'days') throw new OperationalError('source-timeout', 'too slow')
  }
  t.match(await bench.runAt(NOW), { status: 'failed' })
  t.match(await bench.runAt('2026-11-25T18:00:00Z'), { status: 'failed' })
  // Of the 26th it shows nothing any more: F is the 27th.
  t.equal((await bench.store.facts(await bench.store.ensureWorkspace('default'))).firstAsked, '2026-10-26')
  t.match(await bench.completeness(), { missing: [range('2026-10-28', '2026-11-24')] })

  bench.source.onQuestion = () => {}
  await bench.runAt('2026-12-01T18:00:00Z')
  // The 26th of October is our first day: what comes after it is lost.
  t.same(await bench.days(), [
    '2026-10-27..2026-11-01 lost',
    '2026-11-02 provisional 2',
    '2026-11-03..2026-11-23 final 2',
    '2026-11-24..2026-12-01 provisional 2'
  ])
})

t.test('the oldest day that a run asked for is kept, also when later runs ask for less', async (t) => {
  const bench = await steady(t, { retentionDays: 30 })
  const firstAsked = async () => (await bench.store.facts(await bench.store.ensureWorkspace('default'))).firstAsked
  for (const [retentionDays, expected] of [
    [30, '2026-10-26'],
    [10, '2026-10-26'],
    [40, '2026-10-16']
  ] as const) {
    bench.source.retentionDays = retentionDays
    await bench.runAt(NOW)
    t.equal(await firstAsked(), expected)
  }
})

t.test('a missing day is told to be at risk before the source forgets it', async (t) => {
  const bench = await steady(t, { retentionDays: 30 })
  fail(bench, '2026-11-03', 'source-incomplete')
  // Kept for 30 days, the 3rd of November is last shown on the 2nd of December.
  for (const [today, risk] of [
    ['2026-11-24', []],
    ['2026-11-25', [{ ...range('2026-11-03', '2026-11-03'), lostAfter: '2026-12-02' }]],
    ['2026-12-02', [{ ...range('2026-11-03', '2026-11-03'), lostAfter: '2026-12-02' }]]
  ] as const) {
    await bench.runAt(`${today}T18:00:00Z`)
    t.match(await bench.completeness(), { atRisk: risk, missing: [range('2026-11-03', '2026-11-03')], lost: [] }, today)
    t.equal((await bench.completeness()).atRisk.length, risk.length)
  }
  await bench.runAt('2026-12-03T18:00:00Z')
  t.match(await bench.completeness(), { atRisk: [], missing: [], lost: [range('2026-11-03', '2026-11-03')] })
})

t.test('the bounds are asked again before a chunk that holds the first day of the reach or the next one', async (t) => {
  const bench = await steady(t, { retentionDays: 30 })
  const backfill = async (from: string): Promise<string[]> => {
    bench.source.questions.length = 0
    await bench.runAt(NOW, { range: range(from, '2026-11-24') })
    return asked(bench.source)
  }
  t.same(await backfill('2026-10-26'), ['bounds', '2026-10-26..2026-11-24', 'bounds'])
  t.same(await backfill('2026-10-27'), ['bounds', '2026-10-27..2026-11-24', 'bounds'])
  t.same(await backfill('2026-10-28'), ['bounds', '2026-10-28..2026-11-24'])
})

t.test('of two answers how far the source reaches, the one that shows less counts', async (t) => {
  for (const [second, expected] of [
    // It has forgotten until the 30th: what it said of the days before is worth nothing, and these are lost.
    [
      '2026-10-30',
      ['2026-10-27..2026-10-29 lost', '2026-10-30 provisional 2', '2026-10-31..2026-11-16 final 2', ...RECENT]
    ],
    // It shows more than before: what it showed of the 26th may have been cut all the same.
    ['2026-10-20', ['2026-10-26 provisional 2', '2026-10-27..2026-11-16 final 2', ...RECENT]]
  ] as const) {
    t.test(`the second shows the ${second}`, async (t) => {
      const bench = await openBench(t, NOW)
      bench.source.addDaily('2026-10-26', '2026-12-31', { '06:00': 2 })
      bench.source.onQuestion = ({ asks }) => {
        if (asks !== 'bounds' || bench.source.questions.length === 1) return
        bench.source.events = bench.source.events.filter((event) => event.at >= new Date(second))
        if (second < '2026-10-26') bench.source.addDaily(second, '2026-10-25', { '06:00': 2 })
      }
      t.match(await bench.runAt(NOW), { status: 'succeeded' })
      t.same(await bench.days(), expected)
    })
  }
})

t.test('nothing of a chunk at the edge is stored when the bounds cannot be asked again', async (t) => {
  for (const [code, fatal] of [
    ['source-timeout', false],
    ['clock-skew', true],
    ['source-unavailable', false]
  ] as const) {
    t.test(code, async (t) => {
      const bench = await steady(t, { retentionDays: 40 })
      let bounds = 0
      bench.source.onQuestion = ({ asks }) => {
        if (asks === 'bounds' && ++bounds > 1) throw new OperationalError(code, 'not now')
      }
      t.match(await bench.runAt(NOW), { status: 'partial', daysPlanned: 40, error: { code } })
      const days = await bench.days()
      t.equal(days.at(-1), RECENT[0])
      t.notOk(days.some((line) => line.includes('2026-10-16') || line.includes('2026-10-17')))
      t.equal(bench.source.questions.length > 4, !fatal && code !== 'source-timeout', 'asked for less at once')
    })
  }
})

t.test('a source that shows rows, and then none, has proven nothing of its oldest days', async (t) => {
  const bench = await steady(t, { retentionDays: 30 })
  await bench.runAt(NOW)
  bench.source.onQuestion = () => {
    if (bench.source.questions.length > 1) bench.source.empty = 'all'
  }
  bench.source.questions.length = 0
  const run = await bench.runAt(NOW, { range: range('2026-10-26', '2026-11-24'), force: true })
  t.match(run, { status: 'partial', error: { code: 'source-incomplete' } })
  t.equal((await bench.days())[0], '2026-10-26..2026-10-27 final 2')
})

t.test('of a source that shows no row the days are named that had events, and no quiet ones', async (t) => {
  for (const [events, expected] of [
    [3, { code: 'source-shrunk', message: /for 1 day that had some \(2026-11-12\)/ }],
    [0, undefined]
  ] as const) {
    const bench = await openBench(t, NOW, { empty: 'all' })
    await bench.importFile({ '2026-11-10': 0, '2026-11-12': events, '2026-11-14': 0 })
    const run = await bench.runAt(NOW)
    t.equal(run.status, 'succeeded')
    t.match(run.error, expected)
  }
})

t.test('a name is held to its source also where that shows no row', async (t) => {
  const bench = await steady(t)
  await bench.runAt(NOW)
  bench.source.empty = 'all'
  const moved = bench.ingester({ workspaces: [{ name: 'default', id: 'id-2' }] })
  const refused = await (await moved.request('default', 'schedule', DUE)).done
  t.match(refused, { status: 'failed', error: { code: 'source-changed' } })
})

t.test('a backfill beyond the reach is partial and names what it could not ask for', async (t) => {
  const bench = await steady(t, { retentionDays: 30 })
  const run = await bench.runAt(NOW, { range: range('2026-10-01', '2026-12-01') })
  t.match(run, {
    status: 'partial',
    from: '2026-10-01',
    to: '2026-12-01',
    daysPlanned: 30,
    daysStored: 30,
    error: { code: 'source-rejected', message: /2026-10-01 to 2026-10-25 and 2026-11-25 to 2026-12-01/ }
  })
  t.match(await bench.runAt(NOW, { range: range('2026-10-26', '2026-11-24') }), { status: 'succeeded', daysChanged: 0 })

  fail(bench, '2026-11-01', 'source-timeout')
  const failed = await bench.runAt(NOW, { range: range('2026-10-01', '2026-11-24') })
  t.match(failed, { status: 'failed', error: { code: 'source-timeout', message: /no 2026-11-01; .*2026-10-01 to/ } })
})

t.test('days that come back empty are named, and are no failure of the run', async (t) => {
  const bench = await steady(t, { retentionDays: 30 })
  await bench.runAt(NOW)
  bench.source.empty = 'days'
  t.match(await bench.runAt(NOW), {
    status: 'succeeded',
    daysPlanned: 8,
    daysStored: 0,
    error: { code: 'source-shrunk', message: /8 days .*2026-11-17 to 2026-11-24/ }
  })
  t.match(await bench.runAt(NOW, { range: range('2026-10-20', '2026-10-31') }), {
    status: 'partial',
    error: { code: 'source-shrunk', message: /2026-10-26 to 2026-10-31.*2026-10-20 to 2026-10-25/ }
  })
  t.same(await bench.days(), [
    '2026-10-26..2026-10-31 final 2, shrunk',
    '2026-11-01..2026-11-16 final 2',
    `${RECENT[0]}, shrunk`
  ])
  t.ok(await bench.store.lastSuccessAt(await bench.store.ensureWorkspace('default')))
})

t.test('force counts only together with a range', async (t) => {
  const bench = await steady(t, { retentionDays: 30 })
  await bench.runAt(NOW)
  bench.source.empty = 'days'
  t.match(await bench.runAt(NOW, { force: true }), { error: { code: 'source-shrunk' }, daysStored: 0 })
  const recent = { range: range('2026-11-17', '2026-11-24') }
  t.match(await bench.runAt(NOW, { ...recent, force: true }), { status: 'succeeded', daysStored: 8 })
  t.same(await bench.days(), ['2026-10-26..2026-11-16 final 2', '2026-11-17..2026-11-24 provisional 0'])
})

t.test('final days are asked for by a backfill alone, and stay final whatever it brings', async (t) => {
  const bench = await steady(t, { retentionDays: 30 })
  await bench.runAt(NOW)
  bench.source.add('2026-11-01T09:00:00Z', 3, '2026-11-24T17:00:00Z')
  t.match(await bench.runAt(NOW), { daysPlanned: 8, daysChanged: 0 })
  t.same(await bench.days(), ['2026-10-26..2026-11-16 final 2', ...RECENT], 'later than LAG: it stays as read')
  t.match(await bench.runAt(NOW, { range: range('2026-11-01', '2026-11-01') }), { daysPlanned: 1, daysChanged: 1 })
  const corrected = ['2026-10-26..2026-10-31 final 2', '2026-11-01 final 5', '2026-11-02..2026-11-16 final 2']
  t.same(await bench.days(), [...corrected, ...RECENT])
})

t.test('a run that changes nothing leaves no revision', async (t) => {
  const bench = await steady(t)
  await bench.runAt(NOW)
  const workspace = await bench.store.ensureWorkspace('default')
  const revision = await bench.store.revision(workspace)
  bench.source.events = bench.source.events.map((event) => ({ ...event, cell: cell('JUNK FOLDER', event.cell.count) }))
  t.match(await bench.runAt(NOW), { daysPlanned: 8, daysStored: 8, daysChanged: 0 })
  t.equal(await bench.store.revision(workspace), revision, 'nor does another spelling')
})

t.test('the store is asked for its revision before the source is asked for days', async (t) => {
  const bench = await steady(t, { retentionDays: 10 })
  const order: string[] = []
  bench.source.onQuestion = ({ asks }) => void order.push(asks)
  const store = watched(bench.store, noStep, (name) => void order.push(name))
  await (
    await bench.ingester({ store }).request('default', 'schedule', DUE)
  ).done
  t.same(
    order.filter((name) => ['revision', 'days', 'applyReading', 'markLost'].includes(name)),
    ['revision', 'days', 'applyReading', 'markLost']
  )
})

t.test('what was not foreseen is told as ours, and logged whole', async (t) => {
  const bench = await steady(t, { retentionDays: 40 })
  const bug = new TypeError('the secret detail')
  bench.source.onQuestion = ({ asks }) => {
    if (asks === 'days') throw bug
  }
  t.match(await bench.runAt(NOW), { status: 'failed', error: { code: 'internal', message: /an error of ours/ } })
  t.equal(bench.source.questions.length, 2, 'nothing more is asked')
  t.match(bench.logged, [{ level: 'error', err: bug }])
})

t.test('nothing more is asked of the source when the store has failed', async (t) => {
  const bench = await steady(t)
  const store = watched(bench.store, noStep, (name) => {
    if (name === 'applyReading') throw new OperationalError('store-unavailable', 'the disk is full')
  })
  const { done } = await bench.ingester({ store }).request('default', 'schedule', DUE)
  t.match(await done, { status: 'failed', error: { code: 'store-unavailable', message: 'the disk is full' } })
  t.equal(bench.source.questions.length, 2)
  t.same(await bench.days(), [])
})

// A first fill, an outage after which days are lost, a file that fills some of them, a day that shrank, late events, and a window that
// is cut. Two runs more, and nothing more is gained.
const LAST = '2027-01-10T18:00:00Z'
const EXPECTED = [
  '2026-09-12 provisional 1',
  '2026-09-13..2026-10-24 final 2',
  '2026-10-25..2026-10-31 provisional 2',
  '2026-11-01 provisional 1',
  '2026-11-02..2026-11-09 lost',
  '2026-11-10 provisional 7',
  '2026-11-11 provisional 0',
  '2026-11-12..2026-11-13 lost',
  '2026-11-14 provisional 1',
  '2026-11-15..2026-12-30 final 2',
  '2026-12-31 provisional 2, shrunk',
  '2027-01-01 final 6',
  '2027-01-02 final 2',
  '2027-01-03..2027-01-09 provisional 2',
  '2027-01-10 provisional 1'
]

/** The whole history until its last run; or, where its file is handed in, the source alone. */
async function eventful(t: Test, file?: Buffer): Promise<Bench> {
  const settings = { keepDays: 50, retentionDays: 90 }
  const bench = await openBench(t, file === undefined ? '2026-11-01T18:00:00Z' : LAST, settings, file)
  bench.source.addDaily('2026-07-01', '2027-01-31', { '06:00': 1, '20:00': 1 })
  if (file === undefined) {
    await bench.runAt('2026-11-01T18:00:00Z')
    await bench.runAt('2027-01-03T18:00:00Z')
    await bench.importFile({ '2026-11-10': 7, '2026-11-11': 0 })
  }
  bench.source.events = bench.source.events.filter((event) => !event.at.toISOString().startsWith('2026-12-31'))
  bench.source.add('2027-01-01T10:00:00Z', cell('Quarantine', 4), '2027-01-05T10:00:00Z')
  return bench
}

/** Called at every step with what it is of; what it throws, or that it never returns, is the fault. */
type Step = (of: 'source' | 'before the store' | 'after the store') => void | Promise<void>

const noStep: Step = () => {}

/** A store that tells of each call before it is made, and after. */
function watched(store: SeriesStore, step: Step, name?: (name: string) => void): SeriesStore {
  return new Proxy(store, {
    get(target, key: keyof SeriesStore) {
      // Told from memory: no step at which anything could break.
      if (key === 'generation') return target.generation.bind(target)
      const call = target[key] as (...args: unknown[]) => Promise<unknown>
      return async (...args: unknown[]) => {
        name?.(key)
        await step('before the store')
        const result = await call.apply(target, args)
        await step('after the store')
        return result
      }
    }
  })
}

// Breaks the last run at its first step, then at its second, and so on until it no longer breaks; whatever the step,
// one more run must leave the same series.
t.test('a broken run is repaired by the next, wherever it broke', async (t) => {
  const whole = await eventful(t)
  await whole.store.checkpoint()
  const file = readFileSync(whole.path)
  await whole.runAt(LAST)
  t.same(await whole.days(), EXPECTED)
  const completeness = await whole.completeness()

  const faults = {
    'the store is unavailable': new OperationalError('store-unavailable', 'broken here'),
    'the source is unavailable': new OperationalError('source-unavailable', 'broken here'),
    'the source times out': new OperationalError('source-timeout', 'broken here'),
    'a bug of ours': new TypeError('broken here')
  }
  const requests: readonly RunRequest[] = [DUE, { range: range('2026-11-21', '2027-01-10'), force: false }]
  for (const request of requests) {
    for (const [name, fault] of Object.entries(faults)) {
      const kinds = name.startsWith('the source') ? ['source'] : ['before the store', 'after the store']
      let n = 0
      for (let broke = true; broke; n++) {
        broke = false
        const bench = await eventful(t, file)
        let steps = 0
        const step: Step = (of) => {
          if (!kinds.includes(of) || steps++ !== n) return
          broke = true
          throw fault
        }
        bench.source.onQuestion = () => step('source')
        const store = watched(bench.store, step)
        await settle(bench, store, request)
        bench.source.onQuestion = () => {}
        t.match(await bench.runAt(LAST), { status: 'succeeded' })
        t.same(await bench.days(), EXPECTED, `${name}, at call ${n}`)
        t.same(await bench.completeness(), completeness)
        await bench.store.close()
      }
      t.ok(n > (kinds.length === 2 ? 20 : request.range === null ? 2 : 4), `${name}: broken at ${n - 1} calls`)
    }
  }
})

// As above, but the process ends there: the call never comes back, and another process takes over the file.
t.test('a run that died is repaired by the next, wherever it died', async (t) => {
  const whole = await eventful(t)
  await whole.store.checkpoint()
  const file = readFileSync(whole.path)
  let n = 0
  for (let died = true; died; n++) {
    const bench = await eventful(t, file)
    const death = Promise.withResolvers<void>()
    died = false
    let steps = 0
    const step: Step = async () => {
      if (steps++ !== n) return
      died = true
      death.resolve()
      await new Promise(() => {})
    }
    bench.source.onQuestion = () => step('source')
    await Promise.race([settle(bench, watched(bench.store, step), DUE), death.promise])
    bench.source.onQuestion = () => {}
    const next = await openSqliteStore({ path: bench.path, clock: bench.clock })
    t.match(await settle(bench, next, DUE), { status: 'succeeded' })
    t.same(await daysOf(next, 'default'), EXPECTED, `died at step ${n}`)
    await next.close()
    await bench.store.close()
  }
  t.ok(n > 20, `died at ${n} steps`)
})

/** The run as it ends; undefined where it could not even be recorded. */
async function settle(bench: Bench, store: SeriesStore, request: RunRequest): Promise<IngestRun | undefined> {
  try {
    return await (
      await bench.ingester({ store }).request('default', 'schedule', request)
    ).done
  } catch {
    return undefined
  }
}
