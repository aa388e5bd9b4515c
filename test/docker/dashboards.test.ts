import { readFileSync } from 'node:fs'
import t, { type Test } from 'tap'
import { parse } from 'yaml'
import { sampleCells } from '../../src/ingest/sample.ts'
import { LOCATIONS } from '../../src/model/cube.ts'
import { eachDay } from '../../src/model/day.ts'
import { RUN_STATUSES } from '../../src/model/run.ts'
import { d } from '../support/counts.ts'
import {
  addressOf,
  alertQueries,
  alertRules,
  dashboard,
  dashboardQueries,
  datasources,
  jsonDatasources,
  readGrafanaFile,
  select,
  type Column
} from '../support/grafana.ts'
import { newService, type Service } from '../support/service.ts'

/** With the spike that the sample has each month, and a day that was not read. */
const FROM = '2026-10-25'
const TO = '2026-11-23'
const MISSING = '2026-11-10'

/** As Grafana fills them in; Infinity cuts zeros at the end of a fraction. */
const VALUES = {
  '__timeFrom:date:iso': `${FROM}T00:00:00Z`,
  '__timeTo:date:iso': `${TO}T23:59:59.999Z`,
  workspace: 'default',
  'location:csv': LOCATIONS.join(),
  step: 'day'
}

const QUERIES = [...dashboardQueries, ...alertQueries]

async function newSampleService(t: Test): Promise<Service> {
  const service = await newService(t, { now: '2026-11-24T06:00:00Z', ingest: { stale: () => false } })
  const days = eachDay({ from: d('2026-07-01'), to: d(TO) }).filter((day) => day !== MISSING)
  await service.fill('default', Object.fromEntries(days.map((day) => [day, sampleCells(day)])), '2026-11-17')
  return service
}

/** What a column may hold, by the type that Infinity is told. */
const FITS: Readonly<Record<string, (value: unknown) => boolean>> = {
  number: (value) => typeof value === 'number',
  string: (value) => typeof value === 'string',
  // Texts are parsed; milliseconds since 1970 are not, they have a type of their own.
  timestamp: (value) => typeof value === 'string' && !Number.isNaN(Date.parse(value)),
  timestamp_epoch: (value) => Number.isSafeInteger(value) && Number(value) > 1e12
}

function faultsOf({ selector, type }: Column, rows: readonly unknown[]): string[] {
  const values = rows.map((row) => select(row, selector))
  if (values.includes(undefined)) return [`${selector} is not in every row`]
  const known = values.filter((value) => value !== null)
  return known.every((value) => FITS[type]?.(value)) ? [] : [`${selector} is no ${type}`]
}

t.test('each query gets from the API the rows and the columns that it selects', async (t) => {
  const { app } = await newSampleService(t)
  t.ok(QUERIES.length > 15)
  for (const { where, query } of QUERIES) {
    const answer = await app.inject({
      url: addressOf(query, VALUES),
      headers: { accept: 'application/json;q=0.9,text/plain' }
    })
    t.equal(answer.statusCode, 200, `${where}: ${answer.body.slice(0, 200)}`)
    const rows = select(answer.json(), query.root_selector)
    if (!Array.isArray(rows) || rows.length === 0) t.fail(`${where}: there are no rows at ${query.root_selector}`)
    else
      t.same(
        query.columns.flatMap((column) => faultsOf(column, rows)),
        [],
        where
      )
    t.equal(select(answer.json(), 'unmatched'), undefined, `${where} filters by values that there are`)
  }
})

t.test('a day that was not read has no number in any chart', async (t) => {
  const { app } = await newSampleService(t)
  for (const { where, query } of QUERIES.filter(({ query: { url } }) => url === '/series')) {
    const { series } = (await app.inject(addressOf(query, VALUES))).json<{ series: Record<string, unknown>[] }>()
    const numbers = query.columns.filter(({ type }) => type === 'number')
    const rows = series.filter(({ date }) => date === MISSING)
    t.ok(
      rows.every((row) => numbers.every(({ selector }) => row[selector] === null)),
      where
    )
    t.ok(
      series.some((row) => numbers.length === 0 || numbers.some(({ selector }) => row[selector] !== null)),
      where
    )
  }
})

