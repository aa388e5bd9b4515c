import t from 'tap'
import { cell, newService } from '../support/service.ts'

const KEY = 'k'.repeat(32)
const CALLS = [
  'metrics',
  'metric-payload-options',
  'query',
  'variable',
  'tag-keys',
  'tag-values',
  'search',
  'annotations'
]

t.test('a data source is found well by exactly 200, with and without a slash, behind the key', async (t) => {
  const { app } = await newService(t, { auth: 'on', apiKeys: [{ name: 'grafana', key: KEY }] })
  for (const url of ['/grafana', '/grafana/']) {
    t.equal((await app.inject(url)).statusCode, 401)
    const res = await app.inject({ url, headers: { authorization: `Bearer ${KEY}` } })
    t.equal(res.statusCode, 200)
    t.same(res.json(), { status: 'ok' })
  }
  for (const call of CALLS) {
    t.equal((await app.inject({ method: 'POST', url: `/grafana/${call}`, payload: {} })).statusCode, 401, call)
  }
})

t.test('an error reads well in a panel and in the test of a data source, and is a problem document', async (t) => {
  const { app } = await newService(t, { auth: 'on', apiKeys: [{ name: 'grafana', key: KEY }] })
  const headers = { 'x-api-key': KEY }
  const post = async (url: string, payload: object = {}, more: object = headers) =>
    app.inject({ method: 'POST', url, payload, headers: { ...more } })
  const faults = [
    [await post('/grafana/query', { targets: [{ target: 'Quarantne' }] }), 400, 'invalid-request'],
    [await post('/grafana/query', { range: { from: '2026-11-03', to: '2026-11-01' } }), 400, 'invalid-range'],
    [await post('/grafana/query?key=x'), 400, 'invalid-request'],
    [
      await post('/grafana/query', { targets: [{ target: 'total', payload: { workspace: 'x' } }] }),
      404,
      'unknown-workspace'
    ],
    [await post('/grafana/query', {}, {}), 401, 'unauthorized'],
    [await post('/grafana/none'), 404, 'not-found'],
    [await app.inject({ url: '/grafana/query', headers }), 405, 'method-not-allowed'],
    [
      await app.inject({
        method: 'POST',
        url: '/grafana/query',
        headers: { ...headers, 'content-type': 'application/json' },
        payload: '{'
      }),
      400,
      'invalid-request'
    ]
  ] as const
  for (const [res, status, code] of faults) {
    t.equal(res.statusCode, status)
    t.equal(res.headers['content-type'], 'application/problem+json')
    const { detail, ...problem } = res.json()
    t.ok(detail.length > 10)
    t.match(problem, { status, code, message: detail, error: { code, message: detail } })
  }
  const { message } = (await app.inject({ url: '/series?x=1', headers })).json()
  t.equal(message, undefined, 'other routes have no such fields')
})

t.test('whoever forgot the end of the URL is told so, and not that all is well', async (t) => {
  const { app } = await newService(t)
  for (const url of ['/query', '/metrics', '/search', '/variable']) {
    const res = await app.inject({ method: 'POST', url, payload: {} })
    t.equal(res.statusCode, 404)
    t.match(res.json(), {
      code: 'not-found',
      message: /must end in \/grafana/,
      error: { code: 'not-found', message: /grafana/ }
    })
  }
  t.equal((await app.inject('/metrics')).statusCode, 200)
  t.equal((await app.inject({ method: 'POST', url: '/tag-keys', payload: {} })).statusCode, 404)
})

