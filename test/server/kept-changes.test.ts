// What is told of the past where the log of changes is kept for some days only.
import t from 'tap'
import { eachDay } from '../../src/model/day.ts'
import { d } from '../support/counts.ts'
import { cell, newService } from '../support/service.ts'

const DAY_MS = 86_400_000
const START = '2026-11-02T06:00:00.000Z'

t.test(
  'a past before what is kept is refused with the first instant that is told; a cursor of then is gone',
  async (t) => {
    const service = await newService(t, { now: START })
    const { app, store, clock } = service
    const workspace = await store.ensureWorkspace('default')
    const imported = async (day: string, count: number): Promise<string> => {
      const terms = { today: d('2026-11-20'), lagDays: 7, ranged: true, replace: true }
      await store.applyImport(workspace, [{ day: d(day), cells: [cell('Inbox', count)] }], terms)
      return String(await store.revision(workspace))
    }
    const old = await imported('2026-10-01', 1)
    await clock.advance(DAY_MS)
    const first = await imported('2026-10-01', 2)
    await clock.advance(DAY_MS)
    const last = await imported('2026-10-02', 3)
    const series = '/series?from=2026-10-01&to=2026-10-02&by=total'
    const then = (await app.inject(`${series}&asOf=${first}`)).body
    t.equal((await app.inject(`${series}&asOf=${old}`)).statusCode, 200)

    await store.trimLog(workspace, new Date(Date.parse(START) + 2 * DAY_MS))

    t.equal((await app.inject(`${series}&asOf=${first}`)).body, then)
    for (const asOf of [old, START, '2026-01-01']) {
      const { statusCode, body } = await app.inject(`${series}&asOf=${asOf}`)
      t.match(
        { statusCode, ...JSON.parse(body) },
        { statusCode: 400, code: 'invalid-range', detail: /2026-11-03T06:00:00/ }
      )
    }
    for (const since of [old, START, '2026-01-01']) {
      const { statusCode, body } = await app.inject(`/changes?since=${since}`)
      t.match({ statusCode, ...JSON.parse(body) }, { statusCode: 410, code: 'cursor-gone' }, since)
    }
    const revisionsOf = async (query: string): Promise<string[]> => {
      const { changes } = (await app.inject(`/changes${query}`)).json<{ changes: { revision: string }[] }>()
      return changes.map(({ revision }) => revision)
    }
    t.strictSame(await revisionsOf(''), [first, last])
    t.strictSame(await revisionsOf(`?since=${first}`), [last])
    t.strictSame(await revisionsOf('?since=2026-11-03T07:00:00Z'), [last])
  }
)

t.test('whoever begins anew comes to the end of a log that was cut short, however small the pages', async (t) => {
  const service = await newService(t, { now: START })
  const { app, store, clock } = service
  const workspace = await store.ensureWorkspace('default')
  const terms = { today: d('2026-11-20'), lagDays: 7, ranged: true, replace: true }
  const days = eachDay({ from: d('2026-01-01'), to: d('2026-08-08') })
  for (const count of [1, 2]) {
    await store.applyImport(
      workspace,
      days.map((day) => ({ day, cells: [cell('Inbox', count)] })),
      terms
    )
  }
  await clock.advance(DAY_MS)
  for (const count of [3, 4, 5]) {
    await store.applyImport(workspace, [{ day: d('2026-08-08'), cells: [cell('Inbox', count)] }], terms)
  }
  t.equal(await store.trimLog(workspace, clock.now()), 220)

  for (const limit of [1, 2, 219, 220, 221, 500]) {
    const told: string[] = []
    for (let [since, more] = ['0', true]; more;) {
      const { statusCode, body } = await app.inject(`/changes?since=${since}&limit=${limit}`)
      t.equal(statusCode, 200, body)
      const page = JSON.parse(body)
      told.push(
        ...page.changes.map(
          ({ date, counts }: { date: string; counts: { Inbox: number } }) => `${date} ${counts.Inbox}`
        )
      )
      since = page.next
      more = page.more
    }
    t.strictSame(told, [...days.map((day) => `${day} 2`), ...[3, 4, 5].map((count) => `2026-08-08 ${count}`)])
  }
})
