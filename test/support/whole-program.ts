// The whole program as processes of their own, at a time that the test sets, before an Azure on this machine that
// executes the questions' KQL over a list of events.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Test } from 'tap'
import { startAzure, type AzureServer, type SeenRequest } from './azure-server.ts'
import type { FakeEvent, Result } from './azure-table.ts'
import { run, start, type Command, type Ended } from './command.ts'
import { instantOf, runKql, textOf } from './kql-engine.ts'
import { shownAt, tableOf } from './mail-events.ts'

const TABLE = 'EmailPostDeliveryEvents'
const PRELOAD = join(import.meta.dirname, 'shifted-clock.ts')

export interface Row {
  readonly date: string
  readonly state: string
  readonly [column: string]: string | number | null
}

export interface Program {
  readonly azure: AzureServer
  /** All events that ever happen; those that have not arrived, or are forgotten, are not shown. */
  events: readonly FakeEvent[]
  /** How many days the source keeps. */
  keepDays: number
  /** How often the table was read since the start, by what the question asks for, and of how many events the labels. */
  readonly scans: { days: number; bounds: number; labelled: number }
  now(): Date
  /** Moves the time of all that runs, or of these processes, and of what starts from now on. */
  setTime(instant: string, of?: readonly Served[]): Promise<void>
  run(words: readonly string[], env?: Record<string, string>): Promise<Ended>
  serve(env?: Record<string, string>): Promise<Served>
}

export interface Answer {
  readonly status: number
  readonly body: Record<string, unknown>
}

export interface Served {
  readonly command: Command
  get(path: string): Promise<Answer>
  post(path: string, body: object): Promise<Answer>
  /** One run of a workspace, from its request to its record. */
  ingest(workspace: string): Promise<RunRecord>
  stop(): Promise<Ended>
}

export interface RunRecord {
  readonly status: string
  readonly daysStored: number
  readonly error?: { readonly code: string; readonly message: string }
}

export async function openProgram(t: Test, settings: Record<string, string>): Promise<Program> {
  const folder = t.testdir()
  const clockFile = join(folder, 'clock')
  let aheadMs = 0
  const now = (): Date => new Date(Date.now() + aheadMs)
  const azure = await startAzure(t, { now, after: () => Promise.reject(new Error('nobody waits by this clock')) })
  const env = {
    SOURCE: 'log-analytics',
    INGEST_CRON: '',
    INGEST_ON_START: 'false',
    PORT: '0',
    RATE_LIMIT_PER_MINUTE: '100000',
    ...(await azure.environment(folder)),
    NODE_OPTIONS: `--import=${PRELOAD}`,
    TEST_CLOCK_FILE: clockFile,
    ...settings
  }
  const serving = new Set<Served>()

  const program: Program = {
    azure,
    events: [],
    keepDays: 90,
    scans: { days: 0, bounds: 0, labelled: 0 },
    now,
    async setTime(instant, of = [...serving]) {
      aheadMs = Date.parse(instant) - Date.now()
      writeFileSync(clockFile, String(aheadMs))
      for (const { command, get } of of) {
        command.child.kill('SIGWINCH')
        while (String((await get('/status')).body['now']) < instant);
      }
    },
    run: (words, more) => run(folder, words, { ...env, ...more }),
    async serve(more) {
      const command = start(folder, ['serve'], { ...env, ...more })
      t.teardown(() => command.child.kill('SIGKILL'))
      const rest = await command.seen('listening at ')
      const served: Served = {
        ...talkTo(command, rest.slice(0, rest.indexOf('"'))),
        stop() {
          serving.delete(served)
          command.child.kill('SIGTERM')
          return command.ended
        }
      }
      serving.add(served)
      return served
    }
  }
  azure.execute = (question) => execute(question, program)
  return program
}

/** What Azure answers to the question now. */
function execute({ kql, path, timespan }: SeenRequest, program: Program): Result {
  const now = program.now()
  const hunting = path.startsWith('/v1.0/')
  const shown = shownAt(program.events, now, program.keepDays).filter(({ at, generated = at }) => {
    if (hunting) return true
    const [since = '', until = ''] = timespan.split('/')
    return generated >= since && generated < until
  })
  const table = tableOf(shown, hunting ? 'hunting' : 'workspace')
  const { columns, rows, scans } = runKql(kql, { [TABLE]: table }, instantOf(now.toISOString()) ?? 0n)
  program.scans[kql.includes('DeliveryLocation') ? 'days' : 'bounds'] += scans
  const count = columns.findIndex(([name]) => name === 'Count')
  if (count >= 0) program.scans.labelled += rows.reduce((sum, row) => sum + Number(row[count]), 0)
  return {
    columns: columns as Result['columns'],
    rows: rows.map((row) =>
      row.map((value) => (typeof value === 'bigint' ? textOf(value) : (value as string | number)))
    )
  }
}

function talkTo(command: Command, url: string): Omit<Served, 'stop'> {
  const ask = async (path: string, init: RequestInit = {}): Promise<Answer> => {
    const answer = await fetch(`${url}${path}`, init)
    return { status: answer.status, body: (await answer.json()) as Record<string, unknown> }
  }
  const get: Served['get'] = (path) => ask(path)
  const post: Served['post'] = (path, body) =>
    ask(path, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) })
  return {
    command,
    get,
    post,
    async ingest(workspace) {
      const { status, body } = await post('/ingest', { workspace })
      const { id } = body
      if (typeof id !== 'string') throw new Error(`/ingest answered ${status}`)
      await command.seen(`"run":{"id":"${id}"`)
      return (await get(`/runs/${id}`)).body as unknown as RunRecord
    }
  }
}
