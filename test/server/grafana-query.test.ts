import t, { type Test } from 'tap'
import type { IngestRun } from '../../src/model/run.ts'
import { d } from '../support/counts.ts'
import { addKey } from '../support/keys.ts'
import { cell, newService, type Service } from '../support/service.ts'

const RANGE = { from: '2026-11-01T09:30:00.000Z', to: '2026-11-04T09:30:00.000Z', raw: { from: 'now-3d', to: 'now' } }
const DAYS = ['2026-11-01', '2026-11-02', '2026-11-03', '2026-11-04'].map((day) => Date.parse(day))

type Series = Record<string, (number | null)[]>

/** Four days: the second is quiet, the third was not read. */
async function newFilled(t: Test): Promise<Service> {
  const service = await newService(t, { workspaces: ['default', 'contoso.com'] })
  await service.fill('default', {
    '2026-11-01': [
      cell('Quarantine', 5),
      cell('Quarantine', 2, { actionType: 'Malware ZAP' }),
      cell('Inbox/folder', 3, { actionResult: 'Error' }),
      cell('', 1, { actionTrigger: 'AdminAction' })
    ],
    '2026-11-02': [],
    '2026-11-04': [cell('Junk', 4), cell('Quarantine', 1)]
  })
  await service.fill('contoso.com', { '2026-11-01': [cell('Quarantine', 70)] })
  return service
}

/** The counts of each series by its name, after its times were looked at. */
async function ask(t: Test, { app }: Service, targets: readonly object[], more: object = {}): Promise<Series> {
  const payload = { range: RANGE, intervalMs: 30_000, maxDataPoints: 2, targets, ...more }
  const res = await app.inject({ method: 'POST', url: '/grafana/query', payload })
  if (res.statusCode !== 200) throw new Error(res.body)
  const frames: { target: string; datapoints: [number | null, number][]; tags?: unknown }[] = res.json()
  for (const { datapoints, tags } of frames) {
    t.strictSame(
      datapoints.map(([, time]) => time),
      DAYS
    )
    t.equal(tags, undefined)
  }
  return Object.fromEntries(frames.map(({ target, datapoints }) => [target, datapoints.map(([count]) => count)]))
}

t.test('a target answers with each day of the range, ascending, null where it was not read', async (t) => {
  const { app } = await newFilled(t)
  const res = await app.inject({
    method: 'POST',
    url: '/grafana/query',
    payload: { range: RANGE, targets: [{ refId: 'B', target: 'Quarantine', payload: {} }] }
  })
  t.strictSame(res.json(), [
    {
      target: 'Quarantine',
      refId: 'B',
      datapoints: [
        [7, DAYS[0]],
        [0, DAYS[1]],
        [null, DAYS[2]],
        [1, DAYS[3]]
      ]
    }
  ])
})

t.test('several targets, and several values in one, are as many series, each with the refId of its own', async (t) => {
  const service = await newFilled(t)
  const targets = [
    { refId: 'A', target: '(Quarantine|Junk)' },
    { refId: 'B', target: 'total' },
    { refId: 'C', target: String.raw`actionType: Phish ZAP` },
    { refId: 'D', target: String.raw`deliveryLocation: Inbox\/folder` },
    { refId: 'E', target: 'deliveryLocation: (none)' },
    { refId: 'F', target: 'total', hide: true },
    { refId: 'G', target: '' },
    { refId: 'H' }
  ]
  t.strictSame(await ask(t, service, targets), {
    Quarantine: [7, 0, null, 1],
    Junk: [0, 0, null, 4],
    total: [11, 0, null, 5],
    'actionType: Phish ZAP': [9, 0, null, 5],
    'deliveryLocation: Inbox/folder': [3, 0, null, 0],
    'deliveryLocation: (none)': [1, 0, null, 0]
  })
  const { app } = service
  const res = await app.inject({ method: 'POST', url: '/grafana/query', payload: { range: RANGE, targets } })
  t.same(
    res.json().map(({ refId }: { refId: string }) => refId),
    ['A', 'A', 'B', 'C', 'D', 'E']
  )
})

