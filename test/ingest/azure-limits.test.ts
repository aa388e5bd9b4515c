// How many questions at once, and how often: alone, and as one of those who share what an identity may do.
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { createLimits, type Limits } from '../../src/ingest/azure/limits.ts'

const ALL = { atOnce: 4, requests: 200, windowMs: 30_000, each: false }
const EACH = { atOnce: 4, requests: 45, windowMs: 60_000, each: true }

/** How many of so many requests may be sent at once, each of the workspace given. */
async function sentAtOnce({ ticket }: Limits, workspaces: readonly string[]): Promise<number> {
  const over = new AbortController()
  let sent = 0
  const asked = workspaces.map(async (id) => {
    await ticket(id, over.signal)
    sent++
  })
  // Long enough for every one that need not wait, and far less than any window.
  await sleep(50)
  over.abort()
  await Promise.allSettled(asked)
  return sent
}

async function openAtOnce({ slot }: Limits): Promise<number> {
  const over = new AbortController()
  let open = 0
  const asked = Array.from({ length: 10 }, () => slot(over.signal, () => sleep(3_600_000 + open++, null, over)))
  await sleep(50)
  over.abort()
  await Promise.allSettled(asked)
  return open
}

t.test('whoever has the limits alone may use all of them', async (t) => {
  t.equal(await openAtOnce(createLimits(ALL)), 4)
  t.equal(await sentAtOnce(createLimits(ALL), Array(300).fill('a')), 200)
  t.equal(await sentAtOnce(createLimits(EACH), [...Array(60).fill('a'), ...Array(60).fill('b')]), 90)
})

t.test('four who share them are together within them, also while their shares change hands', async (t) => {
  const share = { mayAsk: () => {} }
  t.equal(await openAtOnce(createLimits(ALL, share)), 1)
  const sent = await sentAtOnce(createLimits(ALL, share), Array(300).fill('a'))
  t.equal(sent, 4, 'in a tenth of the window')
  t.ok(sent * 10 * 5 <= ALL.requests, 'with room for a fifth')
  t.equal(await sentAtOnce(createLimits(EACH, share), [...Array(60).fill('a'), ...Array(60).fill('b')]), 8)
})

t.test('whoever has lost his share sends nothing', async (t) => {
  let held = true
  const limits = createLimits(ALL, {
    mayAsk() {
      if (!held) throw new Error('it is lost')
    }
  })
  const { signal } = new AbortController()
  await limits.ticket('a', signal)
  held = false
  await t.rejects(limits.ticket('a', signal), /it is lost/)
})