t.test('every path, parameter, root and column stands in the description of the API', async (t) => {
  const { paths, components } = JSON.parse(
    readFileSync(new URL('../../openapi/openapi.json', import.meta.url), 'utf8')
  ) as Description
  const resolve = (schema: Schema): Schema => {
    const name = schema.$ref?.replace('#/components/schemas/', '')
    return name === undefined ? schema : (components.schemas[name] ?? {})
  }
  const at = (schema: Schema, path: string): Schema | undefined =>
    path.split('.').reduce<Schema | undefined>((found, key) => {
      const { properties, additionalProperties, items, prefixItems } = resolve(found ?? {})
      if (/^\d+$/.test(key)) return prefixItems?.[Number(key)] ?? items
      return properties?.[key] ?? additionalProperties
    }, schema)

  for (const { where, query } of QUERIES) {
    const operation = paths[query.url]?.get
    if (operation === undefined) {
      t.fail(`${where}: there is no ${query.url}`)
      continue
    }
    const names = new Set((operation.parameters ?? []).map(({ name }) => name))
    t.same(
      query.url_options.params.filter(({ key }) => !names.has(key)),
      [],
      where
    )
    const rows = at(operation.responses['200']?.content['application/json']?.schema ?? {}, query.root_selector)
    const wrong = query.columns.filter(({ selector, type }) => {
      const field = rows?.items === undefined ? undefined : at(rows.items, selector)
      const types = [resolve(field ?? {}).type ?? []].flat()
      return !types.some((each) => DESCRIBED[type]?.includes(each))
    })
    t.same(wrong, [], where)
  }
})

/** How the description calls what a column may hold. */
const DESCRIBED: Readonly<Record<string, readonly string[]>> = {
  number: ['integer', 'number'],
  string: ['string'],
  timestamp: ['string'],
  timestamp_epoch: ['integer', 'number']
}

interface Schema {
  readonly $ref?: string
  readonly type?: string | readonly string[]
  readonly properties?: Readonly<Record<string, Schema>>
  readonly additionalProperties?: Schema
  readonly items?: Schema
  readonly prefixItems?: readonly Schema[]
}

interface Description {
  readonly paths: Readonly<Record<string, { readonly get?: Operation }>>
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> }
}

interface Operation {
  readonly parameters?: readonly { readonly name: string }[]
  readonly responses: Readonly<
    Record<string, { readonly content: Readonly<Record<string, { readonly schema: Schema }>> }>
  >
}

t.test('every query is one that the backend of Infinity runs, as alert rules need it', async (t) => {
  const uids = new Set(datasources.map(({ uid }) => uid))
  for (const { where, datasource, query } of QUERIES) {
    const { type, source, parser, url, url_options: options, root_selector: root, format } = query
    t.ok(uids.has(datasource), where)
    t.same(
      { type, source, parser, method: options.method },
      { type: 'json', source: 'url', parser: 'backend', method: 'GET' },
      where
    )
    t.match(url, /^\/[a-z]+$/, `${where}: the data source knows the rest of the address`)
    t.match(root, /^[a-z]+$/, where)
    t.ok(['table', 'timeseries'].includes(format), where)
    const [, filtered] = /^(\w+) == "\$\{workspace\}"$/.exec(query.filterExpression ?? '') ?? []
    t.equal(query.filterExpression ?? '', filtered === undefined ? '' : `${filtered} == "\${workspace}"`, where)
    t.ok(filtered === undefined || query.columns.some(({ text }) => text === filtered), where)
    const range = options.params.filter(({ key }) => key === 'from' || key === 'to').map(({ value }) => value)
    t.same(range, url === '/status' ? [] : ['${__timeFrom:date:iso}', '${__timeTo:date:iso}'], where)
  }
})

t.test('a rule compares one number for each row, and names rows by texts', async (t) => {
  for (const { uid, title, condition, data, noDataState, execErrState, annotations } of alertRules) {
    t.match(uid, /^[a-z-]{1,40}$/)
    const refs = new Set(data.map(({ refId }) => refId))
    t.ok(refs.has(condition), title)
    t.ok(
      data.every(({ refId, model }) => model.refId === refId),
      title
    )
    t.ok(
      data.every(({ model: { expression } }) => expression === undefined || refs.has(expression)),
      title
    )
    t.ok(['Alerting', 'NoData', 'OK', 'KeepLast'].includes(noDataState), title)
    t.ok(['Alerting', 'Error', 'OK', 'KeepLast'].includes(execErrState), title)
    const columns = data[0]?.model.columns ?? []
    t.equal(columns.filter(({ type }) => type === 'number').length, 1, title)
    t.ok(
      columns.every(({ type }) => type === 'number' || type === 'string'),
      title
    )
    // Grafana replaces $name in provisioned texts by an environment variable.
    const texts = Object.values(annotations).join(' ')
    t.notMatch(texts, /\$/, title)
    const labels = [...texts.matchAll(/\{\{ \.Labels\.(\w+) \}\}/g)].map(([, label]) => label)
    t.ok(labels.length > 0 && labels.every((label) => columns.some(({ text }) => text === label)), title)
  }
  t.equal(new Set(alertRules.map(({ uid }) => uid)).size, alertRules.length)
})

