// Azure is asked in one thread beside, and its answers mean the same as if they were read here.
import { once } from 'node:events'
import { setFlagsFromString } from 'node:v8'
import type { Worker } from 'node:worker_threads'
import t, { type Test } from 'tap'
import { askBeside, IDLE_MS } from '../../src/ingest/azure/ask-beside.ts'
import { readDaysAnswer } from '../../src/ingest/azure/days.ts'
import { packDays, unpackDays } from '../../src/ingest/azure/packed-days.ts'
import { openGraphSource } from '../../src/ingest/graph.ts'
import { openLogAnalyticsSource } from '../../src/ingest/log-analytics.ts'
import type { EventSource } from '../../src/ingest/source.ts'
import { eachDay, type Day } from '../../src/model/day.ts'
import { startAzure, type Reply } from '../support/azure-server.ts'
import { asTables, type Result } from '../support/azure-table.ts'
import { fakeClock } from '../support/fake-clock.ts'

const contoso = { name: 'contoso', id: '11111111-2222-3333-4444-555555555555' }
const range = { from: '2026-11-01' as Day, to: '2026-11-05' as Day }
const never = new AbortController().signal
const clock = fakeClock('2026-11-20T09:30:00Z')
const azure = await startAzure(t, clock)
const hang: Reply = () => {}
const ROWS_A_DAY = 2000

/** Every thread of this process, oldest first. */
const threads: Worker[] = []
process.on('worker', (worker) => threads.push(worker))

/** A source that the test closes, so that the next test begins without a thread. */
function open(t: Test, opener = openLogAnalyticsSource): EventSource {
  const source = opener(azure.options())
  t.teardown(() => source.close())
  return source
}

/** Some 700 kB; the last day is quiet. */
function longAnswer(lastCount: unknown = 3): string {
  const rows = eachDay({ ...range, to: '2026-11-04' as Day }).flatMap((day) =>
    Array.from({ length: ROWS_A_DAY }, (_, i) => [`${day}T00:00:00Z`, 'Quarantine', `Type ${i}`, 'AdminAction', '', i])
  )
  rows.push(['2026-11-04T00:00:00Z', 'Junk folder', 'Type', 'AdminAction', '', lastCount as number])
  const labels = ['DeliveryLocation', 'ActionType', 'ActionTrigger', 'ActionResult']
  const columns: Result['columns'] = [
    ['Day', 'datetime'],
    ...labels.map((name) => [name, 'string'] as const),
    ['Count', 'long']
  ]
  return JSON.stringify(asTables({ columns, rows }))
}

t.beforeEach(() => {
  azure.events = []
  azure.replies.length = 0
})

t.test('while somebody keeps the thread', async (t) => {
  t.teardown(askBeside.join())

  t.test('a long answer is read as it is here, and one thread serves all questions', async (t) => {
    const started = threads.length
    const text = longAnswer()
    azure.replies.push({ body: text })
    const source = open(t)
    const days = await source.fetchDays(contoso, range, never)
    t.same(days, readDaysAnswer(JSON.parse(text), range, 500_000))
    t.same(
      days.map(({ cells }) => cells.length),
      [ROWS_A_DAY - 1, ROWS_A_DAY - 1, ROWS_A_DAY - 1, ROWS_A_DAY, 0]
    )
    await source.fetchBounds(contoso, never)
    await open(t, openGraphSource).fetchDays(contoso, range, never)
    t.equal(threads.length - started, 1)
  })

  t.test('an answer is refused with the code of its fault, wherever the fault lies', async (t) => {
    const source = open(t)
    azure.replies.push({ body: longAnswer(-1) })
    await t.rejects(source.fetchDays(contoso, range, never), {
      name: 'OperationalError',
      code: 'source-rejected',
      message: /-1/
    })
    azure.replies.push({ body: longAnswer().slice(0, -1) })
    await t.rejects(source.fetchDays(contoso, range, never), { name: 'OperationalError', code: 'source-incomplete' })
  })

  t.test('no token leaves the thread', async (t) => {
    const source = open(t)
    const said: unknown[] = []
    threads.at(-1)?.on('message', (word) => said.push(word))
    await source.fetchDays(contoso, range, never)
    azure.replies.push({ status: 403, body: {} })
    await t.rejects(source.fetchDays(contoso, range, never), { code: 'source-unauthorized' })
    t.equal(azure.requests.at(-1)?.headers.authorization, 'Bearer test-token')
    t.match(JSON.stringify(said), /ManagedIdentityCredential/)
    t.notMatch(JSON.stringify(said), /test-token/)
  })

  t.test('a question that is cancelled is cancelled in the thread too, which answers the next one', async (t) => {
    const source = open(t)
    const started = threads.length
    const stop = new AbortController()
    const before = azure.requests.length
    const cut = new Promise<void>((resolve) => {
      azure.replies.push((request) => request.socket.once('close', () => resolve()))
    })
    const asked = t.rejects(source.fetchDays(contoso, range, stop.signal), { code: 'cancelled' })
    await azure.arrived(before + 1)
    stop.abort()
    await asked
    await cut
    await t.resolves(source.fetchDays(contoso, range, never))
    t.equal(threads.length, started)
  })
})

