// Nothing is skipped and nothing told twice, while two processes write.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import t from 'tap'
import { changeDays, createRandom } from '../support/random-changes.ts'
import { newService } from '../support/service.ts'

const PROCESS = join(import.meta.dirname, '../support/changes-process.ts')
const EACH = 5_000

interface Entry {
  readonly revision: string
  readonly date: string
  readonly counts: object | null
  readonly previous: object | null
}

interface Page {
  readonly changes: readonly Entry[]
  readonly next: string
  readonly more: boolean
}

t.test('whoever follows the cursor gets every change once and in order, while two processes write', async (t) => {
  const { app, store, clock, file } = await newService(t)
  const workspace = await store.ensureWorkspace('default')
  const random = createRandom(1)
  let writing = true

  const other = fork(PROCESS, [file, '2', String(EACH)])
  t.teardown(() => other.kill('SIGKILL'))
  const ended = once(other, 'exit')
  const writers = Promise.all([changeDays(store, workspace, 3, EACH), ended]).finally(() => {
    writing = false
  })

  const pageOf = async (since: string): Promise<Page> =>
    (await app.inject(`/changes?since=${since}&limit=${1 + random.below(300)}`)).json<Page>()

  const linesOf = async (since: string): Promise<Page> => {
    const { body, headers } = await app.inject(`/changes?since=${since}&limit=${1 + random.below(300)}&format=ndjson`)
    const changes = body
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line) as Entry)
    return { changes, next: changes.at(-1)?.revision ?? since, more: headers.link !== undefined }
  }

  /** Follows the log until nobody writes any more, and then to its end. */
  const follow = async (read: (since: string) => Promise<Page>): Promise<Entry[]> => {
    const seen: Entry[] = []
    for (let since = '', last = false; ;) {
      last = !writing
      const page = await read(since)
      seen.push(...page.changes)
      since = page.next
      if (page.more && page.changes.length === 0) t.fail('more follows a page without a change')
      if (last && !page.more) return seen
      // Who waits for the lock of the other process waits by this clock.
      await clock.advance(20)
      await turn()
    }
  }

  const [json, lines, [, [exit]]] = await Promise.all([follow(pageOf), follow(linesOf), writers])
  t.equal(exit, 0)

  const whole = await store.changes(workspace, 0, 3 * EACH)
  const expected = whole?.entries.map(({ revision, day }) => `${revision} ${day}`)
  t.equal(expected?.length, 2 * EACH)
  for (const seen of [json, lines]) {
    t.strictSame(
      seen.map(({ revision, date }) => `${revision} ${date}`),
      expected
    )
  }
  t.strictSame(json, lines)

  const now = new Map<string, object | null>()
  const torn = json.filter(({ date, counts, previous }) => {
    const before = now.get(date) ?? null
    now.set(date, counts)
    return JSON.stringify(previous) !== JSON.stringify(before)
  })
  t.strictSame(torn, [], 'each change begins where the one before of its day ended')
  const { series } = (await app.inject('/series?from=2025-10-01&to=2026-11-20')).json<{
    series: ({ date: string; state: string } & Record<string, number>)[]
  }>()
  const shown = series.filter(({ state }) => state !== 'missing')
  t.strictSame(
    Object.fromEntries(shown.map(({ date, state, ...counts }) => [date, counts])),
    Object.fromEntries([...now].toSorted(([a], [b]) => (a < b ? -1 : 1))),
    'replayed, the log gives the series'
  )
})