t.test('the dashboard shows UTC days, thirty full ones at first, each panel in a place of its own', async (t) => {
  const { uid, timezone, time, panels } = dashboard
  t.same(
    { uid, timezone, time },
    { uid: 'post-delivery', timezone: 'utc', time: { from: 'now-30d/d', to: 'now-1d/d' } }
  )
  t.equal(new Set(panels.map(({ id }) => id)).size, panels.length)
  const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
    Array.from({ length: w * h }, (_, i) => `${x + (i % w)},${y + Math.floor(i / w)}`)
  )
  t.equal(new Set(cells).size, cells.length, 'no two overlap')
  t.ok(panels.every(({ gridPos: { x, w } }) => x + w <= 24))
  t.ok(
    panels.every(({ datasource }) =>
      datasources.some(({ uid, type }) => uid === datasource.uid && type === datasource.type)
    )
  )
})

t.test('the data sources find the service, and their health check needs the key', async (t) => {
  const [infinity] = datasources
  t.equal(infinity?.type, 'yesoreyeram-infinity-datasource')
  t.same(infinity?.jsonData['allowedHosts'], [infinity?.url])
  const { app } = await newService(t, { auth: 'on', apiKeys: [{ name: 'grafana', key: 'k'.repeat(64) }] })
  const url = String(infinity?.jsonData['customHealthCheckUrl'])
  const name = String(infinity?.jsonData['apiKeyKey']).toLowerCase()
  t.equal((await app.inject({ url, headers: { [name]: 'k'.repeat(64) } })).statusCode, 200)
  t.equal((await app.inject({ url, headers: { [name]: 'x'.repeat(64) } })).statusCode, 401)

  const [json] = jsonDatasources
  const path = new URL(String(json?.url)).pathname
  const headers = { authorization: `Bearer ${'k'.repeat(64)}` }
  t.equal((await app.inject({ url: path, headers })).statusCode, 200)
  t.equal(json?.jsonData['httpHeaderName1'], 'Authorization')
  t.match(json?.secureJsonData['httpHeaderValue1'], /^Bearer /)
})

t.test('no key stands in a file of Grafana', async (t) => {
  for (const { secureJsonData } of [...datasources, ...jsonDatasources]) {
    for (const value of Object.values(secureJsonData)) t.match(value, /^(Bearer )?\$__file\{\/run\/secrets\/[a-z-]+\}$/)
  }
  t.notMatch(readGrafanaFile('dashboards/post-delivery.json'), /secureJsonData|password|bearer/i)
})

t.test('every metric, label and value of the Prometheus rules is one that the service exports', async (t) => {
  const { groups } = parse(readFileSync(new URL('../../docker/prometheus/rules.yaml', import.meta.url), 'utf8')) as {
    groups: { rules: { alert: string; expr: string; annotations: { summary: string; description: string } }[] }[]
  }
  const rules = groups.flatMap(({ rules }) => rules)
  t.equal(new Set(rules.map(({ alert }) => alert)).size, rules.length)
  const names = new Set(rules.flatMap(({ expr }) => expr.match(/\bpost_delivery_\w+/g) ?? []))
  t.ok(names.size > 5)

  const labels: Readonly<Record<string, readonly string[]>> = {
    status: RUN_STATUSES,
    state: ['final', 'provisional', 'missing', 'lost'],
    code: ['source-unauthorized']
  }
  for (const { alert, expr } of rules) {
    for (const [, label = '', values = ''] of expr.matchAll(/(\w+)=~?"([^"]*)"/g)) {
      t.same(
        values.split('|').filter((value) => labels[label]?.includes(value) !== true),
        [],
        alert
      )
    }
  }

  const { app } = await newSampleService(t)
  const exported = (await app.inject('/metrics')).body
  for (const name of names) t.match(exported, new RegExp(`^# TYPE ${name} `, 'm'), name)
})
