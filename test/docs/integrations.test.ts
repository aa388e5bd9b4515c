import { existsSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { parse } from 'yaml'
import { createClient, type Changes } from '../../openapi/client.ts'
import { cell } from '../support/service.ts'
import { run as runCommand } from '../support/command.ts'
import { addressOf, select, type Datasource, type InfinityQuery } from '../support/grafana.ts'
import { atPath, blocks, newRecipes, page, PLACEHOLDER, runProgram, type Ran } from '../support/recipes.ts'

const service = await newRecipes(t)
const { url, key, client, here, ask } = service
const env = { URL: url, KEY: key }

/** Blocks that a test has taken. */
const taken = new Set<string>()

/** The texts of all blocks of a section in a language; that there are so many is a claim as well. */
function take(t: Test, heading: string, language: string, count: number): string[] {
  const found = blocks.filter((each) => each.heading === heading && each.language === language)
  for (const { text } of found) taken.add(text)
  t.equal(found.length, count, `${heading}: ${count} in ${language}`)
  return found.map(({ text }) => text)
}

const sh = async (t: Test, text: string, more: Readonly<Record<string, string>> = {}): Promise<Ran> =>
  runProgram('sh', ['-c', text], { cwd: t.testdir(), env: { ...env, ...more } })

const [csvLine = '', changesScript = '', waitForRun = ''] = take(t, 'Shell', 'sh', 3)

t.test('the first line of the shell gives a CSV of weeks', async (t) => {
  const { status, out, err } = await sh(t, csvLine)
  t.same({ status, err }, { status: 0, err: '' })
  t.match(out, /^date,state,days,Quarantine,Junk\r\n[^]*^\d{4}-\d\d-\d\d,final,7,\d+,\d+\r$/m)
})

const linesOf = ({ out }: Ran): unknown[] => out.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line)]))

