import t, { type Test } from 'tap'
import { cell, newService } from '../support/service.ts'

type Post = (call: string, body?: object) => Promise<unknown>

async function newFilled(t: Test): Promise<Post> {
  const { app, fill } = await newService(t, { workspaces: ['default', 'contoso'] })
  await fill('default', { '2026-11-01': [cell('Inbox/folder', 3), cell('', 1, { actionType: 'Malware ZAP' })] })
  await fill('contoso', { '2026-11-01': [cell('Junk folder', 1, { actionType: 'Spam ZAP' })] })
  return async (call, payload = {}) => {
    const res = await app.inject({ method: 'POST', url: `/grafana/${call}`, payload })
    return res.statusCode === 200 ? res.json() : { status: res.statusCode, message: res.json().message }
  }
}

interface Metric {
  readonly value: string
  readonly label: string
  readonly payloads: readonly { readonly name: string; readonly type: string; readonly options?: readonly object[] }[]
}

const TARGETS = [
  'Quarantine',
  'Delete',
  'Junk',
  'Inbox',
  'Other',
  'total',
  'location',
  'deliveryLocation',
  'actionType',
  'actionTrigger',
  'actionResult',
  'Gaps and runs',
  'deliveryLocation: (none)',
  'deliveryLocation: Inbox/folder',
  'actionType: Malware ZAP',
  'actionType: Phish ZAP',
  'actionTrigger: SpecialAction',
  'actionResult: Success'
]

t.test('the query builder offers every target, with what it can be divided and filtered by', async (t) => {
  const post = await newFilled(t)
  const metrics = (await post('metrics')) as Metric[]
  t.same(
    metrics.map(({ value }) => value),
    TARGETS
  )
  const named = (value: string): Metric | undefined => metrics.find((metric) => metric.value === value)
  const keys = (value: string): string[] | undefined => named(value)?.payloads.map(({ name }) => name)
  t.same(keys('Quarantine'), [
    'workspace',
    'by',
    'step',
    'deliveryLocation',
    'actionType',
    'actionTrigger',
    'actionResult'
  ])
  t.same(keys('actionType'), [
    'workspace',
    'step',
    'location',
    'deliveryLocation',
    'actionType',
    'actionTrigger',
    'actionResult'
  ])
  t.same(keys('Gaps and runs'), ['workspace'])
  t.match(named('total'), { label: 'total of all locations' })
  t.match(named('Quarantine')?.payloads[0], {
    name: 'workspace',
    type: 'select',
    options: [
      { label: 'default', value: 'default' },
      { label: 'contoso', value: 'contoso' }
    ]
  })
  t.equal(named('Quarantine')?.payloads.find(({ name }) => name === 'actionType')?.options, undefined)
})

t.test('each target that is offered can be asked for', async (t) => {
  const post = await newFilled(t)
  for (const target of TARGETS) {
    const range = { from: '2026-11-01T00:00:00Z', to: '2026-11-01T00:00:00Z' }
    const answer = await post('query', { range, targets: [{ refId: 'A', target }] })
    t.ok(Array.isArray(answer) && answer.length > 0 && !('meta' in answer[0]), target)
  }
})

t.test('the labels that are offered are those of the workspace, and what is chosen stays', async (t) => {
  const post = await newFilled(t)
  const payload = { workspace: 'contoso' }
  const metrics = (await post('metrics', { metric: 'actionType: Phish ZAP', payload })) as Metric[]
  t.same(
    metrics.map(({ value }) => value).filter((value) => value.startsWith('actionType: ')),
    ['actionType: Spam ZAP', 'actionType: Phish ZAP']
  )
  t.same(await post('metric-payload-options', { metric: 'total', payload, name: 'actionType' }), [
    { label: 'Spam ZAP', value: 'Spam ZAP' }
  ])
  t.same(await post('metric-payload-options', { metric: 'total', payload: '', name: 'step' }), [
    { label: 'day', value: 'day' },
    { label: 'week', value: 'week' },
    { label: 'month', value: 'month' }
  ])
  t.match(await post('metric-payload-options', { name: 'x' }), {
    status: 400,
    message: /options of workspace, by, step/
  })
})

t.test('of many workspaces the builder gets none beforehand, but when its list is opened', async (t) => {
  const names = Array.from({ length: 51 }, (_, i) => `w${i}`)
  const { app } = await newService(t, { workspaces: names })
  const post = async (call: string, payload: object) =>
    (await app.inject({ method: 'POST', url: `/grafana/${call}`, payload })).json()
  t.equal((await post('metrics', {}))[0].payloads[0].options, undefined)
  t.equal((await post('metric-payload-options', { name: 'workspace' })).length, 51)
})

t.test('variables have the values of a list, by its name', async (t) => {
  const post = await newFilled(t)
  const values = async (payload: unknown): Promise<unknown> => {
    const answer = await post('variable', { payload, range: {} })
    return Array.isArray(answer) ? answer.map(({ __text, __value }) => (t.equal(__text, __value), __value)) : answer
  }
  t.same(await values({ target: 'location' }), ['Quarantine', 'Delete', 'Junk', 'Inbox', 'Other'])
  t.same(await values({ target: 'Workspaces' }), ['default', 'contoso'])
  t.same(await values({ target: 'actionType' }), ['Malware ZAP', 'Phish ZAP'])
  t.same(await values({ target: 'actionTypes', workspace: 'contoso' }), ['Spam ZAP'])
  t.same(await values('deliveryLocation'), ['(none)', 'Inbox/folder'])
  t.same(await values('{"target": "step"}'), ['day', 'week', 'month'])
  t.same(await values(undefined), TARGETS)
  t.match(await values({ target: 'x' }), { status: 400, message: /no values of 'x', but of workspace, by/ })
  t.match(await values({ target: 'actionType', workspace: 'none' }), { status: 404 })
})

t.test('SimpleJSON finds targets by what was typed, and lists by their name', async (t) => {
  const post = await newFilled(t)
  t.same(await post('search', { target: '' }), TARGETS)
  t.same(await post('search', { target: 'junk' }), ['Junk'])
  t.same(await post('search', { target: 'zap' }), ['actionType: Malware ZAP', 'actionType: Phish ZAP'])
  t.same(await post('search', { target: 'workspaces' }), ['default', 'contoso'])
  t.same(await post('search', { target: 'nothing' }), [])
})

t.test('a dashboard can be filtered by the workspace, the location and each column of the table', async (t) => {
  const post = await newFilled(t)
  const keys = ['workspace', 'location', 'deliveryLocation', 'actionType', 'actionTrigger', 'actionResult']
  t.same(
    await post('tag-keys', { filters: [] }),
    keys.map((text) => ({ type: 'string', text }))
  )
  t.same(await post('tag-values', { key: 'workspace' }), [{ text: 'default' }, { text: 'contoso' }])
  t.same(await post('tag-values', { key: 'actionType' }), [{ text: 'Malware ZAP' }, { text: 'Phish ZAP' }])
  const filters = [{ key: 'workspace', operator: '=', value: 'contoso' }]
  t.same(await post('tag-values', { key: 'actionType', filters }), [{ text: 'Spam ZAP' }])
  t.match(await post('tag-values', { key: 'x' }), { status: 400, message: /values of workspace, location/ })
})
