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
    title: 'Missing: 7 days',
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

t.test(
  'a row of failures has the reason of the last of them, and runs that failed otherwise are another row',
  async (t) => {
    const runs = [
      failed('2026-11-03T10:07:00.000Z'),
      failed('2026-11-03T11:07:00.000Z', { error: { code: 'source-throttled', message: 'still asks for patience' } }),
      failed('2026-11-03T12:07:00.000Z', { status: 'partial' }),
      failed('2026-11-03T13:07:00.000Z')
    ]
    t.match(annotate({ runs: runs.toReversed() }), [
      { title: '2 runs failed', text: 'source-throttled: still asks for patience' },
      { title: 'Run failed in part' },
      { title: 'Run failed' }
    ])
    t.same(annotate({ runs }), annotate({ runs: runs.toReversed() }), 'in whatever order they come')
  }
)

t.test('a run that succeeded ends a row of failures, also where the next one has the same reason', async (t) => {
  const runs = [
    failed('2026-11-03T10:07:00.000Z'),
    run('2026-11-03T11:07:00.000Z'),
    failed('2026-11-03T12:07:00.000Z'),
    failed('2026-11-03T13:07:00.000Z')
  ]
  t.match(annotate({ runs }), [{ title: 'Run failed' }, { title: '2 runs failed' }])
})

t.test('a run of which neither reason nor end was recorded is marked where it began', async (t) => {
  const { error, ...silent } = failed('2026-11-03T10:07:00.000Z', { finishedAt: null })
  const runs = [silent, { ...silent, startedAt: '2026-11-03T11:07:00.000Z' }]
  t.match(annotate({ runs }), [
    {
      time: Date.parse('2026-11-03T10:07:00Z'),
      timeEnd: Date.parse('2026-11-03T11:07:00Z'),
      title: '2 runs failed',
      text: 'internal: no reason was recorded',
      tags: 'run,failed,internal'
    }
  ])
})

t.test('a run that waits its turn has not failed', async (t) => {
  t.same(annotate({ runs: [run('2026-11-03T13:07:00.000Z', { status: 'queued', finishedAt: null })] }), [])
})

t.test('what begins or ends with the range belongs to it, to the millisecond', async (t) => {
  const times: [startedAt: string, finishedAt: string, marks: number][] = [
    ['2026-11-30T23:59:59.999Z', '2026-12-01T00:01:00.000Z', 1],
    ['2026-12-01T00:00:00.000Z', '2026-12-01T00:01:00.000Z', 0],
    ['2026-10-31T23:00:00.000Z', '2026-11-01T00:00:00.000Z', 1],
    ['2026-10-31T23:00:00.000Z', '2026-10-31T23:59:59.999Z', 0]
  ]
  for (const [startedAt, finishedAt, marks] of times) {
    t.equal(annotate({ runs: [failed(startedAt, { finishedAt })] }).length, marks, startedAt)
  }
})

t.test('marks that begin at one time are in order of their titles', async (t) => {
  const day = [range('2026-11-02')]
  for (const given of [
    { missing: day, lost: day, shrunk: day, damaged: day },
    { damaged: day, shrunk: day, lost: day, missing: day }
  ]) {
    t.same(
      annotate(given).map(({ title }) => title),
      ['Damaged: 1 day', 'Lost: 1 day', 'Missing: 1 day', 'Shrunk: 1 day']
    )
  }
})

t.test('a gap is at risk if any of its days is', async (t) => {
  const missing = [range('2026-11-03', '2026-11-09')]
  const tagsOf = (from: string, to: string): unknown =>
    annotate({ missing, atRisk: [{ ...range(from, to), lostAfter: d('2026-12-01') }] })[0]?.tags
  t.equal(tagsOf('2026-11-09', '2026-11-12'), 'gap,missing,at-risk')
  t.equal(tagsOf('2026-11-01', '2026-11-03'), 'gap,missing,at-risk')
  t.equal(tagsOf('2026-11-10', '2026-11-12'), 'gap,missing')
  t.equal(tagsOf('2026-11-01', '2026-11-02'), 'gap,missing')
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

t.test('the strangest of several days is the one that is furthest out, on either side', async (t) => {
  const low = { kind: 'low', count: 0 } as const
  const textOf = (...scores: number[]): string | undefined => {
    const anomalies = scores.map((score, i) => anomaly(`2026-11-0${i + 1}`, { ...low, score }))
    return annotate({ anomalies })[0]?.text
  }
  t.match(textOf(-9, -5, -6), /^2026-11-01 to 2026-11-03, 3 days; 90 events on 2026-11-01$/)
  t.match(textOf(-5, -6, -9), /on 2026-11-03$/)
  t.match(textOf(-5, -9, -9, -7), /^2026-11-01 to 2026-11-04, 4 days; .* on 2026-11-02$/, 'of two, the first')
})

t.test('unusual days of another kind, or of another location, are another mark', async (t) => {
  const anomalies = [
    anomaly('2026-11-09'),
    anomaly('2026-11-10', { kind: 'low', score: -5 }),
    anomaly('2026-11-11', { location: 'Junk', kind: 'low', score: -5 }),
    anomaly('2026-11-12', { location: 'Junk', kind: 'low', score: -5 })
  ]
  t.same(
    annotate({ anomalies }).map(({ title }) => title),
    ['Inbox unusually high', 'Inbox unusually low', 'Junk unusually low']
  )
})

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
