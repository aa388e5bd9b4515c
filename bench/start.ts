// `npm run bench -- start`: from the command to the first answer on a store of ten years, and what the process takes of
// memory: idle, and under load.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { addDays, daysBetween } from '../src/model/day.ts'
import { figure, type Figure } from './figures.ts'
import { loadServer } from './load.ts'
import { startMeasured } from './processes.ts'
import { addKey, fillStore, lastDays, quantile } from './support.ts'
import { ours, settingsOf } from './systems.ts'

const STARTS = 5
const PORT = 18_080
const WINDOWS = 2_000

export async function start(): Promise<Figure[]> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-'))
  try {
    const path = join(folder, 'series.db')
    const all = await fillStore(path, 'contoso', 3_650)
    const headers = { Authorization: `Bearer ${await addKey(path)}` }
    const url = `http://127.0.0.1:${PORT}/series`
    const elapsed: number[] = []
    for (let i = 0; i < STARTS; i++) {
      const began = performance.now()
      const npm = ['npm', 'start', '--silent']
      const running = await startMeasured(npm, { env: settingsOf(path, PORT), url, headers, everyMs: 5 })
      elapsed.push(performance.now() - began)
      await running.stop()
    }
    const system = ours(path, headers.Authorization.slice('Bearer '.length), PORT)
    const range = lastDays(30)
    const server = await system.start(range)
    await setTimeout(3_000)
    const idle = server.rssMb()
    const asked = { url: system.url(range), headers, seconds: 5 }
    await loadServer(server, { ...asked, connections: 16 })
    const loaded = server.rssMb()
    await askRandom(system.url, headers, daysBetween(all.from, all.to), all.from)
    const random = server.rssMb()
    await server.stop()
    return [
      figure('from npm start to the first answer', quantile(elapsed, 0.5), 'ms', 1_000),
      figure('memory: idle', idle, 'MB', 120),
      figure('memory: under load of 16 connections', loaded, 'MB', 160),
      figure('memory: after 2,000 random windows over 64 connections', random, 'MB', 200)
    ]
  } finally {
    await rm(folder, { recursive: true })
  }
}

/** Windows that nobody asked for before, of a month to a year, over many connections at once. */
async function askRandom(
  urlOf: ReturnType<typeof ours>['url'],
  headers: Record<string, string>,
  days: number,
  first: ReturnType<typeof lastDays>['from']
): Promise<void> {
  let seed = 1
  const next = (below: number): number => {
    seed = (seed * 48_271) % 2_147_483_647
    return seed % below
  }
  let asked = 0
  const ask = async (): Promise<void> => {
    while (asked++ < WINDOWS) {
      const from = addDays(first, next(days - 365))
      const answer = await fetch(urlOf({ from, to: addDays(from, 30 + next(335)) }), { headers })
      await answer.arrayBuffer()
      if (answer.status !== 200) throw new Error(`a window was answered ${answer.status}`)
    }
  }
  await Promise.all(Array.from({ length: 64 }, ask))
}
