// One end for everything, whatever hangs; and how many questions are on their way at once.
import type { IncomingMessage, ServerResponse } from 'node:http'
import { setImmediate as turn } from 'node:timers/promises'
import t from 'tap'
import { createLimits } from '../../src/ingest/azure/limits.ts'
import { openGraphSource } from '../../src/ingest/graph.ts'
import { openLogAnalyticsSource } from '../../src/ingest/log-analytics.ts'
import type { Clock } from '../../src/model/clock.ts'
import type { Day } from '../../src/model/day.ts'
import { startAzure, type Reply } from '../support/azure-server.ts'
import { fakeClock } from '../support/fake-clock.ts'

const range = { from: '2026-11-03' as Day, to: '2026-11-04' as Day }
const never = new AbortController().signal
const clock = fakeClock('2026-11-20T09:30:00Z')
const azure = await startAzure(t, clock)
const hang: Reply = () => {}
const SOURCES = { 'Log Analytics': openLogAnalyticsSource, 'advanced hunting': openGraphSource }
/** A token is kept by tenant or by audience, so each test is of a tenant of its own. */
let tenants = 0
const newWorkspace = () => ({ name: 'contoso', id: `11111111-2222-3333-4444-${String(++tenants).padStart(12, '0')}` })
const good = [
  { day: '2026-11-03', cells: [{ count: 1 }] },
  { day: '2026-11-04', cells: [] }
]

t.beforeEach(() => {
  azure.events = [{ at: '2026-11-03T12:00:00Z' }]
})

