// The whole program, while its store is moved away, put back, replaced, and its disk is full. The times are those that
// the service promises: 5 seconds to say so, 20 to go on.
import { renameSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { copyStore } from '../../src/store/copy.ts'
import { quickFolder } from '../support/quick-folder.ts'
import { cannotMount, mountSmall } from '../support/reliability/small-disk.ts'
import { openAt } from '../support/reliability/small-store.ts'
import { serveStore, within, type Serving } from '../support/reliability/serving.ts'
import { often } from '../support/reliability/soak.ts'

// Beside other tests it may take longer than on a machine of its own.
const SAID_MS = often(30_000, 5_000)
const BACK_MS = often(60_000, 20_000)
const SERIES = '/series?from=2026-11-01&to=2026-11-03'

interface Bed {
  readonly folder: string
  readonly path: string
  readonly serving: Serving
  /** What GET /series answered before anything happened. */
  readonly before: unknown
}

async function newBed(t: Test, folder: string): Promise<Bed> {
  const path = join(folder, 'series.db')
  const serving = await serveStore(t, folder, path)
  t.equal((await serving.ingest()).status, 'succeeded')
  t.equal(await serving.ready(), 'ok')
  return { folder, path, serving, before: (await serving.get(SERIES)).body['series'] }
}

/** It is said, reads go on or are refused, and nothing is acknowledged. */
async function isDegraded(t: Test, { serving, before }: Bed): Promise<void> {
  t.ok(await within(SAID_MS, async () => (await serving.ready()) !== 'ok'), 'it is said in time')
  const { status, body } = await serving.get(SERIES)
  if (status !== 503) t.strictSame(body['series'], before, 'reads go on')
  t.not((await serving.ingest()).status, 'succeeded')
  t.equal((await serving.get('/health/live')).status, 200)
}

/** Writes go on, and what is acknowledged is in the file at the path. */
async function isBack(t: Test, { serving, folder, path }: Bed): Promise<void> {
  let run = { id: '', status: '' }
  const back = async (): Promise<boolean> => (run = await serving.ingest()).status === 'succeeded'
  t.ok(await within(BACK_MS, back), 'writes go on in time')
  t.equal(await serving.ready(), 'ok')
  const copy = join(folder, 'look.db')
  copyStore(path, copy)
  const store = await openAt(copy)
  t.equal((await store.findRun(run.id))?.run.status, 'succeeded', 'and are in the file at the path')
  await store.close()
  rmSync(copy)
}

t.test('moved away, put back, removed and replaced by a copy: no run is lost, and it goes on by itself', async (t) => {
  const bed = await newBed(t, quickFolder(t))
  const { folder, path, serving } = bed
  const copy = join(folder, 'copy.db')
  copyStore(path, copy)

  renameSync(path, join(folder, 'away.db'))
  await isDegraded(t, bed)
  renameSync(join(folder, 'away.db'), path)
  await isBack(t, bed)

  for (const ending of ['', '-wal', '-shm']) rmSync(`${path}${ending}`, { force: true })
  await isDegraded(t, bed)
  copyStore(copy, path)
  await isBack(t, bed)

  renameSync(copy, path)
  await isBack(t, bed)
  await serving.stop()
})

t.test(
  'a full disk is said before it is full, and is written to again when there is room',
  { skip: cannotMount() },
  async (t) => {
    const { folder, unmount } = mountSmall(t.testdir())
    const bed = await newBed(t, folder)

    const filler = join(folder, 'filler')
    const { bavail, bsize } = statfsSync(folder)
    writeFileSync(filler, Buffer.alloc(bavail * bsize - 1_048_576))
    await isDegraded(t, bed)
    rmSync(filler)
    await isBack(t, bed)
    await bed.serving.stop()
    unmount()
  }
)
