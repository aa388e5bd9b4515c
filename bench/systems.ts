// The systems that are asked the same: ours, and its peers, each on a port of its own and with the same counts.
import { execFileSync } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { LOCATIONS, locationOf } from '../src/model/cube.ts'
import { eachDay, MS_PER_DAY, numberOfDay, type DayRange } from '../src/model/day.ts'
import { has, startMeasured, type Running } from './processes.ts'
import { cellsOf } from './support.ts'

export interface System {
  readonly name: string
  readonly port: number
  /** Where it answers a range of days. */
  url(range: DayRange): string
  readonly headers: Readonly<Record<string, string>>
  /** Resolves when it answers that. */
  start(range: DayRange): Promise<Running>
}

/** The settings of a service of ours on a store: with keys, and with a limit that nobody reaches. */
export function settingsOf(store: string, port: number): NodeJS.ProcessEnv {
  return {
    STORE_URL: `sqlite:${store}`,
    WORKSPACES: 'contoso=11111111-2222-3333-4444-555555555555',
    SOURCE: 'log-analytics',
    INGEST_ON_START: 'false',
    INGEST_CRON: '',
    LOG_LEVEL: 'info',
    AUTH: 'on',
    RATE_LIMIT_PER_MINUTE: '100000000',
    PORT: String(port)
  }
}

export const SERVE = [process.execPath, 'bin/post-delivery-series.mjs', 'serve']

const ofSeries =
  (port: number) =>
  ({ from, to }: DayRange): string =>
    `http://127.0.0.1:${port}/series?from=${from}&to=${to}`

export function ours(store: string, key: string, port: number): System {
  const url = ofSeries(port)
  const headers = { Authorization: `Bearer ${key}` }
  return {
    name: 'ours',
    port,
    url,
    headers,
    start: (range) => startMeasured(SERVE, { env: settingsOf(store, port), url: url(range), headers })
  }
}

/** A peer of ours in Node, with a file for its argument. */
export function peer(name: string, script: string, file: string, port: number): System {
  const url = ofSeries(port)
  const words = [process.execPath, `bench/${script}.ts`, String(port), file]
  return { name, port, url, headers: {}, start: (range) => startMeasured(words, { url: url(range) }) }
}

/** What Prometheus and its like are asked: all locations, a point for each day. */
const ofQueryRange =
  (port: number) =>
  ({ from, to }: DayRange): string =>
    `http://127.0.0.1:${port}/api/v1/query_range?query=post_delivery_events&start=${secondsOf(from)}&end=${secondsOf(to)}&step=86400`

/** Undefined where it is not installed. */
export async function prometheus(folder: string, range: DayRange, port: number): Promise<System | undefined> {
  if (!has('prometheus') || !has('promtool')) return undefined
  const [text, data, config] = [join(folder, 'open.txt'), join(folder, 'prometheus'), join(folder, 'empty.yml')]
  await writeFile(text, `# TYPE post_delivery_events gauge\n${samplesOf(range, secondsOf)}# EOF\n`)
  await mkdir(data)
  await writeFile(config, '')
  execFileSync('promtool', ['tsdb', 'create-blocks-from', '--max-block-duration=8760h', 'openmetrics', text, data], {
    stdio: 'ignore'
  })
  const url = ofQueryRange(port)
  const words = ['prometheus', `--config.file=${config}`, `--storage.tsdb.path=${data}`]
  words.push('--storage.tsdb.retention.time=20y', `--web.listen-address=127.0.0.1:${port}`, '--log.level=error')
  return {
    name: 'Prometheus query_range',
    port,
    url,
    headers: {},
    start: (asked) => startMeasured(words, { url: url(asked) })
  }
}

/** Undefined where it is not installed. */
export async function victoriaMetrics(folder: string, range: DayRange, port: number): Promise<System | undefined> {
  if (!has('victoria-metrics')) return undefined
  const url = ofQueryRange(port)
  const words = ['victoria-metrics', `-storageDataPath=${join(folder, 'victoria')}`, '-retentionPeriod=20y']
  words.push(`-httpListenAddr=127.0.0.1:${port}`, '-loggerLevel=ERROR')
  const begun = await startMeasured(words, { url: `http://127.0.0.1:${port}/health` })
  const body = samplesOf(range, (day) => numberOfDay(day) * MS_PER_DAY)
  await fetch(`http://127.0.0.1:${port}/api/v1/import/prometheus`, { method: 'POST', body })
  await fetch(`http://127.0.0.1:${port}/internal/force_flush`)
  await begun.stop()
  return {
    name: 'VictoriaMetrics query_range',
    port,
    url,
    headers: {},
    start: (asked) => startMeasured(words, { url: url(asked) })
  }
}

function secondsOf(day: DayRange['from']): number {
  return (numberOfDay(day) * MS_PER_DAY) / 1_000
}

function samplesOf(range: DayRange, timeOf: (day: DayRange['from']) => number): string {
  const days = eachDay(range).map((day) => ({ time: timeOf(day), cells: cellsOf(day) }))
  return LOCATIONS.flatMap((location) =>
    days.map(({ time, cells }) => {
      const sum = cells.reduce(
        (all, each) => all + (locationOf(each.deliveryLocation) === location ? each.count : 0),
        0
      )
      return `post_delivery_events{location="${location}"} ${sum} ${time}\n`
    })
  ).join('')
}
