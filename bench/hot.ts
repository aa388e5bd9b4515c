// `npm run bench -- hot`: what a warm answer costs the processor of the server, beside peers that send the same bytes or
// hold the same counts. Several sets of fresh processes, since each has a luck of its own; within a set the systems take
// turns, a burst each. Other work on the machine only ever adds to a figure, so of the bursts the least counts, and of
// the sets the median. ROUNDS and BURSTS make it longer or shorter.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DayRange } from '../src/model/day.ts'
import { atLeast, figure, type Figure } from './figures.ts'
import { loadServer, type Loaded } from './load.ts'
import { has, type Running } from './processes.ts'
import { addKey, fillNaive, fillStore, lastDays, quantile } from './support.ts'
import { ours, peer, prometheus, victoriaMetrics, type System } from './systems.ts'

const ROUNDS = Number(process.env['ROUNDS'] ?? 3)
const BURSTS = Number(process.env['BURSTS'] ?? 4)
const CONNECTIONS = 16
const FIRST_PORT = 18_082
const PEER_TAG = '"peer"'

/** What each system costs, of its bursts the cheapest; `unchanged` is a 304, which some of them do not know. */
interface Cost {
  readonly ok: Loaded
  readonly unchanged: Loaded | undefined
}

export async function hot(): Promise<Figure[]> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-'))
  try {
    const store = join(folder, 'series.db')
    const all = await fillStore(store, 'contoso', 3_650)
    const key = await addKey(store)
    const naive = join(folder, 'naive.db')
    fillNaive(naive, all)
    const body = join(folder, 'body')
    const systems = [
      ours(store, key, FIRST_PORT),
      peer('bare Fastify', 'peer-fastify', body, FIRST_PORT + 1),
      peer('bare node:http', 'peer-http', body, FIRST_PORT + 2),
      peer('naive Fastify + SQLite', 'peer-naive', naive, FIRST_PORT + 3),
      await prometheus(folder, lastDays(365), FIRST_PORT + 4),
      await victoriaMetrics(folder, lastDays(365), FIRST_PORT + 5)
    ].filter((system) => system !== undefined)
    for (const command of ['wrk', 'prometheus', 'victoria-metrics'])
      if (!has(command)) console.log(`${command} is not installed, and left out`)
    return [...(await ofRange(30, systems, body)), ...(await ofRange(365, systems, body))]
  } finally {
    await rm(folder, { recursive: true })
  }
}

async function ofRange(days: number, systems: readonly System[], body: string): Promise<Figure[]> {
  const range = lastDays(days)
  const tag = await keepBody(systems[0], range, body)
  const rounds: (readonly Cost[])[] = []
  for (let round = 0; round < ROUNDS; round++) rounds.push(await runSet(systems, range, tag))
  const median = (name: string, of: (cost: Cost) => number): number => {
    const place = systems.findIndex((system) => system.name === name)
    return quantile(rounds.flatMap((round) => round[place] ?? []).map(of), 0.5)
  }
  const cpu = (name: string): number => median(name, ({ ok }) => ok.cpuUs)
  const notModified = (name: string): number => median(name, ({ unchanged }) => unchanged?.cpuUs ?? Number.NaN)
  const perSecond = (name: string): number => median(name, ({ ok }) => ok.perSecond)
  const what = `warm, ${days} days`
  const goals = days === 30 ? { fastify: 1.2, prometheus: 0.12, victoria: 0.35 } : YEAR
  const against = (name: string, goal: number | null): Figure[] =>
    systems.some((system) => system.name === name)
      ? [figure(`${what}: CPU against ${name}`, cpu('ours') / cpu(name), 'x', goal)]
      : []
  return [
    ...systems.map(({ name }) => figure(`${what}: CPU of ${name}`, cpu(name), 'us a request')),
    ...against('bare Fastify', goals.fastify),
    ...against('bare node:http', null),
    ...against('naive Fastify + SQLite', null),
    ...against('Prometheus query_range', goals.prometheus),
    ...against('VictoriaMetrics query_range', goals.victoria),
    atLeast(
      `${what}: requests a second against bare Fastify`,
      perSecond('ours') / perSecond('bare Fastify'),
      'x',
      0.85
    ),
    figure(`${what}, 304: CPU`, notModified('ours'), 'us a request'),
    figure(`${what}, 304: CPU against bare Fastify`, notModified('ours') / notModified('bare Fastify'), 'x', 1.15)
  ]
}

const YEAR = { fastify: 1.25, prometheus: 0.02, victoria: 0.12 }

/** The bytes of our answer, which the bare peers then send; returns its validator. */
async function keepBody(system: System | undefined, range: DayRange, file: string): Promise<string> {
  if (system === undefined) throw new Error('ours is the first of the systems')
  const running = await system.start(range)
  const headers = { ...system.headers, 'Accept-Encoding': 'identity' }
  const answer = await fetch(system.url(range), { headers })
  await writeFile(file, Buffer.from(await answer.arrayBuffer()))
  await running.stop()
  return answer.headers.get('etag') ?? ''
}

async function runSet(systems: readonly System[], range: DayRange, tag: string): Promise<Cost[]> {
  const running: Running[] = []
  try {
    for (const system of systems) running.push(await system.start(range))
    const costs: { ok: Loaded[]; unchanged: Loaded[] }[] = systems.map(() => ({ ok: [], unchanged: [] }))
    // The first one warms.
    for (let burst = 0; burst <= BURSTS; burst++) {
      for (const [i, { name, url, headers }] of systems.entries()) {
        const [server, cost] = [running[i], costs[i]]
        if (server === undefined || cost === undefined) continue
        const asked = { url: url(range), headers, connections: CONNECTIONS, seconds: 1 }
        const ok = await loadServer(server, asked)
        const known = name === 'ours' ? tag : PEER_TAG
        const bare = name === 'ours' || name.startsWith('bare')
        const unchanged = bare
          ? await loadServer(server, { ...asked, headers: { ...headers, 'If-None-Match': known } })
          : undefined
        if (burst === 0) continue
        cost.ok.push(ok)
        if (unchanged !== undefined) cost.unchanged.push(unchanged)
      }
    }
    return costs.map(({ ok, unchanged }) => ({ ok: best(ok), unchanged: unchanged[0] && best(unchanged) }))
  } finally {
    for (const server of running) await server.stop()
  }
}

function best(bursts: readonly Loaded[]): Loaded {
  return {
    requests: bursts.reduce((sum, { requests }) => sum + requests, 0),
    cpuUs: Math.min(...bursts.map(({ cpuUs }) => cpuUs)),
    perSecond: Math.max(...bursts.map(({ perSecond }) => perSecond))
  }
}
