// `npm run soak [-- NAME...]`: the tests that go by chance, and the long forms of those of reliability, one after the
// other; all of them, or those whose file has a name given. The test suite runs a part of each, by a fixed seed. The
// seed is printed: `SEED=7 npm run soak` repeats what failed.
import { spawn } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { globSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

const ROOT = join(import.meta.dirname, '..')
/** A million simulated histories take the night. */
const HOURS = 24
const LONG = {
  SEED: process.env['SEED'] ?? String(randomInt(1_000_000)),
  SOAK: '1',
  SOAK_REQUESTS: process.env['SOAK_REQUESTS'] ?? '100000',
  SOAK_SIMULATED: process.env['SOAK_SIMULATED'] ?? '1000000'
}

const names = process.argv.slice(2)
const all = [
  'test/server/random-requests.test.ts',
  'test/sim/sim.test.ts',
  ...globSync('test/reliability/*.test.ts', { cwd: ROOT }).toSorted()
]
const chosen = all.filter((file) => names.length === 0 || names.some((name) => file.includes(name)))
if (chosen.length === 0) {
  console.error(`no test that soaks is called ${names.join(' or ')}: it is one of ${all.join(', ')}`)
  process.exit(2)
}

console.log(
  Object.entries(LONG)
    .map(([name, value]) => `${name}=${value}`)
    .join(' ')
)
const failed: string[] = []
for (const file of chosen) {
  console.log(`${new Date().toISOString()} ${file}`)
  const begun = performance.now()
  const words = ['tap', '--reporter=tap', '--disable-coverage', '--jobs=1', `--timeout=${HOURS * 3_600}`, file]
  const child = spawn('npx', words, {
    cwd: ROOT,
    env: { ...process.env, ...LONG },
    stdio: ['ignore', 'pipe', 'inherit']
  })
  const exit = once(child, 'exit')
  // What failed, and of what passed the figures.
  for await (const line of createInterface(child.stdout)) {
    if (/^\s*not ok|^\s+# (?!Subtest|time)|ok \d+ - \d/.test(line)) console.log(`  ${line.trim()}`)
  }
  const [code] = await exit
  if (code !== 0) failed.push(file)
  console.log(`  ${code === 0 ? 'passed' : 'FAILED'} in ${Math.round((performance.now() - begun) / 1_000)} s`)
}
console.log(failed.length === 0 ? 'all passed' : `failed, with SEED=${LONG.SEED}: ${failed.join(', ')}`)
process.exit(failed.length === 0 ? 0 : 1)
