// `npm run soak [-- NAME... --seed N]`: the long forms of the tests of reliability, one after the other, all of them or
// those whose file has a name given. What goes by chance goes by the seed, which is printed: the same one repeats it.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { globSync } from 'node:fs'
import { basename, join } from 'node:path'
import { createInterface } from 'node:readline'
import { parseArgs } from 'node:util'

const ROOT = join(import.meta.dirname, '..')
const { values, positionals } = parseArgs({ options: { seed: { type: 'string' } }, allowPositionals: true })
const seed = values.seed ?? String(Date.now() % 1_000_000)

const all = globSync('test/reliability/*.test.ts', { cwd: ROOT }).toSorted()
const chosen = all.filter(
  (file) => positionals.length === 0 || positionals.some((name) => basename(file).includes(name))
)
if (chosen.length === 0) {
  console.error(
    `no test of reliability is called ${positionals.join(' or ')}: ${all.map((file) => basename(file)).join(', ')}`
  )
  process.exit(2)
}

const failed: string[] = []
for (const file of chosen) {
  console.log(`${new Date().toISOString()} ${file}, seed ${seed}`)
  const begun = performance.now()
  const env = { ...process.env, SOAK: '1', SEED: seed, TAP_TIMEOUT: '0' }
  const child = spawn(process.execPath, [file], { cwd: ROOT, env, stdio: ['ignore', 'pipe', 'inherit'] })
  const exit = once(child, 'exit')
  // What failed, and of what passed the figures.
  for await (const line of createInterface(child.stdout)) {
    if (/^\s*not ok|^\s+# (?!Subtest)|ok \d+ - \d/.test(line)) console.log(`  ${line.trim()}`)
  }
  const [code] = await exit
  if (code !== 0) failed.push(file)
  console.log(`  ${code === 0 ? 'passed' : 'FAILED'} in ${Math.round((performance.now() - begun) / 1_000)} s`)
}
console.log(failed.length === 0 ? `all passed, seed ${seed}` : `failed with seed ${seed}: ${failed.join(', ')}`)
process.exit(failed.length === 0 ? 0 : 1)
