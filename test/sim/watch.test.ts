// What is told of a play that comes to no end; the players here are programs that do nothing else.
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import t, { type Test } from 'tap'
import { watch, type News, type Played } from '../../sim/watch.ts'

const SIMULATION = { seed: 7, from: 3, histories: 5, minutes: 1, without: [] }
const AT_STEP_2: News = { kind: 'at', place: { number: 4, without: [1], step: 2 } }

/** A program that tells this, and then does what `then` says. It is ended after a silence only where it would not end. */
function played(t: Test, news: readonly News[], then: string, quietMs = 60_000): Promise<Played> {
  const tell = news.map((each) => `process.send(${JSON.stringify(JSON.stringify(each))})`).join('\n')
  const folder = t.testdir({ 'player.mjs': `${tell}\n${then}\n` })
  return watch(SIMULATION, { quietMs, player: pathToFileURL(join(folder, 'player.mjs')) })
}

for (const [what, then] of [
  ['a loop without an end', 'for (;;);'],
  ['turns of the event loop without an end', 'setInterval(() => {}, 1)']
] as const) {
  t.test(`${what} fails where it was, and tells what was under way and how to play it again`, async (t) => {
    const { failure, played: number } = await played(t, [AT_STEP_2], then, 1_000)
    t.match(failure, /^seed 7 history 4 step 2\n +It begins at .*\n {4}2\. [^\n]+\n {2}found: it hangs: /s)
    t.match(failure, /npm run sim -- --seed 7 --history 4 --without 1$/)
    t.equal(number, 2)
  })
}

t.test('an answer that never comes fails where it was, at once', async (t) => {
  const { failure } = await played(t, [AT_STEP_2], 'void new Promise(() => {})')
  t.match(failure, /^seed 7 history 4 step 2\n.*found: its process ended with 0/s)
})

t.test('what failed is told, also when a shorter history hangs', async (t) => {
  const { failure } = await played(t, [{ kind: 'failed', failure: 'what failed' }, AT_STEP_2], 'for (;;);', 3_000)
  t.match(failure, /^what failed\n.*\nseed 7 history 4 step 2\n/s)
})

t.test('a play that ends is told as it told it', async (t) => {
  const ended: Played = { played: 5, counts: [['a run', 3]], failure: null, cpuMs: 12 }
  t.same(await played(t, [AT_STEP_2, { kind: 'ended', played: ended }], ''), ended)
})