t.test('a target is divided by a column, its own or that of the payload', async (t) => {
  const service = await newFilled(t)
  t.strictSame(await ask(t, service, [{ target: 'actionType' }]), {
    'Malware ZAP': [2, 0, null, 0],
    'Phish ZAP': [9, 0, null, 5]
  })
  t.strictSame(await ask(t, service, [{ target: 'total', payload: { by: 'actionResult' } }]), {
    Error: [3, 0, null, 0],
    Success: [8, 0, null, 5]
  })
  t.strictSame(await ask(t, service, [{ target: 'Quarantine', payload: '{"by": "actionType"}' }]), {
    'Quarantine, Malware ZAP': [2, 0, null, 0],
    'Quarantine, Phish ZAP': [5, 0, null, 1]
  })
  t.same(Object.keys(await ask(t, service, [{ target: 'location' }])), [
    'Quarantine',
    'Delete',
    'Junk',
    'Inbox',
    'Other'
  ])
  t.same(Object.keys(await ask(t, service, [{ target: 'Junk', payload: { by: 'location' } }])), ['Junk'])
  t.same(Object.keys(await ask(t, service, [{ target: 'actionType: (Phish ZAP|Malware ZAP)' }])), [
    'actionType: Phish ZAP',
    'actionType: Malware ZAP'
  ])
  const wrong = ask(t, service, [{ target: 'actionType', payload: { by: 'location' } }])
  await t.rejects(wrong, { message: /divided by actionType already/ })
})

t.test('the payload filters, also by what comes escaped, as a list, or in any case', async (t) => {
  const service = await newFilled(t)
  const total = async (payload: object): Promise<unknown> =>
    (await ask(t, service, [{ target: 'total', payload }]))['total']
  t.strictSame(await total({ actionType: 'malware zap' }), [2, 0, null, 0])
  t.strictSame(await total({ actionType: '(Malware ZAP|Phish ZAP)' }), [11, 0, null, 5])
  t.strictSame(await total({ actionType: ['Malware ZAP', 'Phish ZAP'] }), [11, 0, null, 5])
  t.strictSame(await total({ deliveryLocation: String.raw`Inbox\/folder` }), [3, 0, null, 0])
  t.strictSame(await total({ deliveryLocation: String.raw`\(none\)` }), [1, 0, null, 0])
  t.strictSame(await total({ location: ['Junk', 'inbox'], actionResult: '' }), [3, 0, null, 4])
  await t.rejects(total({ location: 'Spam' }), { message: /'Spam' is none of Quarantine/ })
})

t.test('a week or a month begins where its series does', async (t) => {
  const { app, fill } = await newService(t)
  await fill('default', {
    '2026-11-01': [cell('Junk', 1)],
    '2026-11-02': [cell('Junk', 2)],
    '2026-11-03': [cell('Junk', 4)]
  })
  const ask = async (step: string): Promise<unknown> => {
    const payload = {
      range: { from: '2026-11-01T00:00:00Z', to: '2026-11-03T23:59:59.999Z' },
      targets: [{ refId: 'A', target: 'Junk', payload: { step } }]
    }
    return (await app.inject({ method: 'POST', url: '/grafana/query', payload })).json()[0]?.datapoints
  }
  t.strictSame(await ask('week'), [
    [1, Date.parse('2026-10-26')],
    [6, Date.parse('2026-11-02')]
  ])
  t.strictSame(await ask('month'), [[7, Date.parse('2026-11-01')]])
})

t.test('the filters of a dashboard are equal, not equal, or a list of alternatives', async (t) => {
  const service = await newFilled(t)
  const total = async (...filters: readonly [key: string, operator: string, value: string][]): Promise<unknown> => {
    const sent = filters.map(([key, operator, value]) => ({ key, operator, value }))
    const answers = [
      await ask(t, service, [{ target: 'total' }], { filters: sent }),
      await ask(t, service, [{ target: 'total' }], { adhocFilters: sent })
    ]
    t.strictSame(answers[1], answers[0], 'until 0.6.3 they had another name')
    return answers[0]?.['total']
  }
  t.strictSame(await total(['actionType', '=', 'Malware ZAP']), [2, 0, null, 0])
  t.strictSame(await total(['actionType', '!=', 'Malware ZAP']), [9, 0, null, 5])
  t.strictSame(await total(['location', '=~', '(Junk|Inbox)']), [3, 0, null, 4])
  t.strictSame(await total(['location', '!~', 'Junk|Inbox']), [8, 0, null, 1])
  t.strictSame(await total(['deliveryLocation', '=~', '(none)']), [1, 0, null, 0])
  t.strictSame(await total(['location', '=', 'Quarantine'], ['actionType', '!=', 'Phish ZAP']), [2, 0, null, 0])
  t.strictSame(await total(['actionType', '=', '']), [11, 0, null, 5], 'not chosen yet')
  await t.rejects(total(['actionType', '=~', '.*ZAP']), { message: /more of a regular expression/ })
  await t.rejects(total(['actionType', '>', '1']), { message: /no operator '>'/ })
  await t.rejects(total(['severity', '=', 'high']), { message: /no 'severity' to filter by/ })
  await t.rejects(total(['location', '=', 'Spam']), { message: /'Spam' is none of/ })
})

