// `npm run bench -- series`: what an answer of /series costs that nobody asked for before, on a store of ten years.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pino from 'pino'
import { addDays, daysBetween } from '../src/model/day.ts'
import { buildServer } from '../src/server/app.ts'
import { openSqliteStore } from '../src/store/sqlite.ts'
import { systemClock } from '../src/system-clock.ts'
import { fillStore, quantile, whereAndWhen } from './support.ts'

const TEN_YEARS = 3_650
const REQUESTS = 400

const folder = await mkdtemp(join(tmpdir(), 'bench-'))
try {
  const path = join(folder, 'series.db')
  const stored = await fillStore(path, 'contoso', TEN_YEARS)
  const store = await openSqliteStore({ path, clock: systemClock })
  const app = await buildServer({
    store,
    clock: systemClock,
    version: 'bench',
    logger: pino({ level: 'error' }),
    ingest: {
      workspaces: ['contoso'],
      source: 'sample',
      request: () => Promise.reject(new Error('nothing is ingested here')),
      onRunEnd: () => {},
      nextRunAt: () => null,
      stale: () => null
    },
    publicUrl: null,
    auth: 'off',
    apiKeys: [],
    allowedHosts: [],
    trustProxy: [],
    corsOrigins: [],
    accessLog: false,
    ingestTimeoutMs: 180_000
  })
  const base = await app.listen({ host: '127.0.0.1', port: 0 })

  console.log(whereAndWhen())
  console.log('days  median ms  p99 ms  CPU ms  bytes')
  for (const days of [30, 365, TEN_YEARS]) {
    const count = days === TEN_YEARS ? 40 : REQUESTS
    const latest = daysBetween(stored.from, stored.to) - days + 1
    const ask = async (i: number): Promise<number> => {
      const from = addDays(stored.from, Math.floor((latest * i) / count))
      const answer = await fetch(`${base}/series?from=${from}&to=${addDays(from, days - 1)}`)
      return (await answer.arrayBuffer()).byteLength
    }
    for (let i = 0; i < 20; i++) await ask(i)
    const elapsed: number[] = []
    let bytes = 0
    const before = process.cpuUsage()
    for (let i = 0; i < count; i++) {
      const start = performance.now()
      bytes = await ask(i)
      elapsed.push(performance.now() - start)
    }
    const { user, system } = process.cpuUsage(before)
    const cpuMs = (user + system) / 1_000 / count
    const figures = [quantile(elapsed, 0.5), quantile(elapsed, 0.99), cpuMs].map((ms) => ms.toFixed(2).padStart(9))
    console.log(`${String(days).padStart(4)}${figures.join('')}  ${bytes}`)
  }
  await app.close()
  await store.close()
} finally {
  await rm(folder, { recursive: true })
}
