// Work for each of many, which must not keep everybody else waiting.
import { setImmediate as turn } from 'node:timers/promises'
import t from 'tap'
import { inTurns } from '../../src/server/in-turns.ts'

t.test('the results come in the order of the items, however long each takes', async (t) => {
  const results = await inTurns([5, 1, 3], async (turns) => {
    for (let i = 0; i < turns; i++) await turn()
    return turns * 10
  })
  t.strictSame(results, [50, 10, 30])
})

t.test('a few are done at once, and others have a turn in between, also where nothing is waited for', async (t) => {
  let turns = 0
  let timer = setImmediate(function count() {
    turns++
    timer = setImmediate(count)
  })
  let [now, most] = [0, 0]
  await inTurns(
    Array.from({ length: 40 }, (_, i) => i),
    async () => {
      most = Math.max(most, ++now)
      await Promise.resolve()
      now--
    }
  )
  clearImmediate(timer)
  t.equal(most, 2)
  t.ok(turns >= 19, `${turns} turns`)
})

t.test('where one fails, all fail with its error', async (t) => {
  const works = [async () => 1, async () => Promise.reject(new Error('of two')), async () => 3]
  await t.rejects(
    inTurns(works, async (work) => work()),
    { message: 'of two' }
  )
})