t.test('a target that the filters exclude has no series', async (t) => {
  const service = await newFilled(t)
  const filters = [{ key: 'location', operator: '=', value: 'Junk' }]
  t.strictSame(
    await ask(t, service, [{ target: 'Quarantine' }, { target: 'Junk' }, { target: 'location' }], { filters }),
    {
      Junk: [0, 0, null, 4]
    }
  )
})

function filter(operator: string, value: string): object {
  return { filters: [{ key: 'workspace', operator, value }] }
}

t.test('other workspaces are named by the payload or the dashboard, several at once with their names', async (t) => {
  const service = await newFilled(t)
  const target = { target: 'Quarantine' }
  const contoso = { Quarantine: [70, null, null, null] }
  t.strictSame(await ask(t, service, [{ ...target, payload: { workspace: String.raw`contoso\.com` } }]), contoso)
  t.strictSame(await ask(t, service, [target], filter('=', 'contoso.com')), contoso)
  t.strictSame(await ask(t, service, [target], filter('=~', 'contoso.com')), contoso, 'a name that there is')
  t.strictSame(await ask(t, service, [target], filter('!=', 'default')), contoso)
  t.strictSame(await ask(t, service, [target], filter('=~', String.raw`(default|contoso\.com)`)), {
    'default: Quarantine': [7, 0, null, 1],
    'contoso.com: Quarantine': [70, null, null, null]
  })
  t.strictSame(await ask(t, service, [{ ...target, payload: { workspace: 'default' } }], filter('!=', 'default')), {})
  await t.rejects(ask(t, service, [target], filter('=', 'none')), { message: /no workspace 'none' that you may read/ })
})

t.test('what a workspace has never had, and what is not understood, is told at the panel', async (t) => {
  const { app } = await newFilled(t)
  const targets = [{ refId: 'A', target: 'actionType: Fish ZAP', payload: { actionTypo: 1, actionResult: 'Sucess' } }]
  const [frame] = (
    await app.inject({ method: 'POST', url: '/grafana/query', payload: { range: RANGE, targets } })
  ).json()
  t.same(
    frame.datapoints.map(([count]: [number | null]) => count),
    [0, 0, null, 0]
  )
  t.same(frame.meta.notices, [
    { severity: 'warning', text: "the payload's 'actionTypo' is not understood, and left out" },
    { severity: 'warning', text: "this workspace has never had the actionResult 'Sucess'" },
    { severity: 'warning', text: "this workspace has never had the actionType 'Fish ZAP'" }
  ])
})

t.test('no label is taken for something of ours', async (t) => {
  const service = await newService(t)
  const labels = ['__proto__', 'constructor', 'date', 'a(b|c)']
  const cells = labels.map((actionType, i) => cell('Inbox', i + 1, { actionType }))
  await service.fill('default', { '2026-11-01': cells, '2026-11-02': [], '2026-11-04': [] })
  const each = await ask(t, service, [{ target: 'actionType' }])
  t.same(Object.keys(each).toSorted(), ['__proto__', 'a(b|c)', 'constructor', 'date (label)'])
  for (const [i, label] of ['__proto__', 'constructor', 'date (label)', 'a(b|c)'].entries()) {
    const name = `actionType: ${label}`
    t.strictSame(await ask(t, service, [{ target: name }]), { [name]: [i + 1, 0, null, 0] })
  }
})

const RUN: IngestRun = {
  id: 'run-1',
  trigger: 'schedule',
  workspace: 'default',
  source: 'log-analytics',
  status: 'failed',
  from: d('2026-11-01'),
  to: d('2026-11-24'),
  startedAt: '2026-11-04T05:59:00.000Z',
  finishedAt: '2026-11-04T06:00:00.000Z',
  daysPlanned: 24,
  daysStored: 0,
  daysChanged: 0,
  error: { code: 'source-throttled', message: 'too many requests' }
}

