// Several processes' worth of shared ingesters on one database, in one process, and a source that knows what is asked of
// it at the same time.
import { setTimeout as sleep } from 'node:timers/promises'
import type { Test } from 'tap'
import type { Ingester } from '../../src/ingest/ingester.ts'
import { openSampleSource } from '../../src/ingest/sample.ts'
import { createSharedIngester, type SharedIngesterOptions } from '../../src/ingest/shared/ingester.ts'
import type { EventSource } from '../../src/ingest/source.ts'
import type { IngestRun } from '../../src/model/run.ts'
import type { SeriesStore } from '../../src/model/store.ts'
import { openPostgresStore } from '../../src/store/postgres.ts'
import { systemClock as clock } from '../../src/system-clock.ts'

export interface Peer {
  readonly workspaces: readonly string[]
  readonly ingester: Ingester
  readonly store: SeriesStore
  /** Runs that it has worked on to their end. */
  readonly ended: IngestRun[]
  readonly logged: string[]
}

export interface Fleet {
  /** Names in the order in which their bounds were asked for. */
  readonly asked: string[]
  /** How many questions there have been at the same time, at most. */
  mostAtOnce: number
  /** How long an answer takes. */
  answerMs: number
  /** Before it is there, nothing is answered. */
  gate: Promise<void>
  /** One more process. */
  peer(options?: Partial<SharedIngesterOptions>): Promise<Peer>
}

export function openFleet(t: Test, url: string, names: readonly string[]): Fleet {
  let atOnce = 0
  const terms = { clock, lagDays: 7, retentionDays: 30 }
  const sample = openSampleSource(terms)
  const fleet: Fleet = {
    asked: [],
    mostAtOnce: 0,
    answerMs: 20,
    gate: Promise.resolve(),
    async peer(options) {
      const store = await openPostgresStore({ url, clock })
      const ended: IngestRun[] = []
      const logged: string[] = []
      const note = (fields: object, message: string): void => {
        const err: unknown = 'err' in fields ? fields.err : ''
        logged.push(`${message} ${err instanceof Error ? err.message : ''}`)
      }
      const ingester = createSharedIngester({
        ...terms,
        store,
        url,
        log: { info: () => {}, warn: note, error: note },
        workspaces: names.map((name) => ({ name, id: `id of ${name}` })),
        identity: 'test',
        source: 'sample',
        openSource,
        timeoutMs: 180_000,
        takes: 'all',
        leaves: 'for others',
        ...options
      })
      ingester.onRunEnd((run) => void ended.push(run))
      t.teardown(async () => {
        await ingester.stop()
        await store.close()
      })
      return { workspaces: names, ingester, store, ended, logged }
    }
  }

  const answering = async <T>(signal: AbortSignal, answer: () => Promise<T>): Promise<T> => {
    fleet.mostAtOnce = Math.max(fleet.mostAtOnce, ++atOnce)
    try {
      await Promise.race([fleet.gate, aborted(signal)])
      await sleep(fleet.answerMs, undefined, { signal }).catch(() => signal.throwIfAborted())
      return await answer()
    } finally {
      atOnce--
    }
  }

  const openSource: SharedIngesterOptions['openSource'] = ({ mayAsk }): EventSource => ({
    name: 'sample',
    fetchBounds(workspace, signal) {
      mayAsk()
      fleet.asked.push(workspace.name)
      return answering(signal, () => sample.fetchBounds(workspace, signal))
    },
    fetchDays(workspace, range, signal) {
      mayAsk()
      return answering(signal, () => sample.fetchDays(workspace, range, signal))
    },
    close: async () => {}
  })
  return fleet
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
}

/** Until it holds; what never does fails by the time limit of the test. */
export async function until(holds: () => boolean | Promise<boolean>, lookMs = 20): Promise<void> {
  while (!(await holds())) await sleep(lookMs)
}
