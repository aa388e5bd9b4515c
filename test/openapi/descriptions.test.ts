import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { validate } from '@readme/openapi-parser'
import t from 'tap'
import { DESCRIPTION_FORMATS, DESCRIPTIONS, type DescriptionFormat } from '../../src/server/description/formats.ts'
import { descriptionText } from '../../src/server/openapi.ts'
import { version } from '../../src/version.ts'
import { coarse, normalized } from '../support/descriptions.ts'
import { newService, type ServiceOptions } from '../support/service.ts'
import { run } from '../support/command.ts'

const fileOf = (format: DescriptionFormat): string =>
  new URL(`../../openapi/${DESCRIPTIONS[format]}`, import.meta.url).pathname

const readKept = async (format: DescriptionFormat): Promise<Described> =>
  JSON.parse(await readFile(fileOf(format), 'utf8')) as Described

interface Described {
  readonly paths: Readonly<Record<string, Readonly<Record<string, OperationIn>>>>
  readonly securityDefinitions: Readonly<Record<string, { readonly type: string; readonly name?: string }>>
  readonly definitions: object
  readonly host?: string
  readonly basePath?: string
  readonly schemes?: readonly string[]
  readonly servers?: readonly { readonly url: string }[]
}

interface OperationIn {
  readonly operationId: string
  readonly summary: string
  readonly description?: string
  readonly parameters?: readonly (Readonly<Record<string, unknown>> & { readonly description: string })[]
  readonly responses: Readonly<Record<string, { readonly content?: Record<string, { readonly example?: unknown }> }>>
  readonly [name: `x-${string}`]: unknown
}

