// The API as it is served, asked without a socket. It is built once for all histories, as building takes longer than a
// history; what a process would forget when it ends is forgotten here.
import type { FastifyInstance } from 'fastify'
import { setImmediate as turn } from 'node:timers/promises'
import pino from 'pino'
import type { Clock } from '../src/model/clock.ts'
import type { SeriesStore } from '../src/model/store.ts'
import { buildServer } from '../src/server/app.ts'
import { createReplyCache } from '../src/server/reply-cache.ts'

export interface Answered {
  readonly status: number
  readonly etag: string | undefined
  readonly body: string
}

export interface Api {
  get(url: string, ifNoneMatch?: string): Promise<Answered>
  /** As if all answers that are kept had been pushed out by others. */
  forget(): void
  /** Another history begins, or another process: nothing is remembered, and this is what it serves from now on. */
  serve(parts: ServedParts): Promise<void>
  close(): Promise<void>
}

export interface ServedParts {
  readonly store: SeriesStore
  readonly clock: Clock
  /** The names of the settings. */
  readonly names: readonly string[]
  /** Of the program. */
  readonly version: string
}

export async function openApi(): Promise<Api> {
  let serving: ServedParts | undefined
  let app: FastifyInstance | undefined
  /** By version and names, which an app is built for. */
  const apps = new Map<string, FastifyInstance>()
  const now = (): ServedParts => {
    if (serving === undefined) throw new Error('nothing is served yet')
    return serving
  }
  const clock: Clock = { now: () => now().clock.now(), after: (ms, signal) => now().clock.after(ms, signal) }
  const store = storeNow(() => now().store)
  return {
    async get(url, ifNoneMatch) {
      // As a request that comes over the network does, it begins a turn of the event loop.
      await turn()
      const headers = ifNoneMatch === undefined ? {} : { 'if-none-match': ifNoneMatch }
      const reply = await app?.inject({ url, headers })
      const etag = reply?.headers.etag
      return {
        status: reply?.statusCode ?? 0,
        etag: typeof etag === 'string' ? etag : undefined,
        body: reply?.body ?? ''
      }
    },
    forget() {
      if (app !== undefined) app.replyCache = createReplyCache()
    },
    async serve(parts) {
      serving = parts
      const { names, version } = parts
      const kind = `${version} ${names.join()}`
      app = apps.get(kind) ?? (await build({ store, clock, names: [...names], version }))
      apps.set(kind, app)
      app.replyCache = createReplyCache()
    },
    async close() {
      for (const each of apps.values()) await each.close()
    }
  }
}

async function build({ names, ...parts }: ServedParts): Promise<FastifyInstance> {
  return buildServer({
    ...parts,
    ingest: {
      workspaces: names,
      source: 'sim',
      request: () => Promise.reject(new Error('runs are started otherwise here')),
      onRunEnd: () => {},
      nextRunAt: () => null,
      stale: () => null
    },
    logger: pino({ level: 'silent' }),
    publicUrl: null,
    auth: 'off',
    apiKeys: [],
    allowedHosts: [],
    trustProxy: [],
    corsOrigins: [],
    accessLog: false,
    ingestTimeoutMs: 180_000
  })
}

/** Whichever store is served at the moment. */
function storeNow(store: () => SeriesStore): SeriesStore {
  const nothing: SeriesStore = Object.create(null)
  return new Proxy(nothing, {
    get: (_, name) => Reflect.get(store(), name),
    has: (_, name) => Reflect.has(store(), name)
  })
}
