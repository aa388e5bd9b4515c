// Readers go on while another process writes, copies, or holds the lock. How quickly is told, and not claimed: see
// docs/reliability.md.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { copyBeside } from '../../src/store/copy-beside.ts'
import { killAt } from '../support/reliability/kill.ts'
import { often } from '../support/reliability/soak.ts'
import { newService } from '../support/service.ts'

const PROCESS = join(import.meta.dirname, '../support/sqlite-process.ts')
const MS = often(500, 30_000)

/** Asks for the default range again and again until the work is done. */
async function readDuring(
  t: Test,
  app: Awaited<ReturnType<typeof newService>>['app'],
  work: Promise<unknown>
): Promise<void> {
  const end = new AbortController()
  const done = work.finally(() => end.abort())
  const times: number[] = []
  while (!end.signal.aborted) {
    const begun = performance.now()
    const { statusCode } = await app.inject('/series')
    times.push(performance.now() - begun)
    if (statusCode !== 200) t.fail(`answered with ${statusCode}`)
    await turn()
  }
  await done
  const sorted = times.toSorted((a, b) => a - b)
  const at = (share: number): string => (sorted[Math.floor(sorted.length * share)] ?? 0).toFixed(1)
  t.ok(times.length > 0, `${times.length} answers, p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, longest ${at(0.9999)} ms`)
}

t.test('while another process imports', async (t) => {
  const { app, file } = await newService(t)
  await readDuring(t, app, killAt('imports', join(file, '..'), MS))
})

t.test('while another process holds the lock of writers', async (t) => {
  const { app, file } = await newService(t)
  const other = fork(PROCESS, ['hold', file])
  t.teardown(() => other.kill('SIGKILL'))
  await once(other, 'message')
  await readDuring(t, app, new Promise((resolve) => setTimeout(resolve, MS)))
  other.send('release')
  await once(other, 'exit')
})

t.test('while it is copied and written to', async (t) => {
  const { app, file } = await newService(t)
  const folder = join(file, '..')
  const end = new AbortController()
  const writing = killAt('imports', folder, MS).finally(() => end.abort())
  const copying = async (): Promise<void> => {
    for (let i = 0; i < 3 || !end.signal.aborted; i++) {
      const now = new Date(Date.UTC(2026, 0, 1, 0, 0, i))
      await copyBeside({ store: file, folder: join(folder, 'copies'), keep: 3, now })
    }
  }
  await readDuring(t, app, Promise.all([writing, copying()]))
})
