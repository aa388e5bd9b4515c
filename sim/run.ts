// `npm run sim -- --seed N --histories N`: plays so many histories, prints how often each thing happened, and stops at
// the first that fails. docs/simulator.md tells more.
import { randomInt } from 'node:crypto'
import { parseArgs } from 'node:util'
import { neverSeen } from './tally.ts'
import { watch } from './watch.ts'

const USAGE = `npm run sim -- [--seed N] [--histories N] [--minutes M]   histories one after the other
npm run sim -- --seed N --history H [--without 3,4]       one alone, without some of its steps`

/** In so many histories everything happens. */
const ENOUGH = 1_000
const PROGRESS_MS = 60_000
const QUIET_MS = 60_000

const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    histories: { type: 'string' },
    minutes: { type: 'string' },
    history: { type: 'string' },
    without: { type: 'string' },
    help: { type: 'boolean' }
  }
})
if (values.help === true) {
  console.log(USAGE)
  process.exit(0)
}

const seed = wholeNumber('seed') ?? randomInt(1_000_000)
const history = wholeNumber('history')
if (history !== undefined && values.seed === undefined) refuse('--history is one of a --seed: name both')
const begun = performance.now()
let told = begun
const simulation = {
  seed,
  from: history ?? 0,
  histories: history === undefined ? (wholeNumber('histories') ?? ENOUGH) : 1,
  minutes: wholeNumber('minutes') ?? Number.MAX_SAFE_INTEGER,
  without: (values.without ?? '').split(',').filter(Boolean).map(Number)
}
const { played, counts, failure, cpuMs } = await watch(simulation, {
  quietMs: QUIET_MS,
  onHistory(count) {
    if (performance.now() - told < PROGRESS_MS) return
    told = performance.now()
    console.log(`${new Date().toISOString()} ${count} histories`)
  }
})
const seconds = (performance.now() - begun) / 1_000
for (const [kind, count] of counts) if (history === undefined) console.log(`${String(count).padStart(9)} ${kind}`)
console.log(
  `seed ${seed}: ${played} histories in ${seconds.toFixed(1)} s, ${(played / seconds).toFixed(1)} a second, ` +
    `${(cpuMs / played).toFixed(1)} ms of CPU each`
)
const never = played >= ENOUGH ? neverSeen(counts) : []
if (failure !== null) console.log(failure)
if (never.length > 0) console.log(`never happened, which is an error of the simulator: ${never.join('; ')}`)
process.exit(failure === null && never.length === 0 ? 0 : 1)

function wholeNumber(name: 'seed' | 'histories' | 'minutes' | 'history'): number | undefined {
  const text = values[name]
  if (text !== undefined && !/^\d{1,9}$/.test(text)) refuse(`--${name} ${text} is no whole number`)
  return text === undefined ? undefined : Number(text)
}

function refuse(reason: string): never {
  console.error(`${reason}\n${USAGE}`)
  process.exit(2)
}
