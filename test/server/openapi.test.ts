import t from 'tap'
import { setImmediate as turn } from 'node:timers/promises'
import { Check, Errors, type XSchema } from 'typebox/schema'
import { OperationalError } from '../../src/model/errors.ts'
import type { SeriesStore } from '../../src/model/store.ts'
import { cell, newService } from '../support/service.ts'

interface Description {
  readonly components: object
  readonly servers: readonly { readonly url: string }[]
  readonly security: readonly object[]
  readonly paths: Record<string, Record<string, Operation>>
}

interface Operation {
  readonly operationId: string
  readonly summary: string
  readonly description?: string
  readonly tags: readonly string[]
  readonly parameters?: readonly { readonly name: string; readonly description: string }[]
  readonly responses: Record<string, { readonly content?: Record<string, { readonly schema: XSchema & object }> }>
}

async function broken(): Promise<never> {
  throw new OperationalError('store-unavailable', 'the store cannot be read')
}

/** What is asked at once is not known then; what is waited for fails. */
function brokenDoor(name: keyof SeriesStore): () => unknown {
  return name === 'lastRevision' || name === 'lastWrite' ? () => undefined : broken
}

t.test('a stranger finds a name, a summary and an explanation at each operation and parameter', async (t) => {
  const { app } = await newService(t)
  const { paths } = (await app.inject('/openapi.json')).json<Description>()
  const operations = Object.values(paths).flatMap((path) => Object.values(path))
  t.equal(new Set(operations.map(({ operationId }) => operationId)).size, operations.length)
  for (const { operationId, summary, tags, parameters = [] } of operations) {
    t.ok(summary.length > 10 && tags.length === 1, operationId)
    for (const { name, description } of parameters) t.ok(description.length > 10, `${operationId} ${name}`)
  }
})

t.test('the description says where we are, as we were told, or as the caller sees it', async (t) => {
  const urlOf = async (
    options: object,
    headers: Record<string, string> = {},
    url = '/openapi.json'
  ): Promise<unknown> => {
    const { app } = await newService(t, options)
    return (await app.inject({ url, headers })).json<Description>().servers[0]?.url
  }
  t.equal(await urlOf({}, { host: 'localhost:8080' }), 'http://localhost:8080')
  t.equal(await urlOf({ publicUrl: 'https://soc.example/series/' }), 'https://soc.example/series')
  t.equal(await urlOf({ publicUrl: 'https://soc.example/series/' }, {}, '/docs/json'), 'https://soc.example/series')
  t.equal(await urlOf({ auth: 'on' }, { host: 'a"b/c' }), '/', 'a name that is none is not repeated')
})