t.test('each description that the package carries is that of the routes, and has no fault', async (t) => {
  const { app } = await newService(t, { version })
  for (const format of DESCRIPTION_FORMATS) {
    const text = await readFile(fileOf(format), 'utf8')
    t.equal(text, descriptionText(app, format), `npm run openapi writes ${DESCRIPTIONS[format]} anew`)
    const { valid, ...rest } = await validate(JSON.parse(text))
    t.ok(valid, DESCRIPTIONS[format], rest)
  }
  const cli = new URL('../../node_modules/.bin/redocly', import.meta.url).pathname
  const env = { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' }
  const words = ['lint', '--extends=recommended', ...DESCRIPTION_FORMATS.map(fileOf)]
  const { stdout, stderr } = await promisify(execFile)(cli, words, { env })
  t.match(stderr, /valid/)
  t.notMatch(stdout + stderr, /warning|error/i)
})

t.test('the three descriptions tell of the same paths, parameters, bodies and answers', async (t) => {
  const newest = normalized(await readKept('3.1'), '3.1')
  t.same(normalized(await readKept('3.0'), '3.0'), newest)
  t.same(coarse(normalized(await readKept('2.0'), '2.0')), coarse(newest))
  t.ok(Object.keys(newest).length > 10)
})

t.test('the comparison sees whatever is changed in one of them', async (t) => {
  const before = coarse(normalized(await readKept('2.0'), '2.0'))
  // oxlint-disable-next-line typescript/no-explicit-any
  const changes: ((document: any) => void)[] = [
    (d) => delete d.paths['/runs'],
    (d) => (d.paths['/runs'].get.parameters[1].maximum = 9),
    (d) => (d.paths['/series'].get.parameters[0].collectionFormat = 'csv'),
    (d) => delete d.paths['/series'].get.responses['304'],
    (d) => (d.paths['/series'].get.produces = ['application/json']),
    (d) => (d.definitions.Changes.required = []),
    (d) => delete d.definitions.Series.properties.series.items.properties.Junk['x-nullable'],
    (d) => (d.definitions.IngestRun.properties.status.enum = ['queued']),
    (d) => (d.paths['/ingest'].post.parameters[0].required = true)
  ]
  for (const change of changes) {
    const document = structuredClone(await readKept('2.0'))
    change(document)
    t.notSame(coarse(normalized(document, '2.0')), before, String(change))
  }
})

const addressOf = ({ host, basePath, schemes }: Described): object => ({ host, basePath, schemes })

t.test('each is there without a key, and says where we are', async (t) => {
  const readAt = async (
    format: DescriptionFormat,
    options: ServiceOptions,
    host = 'localhost:8080'
  ): Promise<Described> => {
    const { app } = await newService(t, { auth: 'on', ...options })
    const res = await app.inject({ url: `/${DESCRIPTIONS[format]}`, headers: { host } })
    t.equal(res.statusCode, 200)
    return res.json<Described>()
  }
  const publicUrl = 'https://soc.example:8443/mail/'
  for (const format of ['3.1', '3.0'] as const) {
    t.same((await readAt(format, {})).servers, [{ url: 'http://localhost:8080' }])
    t.same((await readAt(format, { publicUrl })).servers, [{ url: 'https://soc.example:8443/mail' }])
  }
  t.same(addressOf(await readAt('2.0', {})), { host: 'localhost:8080', basePath: '/', schemes: ['http'] })
  t.same(addressOf(await readAt('2.0', { publicUrl })), {
    host: 'soc.example:8443',
    basePath: '/mail',
    schemes: ['https']
  })
  t.same(addressOf(await readAt('2.0', {}, 'a"b/c')), { host: undefined, basePath: '/', schemes: undefined })
})

t.test('a key in a header comes first where tools take the first, and 2.0 is small enough for them', async (t) => {
  const { securityDefinitions } = await readKept('2.0')
  t.same(Object.values(securityDefinitions)[0], {
    type: 'apiKey',
    in: 'header',
    name: 'X-API-Key',
    description: 'An API key.'
  })
  const text = await readFile(fileOf('2.0'), 'utf8')
  t.ok(text.length < 1_000_000)
  t.notMatch(text, /"(anyOf|oneOf|nullable|const|\$defs)":/)
})

t.test('what is of no use in an automation is marked as internal, and no route of Grafana is told', async (t) => {
  for (const format of DESCRIPTION_FORMATS) {
    const { paths } = await readKept(format)
    const internal = Object.entries(paths).filter(([, methods]) =>
      Object.values(methods).some((operation) => operation['x-ms-visibility'] === 'internal')
    )
    t.same(internal.map(([path]) => path).toSorted(), ['/health/live', '/health/ready', '/metrics'])
    t.same(
      Object.keys(paths).filter((path) => path.startsWith('/grafana')),
      []
    )
  }
})

t.test('an operation and its parameters have names for people, and each answer an example', async (t) => {
  const { paths } = await readKept('2.0')
  for (const operation of Object.values(paths).flatMap((methods) => Object.values(methods))) {
    const { operationId, summary, description, parameters = [] } = operation
    t.equal(operation['x-ms-summary'], summary)
    // The editor of connectors refuses more.
    t.ok(summary.length <= 80 && !summary.endsWith('.'), operationId)
    t.ok(operationId === 'isLive' || (description ?? '').length > 20, operationId)
    for (const parameter of parameters.filter((each) => each['in'] !== 'body')) {
      t.match(parameter['x-ms-summary'], /^[A-Z][a-z ]+$/, operationId)
      t.ok(parameter.description.length > 10, operationId)
    }
  }
  for (const methods of Object.values((await readKept('3.1')).paths)) {
    for (const { operationId, responses } of Object.values(methods)) {
      const media = Object.entries(responses).flatMap(([status, { content = {} }]) =>
        Object.entries(content).map(([type, each]) => ({ name: `${operationId} ${status} ${type}`, each }))
      )
      t.ok(media.length > 0)
      for (const { name, each } of media) t.ok(each.example !== undefined || name.endsWith('svg+xml'), name)
    }
  }
})

t.test('the command prints each of them', async (t) => {
  for (const format of DESCRIPTION_FORMATS) {
    const { status, out } = await run(t.testdir(), ['openapi', '--format', format])
    t.equal(status, 0)
    t.equal(out, await readFile(fileOf(format), 'utf8'))
  }
  const { status, err } = await run(t.testdir(), ['openapi', '--format', '3.2'])
  t.same({ status, err }, { status: 2, err: "--format '3.2' is not known: it is one of 3.1, 3.0, 2.0\n" })
})