t.test(
  'a call without a body, or with one that says nothing, is no error but where something must be named',
  async (t) => {
    const { app, fill } = await newService(t)
    await fill('default', { '2026-11-01': [cell('Inbox', 1)] })
    const named = new Set(['metric-payload-options', 'tag-values'])
    for (const call of CALLS) {
      const url = `/grafana/${call}`
      const type = { 'content-type': 'application/json' }
      const answers = [
        await app.inject({ method: 'POST', url, headers: type }),
        await app.inject({ method: 'POST', url }),
        await app.inject({ method: 'POST', url, payload: {} }),
        await app.inject({ method: 'POST', url, headers: type, payload: 'null' }),
        await app.inject({
          method: 'POST',
          url,
          payload: { app: 'panel-editor', scopedVars: { a: { value: [1] } }, x: null }
        })
      ]
      for (const res of answers) {
        t.equal(res.statusCode, named.has(call) ? 400 : 200, `${call}: ${res.body}`)
        if (res.statusCode === 200) t.ok(Array.isArray(res.json()), call)
      }
    }
  }
)

t.test('everything that can be sent has a limit', async (t) => {
  const { app, fill } = await newService(t)
  await fill('default', { '2026-11-01': [cell('Inbox', 1)] })
  const query = async (payload: object) => app.inject({ method: 'POST', url: '/grafana/query', payload })
  const target = { refId: 'A', target: 'total' }
  const refused: readonly [object, RegExp][] = [
    [{ targets: Array.from({ length: 101 }, () => target) }, /targets: has more than 100/],
    [{ targets: 'total' }, /targets: is no list/],
    [{ targets: [{ target: 'x'.repeat(5_000) }] }, /longer than 4096 characters/],
    [{ targets: [{ target: { a: 1 } }] }, /target: is no text/],
    [{ targets: [target], filters: Array.from({ length: 101 }, () => ({})) }, /filters: has more than 100/],
    [
      { targets: [{ ...target, payload: { actionType: Array.from({ length: 101 }, () => 'x') } }] },
      /actionType: has more than 100/
    ],
    [{ targets: [{ ...target, payload: '{"by":' }] }, /no JSON object/],
    [
      { targets: [target], range: { from: '1990-01-01T00:00:00Z', to: '2026-11-01T00:00:00Z' } },
      /ask for at most 3660/
    ],
    [{ targets: [target], range: { from: 'now-6h' } }, /is neither a day/]
  ]
  for (const [payload, message] of refused) {
    const res = await query(payload)
    t.equal(res.statusCode, 400, res.body)
    t.match(res.json().message, message)
  }
  const decade = { from: '2016-11-01T00:00:00Z', to: '2026-11-01T00:00:00Z' }
  t.equal((await query({ range: decade, targets: [target] })).statusCode, 200)
  t.match(
    (await query({ range: decade, targets: Array.from({ length: 100 }, () => ({ target: 'location' })) })).json()
      .message,
    /more than 500000 values/
  )
  t.equal((await query({ scopedVars: 'x'.repeat(200 * 1_024) })).statusCode, 200, 'the rest may be large')
  const tooLarge = await query({ scopedVars: 'x'.repeat(256 * 1_024) })
  t.equal(tooLarge.statusCode, 413)
  t.equal(tooLarge.json().message, 'the body is larger than 256 kB')
})

t.test('the protocol is no part of the description', async (t) => {
  const { app } = await newService(t)
  t.same(
    Object.keys((await app.inject('/openapi.json')).json().paths).filter((path) => path.includes('grafana')),
    []
  )
})

t.test('a browser may ask directly, where its page is allowed to', async (t) => {
  const origin = 'https://grafana.example'
  const { app } = await newService(t, { auth: 'on', apiKeys: [{ name: 'grafana', key: KEY }], corsOrigins: [origin] })
  const preflight = await app.inject({
    method: 'OPTIONS',
    url: '/grafana/query',
    headers: {
      origin,
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'authorization,content-type'
    }
  })
  t.equal(preflight.statusCode, 204)
  t.equal(preflight.headers['access-control-allow-origin'], origin)
  const headers = { origin, authorization: `Bearer ${KEY}` }
  const res = await app.inject({ method: 'POST', url: '/grafana/tag-keys', headers })
  t.equal(res.statusCode, 200)
  t.equal(res.headers['access-control-allow-origin'], origin)
})