for (const [name, open] of Object.entries(SOURCES)) {
  t.test(`${name}: a query that hangs ends at the deadline, and the next one is answered`, async (t) => {
    const contoso = newWorkspace()
    const source = open(azure.options({ timeoutMs: 60_000 }))
    const before = azure.requests.length
    azure.replies.push(hang)
    const asked = source.fetchDays(contoso, range, never)
    await azure.arrived(before + 1)
    const refused = t.rejects(asked, { code: 'source-timeout', message: /60 s \(INGEST_TIMEOUT_SECONDS\)/ })
    await clock.advance(60_000)
    await refused
    t.equal(azure.requests.length, before + 1, 'sent once')
    t.match(await source.fetchDays(contoso, range, never), good)
  })

  t.test(`${name}: an answer that trickles ends at the deadline`, async (t) => {
    const contoso = newWorkspace()
    const source = open(azure.options({ timeoutMs: 60_000 }))
    const before = azure.requests.length
    azure.replies.push((_request, response) => response.write('{"tables":'))
    const asked = source.fetchDays(contoso, range, never)
    await azure.arrived(before + 1)
    await clock.advance(59_999)
    const refused = t.rejects(asked, { code: 'source-timeout' })
    await clock.advance(1)
    await refused
  })

  t.test(`${name}: an identity that hangs ends at the deadline, and the next question gets past it`, async (t) => {
    const contoso = newWorkspace()
    const source = open(azure.options({ timeoutMs: 60_000 }))
    const before = azure.identityRequests.length
    azure.identityReplies.push(hang)
    const asked = source.fetchDays(contoso, range, never)
    await azure.identityArrived(before + 1)
    const refused = t.rejects(asked, { code: 'source-timeout', message: /identity included/ })
    await clock.advance(60_000)
    await refused
    t.match(await source.fetchDays(contoso, range, never), good)
  })

  t.test(`${name}: pauses between attempts end at the deadline too`, async (t) => {
    const contoso = newWorkspace()
    const waits: number[] = []
    const watched: Clock = {
      now: () => clock.now(),
      async after(ms, signal) {
        waits.push(ms)
        await clock.after(ms, signal)
      }
    }
    const source = open(azure.options({ timeoutMs: 60_000, clock: watched }))
    const before = azure.requests.length
    azure.replies.push({ status: 503, headers: { 'Retry-After': '50' }, body: {} }, hang)
    const refused = t.rejects(source.fetchDays(contoso, range, never), { code: 'source-timeout' })
    while (!waits.includes(50_000)) await turn()
    await clock.advance(50_000)
    await azure.arrived(before + 2)
    await clock.advance(10_000)
    await refused
  })

  t.test(`${name}: a question that is cancelled ends at once, wherever it is`, async (t) => {
    const contoso = newWorkspace()
    const source = open(azure.options())
    const before = azure.identityRequests.length
    azure.identityReplies.push(hang)
    const first = new AbortController()
    const waitsForToken = source.fetchDays(contoso, range, first.signal)
    await azure.identityArrived(before + 1)
    first.abort(new Error('stopped'))
    await t.rejects(waitsForToken, { code: 'cancelled' })

    const questions = azure.requests.length
    azure.replies.push(hang)
    const second = new AbortController()
    const waitsForAnswer = source.fetchDays(contoso, range, second.signal)
    await azure.arrived(questions + 1)
    second.abort()
    await t.rejects(waitsForAnswer, { code: 'cancelled' })

    await t.rejects(source.fetchBounds(contoso, AbortSignal.abort()), { code: 'cancelled' })
    t.match(await source.fetchDays(contoso, range, never), good)
  })

  t.test(`${name}: a source that is closed ends what it was asked, and answers no more`, async (t) => {
    const contoso = newWorkspace()
    const source = open(azure.options())
    const before = azure.requests.length
    azure.replies.push(hang)
    const asked = source.fetchDays(contoso, range, never)
    await azure.arrived(before + 1)
    const ended = t.rejects(asked, { code: 'cancelled' })
    await source.close()
    await source.close()
    await ended
    await t.rejects(source.fetchDays(contoso, range, never), { code: 'cancelled' })
  })

  t.test(
    `${name}: four questions are on their way at once, the fifth waits its turn and outlasts no deadline`,
    async (t) => {
      const source = open(azure.options({ timeoutMs: 60_000 }))
      const before = azure.requests.length
      const answers: (() => void)[] = []
      const held: Reply = (_request: IncomingMessage, response: ServerResponse, right) => {
        const body = JSON.stringify(right())
        answers.push(() => response.end(body))
      }
      azure.replies.push(held, held, held, held, held, held)
      const asked = Array.from({ length: 6 }, () => source.fetchDays(newWorkspace(), range, never))
      await azure.arrived(before + 4)
      for (let i = 0; i < 20; i++) await turn()
      t.equal(azure.requests.length, before + 4)

      // Almost a deadline passes while the last two wait; then they have a whole one of their own.
      await clock.advance(50_000)
      answers[0]?.()
      answers[1]?.()
      await azure.arrived(before + 6)
      answers[2]?.()
      answers[3]?.()
      await Promise.all(asked.slice(0, 4))
      await clock.advance(50_000)
      answers[4]?.()
      answers[5]?.()
      for (const days of await Promise.all(asked)) t.match(days, good)
    }
  )
}

t.test(
  'no more requests than the rate allows are let through, for each workspace on its own if so wanted',
  async (t) => {
    t.same(await letThrough(false), ['a', 'A', 'a', 'cancelled', 'cancelled'])
    t.same(await letThrough(true), ['a', 'A', 'a', 'b', 'cancelled'])
  }
)

/** Who got a ticket, of five that want one where three are given in an hour; the others are cancelled. */
async function letThrough(each: boolean): Promise<string[]> {
  const limits = createLimits({ atOnce: 4, requests: 3, windowMs: 3_600_000, each })
  const stop = new AbortController()
  const passed: string[] = []
  const tickets = ['a', 'A', 'a', 'a', 'b'].map(async (id) => {
    await limits.ticket(id, stop.signal)
    passed.push(id)
  })
  for (let i = 0; i < 20; i++) await turn()
  stop.abort()
  for (const end of await Promise.allSettled(tickets)) {
    if (end.status === 'rejected') passed.push((end.reason as { code: string }).code)
  }
  return passed
}
