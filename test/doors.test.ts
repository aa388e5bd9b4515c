// The rules of the house: which room opens onto which, who reads the environment, and where time comes from.
import { globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path/posix'
import t from 'tap'

/** What each room may import, beside itself and packages. */
const DOORS: Record<string, readonly string[]> = {
  model: [],
  server: ['model'],
  ingest: ['model'],
  store: ['model'],
  config: []
}

/** The commands put the rooms together, as the files directly under src/ do. */
const EVERY_KEY = 'commands'

/** Beside the clock of the machine: sockets that the other side does not end are ended after a while. */
const TIME_KEEPERS: Record<string, readonly string[]> = {
  'src/system-clock.ts': ['new Date()', 'setTimeout'],
  'src/server/refusals.ts': ['setTimeout']
}

/** Where a file breaks a rule; one line each. */
function faultsOf(file: string, text: string): string[] {
  const [room = ''] = /(?<=^src\/)[\w-]+(?=\/)/.exec(file) ?? []
  const code = text.replace(/^\s*(\/\/|\/?\*).*$/gm, '')
  const faults: string[] = []

  if (room !== '' && room !== EVERY_KEY) {
    const open = DOORS[room]
    if (open === undefined) return [`${file} lies in a room without doors`]
    for (const [, to = ''] of code.matchAll(/\b(?:from|import)\s*\(?\s*['"`](\.[^'"`]*)/g)) {
      const target = join(dirname(file), to)
      if (![room, ...open].some((name) => target.startsWith(`src/${name}/`))) faults.push(`${file} imports ${target}`)
    }
  }
  if (room !== '' && /\bprocess\s*(\.\s*env\b|\[)|\bfrom 'node:process'/.test(code)) {
    faults.push(`${file} reads the environment`)
  }
  for (const [time] of code.matchAll(/\bDate\.now\b|\bnew Date\(\)|\bsetTimeout\b|\bsetInterval\b/g)) {
    if (TIME_KEEPERS[file]?.includes(time) !== true) faults.push(`${file} takes time by ${time}`)
  }
  return faults
}

t.test('every file of src keeps the rules', async (t) => {
  const files = globSync('src/**/*.ts')
  t.ok(files.length > 20)
  t.same(
    files.flatMap((file) => faultsOf(file, readFileSync(file, 'utf8'))),
    []
  )
})

t.test('a file that breaks a rule is found', async (t) => {
  const broken: [string, string][] = [
    ['src/model/a.ts', "import { x } from '../store/open.ts'"],
    ['src/model/a.ts', "export * from '../config.ts'"],
    ['src/server/routes/a.ts', "import type { X } from '../../ingest/source.ts'"],
    ['src/server/a.ts', "const store = await import('../store/open.ts')"],
    ['src/store/a.ts', "import '../server/app.ts'"],
    ['src/ingest/a.ts', "import {\n  x\n} from '../parts.ts'"],
    ['src/ingest/a.ts', "import { x } from '../../scripts/a.ts'"],
    ['src/cellar/a.ts', 'export const x = 1'],
    ['src/store/a.ts', 'const url = process.env.STORE_URL'],
    ['src/commands/a.ts', 'const url = process.env.STORE_URL'],
    ['src/config/a.ts', "const { env } = process['env']"],
    ['src/server/a.ts', "import { env } from 'node:process'"],
    ['src/main.ts', 'const started = Date.now()'],
    ['src/store/a.ts', 'const now = new Date()'],
    ['src/server/a.ts', 'setTimeout(done, 5)'],
    ['src/parts.ts', "import { setInterval } from 'node:timers/promises'"]
  ]
  for (const [file, text] of broken) t.equal(faultsOf(file, text).length, 1, text)
})

t.test('a file that keeps them is not', async (t) => {
  const kept: [string, string][] = [
    ['src/main.ts', "import { x } from './store/open.ts'\nconst { env } = process"],
    ['src/store/a.ts', "import { x } from '../model/day.ts'\nimport fs from 'node:fs'\nimport pg from 'pg'"],
    ['src/server/routes/a.ts', "import { x } from '../problem.ts'\nimport { y } from '../../model/day.ts'"],
    ['src/ingest/azure/a.ts', '// unlike Date.now()\nconst instant = new Date(text)\nprocess.memoryUsage()'],
    ['src/commands/a.ts', "import { x } from '../store/open.ts'"],
    ['src/system-clock.ts', 'const now = () => new Date()']
  ]
  for (const [file, text] of kept) t.same(faultsOf(file, text), [])
})
