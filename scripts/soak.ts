// `npm run soak`: the tests that go by chance, for as long as one likes to wait. The test suite runs a part of each, by
// a fixed seed. A failure names its seed: `SEED=7 npm run soak` repeats it.
import { spawnSync } from 'node:child_process'
import { randomInt } from 'node:crypto'

const SEED = process.env['SEED'] ?? String(randomInt(1_000_000))
const HOURS = 3

const LONG = {
  SEED,
  SOAK: '1',
  HISTORIES: process.env['HISTORIES'] ?? '1500',
  SOAK_REQUESTS: process.env['SOAK_REQUESTS'] ?? '100000'
}

const FILES = [
  'test/ingest/random-history.test.ts',
  'test/server/random-requests.test.ts',
  ...(process.argv.length > 2 ? process.argv.slice(2) : ['test/reliability'])
]

console.log(
  Object.entries(LONG)
    .map(([name, value]) => `${name}=${value}`)
    .join(' ')
)
const { status } = spawnSync('npx', ['tap', '--disable-coverage', '--jobs=1', `--timeout=${HOURS * 3_600}`, ...FILES], {
  env: { ...process.env, ...LONG },
  stdio: 'inherit'
})
process.exit(status ?? 1)
