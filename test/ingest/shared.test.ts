// Work shared between processes on one database: who works on what, in which order, and that never too many do.
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import type { RunRequest } from '../../src/ingest/run.ts'
import type { IngestRun } from '../../src/model/run.ts'
import { DUE, range } from '../support/ingest.ts'
import { startPostgres } from '../support/postgres.ts'
import { openFleet, until, type Peer } from '../support/shared.ts'

const postgres = await startPostgres(t)
// One for all: who reads other workspaces does not meet.
const url = await postgres.schema()

function namesOf(count: number): string[] {
  return Array.from({ length: count }, (_, i) => `w${String(i).padStart(2, '0')}`)
}

function backfill(from: string, to: string): RunRequest {
  return { range: range(from, to), force: false }
}

async function told({ store }: Peer, id: string): Promise<IngestRun | undefined> {
  return (await store.findRun(id))?.run
}

async function ask({ ingester, workspaces }: Peer, request: RunRequest): Promise<string> {
  return (await ingester.request(workspaces[0] ?? '', 'request', request)).run.id
}

/** Where the tables of the queue are. */
const jobs = `${/search_path%3D(\w+)/.exec(url)?.[1]}_jobs`

t.test('processes that start together share what is due: each workspace once, the stalest first', async (t) => {
  const names = namesOf(24)
  const fleet = openFleet(t, url, names)
  const peers = await Promise.all([fleet.peer(), fleet.peer(), fleet.peer()])
  const ended = (): IngestRun[] => peers.flatMap((peer) => peer.ended)
  const tick = (at: string): void => {
    // Not all schedules go off in the same moment, nor in the same process first.
    for (const { ingester } of peers) ingester.requestDue('schedule', new Date(at))
  }
  fleet.answerMs = 100
  tick('2026-11-24T08:07:00Z')
  await until(() => ended().length >= names.length)
  tick('2026-11-24T08:07:00Z')
  await sleep(1_500)
  const twice = names.flatMap((name) => [name, name])
  t.same(fleet.asked.toSorted(), twice, 'once for all processes: at the start of the run, and at its edge')
  t.ok(
    ended().every(
      ({ trigger, status, daysStored }) => trigger === 'schedule' && status === 'succeeded' && daysStored > 20
    )
  )
  t.equal(fleet.mostAtOnce, 4)
  t.ok(peers.filter((peer) => peer.ended.length > 0).length > 1, 'more than one took part')

  const stale = ['w17', 'w05', 'w11', 'w20']
  for (const [i, name] of stale.entries()) {
    const sql = `update ${jobs}.turn set begun_at = now() - interval '${9 - i} hours' where workspace = '${name}'`
    await postgres.run(url, sql)
  }
  fleet.asked.length = 0
  tick('2026-11-24T09:07:00Z')
  await until(() => ended().length >= 2 * names.length)
  t.same(new Set(fleet.asked.slice(0, 4)), new Set(stale))
  t.same(fleet.asked.toSorted(), names)
  t.same(
    peers.flatMap(({ logged }) => logged),
    []
  )
})

t.test('a process that starts finds due what nobody has just read, once', async (t) => {
  const fleet = openFleet(t, url, ['contoso-1', 'fabrikam-1'])
  const one = await fleet.peer()
  one.ingester.requestDue('start', null)
  await until(() => one.ended.length === 2)
  t.ok(one.ended.every(({ trigger, status }) => trigger === 'start' && status === 'succeeded'))
  const other = await fleet.peer()
  other.ingester.requestDue('start', null)
  await sleep(1_500)
  t.equal(other.ended.length + one.ended.length, 2)
})

