// The program, serving a store of the test's and a sample as its source, while somebody takes the store away from it.
import { setTimeout as wait } from 'node:timers/promises'
import type { Test } from 'tap'
import { start } from '../command.ts'

export interface Answer {
  readonly status: number
  readonly body: Record<string, unknown>
}

export interface Serving {
  get(path: string): Promise<Answer>
  /** `ok`, `degraded`, or the status of a refusal. */
  ready(): Promise<unknown>
  /** How a run that is asked for now ends: its id and status, or why it was refused. */
  ingest(): Promise<{ readonly id: string; readonly status: string }>
  stop(): Promise<void>
}

export async function serveStore(t: Test, folder: string, path: string): Promise<Serving> {
  const env = { STORE_URL: `sqlite:${path}`, INGEST_CRON: '', INGEST_ON_START: 'false', PORT: '0' }
  const command = start(folder, ['serve'], { ...env, RATE_LIMIT_PER_MINUTE: '100000' })
  t.teardown(() => command.child.kill('SIGKILL'))
  const rest = await command.seen('listening at ')
  const url = rest.slice(0, rest.indexOf('"'))
  const ask = async (path: string, init?: RequestInit): Promise<Answer> => {
    const answer = await fetch(`${url}${path}`, init)
    return { status: answer.status, body: (await answer.json()) as Record<string, unknown> }
  }
  return {
    get: (path) => ask(path),
    async ready() {
      const { status, body } = await ask('/health/ready')
      return status === 200 ? body['status'] : status
    },
    async ingest() {
      const asked = await ask('/ingest', { method: 'POST' })
      const id = String(asked.body['id'])
      if (asked.status !== 202) return { id, status: String(asked.body['code']) }
      for (;;) {
        const { status, body } = await ask(`/runs/${id}`)
        // A run that could not even be recorded is nowhere.
        if (status !== 202) return { id, status: String(body['status'] ?? body['code']) }
        await wait(20)
      }
    },
    async stop() {
      command.child.kill('SIGTERM')
      await command.ended
    }
  }
}

/** Asks again until it is so; false where that takes longer. */
export async function within(ms: number, isSo: () => Promise<boolean>): Promise<boolean> {
  for (const end = Date.now() + ms; ;) {
    if (await isSo()) return true
    if (Date.now() > end) return false
    await wait(100)
  }
}