t.test(
  'gaps and failed runs are a table for annotations, whatever the target is, and rows for old data sources',
  async (t) => {
    const service = await newFilled(t)
    await service.store.recordRun(RUN)
    const marks = [
      {
        time: DAYS[2],
        timeEnd: (DAYS[3] ?? 0) - 1,
        title: 'Missing: 1 day',
        text: '2026-11-03: not read yet',
        tags: 'gap,missing'
      },
      {
        time: Date.parse(RUN.startedAt),
        timeEnd: Date.parse('2026-11-04T06:00:00Z'),
        title: 'Run failed',
        text: 'source-throttled: too many requests',
        tags: 'run,failed,source-throttled'
      }
    ]
    const post = async (call: string, body: object): Promise<unknown> =>
      (await service.app.inject({ method: 'POST', url: `/grafana/${call}`, payload: { range: RANGE, ...body } })).json()
    const table = {
      type: 'table',
      columns: [
        { text: 'time', type: 'time' },
        { text: 'timeEnd', type: 'time' },
        { text: 'title', type: 'string' },
        { text: 'text', type: 'string' },
        { text: 'tags', type: 'string' }
      ],
      rows: marks.map((mark) => Object.values(mark))
    }
    t.strictSame(await post('query', { targets: [{ refId: 'Anno', target: 'Gaps and runs' }] }), [
      { refId: 'Anno', ...table }
    ])
    t.strictSame(await post('query', { targets: [{ refId: 'Anno', target: 'Inbox' }] }), [{ refId: 'Anno', ...table }])
    t.strictSame(await post('query', { targets: [{ refId: 'A', target: 'gaps and runs' }] }), [
      { refId: 'A', ...table }
    ])
    t.strictSame(await post('annotations', { annotation: { name: 'x', query: 'y', enable: true } }), marks)
    const both = [{ refId: 'Anno', target: 'Gaps and runs', payload: { workspace: '(default|contoso.com)' } }]
    t.match(await post('query', { targets: both }), [{ rows: [[DAYS[2], Number, 'default: Missing: 1 day'], Array] }])
  }
)

t.test(
  'a panel that asks again is answered from memory, by what it asks and whoever asks, until something is written',
  async (t) => {
    let reads = 0
    const { app, store, fill, clock } = await newService(t, {
      auth: 'on',
      workspaces: ['alpha', 'beta'],
      wrapStore: (plain) => ({ ...plain, readDays: async (...asked) => (reads++, plain.readDays(...asked)) })
    })
    await fill('alpha', { '2026-11-01': [cell('Inbox', 1)] })
    await fill('beta', { '2026-11-01': [cell('Inbox', 2)] })
    const keys = [
      await addKey(store, { name: 'a', workspaces: ['alpha'] }),
      await addKey(store, { name: 'b', workspaces: ['beta'] })
    ]
    const query = async (by: number, more: object = {}): Promise<unknown> => {
      const headers = { ...keys[by]?.headers, 'content-type': 'application/json' }
      const payload = { range: RANGE, requestId: `Q${reads}`, targets: [{ target: 'Inbox', refId: 'A' }], ...more }
      const res = await app.inject({ method: 'POST', url: '/grafana/query', headers, payload })
      t.equal(res.headers['cache-control'], 'no-store')
      t.equal(res.headers['content-length'], String(res.rawPayload.length))
      return res.json<{ datapoints?: [number | null][] }[]>()[0]?.datapoints?.[0]?.[0]
    }
    t.same([await query(0), await query(1)], [1, 2])
    // That a key is used for the first time is written as well.
    t.same([await query(0), await query(1)], [1, 2])
    const first = reads
    t.same([await query(0), await query(1), await query(0)], [1, 2, 1], 'to each its own')
    t.equal(reads, first, 'and nothing is read')
    await query(0, { range: { ...RANGE, to: '2026-11-05T00:00:00Z' } })
    t.equal(reads, first + 1, 'another range')
    await fill('alpha', { '2026-11-01': [cell('Inbox', 9)] })
    t.same([await query(0), await query(1)], [9, 2])

    const marks = { targets: [{ target: 'marks', refId: 'Anno' }] }
    await query(0, marks)
    const before = reads
    await clock.advance(60_000)
    await query(0, marks)
    t.ok(reads > before, 'what depends on the time of day is made anew')
  }
)