t.test('days that are handed over are no longer unpacked once the signal aborts', async (t) => {
  const packed = packDays(readDaysAnswer(JSON.parse(longAnswer()), range, 500_000))
  const stop = new AbortController()
  const unpacking = unpackDays(packed, stop.signal)
  stop.abort()
  await t.rejects(unpacking, { code: 'cancelled' })
})

t.test('a thread that dies fails what was asked, with words, and the next question opens another', async (t) => {
  const started = threads.length
  const source = open(t)
  const before = azure.requests.length
  azure.replies.push(hang, hang)
  const asked: Promise<unknown>[] = [source.fetchDays(contoso, range, never), source.fetchBounds(contoso, never)]
  const failed = asked.map((each) => t.rejects(each, { code: 'source-unavailable', message: /thread.*has ended/ }))
  await azure.arrived(before + 2)
  await threads.at(-1)?.terminate()
  await Promise.all(failed)
  t.equal(azure.requests.length, before + 2, 'each was sent once')
  await t.resolves(source.fetchDays(contoso, range, never))
  t.equal(threads.length - started, 2)
})

t.test('an answer for which the memory of the thread is too small is refused, and the next one is read', async (t) => {
  const started = threads.length
  const source = open(t)
  setFlagsFromString('--max-old-space-size=64')
  process.once('worker', (worker) => worker.once('online', () => setFlagsFromString('--max-old-space-size=0')))
  azure.replies.push({ body: `{"tables":[${'{},'.repeat(1_500_000)}{}]}` })
  const asked = source.fetchDays(contoso, range, never)
  await t.rejects(asked, { code: 'source-rejected', message: /too large/ })
  await t.resolves(source.fetchDays(contoso, range, never))
  t.equal(threads.length - started, 2)
})

t.test('a thread that is asked nothing for a while ends, and one that is asked does not', async (t) => {
  const started = threads.length
  const source = open(t)
  await source.fetchDays(contoso, range, never)
  await clock.advance(IDLE_MS - 1)
  const before = azure.requests.length
  azure.replies.push(hang)
  const stop = new AbortController()
  const asked = t.rejects(source.fetchDays(contoso, range, stop.signal), { code: 'cancelled' })
  await azure.arrived(before + 1)
  await clock.advance(IDLE_MS)
  stop.abort()
  await asked
  t.equal(threads.length - started, 1)
  const ended = once(threads.at(-1) as Worker, 'exit')
  await clock.advance(IDLE_MS)
  await ended
  await t.resolves(source.fetchDays(contoso, range, never))
  t.equal(threads.length - started, 2)
})

t.test('the thread ends when the last source is closed, also while a question is under way', async (t) => {
  const started = threads.length
  const [one, other] = [open(t), open(t, openGraphSource)]
  await one.fetchDays(contoso, range, never)
  await one.close()
  await one.close()
  const before = azure.requests.length
  azure.replies.push(hang)
  const asked = t.rejects(other.fetchDays(contoso, range, never), { code: 'cancelled' })
  await azure.arrived(before + 1)
  t.equal(threads.length - started, 1)
  const ended = once(threads.at(-1) as Worker, 'exit')
  await other.close()
  await asked
  await ended
})