t.test('the script of changes tells each once, also when its sink fails', async (t) => {
  const cwd = t.testdir({ 'changes.sh': changesScript })
  const follow = async (more: Readonly<Record<string, string>> = {}): Promise<Ran> =>
    runProgram('sh', ['changes.sh'], { cwd, env: { ...env, ...more } })

  const failed = await follow({ SINK: 'exit 7' })
  t.equal(failed.status, 7)
  const first = await follow()
  t.same(linesOf(first), (await client.listChanges({ limit: 5_000 })).changes)
  t.same(await follow(), { status: 0, out: '', err: '' })
  await service.fill('sample', { '2026-10-24': [cell('Inbox', 3)] })
  t.match(linesOf(await follow()), [{ date: '2026-10-24', counts: { Inbox: 3 } }])
  await writeFile(join(cwd, 'changes.cursor'), '17\n')
  const gone = await follow()
  t.equal(gone.status, 1)
  t.match(gone.err, /cursor-gone/)
  t.notMatch(changesScript, /-H "X-API-Key/, 'the key is in no argument')
})

t.test('the script goes from page to page', async (t) => {
  const cwd = t.testdir({ 'changes.sh': changesScript.replace('limit=500', 'limit=7') })
  const { out } = await runProgram('sh', ['changes.sh'], { cwd, env })
  t.equal(out.split('\n').length - 1, (await client.listChanges({ limit: 5_000 })).changes.length)
})

t.test('a run is started and waited for in the shell', async (t) => {
  const { status, out } = await sh(t, waitForRun)
  t.equal(status, 0)
  t.match(JSON.parse(out), { trigger: 'request', status: 'succeeded' })
})

t.test('a key is made as it is told', async (t) => {
  const [line = ''] = take(t, '', 'sh', 1)
  const words = line.trim().split(' ')
  t.same(words.splice(0, 4), ['npm', 'run', 'cli', '--'])
  const { status, out } = await runCommand(t.testdir(), words)
  t.equal(status, 0)
  t.match(out, /pds_\S{43}/)
})

t.test('Python asks for what there is, and reads what comes', async (t) => {
  const [text = ''] = take(t, 'Python', 'python', 1)
  const asked = [...text.matchAll(/get\("([^"]+)", (\w+)=/g)].map(([, path = '', name = '']) => `${path}?${name}=`)
  t.same(asked, ['/series?by=', '/changes?since='])
  const answers = await Promise.all(asked.map(async (path) => (await ask(`${PLACEHOLDER}${path}`)).text()))
  const fields = [...text.matchAll(/\["(\w+)"\]/g)].map(([, name = '']) => name)
  t.same(
    fields.filter((name) => !['URL', 'KEY'].includes(name) && !answers.some((each) => each.includes(`"${name}":`))),
    []
  )
  if (!(process.env['PATH'] ?? '').split(':').some((folder) => existsSync(join(folder, 'python3')))) return
  const { status, out, err } = await runProgram('python3', ['-c', text], { cwd: t.testdir(), env })
  t.same({ status, err }, { status: 0, err: '' })
  const { series } = await client.getSeries()
  const { changes } = await client.listChanges({ limit: 5_000 })
  const lines = out.trimEnd().split('\n')
  t.equal(lines.length, series.length + changes.length)
  t.equal(lines[0], `${series[0]?.date} ${series[0]?.state} ${series[0]?.Quarantine ?? 'None'}`)
})

t.test('the client of TypeScript is used as it is told', async (t) => {
  const [text = ''] = take(t, 'TypeScript', 'ts', 1)
  const source = `return (async () => { ${here(text)}; return series })()`
  // oxlint-disable-next-line typescript/no-implied-eval
  const use = new Function('createClient', 'key', source) as (create: unknown, key: string) => Promise<unknown>
  t.same(
    await use(createClient, key),
    (await client.getSeries({ location: ['Quarantine'], from: '2026-11-01' })).series
  )
})

t.test('Grafana: the health check of Infinity needs the key, and the query finds its columns', async (t) => {
  const [infinityText = '', jsonText = ''] = take(t, 'Grafana', 'yaml', 2)
  const [infinity] = (parse(infinityText) as { datasources: Datasource[] }).datasources
  t.same(infinity?.jsonData['allowedHosts'], [infinity?.url])
  const header = String(infinity?.jsonData['apiKeyKey'])
  const health = `${infinity?.url}${String(infinity?.jsonData['customHealthCheckUrl'])}`
  t.equal((await ask(health, { [header]: key })).status, 200)
  t.equal((await ask(health, { [header]: 'wrong' })).status, 401)

  const [queryText = ''] = take(t, 'Grafana', 'json', 1)
  const query = JSON.parse(queryText) as InfinityQuery
  const path = addressOf(query, {
    '__timeFrom:date:iso': '2026-11-20T00:00:09.5Z',
    '__timeTo:date:iso': '2026-11-22T09:00:00Z',
    'location:csv': 'Quarantine,Junk'
  })
  const answer: unknown = await (await ask(`${PLACEHOLDER}${path}`)).json()
  const rows = select(answer, query.root_selector) as Record<string, unknown>[]
  t.same(
    rows.map(({ date }) => date),
    ['2026-11-20', '2026-11-21', '2026-11-22']
  )
  for (const { selector } of query.columns)
    t.ok(
      rows.every((row) => Object.hasOwn(row, selector)),
      selector
    )

  const [json] = (parse(jsonText) as { datasources: Datasource[] }).datasources
  const header1 = String(json?.jsonData['httpHeaderName1'])
  const value = json?.secureJsonData['httpHeaderValue1']?.replace('$__file{/run/secrets/grafana-key}', key) ?? ''
  t.equal((await ask(json?.url ?? '', { [header1]: value })).status, 200)

  const { workspaces } = await client.getStatus()
  for (const name of ['lastSuccessAgeSeconds', 'missingDays', 'atRiskDays']) {
    t.ok(page.includes(`\`${name}\``) && Object.hasOwn(workspaces[0] ?? {}, name), name)
  }
})

t.test('Splunk finds the time of each line, and its collector takes lines before the cursor moves on', async (t) => {
  const [, props = ''] = take(t, 'Splunk', 'ini', 2)
  const settings = Object.fromEntries([...props.matchAll(/^(\w+) = (.*)$/gm)].map(([, name, value]) => [name, value]))
  const line = JSON.stringify((await client.listChanges({ limit: 1 })).changes[0])
  const [, time = ''] = new RegExp(`${settings['TIME_PREFIX']}(.*?)"`).exec(line) ?? []
  t.match(time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
  t.equal(settings['TIME_FORMAT'], '%Y-%m-%dT%H:%M:%S.%3N%Z')
  t.ok(Number(settings['MAX_TIMESTAMP_LOOKAHEAD']) >= time.length)

  const [sink = ''] = take(t, 'Splunk', 'sh', 1)
  const received: { url: string | undefined; authorization: string | undefined; body: string }[] = []
  let status = 503
  const collector = createServer((request, response) => {
    let body = ''
    request.setEncoding('utf8').on('data', (text: string) => (body += text))
    request.on('end', () => {
      received.push({ url: request.url, authorization: request.headers.authorization, body })
      response.writeHead(status).end()
    })
  })
  await new Promise<void>((resolve) => void collector.listen(0, '127.0.0.1', resolve))
  t.teardown(() => collector.close())
  const cwd = t.testdir({ 'changes.sh': changesScript })
  const hec = {
    HEC_URL: `http://127.0.0.1:${(collector.address() as AddressInfo).port}`,
    HEC_TOKEN: 'secret',
    HEC_CHANNEL: '0aa5e5a9-2e6d-4fd8-9b0a-8b3a6b0e8f51'
  }
  const send = async (): Promise<Ran> =>
    runProgram('sh', ['-c', `${sink}\nsh changes.sh`], { cwd, env: { ...env, ...hec } })
  t.not((await send()).status, 0)
  t.notOk(existsSync(join(cwd, 'changes.cursor')))
  status = 200
  t.equal((await send()).status, 0)
  const [refused, accepted, ...more] = received
  t.equal(refused?.body, accepted?.body)
  t.same(more, [])
  t.equal(accepted?.authorization, 'Splunk secret')
  t.match(accepted?.url, /^\/services\/collector\/raw\?sourcetype=post_delivery:change&channel=0aa5/)
  t.match(accepted?.body, /^\{"revision":"\d+","workspace":"sample",/)
})

t.test('Elastic sends a cursor that is text, at first an empty one, and reads fields that are there', async (t) => {
  const [text = ''] = take(t, 'Elastic Agent, Filebeat', 'yaml', 1)
  const [input] = (parse(text) as { 'filebeat.inputs': Record<string, unknown>[] })['filebeat.inputs']
  const program = String(input?.['program'])
  const [, query = ''] = /"\?" \+ \{([\s\S]*?)\}\.format_query/.exec(program) ?? []
  const names = [...query.matchAll(/"(\w+)": \[/g)].map(([, name = '']) => name)
  t.same(names, ['since', 'limit'])
  const [, limit = ''] = /"limit": \["(\d+)"\]/.exec(query) ?? []
  const [, header = ''] = /"Header": \{"([\w-]+)": \[state\.key\]/.exec(program) ?? []
  const res = await ask(`${String(input?.['resource.url'])}?since=&limit=${limit}`, { [header]: key })
  t.equal(res.status, 200)
  const body = (await res.json()) as Record<string, unknown>
  const read = new Set([...program.matchAll(/\bbody\.(\w+)/g)].map(([, name = '']) => name))
  t.same([...read].toSorted(), ['changes', 'more', 'next'])
  t.same([typeof body['next'], typeof body['more'], Array.isArray(body['changes'])], ['string', 'boolean', true])
  const fields = [...text.matchAll(/post_delivery\.(\w+)/g)].map(([, name = '']) => name)
  t.ok(fields.length > 0 && fields.every((name) => Object.hasOwn((body['changes'] as object[])[0] ?? {}, name)))
  // A bracket that is missing would be found by nobody else.
  for (const pair of ['()', '[]', '{}']) {
    t.equal(program.split(pair.charAt(0)).length, program.split(pair.charAt(1)).length, pair)
  }
})

interface Poller {
  readonly auth: { readonly apiKeyName: string }
  readonly request: { readonly apiEndpoint: string; readonly queryParameters: Record<string, string> }
  readonly paging: Record<'nextPageParaName' | 'nextPageTokenJsonPath' | 'hasNextFlagJsonPath', string>
  readonly response: { readonly eventsJsonPaths: readonly string[] }
  readonly dcrConfig: { readonly streamName: string }
}

t.test('the poller of Sentinel reads each change once, over polls, into columns that fit', async (t) => {
  const [connection = '', rule = ''] = take(t, 'Microsoft Sentinel', 'json', 2)
  const { auth, request, paging, response, dcrConfig } = (JSON.parse(connection) as { properties: Poller }).properties
  let token: string | undefined
  const poll = async (limit: string): Promise<unknown[]> => {
    const events: unknown[] = []
    for (let more = true; more;) {
      const query = new URLSearchParams({ ...request.queryParameters, limit })
      if (token !== undefined) query.set(paging.nextPageParaName, token)
      const res = await ask(`${request.apiEndpoint}?${query.toString()}`, { [auth.apiKeyName]: key })
      t.equal(res.status, 200)
      const body: unknown = await res.json()
      events.push(...(atPath(body, response.eventsJsonPaths[0] ?? '') as unknown[]))
      token = atPath(body, paging.nextPageTokenJsonPath) as string
      more = atPath(body, paging.hasNextFlagJsonPath) as boolean
    }
    return events
  }
  const { changes }: Changes = await client.listChanges({ limit: 5_000 })
  t.ok(changes.length > 20)
  t.same(await poll('20'), changes)
  t.same(await poll(request.queryParameters['limit'] ?? ''), [])

  const { streamDeclarations, dataFlows } = JSON.parse(rule) as {
    streamDeclarations: Record<string, { columns: { name: string; type: string }[] }>
    dataFlows: { streams: string[]; transformKql: string }[]
  }
  const columns = streamDeclarations[dcrConfig.streamName]?.columns ?? []
  t.same(
    columns.map(({ name }) => name),
    Object.keys(changes[0] ?? {})
  )
  t.same(dataFlows[0]?.streams, [dcrConfig.streamName])
  const projected = /project (.*)$/
    .exec(dataFlows[0]?.transformKql ?? '')?.[1]
    ?.match(/\b(?!TimeGenerated|todatetime)\w+/g)
  t.same(new Set(projected), new Set(columns.map(({ name }) => name)))
})

t.test('Logic Apps starts a run, and follows its address until it has ended', async (t) => {
  const [text = ''] = take(t, 'Logic Apps, Power Automate, Sentinel playbooks', 'json', 1)
  const actions = JSON.parse(text) as {
    Read_now: { inputs: { method: string; uri: string; body: object; authentication: { value: string } } }
    Succeeded: { expression: { and: [{ equals: [string, string] }] } }
  }
  const { method, uri, body, authentication } = actions.Read_now.inputs
  t.equal(authentication.value, "@{concat('Bearer ', parameters('seriesKey'))}")
  const headers = { authorization: `Bearer ${key}` }
  let res = await fetch(here(uri), {
    method,
    headers: { ...headers, 'content-type': 'application/json' },
    body: JSON.stringify(body)
  })
  t.equal(res.status, 202)
  while (res.status === 202) {
    await res.body?.cancel()
    const location = res.headers.get('location') ?? ''
    t.match(location, /^http:\/\//)
    res = await fetch(location, { headers })
  }
  t.equal(res.status, 200)
  const [field, wanted] = actions.Succeeded.expression.and[0].equals
  const [, name = ''] = /^@body\('Read_now'\)\?\['(\w+)'\]$/.exec(field) ?? []
  t.equal(((await res.json()) as Record<string, unknown>)[name], wanted)
})

interface SwaggerSchema {
  readonly $ref?: string
  readonly type?: string
  readonly properties?: Readonly<Record<string, SwaggerSchema>>
  readonly items?: SwaggerSchema
}

t.test('XSOAR finds each list by its name, and what tells its items apart', async (t) => {
  const [text = ''] = take(t, 'Cortex XSOAR', 'sh', 1)
  const cwd = t.testdir()
  const [download = ''] = text.split('\n')
  t.equal((await runProgram('sh', ['-c', download], { cwd, env })).status, 0)
  const { swagger, definitions } = JSON.parse(await readFile(join(cwd, 'swagger.json'), 'utf8')) as {
    swagger: string
    definitions: Record<string, SwaggerSchema>
  }
  t.equal(swagger, '2.0')
  const lists = Object.values(definitions).flatMap(({ properties = {} }) =>
    Object.entries(properties).filter(([, { type }]) => type === 'array')
  )
  const wordsAfter = (option: string): string[] => new RegExp(` ${option} '([^']+)'`).exec(text)?.[1]?.split(',') ?? []
  const roots = wordsAfter('-r').map((root) => ({ root, list: lists.find(([name]) => name === root)?.[1] }))
  t.same(
    roots.filter(({ list }) => list === undefined),
    []
  )
  const keys = new Set(wordsAfter('-u'))
  for (const { root, list } of roots) {
    const { $ref = '' } = list?.items ?? {}
    const item = definitions[$ref.replace('#/definitions/', '')] ?? list?.items
    // An annotation has no name; its time is all that it has.
    t.ok(root === 'annotations' || Object.keys(item?.properties ?? {}).some((name) => keys.has(name)), root)
  }
})

t.test(
  'Security Copilot finds a description that it reads, without a key, and sends a key where we look',
  async (t) => {
    const [text = ''] = take(t, 'Microsoft Security Copilot', 'yaml', 1)
    const { Descriptor, SkillGroups } = parse(text) as {
      Descriptor: { Authorization: { Key: string; Location: string } }
      SkillGroups: { Format: string; Settings: { OpenApiSpecUrl: string } }[]
    }
    const res = await ask(SkillGroups[0]?.Settings.OpenApiSpecUrl ?? '', {})
    const described = (await res.json()) as {
      openapi: string
      components: { securitySchemes: { apiKey: { in: string; name: string } } }
    }
    t.equal(described.openapi, '3.0.1')
    const { apiKey } = described.components.securitySchemes
    t.same(Descriptor.Authorization, { Type: 'APIKey', Key: apiKey.name, Location: 'Header', AuthScheme: '' })
    t.equal(apiKey.in, 'header')
  }
)

t.test('the line for n8n gives rows of one location', async (t) => {
  const [text = ''] = take(t, 'Shuffle, Tines, n8n', 'sh', 1)
  const { out } = await sh(t, text)
  const { series } = JSON.parse(out) as { series: object[] }
  t.equal(series.length, 30)
  t.same(Object.keys(series[0] ?? {}), ['date', 'state', 'Quarantine'])
})

t.test('Power Query asks with Basic, and finds its columns', async (t) => {
  const [text = ''] = take(t, 'Power BI, Excel', 'powerquery', 1)
  const [, base = '', path = '', query = ''] =
    /Web\.Contents\("([^"]+)", \[RelativePath = "(\w+)", Query = \[(.*?)\]\]\)/.exec(text) ?? []
  const parameters = [...query.matchAll(/(\w+) = "([^"]*)"/g)].map(([, name = '', value = '']): [string, string] => [
    name,
    value
  ])
  t.same(
    parameters.map(([name]) => name),
    ['from', 'format']
  )
  const authorization = `Basic ${Buffer.from(`excel:${key}`).toString('base64')}`
  const res = await ask(`${base}/${path}?${new URLSearchParams(parameters).toString()}`, { authorization })
  t.equal(res.status, 200)
  const [header = ''] = (await res.text()).split('\r\n')
  const [, locations = ''] = /Locations = \{(.*?)\}/.exec(text) ?? []
  const typed = [...text.matchAll(/\{"(\w+)", type/g)].map(([, name = '']) => name)
  t.equal(header, [...typed, ...locations.replaceAll('"', '').split(', ')].join(','))
})

t.test('Prometheus scrapes with a key as bearer', async (t) => {
  const [text = ''] = take(t, 'Prometheus', 'yaml', 1)
  const [job] = (
    parse(text) as {
      scrape_configs: { scheme: string; metrics_path?: string; static_configs: { targets: string[] }[] }[]
    }
  ).scrape_configs
  const target = `${job?.scheme}://${job?.static_configs[0]?.targets[0]}${job?.metrics_path ?? '/metrics'}`
  const res = await ask(target, { authorization: `Bearer ${key}` })
  t.equal(res.status, 200)
  t.match(await res.text(), /^post_delivery_build_info\{/m)
})

t.test('every address and path that the page names is there', async (t) => {
  const addresses = new Set(page.match(/https:\/\/series\.example\.org\/[\w./-]+/g))
  for (const address of addresses) {
    const { status } = await ask(address)
    t.equal(status, address.endsWith('/ingest') ? 405 : 200, address)
  }
  const paths = new Set([...page.matchAll(/`(?:GET |POST )?(\/[a-z.0-9-]+)[?`]/g)].map(([, path = '']) => path))
  t.ok(paths.size > 5)
  for (const path of paths) t.not((await ask(`${PLACEHOLDER}${path}`)).status, 404, path)
})

t.test('no link of the page leads nowhere, and no block is without a test', async (t) => {
  const links = [...page.matchAll(/\]\(([^)#:]+)\)/g)].map(([, link = '']) => link)
  t.ok(links.length > 3)
  for (const link of links) t.ok(existsSync(new URL(link, new URL('../../docs/', import.meta.url))), link)
  t.same(
    blocks.filter(({ text }) => !taken.has(text)),
    []
  )
})
