import t from 'tap'
import { systemClock } from '../src/system-clock.ts'

t.test('a wait ends by itself, and at once where there is nothing to wait for', async (t) => {
  await systemClock.after(1)
  await systemClock.after(0, new AbortController().signal)
  t.pass('both ended')
})

t.test(
  'a wait that is cancelled rejects with the reason of its signal, also where that came before the wait',
  async (t) => {
    const reason = new Error('stopping')
    const controller = new AbortController()

    const waited = systemClock.after(86_400_000, controller.signal)
    controller.abort(reason)

    await t.rejects(waited, reason)
    await t.rejects(systemClock.after(86_400_000, controller.signal), reason)
    await t.rejects(systemClock.after(0, controller.signal), reason)
  }
)

t.test('a wait longer than the longest timer of Node is not over at once', async (t) => {
  const controller = new AbortController()
  const waited = systemClock.after(2 ** 31, controller.signal).then(
    () => 'over',
    () => 'cancelled'
  )
  // A delay that does not fit is taken as 1 ms: this timer is set later and so ends after such a one.
  await systemClock.after(5)
  controller.abort()
  t.equal(await waited, 'cancelled')
})

t.test('now is the time of the machine', async (t) => {
  const before = Date.now()
  const now = systemClock.now().getTime()
  t.ok(before <= now && now <= Date.now())
})