t.test('every answer of every operation is as the description says', async (t) => {
  const key = 'k'.repeat(32)
  let down = false
  const { app, fill } = await newService(t, {
    auth: 'on',
    apiKeys: [{ name: 'reader', key }],
    wrapStore: (store) =>
      new Proxy(store, {
        get: (target, name: keyof typeof store) => (down ? brokenDoor(name) : target[name])
      })
  })
  await fill('default', {
    '2026-11-01': [cell('Inbox', 3), cell('', 1)],
    '2026-11-02': []
  })
  const headers = { 'x-api-key': key }
  const range = 'from=2026-10-30&to=2026-11-03'
  const description = (await app.inject('/openapi.json')).json<Description>()
  const seen = new Set<string>()

  const check = async (
    path: string,
    request: { method?: 'GET' | 'POST'; url: string; headers?: object; payload?: object }
  ): Promise<void> => {
    const res = await app.inject({ method: 'GET', ...request, headers: { ...headers, ...request.headers } })
    const name = `${request.method ?? 'GET'} ${request.url} ${res.statusCode}`
    const operation = description.paths[path]?.[(request.method ?? 'GET').toLowerCase()]
    const reply = operation?.responses[String(res.statusCode)]
    if (reply === undefined) return void t.fail(`${name} is not described: ${res.body}`)
    seen.add(`${operation?.operationId} ${res.statusCode}`)
    if (reply.content === undefined) return void t.equal(res.body, '', name)
    const type = String(res.headers['content-type']).split(';', 1)[0] ?? ''
    const media = reply.content[type]
    if (media === undefined) return void t.fail(`${name} has the type ${type}`)
    const schema = { ...media.schema, components: description.components }
    const body: unknown = type.endsWith('json') && !type.includes('ndjson') ? res.json() : res.body
    t.ok(Check(schema, body), name, { errors: Errors(schema, body)[1] })
    return undefined
  }

  for (const query of [
    '',
    'format=csv',
    'format=ndjson',
    'by=actionType&actionType=x',
    'by=total&layout=long',
    'step=month&by=deliveryLocation',
    'layout=long&step=week',
    'asOf=2026-11-01',
    'asOf=1',
    'format=svg'
  ]) {
    await check('/series', { url: `/series?${range}&${query}` })
  }
  await check('/series', { url: '/series', headers: { 'if-none-match': '*' } })
  await check('/series', { url: '/series?workspace=none' })
  for (const path of ['/anomalies', '/annotations']) {
    await check(path, { url: `${path}?${range}` })
    await check(path, { url: `${path}?workspace=none` })
  }
  await check('/anomalies', { url: '/anomalies', headers: { 'if-none-match': '*' } })
  for (const query of ['', 'limit=1', 'format=ndjson', 'since=17']) {
    await check('/changes', { url: `/changes?${query}` })
  }
  await check('/locations', { url: '/locations' })
  await check('/labels', { url: '/labels?by=deliveryLocation' })
  await check('/labels', { url: '/labels' })
  await check('/status', { url: '/status' })
  await check('/runs', { url: '/runs' })
  await check('/runs/{id}', { url: '/runs/none' })
  await check('/ingest', { method: 'POST', url: '/ingest', payload: {} })
  await check('/ingest', { method: 'POST', url: '/ingest', payload: { x: 1 } })
  await check('/ingest', { method: 'POST', url: '/ingest', headers: { 'content-type': 'a/b' }, payload: {} })
  await check('/metrics', { url: '/metrics' })
  const routes = [
    '/metrics',
    '/series',
    '/changes',
    '/anomalies',
    '/annotations',
    '/locations',
    '/labels',
    '/status',
    '/runs'
  ]
  for (const path of [...routes, '/health/live', '/health/ready']) {
    await check(path, { url: `${path}?x=1` })
    if (path.startsWith('/health')) await check(path, { url: path })
    else await check(path, { url: path, headers: { 'x-api-key': 'wrong' } })
  }
  down = true
  for (const path of [...routes, '/runs/{id}', '/health/ready']) {
    await check(path, { url: path === '/labels' ? '/labels?by=actionType' : path.replace('{id}', 'x') })
  }
  t.ok(
    seen.has('getSeries 304') && seen.has('listChanges 410') && seen.has('startIngest 403') && seen.has('isReady 503')
  )
})

t.test('a run, and one that has been asked for, are as the description says', async (t) => {
  const { app } = await newService(t, { workspaces: ['sample'] })
  const description = (await app.inject('/openapi.json')).json<Description>()
  const conforms = (body: unknown, component: string): boolean =>
    Check({ $ref: `#/components/schemas/${component}`, components: description.components }, body)
  const accepted = await app.inject({ method: 'POST', url: '/ingest' })
  t.ok(conforms(accepted.json(), 'IngestRun'))
  let res = accepted
  while (res.statusCode === 202) {
    await turn()
    res = await app.inject(`/runs/${accepted.json().id}`)
  }
  t.ok(conforms(res.json(), 'IngestRun'))
  t.ok(conforms((await app.inject('/runs')).json(), 'IngestRuns'))
  t.ok(conforms((await app.inject('/status')).json(), 'Status'))
  t.notOk(conforms({}, 'Status'), 'what is no status does not conform')
})
