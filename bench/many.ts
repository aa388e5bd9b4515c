// `npm run bench -- many`: a store of 2,000 workspaces with a year each: what it takes on the disk and to fill, what one of
// them costs to ask for, and how long others wait while `/metrics`, `/status` and a picture of all are made.
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { dayOf, eachDay } from '../src/model/day.ts'
import { openSqliteStore } from '../src/store/sqlite.ts'
import { systemClock } from '../src/system-clock.ts'
import { measureBeside } from './beside.ts'
import { figure, type Figure } from './figures.ts'
import { startMeasured } from './processes.ts'
import { cellsOf, lastDays, quantile } from './support.ts'
import { SERVE } from './systems.ts'

const WORKSPACES = Number(process.env['MANY'] ?? 2_000)
const DAYS = 365
const CELLS = 25
const PORT = 18_083
const BASE = `http://127.0.0.1:${PORT}`
/** What is asked for of all workspaces, one after the other, by the name of its figures. */
const OF_ALL = {
  'the first /metrics': '/metrics',
  '/metrics again': '/metrics',
  '/status': '/status',
  '/locations': '/locations'
}
const SERIES = `${BASE}/series?workspace=customer-1`

export async function many(): Promise<Figure[]> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-'))
  try {
    const file = join(folder, 'series.db')
    const filled = await fill(file)
    const { size } = await stat(file)
    const server = await startMeasured(SERVE, {
      url: `${BASE}/health/ready`,
      env: {
        STORE_URL: `sqlite:${file}`,
        SOURCE: 'log-analytics',
        WORKSPACES: 'customer-0=11111111-2222-3333-4444-555555555555',
        INGEST_ON_START: 'false',
        INGEST_CRON: '',
        LOG_LEVEL: 'warn',
        RATE_LIMIT_PER_MINUTE: '1000000',
        PORT: String(PORT)
      }
    })
    try {
      await ask('/series?workspace=customer-7')
      const one = await eachMs(200, (i) => ask(`/series?workspace=customer-${(i * 7) % WORKSPACES}`))
      const idle = await measureBeside(SERIES, async () => setTimeout(3_000))
      const figures = [
        figure(`${WORKSPACES} workspaces: bytes a count on the disk, with the log`, size / filled.counts, 'bytes'),
        figure(`${WORKSPACES} workspaces: filled, counts a second of CPU`, filled.counts / filled.cpuSeconds, '/s'),
        figure('30 days of one of them, asked for the first time', quantile(one, 0.5), 'ms'),
        figure(`p99 of /series beside nothing else`, quantile(idle, 0.99), 'ms')
      ]
      for (const [wanted, path] of Object.entries(OF_ALL)) {
        let took = 0
        const elapsed = await measureBeside(
          SERIES,
          async () => (took = await eachMs(1, () => ask(path)).then(([ms]) => ms ?? 0))
        )
        figures.push(
          figure(`${wanted}, of all workspaces`, took, 'ms'),
          figure(`p99 of /series beside ${wanted}`, quantile(elapsed, 0.99), 'ms', 10),
          figure(`longest answer beside ${wanted}`, Math.max(...elapsed), 'ms')
        )
      }
      return figures
    } finally {
      await server.stop()
    }
  } finally {
    await rm(folder, { recursive: true })
  }
}

async function fill(path: string): Promise<{ counts: number; cpuSeconds: number }> {
  const store = await openSqliteStore({ path, clock: systemClock })
  const readings = eachDay(lastDays(DAYS)).map((day) => ({ day, cells: cellsOf(day) }))
  const terms = { today: dayOf(systemClock.now()), lagDays: 7, ranged: true, replace: false }
  const began = process.cpuUsage()
  for (let i = 0; i < WORKSPACES; i++) {
    await store.applyImport(await store.ensureWorkspace(`customer-${i}`), readings, terms)
  }
  await store.checkpoint()
  const { user, system } = process.cpuUsage(began)
  await store.close()
  return { counts: WORKSPACES * DAYS * CELLS, cpuSeconds: (user + system) / 1e6 }
}

async function ask(path: string): Promise<void> {
  const answer = await fetch(`${BASE}${path}`)
  await answer.arrayBuffer()
  if (answer.status !== 200) throw new Error(`${path} answered ${answer.status}`)
}

async function eachMs(times: number, work: (i: number) => Promise<unknown>): Promise<number[]> {
  const elapsed: number[] = []
  for (let i = 0; i < times; i++) {
    const began = performance.now()
    await work(i)
    elapsed.push(performance.now() - began)
  }
  return elapsed
}
