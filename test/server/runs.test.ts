import t from 'tap'
import { setImmediate as turn } from 'node:timers/promises'
import type { DayRange } from '../../src/model/day.ts'
import { OperationalError } from '../../src/model/errors.ts'
import type { IngestRun } from '../../src/model/run.ts'
import { cell, newService, type Service } from '../support/service.ts'

/** Looks at a run until it has ended. */
async function ended({ app }: Service, url: string): Promise<IngestRun> {
  for (;;) {
    const res = await app.inject(url)
    if (res.statusCode !== 202) return res.json()
    await turn()
  }
}

t.test('a run that is asked for can be waited for at its address, and its days are served', async (t) => {
  const service = await newService(t, { workspaces: ['sample'] })
  const accepted = await service.app.inject({ method: 'POST', url: '/ingest', headers: { host: 'localhost:8080' } })
  t.equal(accepted.statusCode, 202)
  const { id } = accepted.json()
  t.equal(accepted.headers.location, `http://localhost:8080/runs/${id}`)
  t.equal(accepted.headers['retry-after'], '5')
  t.match(accepted.json(), { trigger: 'request', workspace: 'sample', status: 'queued', from: null, to: null })

  const run = await ended(service, `/runs/${id}`)

  t.match(run, { id, status: 'succeeded', to: '2026-11-24' })
  t.same((await service.app.inject('/runs')).json(), { runs: [run] })
  t.ok((await service.app.inject('/series')).json().coverage.final > 0)
})

t.test('a run that has not ended is 202 with its address, with the same body as later', async (t) => {
  const { app, store } = await newService(t, { publicUrl: 'https://soc.example/series/' })
  await store.ensureWorkspace('default')
  const run: IngestRun = {
    id: 'a-run',
    trigger: 'schedule',
    workspace: 'default',
    source: 'graph',
    status: 'running',
    from: null,
    to: null,
    startedAt: '2026-11-24T05:59:00.000Z',
    finishedAt: null,
    daysPlanned: 3,
    daysStored: 1,
    daysChanged: 0
  }
  await store.recordRun(run)
  const res = await app.inject('/runs/a-run')
  t.equal(res.statusCode, 202)
  t.equal(res.headers.location, 'https://soc.example/series/runs/a-run')
  t.equal(res.headers['retry-after'], '5')
  t.same(res.json(), run)

  const failed = { ...run, status: 'failed', error: { code: 'source-timeout', message: 'no answer' } } as const
  await store.recordRun(failed)
  const done = await app.inject('/runs/a-run')
  t.equal(done.statusCode, 200)
  t.notOk(done.headers.location)
  t.same(done.json(), failed)
})

t.test('what is asked for reaches the ingester: by default what is due of its first workspace', async (t) => {
  const asked: [string, DayRange | null][] = []
  const run = { id: '1', trigger: 'request', source: 's', status: 'queued', from: null, to: null } as const
  const { app, fill } = await newService(t, {
    workspaces: ['north', 'south'],
    ingest: {
      async request(workspace, range) {
        asked.push([workspace, range])
        return {
          ...run,
          workspace,
          startedAt: '2026-11-24T06:00:00Z',
          finishedAt: null,
          daysPlanned: 0,
          daysStored: 0,
          daysChanged: 0
        }
      }
    }
  })
  await fill('imported', { '2026-11-01': [cell('Inbox', 1)] })
  const post = async (payload?: object | string, headers = {}): Promise<number> =>
    (await app.inject({ method: 'POST', url: '/ingest', ...(payload !== undefined && { payload }), headers }))
      .statusCode

  t.equal(await post(), 202)
  t.equal(await post(undefined, { 'content-type': 'application/json' }), 202)
  t.equal(await post('', { 'content-type': 'application/json' }), 202)
  t.equal(await post(' null ', { 'content-type': 'application/json; charset=utf-8' }), 202)
  t.equal(await post({ from: '', to: '', workspace: '' }), 202)
  t.equal(await post({ workspace: 'south', from: '2026-11-01', to: '2026-11-02T23:00:00-02:00' }), 202)
  t.equal(await post({ from: 1_793_491_200_000 }), 202)
  t.same(asked, [
    ...Array.from({ length: 5 }, () => ['north', null]),
    ['south', { from: '2026-11-01', to: '2026-11-03' }],
    ['north', { from: '2026-11-01', to: '2026-11-23' }]
  ])
  const left = await app.inject({ method: 'POST', url: '/ingest', payload: { workspace: 'imported' } })
  t.equal(left.statusCode, 400)
  t.match(left.json(), {
    code: 'invalid-request',
    errors: [{ parameter: 'workspace', detail: /imported.*WORKSPACES/ }]
  })
  t.equal(asked.length, 7)
})

t.test('a range that is out of order, or too long, is refused as in /series', async (t) => {
  const { app } = await newService(t)
  for (const payload of [{ from: '2026-11-02', to: '2026-11-01' }, { from: '2001-01-01' }]) {
    const res = await app.inject({ method: 'POST', url: '/ingest', payload })
    t.equal(res.statusCode, 400)
    t.equal(res.json().code, 'invalid-range')
  }
})

t.test('where too many runs wait already, the caller is asked to come back', async (t) => {
  const { app } = await newService(t, {
    ingest: {
      async request() {
        throw new OperationalError('overloaded', 'too many runs wait')
      }
    }
  })
  const res = await app.inject({ method: 'POST', url: '/ingest' })
  t.equal(res.statusCode, 503)
  t.equal(res.json().code, 'overloaded')
  t.equal(res.headers['retry-after'], '5')
})

t.test('runs are those of one workspace or of all, the newest first, as many as are asked for', async (t) => {
  const service = await newService(t, { workspaces: ['north', 'south'] })
  const { app, clock } = service
  const ids: string[] = []
  for (const workspace of ['north', 'south', 'north']) {
    const { id } = (await app.inject({ method: 'POST', url: '/ingest', payload: { workspace } })).json()
    ids.unshift(id)
    await ended(service, `/runs/${id}`)
    await clock.advance(60_000)
  }
  const idsOf = async (query: string): Promise<string[]> =>
    (await app.inject(`/runs?${query}`)).json<{ runs: IngestRun[] }>().runs.map(({ id }) => id)
  t.same(await idsOf(''), ids)
  t.same(await idsOf('limit=1'), ids.slice(0, 1))
  t.same(await idsOf('workspace=north'), [ids[0], ids[2]])
  t.equal((await app.inject('/runs?workspace=none')).statusCode, 404)
})
