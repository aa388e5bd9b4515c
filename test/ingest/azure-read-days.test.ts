// Long answers are read in a thread of their own, and mean the same there.
import t from 'tap'
import { readDaysAnswer } from '../../src/ingest/azure/days.ts'
import { readDaysText } from '../../src/ingest/azure/read-days.ts'
import { eachDay, type Day } from '../../src/model/day.ts'
import { asTables } from '../support/azure-table.ts'

const range = { from: '2026-11-01' as Day, to: '2026-11-05' as Day }
const never = new AbortController().signal
const ROWS_A_DAY = 2000

/** Some 700 kB; the last day is quiet. */
function longAnswer(lastCount: unknown = 3): string {
  const rows = eachDay({ ...range, to: '2026-11-04' as Day }).flatMap((day) =>
    Array.from({ length: ROWS_A_DAY }, (_, i) => [`${day}T00:00:00Z`, 'Quarantine', `Type ${i}`, 'AdminAction', '', i])
  )
  rows.push(['2026-11-04T00:00:00Z', 'Junk folder', 'Type', 'AdminAction', '', lastCount as number])
  const text = JSON.stringify(
    asTables({
      columns: [
        ['Day', 'datetime'],
        ['DeliveryLocation', 'string'],
        ['ActionType', 'string'],
        ['ActionTrigger', 'string'],
        ['ActionResult', 'string'],
        ['Count', 'long']
      ],
      rows
    })
  )
  return text
}
const task = (text: string) => ({ text, range, rowLimit: 500_000 })

t.test('a long answer is read as a short one is', async (t) => {
  const text = longAnswer()
  t.ok(text.length > 500_000)
  const days = await readDaysText(task(text), never)
  t.same(days, readDaysAnswer(JSON.parse(text), range, 500_000))
  t.same(
    days.map(({ cells }) => cells.length),
    [ROWS_A_DAY - 1, ROWS_A_DAY - 1, ROWS_A_DAY - 1, ROWS_A_DAY, 0]
  )
})

t.test('a long answer is refused with the code of its fault, wherever the fault lies', async (t) => {
  await t.rejects(readDaysText(task(longAnswer(-1)), never), {
    name: 'OperationalError',
    code: 'source-rejected',
    message: /-1/
  })
  await t.rejects(readDaysText(task(longAnswer().slice(0, -1)), never), {
    name: 'OperationalError',
    code: 'source-incomplete'
  })
  await t.rejects(readDaysText({ ...task(longAnswer()), rowLimit: 8000 }, never), { code: 'source-incomplete' })
})

t.test('reading a long answer is cancelled by the signal', async (t) => {
  const stop = new AbortController()
  const reading = readDaysText(task(longAnswer()), stop.signal)
  stop.abort()
  await t.rejects(reading, { code: 'cancelled' })
  await t.rejects(readDaysText(task(longAnswer()), AbortSignal.abort()), { code: 'cancelled' })
})