t.test('a request joins a run that covers it, whichever process was asked; else it waits its turn', async (t) => {
  const fleet = openFleet(t, url, ['contoso-2'])
  const [one, other] = await Promise.all([fleet.peer(), fleet.peer()])
  const go = Promise.withResolvers<void>()
  fleet.gate = go.promise
  const first = await one.ingester.request('contoso-2', 'request', DUE)
  t.match(first.run, { status: 'queued', trigger: 'request', workspace: 'contoso-2' })
  await until(() => fleet.asked.length === 1)
  t.equal(await ask(other, DUE), first.run.id)
  t.equal((await told(other, first.run.id))?.status, 'running')
  const november = await ask(other, backfill('2026-11-01', '2026-11-10'))
  t.not(november, first.run.id)
  t.equal(await ask(one, backfill('2026-11-02', '2026-11-03')), november)
  t.equal((await told(one, november))?.status, 'queued')
  const wider = await ask(one, backfill('2026-11-01', '2026-11-11'))
  t.not(wider, november)

  for (let day = 10; day < 28; day++) await ask(day % 2 ? one : other, backfill(`2026-10-${day}`, `2026-10-${day}`))
  await t.rejects(ask(one, backfill('2026-09-01', '2026-09-01')), { code: 'overloaded' })
  await t.rejects(one.ingester.request('nobody', 'request', DUE), { code: 'unknown-workspace' })
  t.equal(fleet.mostAtOnce, 1, 'one run at a time for a workspace')
  go.resolve()
  t.match(await first.done, { status: 'succeeded' })
  await until(async () => (await told(one, wider))?.finishedAt !== null)
  t.equal(fleet.mostAtOnce, 1)
  const order = [...one.ended, ...other.ended].toSorted((a, b) =>
    (a.finishedAt ?? '') < (b.finishedAt ?? '') ? -1 : 1
  )
  t.same(
    order.slice(0, 3).map(({ id }) => id),
    [first.run.id, november, wider]
  )
})

t.test('a process that only serves works on what it was asked for itself, and on nothing else', async (t) => {
  const fleet = openFleet(t, url, ['contoso-3', 'fabrikam-3'])
  const [one, other] = await Promise.all([fleet.peer({ takes: 'own' }), fleet.peer({ takes: 'own' })])
  const go = Promise.withResolvers<void>()
  fleet.gate = go.promise
  const asked = await one.ingester.request('contoso-3', 'request', DUE)
  await other.ingester.request('fabrikam-3', 'request', DUE)
  other.ingester.requestDue('schedule', new Date())
  go.resolve()
  t.match(await asked.done, { status: 'succeeded' })
  await until(() => other.ended.length === 1)
  t.same(
    [one, other].map(({ ended }) => ended.map(({ workspace }) => workspace)),
    [['contoso-3'], ['fabrikam-3']]
  )
})

t.test('a command that is stopped leaves nothing to others', async (t) => {
  const fleet = openFleet(t, url, ['contoso-4'])
  const command = await fleet.peer({ takes: 'own', leaves: 'nothing' })
  fleet.answerMs = 3_600_000
  const running = await command.ingester.request('contoso-4', 'command', DUE)
  const waiting = await command.ingester.request('contoso-4', 'command', backfill('2026-11-01', '2026-11-02'))
  await until(() => fleet.asked.length === 1)
  const ends = [running.done, waiting.done]
  await command.ingester.stop()
  await Promise.all(ends)
  const later = await fleet.peer()
  await sleep(1_500)
  for (const { run } of [running, waiting]) {
    t.match(await told(later, run.id), { status: 'failed', error: { code: 'cancelled', message: /stopp/ } })
  }
  t.equal(fleet.asked.length, 1)
})

t.test('whoever has lost his slot asks nothing more, and the next one begins anew under another name', async (t) => {
  const fleet = openFleet(t, url, ['contoso-5'])
  const one = await fleet.peer()
  const go = Promise.withResolvers<void>()
  fleet.gate = go.promise
  const { run } = await one.ingester.request('contoso-5', 'request', DUE)
  await until(() => fleet.asked.length === 1)
  // As pg-boss does with a job whose holder is not heard of.
  await postgres.run(url, `update ${jobs}.job set state = 'failed' where state = 'active'`)
  await until(() => one.ended.length > 0)
  go.resolve()
  await until(() => one.ended.some(({ status }) => status === 'succeeded'))
  t.match(await told(one, run.id), { status: 'failed', error: { code: 'cancelled' } })
  t.not(one.ended.find(({ status }) => status === 'succeeded')?.id, run.id)
})

t.test('runs that wait for long are heard of, whoever was asked for them', async (t) => {
  const fleet = openFleet(t, url, ['contoso-6'])
  const gone = await fleet.peer({ timeoutMs: 400 })
  const one = await fleet.peer({ timeoutMs: 400 })
  fleet.answerMs = 3_600_000
  await one.ingester.request('contoso-6', 'request', DUE)
  await until(() => fleet.asked.length === 1)
  const { run } = await gone.ingester.request('contoso-6', 'request', backfill('2026-11-01', '2026-11-02'))
  const before = (await one.store.findRun(run.id))?.heardAt.getTime() ?? 0
  await gone.ingester.stop()
  await until(async () => ((await one.store.findRun(run.id))?.heardAt.getTime() ?? 0) > before)
  t.match(await told(one, run.id), { status: 'queued' })
})
