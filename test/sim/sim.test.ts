// Histories of the whole service beside a plain model of it: sim/, docs/simulator.md. The suite plays a few, the same
// each time; SEED=7 plays others, and `npm run soak -- sim` as many as it is given, on every core.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import t from 'tap'
import { drawHistory } from '../../sim/draw.ts'
import { randomOf } from '../../sim/random.ts'
import { shrink } from '../../sim/shrink.ts'
import { SEEDED, SOAK } from '../support/reliability/soak.ts'

const SEED = Number(process.env['SEED'] ?? 1)
const MILLION = Number(process.env['SOAK_SIMULATED'] ?? 1_000_000)
const RUN = join(import.meta.dirname, '../../sim/run.ts')

/** In a process of its own: the runner's hooks would make each promise, and there are millions, several times slower. */
async function play(seed: number, histories: number): Promise<{ status: unknown; out: string }> {
  const words = [RUN, '--seed', String(seed), '--histories', String(histories)]
  const child = spawn(process.execPath, words, {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { PATH: process.env['PATH'] }
  })
  const [out, [status]] = await Promise.all([text(child.stdout), once(child, 'close')])
  return { status, out }
}

t.test(`whatever happens, what is stored and served is what the plain model has ${SEEDED}`, async (t) => {
  const cores = SOAK ? availableParallelism() : 1
  const each = SOAK ? Math.ceil(MILLION / cores) : 30
  const seeds = Array.from({ length: cores }, (_, core) => SEED + core)
  for (const { status, out } of await Promise.all(seeds.map((seed) => play(seed, each)))) {
    t.equal(status, 0, /^seed .* of CPU each$/m.exec(out)?.[0] ?? 'it said nothing')
    if (status !== 0) t.comment(out)
    const kinds = [...out.matchAll(/^ +(\d+) \S/gm)].filter(([, count]) => count !== '0')
    t.ok(kinds.length > 40, `${kinds.length} kinds of things took place`)
  }
})

t.test('the same seed gives the same history, and another one another', async (t) => {
  t.same(drawHistory(randomOf(7, 1)), drawHistory(randomOf(7, 1)))
  t.not(JSON.stringify(drawHistory(randomOf(7, 1))), JSON.stringify(drawHistory(randomOf(7, 2))))
  t.not(JSON.stringify(drawHistory(randomOf(7, 1))), JSON.stringify(drawHistory(randomOf(8, 1))))
})

t.test('a history that fails is made as short as it can be', async (t) => {
  const drawn = drawHistory(randomOf(7, 1))
  const { steps } = drawn
  const culprits = [steps[1], steps.at(-2)]
  const needed = await shrink(drawn, async (shorter) =>
    culprits.every((step) => step !== undefined && shorter.steps.includes(step))
  )
  t.same(needed, [1, steps.length - 2])
})
