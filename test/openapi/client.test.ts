import { readFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { setImmediate as turn } from 'node:timers/promises'
import t from 'tap'
import { createClient, ProblemError, type Changes, type IngestRun, type Series } from '../../openapi/client.ts'
import { clientText } from '../../scripts/client.ts'
import { describe } from '../../src/server/openapi.ts'
import { version } from '../../src/version.ts'
import { cell, newService, type Service, type ServiceOptions } from '../support/service.ts'

const FILE = new URL('../../openapi/client.ts', import.meta.url)

/** As others reach it. */
async function listen({ app }: Service): Promise<string> {
  await app.listen({ host: '127.0.0.1', port: 0 })
  return `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`
}

async function newListening(
  t: Parameters<typeof newService>[0],
  options: ServiceOptions = {}
): Promise<Service & { baseUrl: string }> {
  const service = await newService(t, options)
  return { ...service, baseUrl: await listen(service) }
}

t.test('the client that the package carries is that of the routes', async (t) => {
  const { app } = await newService(t, { version })
  t.equal(await readFile(FILE, 'utf8'), clientText(describe(app)), 'npm run openapi writes it anew')
})

t.test('the series comes with its types, in the form that was asked for', async (t) => {
  const { baseUrl, fill } = await newListening(t)
  await fill('default', { '2026-11-20': [cell('Quarantine', 7)], '2026-11-21': [] })
  const client = createClient({ baseUrl })
  const range = { from: '2026-11-20', to: '2026-11-22' }

  const series: Series = await client.getSeries({ ...range, location: ['Quarantine', 'Inbox'] })
  const counts: (number | null | undefined)[] = series.series.map((row) => row.Quarantine)
  t.same(counts, [7, 0, null])
  t.same(Object.keys(series.series[0] ?? {}), ['date', 'state', 'Quarantine', 'Inbox'])

  const csv: string = await client.getSeries({ ...range, format: 'csv', by: 'total' })
  t.equal(csv, 'date,state,total\r\n2026-11-20,provisional,7\r\n2026-11-21,provisional,0\r\n2026-11-22,missing,\r\n')

  // @ts-expect-error there is no such location
  await t.rejects(client.getSeries({ location: ['Spam'] }), { status: 400 })
})

t.test('a loop over pages sees each change once', async (t) => {
  const { baseUrl, fill } = await newListening(t)
  await fill('default', { '2026-11-20': [cell('Inbox', 1)], '2026-11-21': [cell('Inbox', 2)], '2026-11-22': [] })
  const client = createClient({ baseUrl: `${baseUrl}/` })
  const dates: string[] = []
  for (let since = '', more = true; more;) {
    const page: Changes = await client.listChanges({ since, limit: 1 })
    dates.push(...page.changes.map(({ date }) => date))
    ;({ next: since, more } = page)
  }
  t.same(dates.toSorted(), ['2026-11-20', '2026-11-21', '2026-11-22'])
})

t.test('a run is asked for and waited for', async (t) => {
  const { baseUrl } = await newListening(t, { workspaces: ['sample'] })
  const client = createClient({ baseUrl })
  let run: IngestRun = await client.startIngest({ from: '2026-11-20', to: '2026-11-21' })
  t.equal(run.finishedAt, null)
  while (run.finishedAt === null) {
    await turn()
    run = await client.getRun(run.id)
  }
  t.match(run, { status: 'succeeded', daysStored: 2 })
  t.same((await client.listRuns({ workspace: 'sample' })).runs, [run])
})

t.test('a refusal is an error that holds the problem', async (t) => {
  const { baseUrl } = await newListening(t, { auth: 'on', apiKeys: [{ name: 'a', key: 'k'.repeat(32) }] })
  const refused: unknown = await createClient({ baseUrl })
    .getStatus()
    .catch((err: unknown) => err)
  t.type(refused, ProblemError)
  t.match(refused, { status: 401, problem: { code: 'unauthorized' }, retryAfterSeconds: null })
  t.match(await createClient({ baseUrl, key: 'k'.repeat(32) }).getStatus(), { service: 'post-delivery-series' })
})

t.test('an answer of something between is an error without a problem, which says how long to wait', async (t) => {
  const client = createClient({
    baseUrl: 'https://soc.example',
    fetch: async () => new Response('<html>', { status: 502, headers: { 'retry-after': '7' } })
  })
  await t.rejects(client.getStatus(), { status: 502, problem: null, retryAfterSeconds: 7, message: /502/ })
})

t.test('a call ends with its signal', async (t) => {
  const { baseUrl } = await newListening(t)
  await t.rejects(createClient({ baseUrl }).getStatus({ signal: AbortSignal.abort() }), { name: 'AbortError' })
})

t.test('every operation calls its own route, under the path prefix', async (t) => {
  const asked: string[] = []
  const fetch = async (url: unknown, init?: RequestInit): Promise<Response> => {
    asked.push(`${init?.method} ${String(url)}`)
    return Response.json({})
  }
  const client = createClient({ baseUrl: 'https://soc.example/mail', fetch })
  await client.getRun('a/b')
  await client.listLabels({ by: 'actionType' })
  await client.getSeries({ actionType: ['a b', 'c'] })
  await client.startIngest()
  t.same(asked, [
    'GET https://soc.example/mail/runs/a%2Fb',
    'GET https://soc.example/mail/labels?by=actionType',
    'GET https://soc.example/mail/series?actionType=a+b&actionType=c',
    'POST https://soc.example/mail/ingest'
  ])
})
