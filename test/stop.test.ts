import t from 'tap'
import { STOP_MS, stopInOrder, type Stopping } from '../src/stop.ts'
import { fakeClock } from './support/fake-clock.ts'

const clock = fakeClock('2026-11-24T06:00:00Z')

/** What is done when, by name and by milliseconds after the start; each step ends at once, but for what is said. */
function rehearse(steps: Partial<Stopping>): { done: string[]; warned: string[]; stopping: Stopping } {
  const done: string[] = []
  const warned: string[] = []
  const begunAt = clock.now().getTime()
  const note = (name: string): void => {
    done.push(`${name} ${clock.now().getTime() - begunAt}`)
  }
  const step = (name: string, work: (() => Promise<void>) | undefined) => async () => {
    note(name)
    await work?.()
  }
  const stopping: Stopping = {
    clock,
    log: { warn: (_fields, message) => warned.push(message) },
    drainMs: 5_000,
    beginDrain: () => note('drain'),
    stopSchedule: step('schedule', steps.stopSchedule),
    abortRuns: step('runs', steps.abortRuns),
    closeServer: step('server', steps.closeServer),
    cutConnections: () => note('cut'),
    closeStore: step('store', steps.closeStore)
  }
  return { done, warned, stopping }
}

const never = async (): Promise<void> => new Promise(() => {})

const fail = async (): Promise<void> => {
  throw new Error('no')
}

async function ended(stopping: Stopping): Promise<boolean> {
  let over = false
  void stopInOrder(stopping).then(() => (over = true))
  await clock.advance(stopping.drainMs + STOP_MS)
  return over
}

t.test('it is told first, then served on, then taken apart in the order in which work flows', async (t) => {
  const { done, warned, stopping } = rehearse({})
  t.equal(await ended(stopping), true)
  t.same(done, ['drain 0', 'schedule 0', 'runs 5000', 'server 5000', 'store 5000'])
  t.same(warned, [])
})

t.test(
  'whatever hangs is left after its time, and the rest is still done, within ten seconds of the drain',
  async (t) => {
    const { done, warned, stopping } = rehearse({
      stopSchedule: never,
      abortRuns: never,
      closeServer: never,
      closeStore: never
    })
    t.equal(await ended(stopping), true)
    t.same(done, ['drain 0', 'schedule 0', 'runs 5000', 'server 8000', 'cut 10000', 'store 11000'])
    t.equal(warned.length, 5)
    t.ok(STOP_MS <= 10_000)
  }
)

t.test('what fails while it is stopped keeps nothing else from its end', async (t) => {
  const { done, warned, stopping } = rehearse({
    stopSchedule: fail,
    abortRuns: fail,
    closeServer: fail,
    closeStore: fail
  })
  t.equal(await ended(stopping), true)
  t.match(done.at(-1), 'store 5000')
  t.equal(warned.length, 4)
})
