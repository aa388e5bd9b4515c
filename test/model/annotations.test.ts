import t from 'tap'
import type { Anomaly } from '../../src/model/anomalies.ts'
import { buildAnnotations, type Annotation, type AnnotationFacts } from '../../src/model/annotations.ts'
import type { DayRange } from '../../src/model/day.ts'
import type { IngestRun } from '../../src/model/run.ts'
import { d } from '../support/counts.ts'

function range(from: string, to = from): DayRange {
  return { from: d(from), to: d(to) }
}

type Given = Partial<AnnotationFacts['completeness']> & Partial<Pick<AnnotationFacts, 'runs' | 'anomalies'>>

const NOVEMBER = range('2026-11-01', '2026-11-30')

function annotate({ runs = [], anomalies = [], ...given }: Given, during = NOVEMBER): Annotation[] {
  const whole = { missing: [], lost: [], damaged: [], shrunk: [], atRisk: [] }
  return buildAnnotations(during, { completeness: { ...whole, ...given }, runs, anomalies })
}

function run(startedAt: string, more: Partial<IngestRun> = {}): IngestRun {
  const days = { from: null, to: null, daysPlanned: 0, daysStored: 0, daysChanged: 0 }
  const finishedAt = startedAt.replace(':07:00', ':08:30')
  const common = { id: startedAt, trigger: 'schedule', workspace: 'contoso', source: 'graph' } as const
  return { ...common, ...days, status: 'succeeded', startedAt, finishedAt, ...more }
}

function failed(startedAt: string, more: Partial<IngestRun> = {}): IngestRun {
  const error = { code: 'source-throttled', message: 'Log Analytics asks for patience' } as const
  return run(startedAt, { status: 'failed', error, ...more })
}

function anomaly(date: string, more: Partial<Anomaly> = {}): Anomaly {
  const common = { location: 'Inbox', kind: 'high', count: 90, expected: [2, 31], score: 9.1 } as const
  return { ...common, date: d(date), until: d(date), reason: `90 events on ${date}`, ...more }
}

t.test('a gap is marked from the beginning of its first day to the last millisecond of its last', async (t) => {
  t.same(annotate({ missing: [range('2026-11-03', '2026-11-05')] }), [
    {
      time: Date.parse('2026-11-03T00:00:00Z'),
      timeEnd: Date.parse('2026-11-05T23:59:59.999Z'),
      title: 'Missing: 3 days',
      text: '2026-11-03 to 2026-11-05: not read yet',
      tags: 'gap,missing'
    }
  ])
})

t.test('lost, damaged and shrunk days are told apart, by time', async (t) => {
  const marks = annotate({
    shrunk: [range('2026-11-02')],
    damaged: [range('2026-11-04')],
    lost: [range('2026-11-03')]
  })
  t.same(
    marks.map(({ title, text, tags }) => [title, text, tags]),
    [
      [
        'Shrunk: 1 day',
        '2026-11-02: the source no longer shows their events; the counts from before are kept',
        'shrunk'
      ],
      ['Lost: 1 day', '2026-11-03: the source forgot them before they were read', 'gap,lost'],
      ['Damaged: 1 day', '2026-11-04: what is stored cannot be trusted', 'gap,damaged']
    ]
  )
})

t.test('a gap that the source is about to forget says until when it can be read', async (t) => {
  const atRisk = [{ ...range('2026-11-03', '2026-11-04'), lostAfter: d('2026-12-01') }]
  const [first, second, third] = annotate({
    missing: [range('2026-11-01'), range('2026-11-03', '2026-11-09'), range('2026-11-11')],
    atRisk
  })
  t.match(second, {
    text: '2026-11-03 to 2026-11-09: not read yet, and the source forgets 2026-11-03 after 2026-12-01',
    tags: 'gap,missing,at-risk'
  })
  t.same([first?.tags, third?.tags], ['gap,missing', 'gap,missing'])
})

t.test(
  'what lies partly in the range is cut to it, though it tells of all; what lies outside is not told',
  async (t) => {
    const lost = [range('2026-09-01', '2026-10-31'), range('2026-11-30', '2026-12-24'), range('2026-12-26')]
    t.match(annotate({ lost }), [
      {
        time: Date.parse('2026-11-30T00:00:00Z'),
        timeEnd: Date.parse('2026-11-30T23:59:59.999Z'),
        title: 'Lost: 25 days'
      }
    ])
  }
)

