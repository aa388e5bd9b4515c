// What a start needs, and how little of it stays.
import t from 'tap'
import { keepHeapSmall, keepsTick } from '../src/quick-start.ts'

t.test('Node makes an object for each nextTick, and one of them is kept', async (t) => {
  t.notOk(keepsTick())
  keepHeapSmall()
  t.ok(keepsTick())
})
