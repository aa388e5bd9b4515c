import type { Test } from 'tap'
import { RUNS_KEPT, type IngestRun } from '../../../src/model/run.ts'
import { d } from '../../support/counts.ts'
import { newBed, NOON, NOON_MS, type FreshStore } from './support.ts'

function run(id: string, more: Partial<IngestRun> = {}): IngestRun {
  return {
    id,
    trigger: 'schedule',
    workspace: 'contoso',
    source: 'sample',
    status: 'running',
    from: null,
    to: null,
    startedAt: NOON,
    finishedAt: null,
    daysPlanned: 0,
    daysStored: 0,
    daysChanged: 0,
    ...more
  }
}

export function runContract(t: Test, fresh: FreshStore): void {
  t.test('a run is kept as it was last heard of, and when', async (t) => {
    const { store, clock } = await newBed(t, fresh)
    await store.recordRun(run('a', { status: 'queued' }))
    await clock.advance(2_000)
    const ended = run('a', {
      status: 'failed',
      from: d('2026-11-01'),
      to: d('2026-11-20'),
      finishedAt: '2026-11-20T12:00:02.000Z',
      daysPlanned: 20,
      daysStored: 3,
      daysChanged: 2,
      error: { code: 'source-timeout', message: 'it did not answer' }
    })
    await store.recordRun(ended)

    t.strictSame(await store.findRun('a'), { run: ended, heardAt: new Date(NOON_MS + 2_000) })
    t.equal(await store.findRun('b'), undefined)
    t.equal(await store.findRun('A'), undefined)
  })

  t.test('runs come newest first, of the workspaces asked for, and no more than asked for', async (t) => {
    const { store, contoso } = await newBed(t, fresh)
    const fabrikam = await store.ensureWorkspace('fabrikam')
    for (const id of ['a', 'b', 'c', 'd']) {
      await store.recordRun(run(id, { workspace: id === 'b' ? 'fabrikam' : 'contoso' }))
    }
    await store.recordRun(run('a', { status: 'succeeded' }))
    const ids = async (...args: Parameters<typeof store.runs>): Promise<string[]> =>
      (await store.runs(...args)).map(({ run }) => run.id)

    t.strictSame(await ids([contoso, fabrikam], 10), ['d', 'c', 'b', 'a'], 'a word of an old run does not make it new')
    t.strictSame(await ids([contoso], 10), ['d', 'c', 'a'])
    t.strictSame(await ids([fabrikam], 10), ['b'])
    t.strictSame(await ids([contoso, fabrikam], 2), ['d', 'c'])
    t.strictSame(await ids([], 10), [])
  })

  t.test('the newest thousand runs of a workspace are kept; its last success is remembered beyond', async (t) => {
    const { store, contoso } = await newBed(t, fresh)
    const fabrikam = await store.ensureWorkspace('fabrikam')
    await store.recordRun(run('good', { status: 'succeeded', finishedAt: NOON }))
    for (let i = 0; i < RUNS_KEPT + 2; i++) await store.recordRun(run(`${i}`))
    await store.recordRun(run('other', { workspace: 'fabrikam' }))
    await store.recordRun(run(`${RUNS_KEPT + 2}`))

    const kept = await store.runs([contoso], RUNS_KEPT + 10)
    t.equal(kept.length, 1_000)
    t.strictSame([kept[0]?.run.id, kept.at(-1)?.run.id], ['1002', '3'])
    t.equal(await store.findRun('2'), undefined)
    t.equal(await store.findRun('good'), undefined)
    t.strictSame(await store.lastSuccessAt(contoso), new Date(NOON_MS))
    t.equal((await store.runs([fabrikam], 10)).length, 1, 'whatever the others do')
  })

  t.test('the last success is the end of the last run that succeeded wholly', async (t) => {
    const { store, contoso, clock } = await newBed(t, fresh)
    const fabrikam = await store.ensureWorkspace('fabrikam')
    const end = async (id: string, status: IngestRun['status']): Promise<void> => {
      await clock.advance(1_000)
      const ended = status === 'running' ? {} : { finishedAt: clock.now().toISOString() }
      await store.recordRun(run(id, { status, ...ended }))
    }
    await end('a', 'running')
    t.equal(await store.lastSuccessAt(contoso), null)
    await end('a', 'succeeded')
    for (const status of ['partial', 'failed', 'running'] as const) await end(status, status)

    t.strictSame(await store.lastSuccessAt(contoso), new Date(NOON_MS + 2_000))
    t.equal(await store.lastSuccessAt(fabrikam), null)
  })

  t.test('a run is told under the present name of its workspace, and is gone with it', async (t) => {
    const { store, contoso } = await newBed(t, fresh)
    await store.recordRun(run('a'))
    await store.renameWorkspace(contoso, 'fabrikam')
    t.equal((await store.findRun('a'))?.run.workspace, 'fabrikam')

    await store.removeWorkspace({ ...contoso, name: 'fabrikam' })
    t.equal(await store.findRun('a'), undefined)
  })

  t.test('a run of a workspace that is not there is refused', async (t) => {
    const { store } = await newBed(t, fresh)
    await t.rejects(store.recordRun(run('a', { workspace: 'nobody' })), {
      code: 'unknown-workspace',
      message: /nobody/
    })
  })
}
