// Changes one room after the other, or those that are named: `npm run mutate -- model`. What else is given is for
// Stryker, as `--mutate src/store/heal.ts`, or `--incremental` to try again only what has changed since.
import { spawnSync } from 'node:child_process'

const ROOMS = ['model', 'ingest', 'store']

const given = process.argv.slice(2)
const named = ROOMS.filter((room) => given.includes(room))
const options = given.filter((word) => !ROOMS.includes(word))

for (const room of named.length > 0 ? named : ROOMS) {
  const { status } = spawnSync('stryker', ['run', `test/mutation/${room}.mjs`, ...options], { stdio: 'inherit' })
  if (status !== 0) process.exitCode = 1
}
