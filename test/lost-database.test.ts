// The whole service while its database dies under it, and after it has come back.
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { start } from './support/command.ts'
import { startPostgres } from './support/postgres.ts'

t.test(
  'a lost database is told, what was asked before is answered from memory, and all goes on by itself',
  async (t) => {
    const postgres = await startPostgres(t)
    // One that others use is not ours to kill.
    if (!postgres.own) return
    const env = {
      STORE_URL: await postgres.schema(),
      PORT: '0',
      INGEST_CRON: '1 1 1 1 *',
      RATE_LIMIT_PER_MINUTE: '100000'
    }
    const service = start(t.testdir(), ['serve'], env)
    t.teardown(() => service.child.kill('SIGKILL'))
    const line = await service.seen('listening at ')
    const url = line.slice(0, line.indexOf('"'))
    await service.seen('"status":"succeeded"')

    const ask = async (path: string): Promise<{ status: number; age: string | null; body: string }> => {
      const response = await fetch(url + path)
      return { status: response.status, age: response.headers.get('cache-status'), body: await response.text() }
    }
    /** Until it is answered so; the database dies and comes back in the time that the world has. */
    const until = async (path: string, isIt: (answer: Awaited<ReturnType<typeof ask>>) => boolean): Promise<object> => {
      for (let i = 0; i < 300; i++) {
        const answer = await ask(path)
        if (isIt(answer)) return answer
        await sleep(100)
      }
      return { neverOf: path }
    }
    const known = await ask('/series')
    t.equal(known.status, 200)

    await postgres.kill()

    t.match(await until('/health/ready', ({ body }) => body.includes('degraded')), { status: 200 })
    t.match(await ask('/series'), { status: 200, body: known.body, age: /^post-delivery-series; hit; ttl=-\d+$/ })
    t.match(await ask('/series?from=2026-01-01&to=2026-01-02'), { status: 503, body: /store-unavailable/ })
    t.match(await ask('/health/live'), { status: 200 })

    await postgres.start()

    t.match(await until('/health/ready', ({ body }) => body.includes('ok')), { status: 200 })
    t.match(await until('/series?from=2026-01-01&to=2026-01-02', ({ status }) => status === 200), { age: null })
    service.child.kill('SIGTERM')
    t.match(await service.ended, { status: 0 })
  }
)
