// `npm run bench -- pull`: whether /series keeps answering for one workspace while a run reads 100,000 rows of another
// from Log Analytics, which a server on this machine plays.
import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { addDays, dayOf, eachDay, type Day } from '../src/model/day.ts'
import { systemClock } from '../src/system-clock.ts'
import { startAzure, type Reply } from '../test/support/azure-server.ts'
import { fillStore, quantile, whereAndWhen } from './support.ts'

const ROWS = 100_000
const RETENTION_DAYS = 30
const PORT = 18_081
const BASE = `http://127.0.0.1:${PORT}`
const REQUESTS_PER_SECOND = 100

const today = dayOf(systemClock.now())
const folder = await mkdtemp(join(tmpdir(), 'bench-'))
const ends: (() => unknown)[] = []
try {
  const azure = await startAzure({ teardown: (end) => ends.push(end) }, systemClock)
  azure.events = eachDay({ from: addDays(today, -40), to: today }).map((day) => ({ at: `${day}T00:00:00Z` }))
  const written = new Map(
    eachDay({ from: addDays(today, -RETENTION_DAYS), to: today }).map((day) => [day, rowsOf(day)])
  )
  const columns = JSON.stringify([
    { name: 'Day', type: 'datetime' },
    ...['DeliveryLocation', 'ActionType', 'ActionTrigger', 'ActionResult'].map((name) => ({ name, type: 'string' })),
    { name: 'Count', type: 'long' }
  ])
  const many: Reply = (_request, response, right) => {
    const kql = azure.requests.at(-1)?.kql ?? ''
    if (kql.includes('startofday(Arrival)')) return response.end(JSON.stringify(right()))
    const [from = '', to = ''] = [
      ...kql.matchAll(/EventTime >=? ?datetime\((\S{10})|EventTime < datetime\((\S{10})/g)
    ].map(([, first, end]) => first ?? end ?? '')
    const rows = [...written].flatMap(([day, text]) => (day >= from && day < to ? [text] : []))
    return response.end(`{"tables":[{"name":"PrimaryResult","columns":${columns},"rows":[${rows.join(',')}]}]}`)
  }
  azure.replies.push(...Array.from({ length: 1000 }, () => many))

  const store = join(folder, 'series.db')
  await fillStore(store, 'fabrikam', 365)
  const child = spawn(process.execPath, ['src/cli.ts', 'serve'], {
    cwd: join(import.meta.dirname, '..'),
    stdio: ['ignore', 'ignore', 'inherit'],
    env: {
      ...process.env,
      ...(await azure.environment(folder)),
      STORE_URL: `sqlite:${store}`,
      SOURCE: 'log-analytics',
      WORKSPACES: 'contoso=11111111-2222-3333-4444-555555555555',
      SOURCE_RETENTION_DAYS: String(RETENTION_DAYS),
      INGEST_ON_START: 'false',
      INGEST_CRON: '',
      LOG_LEVEL: 'warn',
      RATE_LIMIT_PER_MINUTE: '1000000',
      PORT: String(PORT)
    }
  })
  const ended = new Promise((resolve) => child.once('exit', resolve))
  ends.push(() => child.kill('SIGTERM') && ended)
  await untilReady()

  console.log(whereAndWhen())
  console.log('                          answers  median ms  p99 ms  most ms')
  await measure('nothing else going on', () => setTimeout(3000))
  await measure(`first run, ${ROWS} rows`, () => run())
  await measure('the same rows once more', () => run())
} finally {
  for (const end of ends.toReversed()) await end()
  await rm(folder, { recursive: true })
}

/** Asks at a steady rate, whether the last answer is there or not, while something goes on. */
async function measure(what: string, during: () => Promise<unknown>): Promise<void> {
  const elapsed: number[] = []
  const asked: Promise<void>[] = []
  const over = new AbortController()
  const end = during().finally(() => over.abort())
  const began = performance.now()
  for (let n = 1; !over.signal.aborted; n++) {
    asked.push(ask(elapsed))
    await setTimeout(Math.max(0, began + (n * 1000) / REQUESTS_PER_SECOND - performance.now()))
  }
  await end
  await Promise.all(asked)
  const figures = [quantile(elapsed, 0.5), quantile(elapsed, 0.99), Math.max(...elapsed)]
  console.log(
    `${what.padEnd(26)}${String(elapsed.length).padStart(7)}${figures.map((ms) => ms.toFixed(1).padStart(10)).join('')}`
  )
}

async function ask(elapsed: number[]): Promise<void> {
  const start = performance.now()
  const answer = await fetch(`${BASE}/series?workspace=fabrikam`)
  await answer.arrayBuffer()
  if (answer.status !== 200) throw new Error(`/series answered ${answer.status}`)
  elapsed.push(performance.now() - start)
}

/** One run, from its request to its record. */
async function run(): Promise<void> {
  const range = { from: addDays(today, 1 - RETENTION_DAYS), to: today }
  const asked = await fetch(`${BASE}/ingest`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(range)
  })
  const place = asked.headers.get('Location')
  if (asked.status !== 202 || place === null) throw new Error(`/ingest answered ${asked.status}: ${await asked.text()}`)
  for (;;) {
    const answer = await fetch(place)
    const record: { status?: string; daysStored?: number; error?: object } = JSON.parse(await answer.text())
    if (answer.status === 200 && record.status === 'succeeded') return
    if (answer.status === 200) throw new Error(`the run ended otherwise: ${JSON.stringify(record)}`)
    await setTimeout(20)
  }
}

async function untilReady(): Promise<void> {
  for (let tries = 0; tries < 600; tries++) {
    if ((await fetch(`${BASE}/health/ready`).catch(() => null))?.status === 200) return
    await setTimeout(50)
  }
  throw new Error('not ready within 30 s')
}

/** The rows of one day as they go over the wire: as many as there may be combinations of labels. */
function rowsOf(day: Day): string {
  const rows = Array.from({ length: Math.ceil(ROWS / RETENTION_DAYS) }, (_, i) => [
    `${day}T00:00:00Z`,
    ['Quarantine', 'Junk folder', 'Inbox/Folder', 'Deleted items'][i % 4],
    `Type ${i % 50}`,
    `Trigger ${i % 23}`,
    `Result ${Math.floor(i / 50)}`,
    1 + (i % 7)
  ])
  return JSON.stringify(rows).slice(1, -1)
}