t.test('a run that failed is marked while it lasted, with its reason', async (t) => {
  t.same(annotate({ runs: [failed('2026-11-03T10:07:00.000Z')] }), [
    {
      time: Date.parse('2026-11-03T10:07:00Z'),
      timeEnd: Date.parse('2026-11-03T10:08:30Z'),
      title: 'Run failed',
      text: 'source-throttled: Log Analytics asks for patience',
      tags: 'run,failed,source-throttled'
    }
  ])
})

t.test('runs that failed one after another for one reason are one mark, until one succeeds', async (t) => {
  const runs = [
    failed('2026-11-03T15:07:00.000Z'),
    run('2026-11-03T14:07:00.000Z'),
    failed('2026-11-03T13:07:00.000Z', { error: { code: 'source-timeout', message: 'no answer in 180 s' } }),
    failed('2026-11-03T12:07:00.000Z'),
    failed('2026-11-03T11:07:00.000Z'),
    failed('2026-11-03T10:07:00.000Z')
  ]
  t.same(
    annotate({ runs }).map(({ title, time, timeEnd }) => [title, (timeEnd - time) / 60_000]),
    [
      ['3 runs failed', 121.5],
      ['Run failed', 1.5],
      ['Run failed', 1.5]
    ]
  )
})

t.test('a run that failed in part says so, and one that succeeded or still works is not told', async (t) => {
  const runs = [
    run('2026-11-03T13:07:00.000Z', { status: 'running', finishedAt: null }),
    failed('2026-11-03T12:07:00.000Z', { status: 'partial' }),
    run('2026-11-03T11:07:00.000Z', { error: { code: 'source-shrunk', message: 'a day came back empty' } })
  ]
  t.match(annotate({ runs }), [{ title: 'Run failed in part', tags: 'run,partial,source-throttled' }])
  t.equal(annotate({ runs }).length, 1)
})

t.test('a run belongs to the range that holds a part of it', async (t) => {
  const runs = [failed('2026-10-31T23:59:30.000Z', { finishedAt: '2026-11-01T00:00:10.000Z' })]
  t.equal(annotate({ runs }).length, 1)
  t.equal(annotate({ runs }, range('2026-11-02', '2026-11-30')).length, 0)
  t.equal(annotate({ runs }, range('2026-10-30')).length, 0)
})

t.test('an unusual day is marked as that, with its reason', async (t) => {
  t.same(annotate({ anomalies: [anomaly('2026-11-10')] }), [
    {
      time: Date.parse('2026-11-10T00:00:00Z'),
      timeEnd: Date.parse('2026-11-10T23:59:59.999Z'),
      title: 'Inbox unusually high',
      text: '90 events on 2026-11-10',
      tags: 'anomaly,high,Inbox'
    }
  ])
})

t.test(
  'days that follow one another and are unusual alike are one mark, with the reason of the strangest',
  async (t) => {
    const anomalies = [
      anomaly('2026-11-09'),
      anomaly('2026-11-09', { location: 'Junk', kind: 'low', score: -5 }),
      anomaly('2026-11-10', { score: 12 }),
      anomaly('2026-11-12')
    ]
    t.same(
      annotate({ anomalies }).map(({ title, text }) => [title, text]),
      [
        ['Inbox unusually high', '2026-11-09 to 2026-11-10, 2 days; 90 events on 2026-11-10'],
        ['Junk unusually low', '90 events on 2026-11-09'],
        ['Inbox unusually high', '90 events on 2026-11-12']
      ]
    )
  }
)

t.test('a silence is marked from the day it was noticed to its last', async (t) => {
  const silent = anomaly('2026-11-12', {
    location: 'total',
    kind: 'silent',
    until: d('2026-11-30'),
    reason: 'No event'
  })
  t.same(annotate({ anomalies: [silent] }), [
    {
      time: Date.parse('2026-11-12T00:00:00Z'),
      timeEnd: Date.parse('2026-11-30T23:59:59.999Z'),
      title: 'The whole table is silent',
      text: 'No event',
      tags: 'anomaly,silent,total'
    }
  ])
})

t.test('nothing to tell is nothing told', async (t) => {
  t.same(annotate({}), [])
})
