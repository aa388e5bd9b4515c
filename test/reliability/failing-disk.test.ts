// The n-th write, sync or open fails, once: strace makes it so. Whatever is not stored is refused, what is read is
// what was stored last, and what comes after goes on.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import t from 'tap'
import { checkCopy } from '../../src/store/copy.ts'
import { d } from '../support/counts.ts'
import { quickFolder } from '../support/quick-folder.ts'
import { cannotRecord } from '../support/reliability/recorded-writes.ts'
import { openAt } from '../support/reliability/small-store.ts'
import { randomOf, SEEDED, SOAK } from '../support/reliability/soak.ts'

const PROCESS = join(import.meta.dirname, '../support/reliability/faulty-process.ts')
const NAMES = ['series.db', 'series.db-wal', 'series.db-journal', 'copy.db', 'copy.db.part']

interface Fault {
  readonly calls: string
  readonly error: 'EIO' | 'ENOSPC'
  /** More than are made in the life of that process. */
  readonly most: number
}

const FAULTS: readonly Fault[] = [
  { calls: 'pwrite64', error: 'EIO', most: 225 },
  { calls: 'pwrite64', error: 'ENOSPC', most: 225 },
  { calls: 'fsync,fdatasync', error: 'EIO', most: 26 },
  { calls: 'openat', error: 'EIO', most: 16 },
  { calls: 'ftruncate', error: 'EIO', most: 8 }
]

/** What the process says when the n-th of these calls on files of the store fails. */
async function saidWith({ calls, error }: Fault, n: number, folder: string): Promise<string[]> {
  const files = NAMES.flatMap((name) => ['-P', join(folder, name)])
  const fault = ['-e', `trace=${calls}`, '-e', `inject=${calls}:error=${error}:when=${n}`]
  const child = spawn('strace', ['-f', ...files, ...fault, '-o', '/dev/null', process.execPath, PROCESS, folder], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env['PATH'] }
  })
  const [out, err, [status]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
  const lines = out.split('\n').filter((line) => line !== '')
  return status === 0 ? lines : [...lines, `ended with ${String(status)}: ${err}`]
}

function faultsIn(lines: readonly string[]): string[] {
  const faults: string[] = []
  let stored = '0'
  let [refused, refusals] = ['', 0]
  for (const line of lines) {
    const [word = '', ...rest] = line.split(' ')
    const what = rest.join(' ')
    if (word === 'refused') [refused, refusals] = [what, refusals + 1]
    else if (word === 'stored' && /^\d$/.test(what)) stored = what
    else if (word === 'reads' && what !== stored && what !== refused) faults.push(`${stored} is stored, it ${line}`)
    else if (word === 'ended') faults.push(line)
  }
  // A call may fail within something that is tried twice.
  if (refusals > 2) faults.push(`${refusals} refusals after one fault`)
  if (!lines.includes('reads 6') && !lines.includes('refused 6') && !lines.includes('refused read')) {
    faults.push('it did not go on')
  }
  return faults
}

t.test(
  `whichever write, sync or open fails, no number is wrong, and it goes on ${SEEDED}`,
  { skip: cannotRecord() },
  async (t) => {
    const root = quickFolder(t)
    const random = randomOf('failing disk')
    let refusals = 0
    for (const fault of FAULTS) {
      const chosen = SOAK
        ? Array.from({ length: fault.most }, (_, i) => i + 1)
        : [...new Set([1, 2].map(() => 1 + Math.floor(random() * fault.most * 0.8)))]
      for (const n of chosen) {
        const folder = join(root, `${fault.calls}-${fault.error}-${n}`)
        mkdirSync(folder)
        const lines = await saidWith(fault, n, folder)
        const faults = [...faultsIn(lines), ...(await faultsAfter(folder, lines))]
        if (faults.length > 0) t.fail(`${fault.calls} ${n}: ${fault.error}`, { faults, lines })
        if (lines.some((line) => line.startsWith('refused'))) refusals++
      }
    }
    t.ok(refusals > 0, `${refusals} faults had something refused`)
  }
)

/** What the next start finds wrong. */
async function faultsAfter(folder: string, lines: readonly string[]): Promise<string[]> {
  const store = await openAt(join(folder, 'series.db'))
  const contoso = await store.ensureWorkspace('contoso')
  const { days } = await store.readDays(contoso, { from: d('2026-01-01'), to: d('2026-12-31') })
  const faults = [...(await store.verify())]
  await store.close()
  const numbers = [...new Set(days.flatMap(({ cells }) => cells.map(({ count }) => String(count))))]
  if (!lines.includes(`stored ${numbers[0]}`) && !lines.includes(`refused ${numbers[0]}`))
    faults.push(`${numbers[0]} is there`)
  if (numbers.length > 1) faults.push('half an import')
  if (lines.includes('stored 6') && numbers[0] !== '6') faults.push(`6 was stored, and ${numbers[0]} is there`)
  if (readdirSync(folder).includes('copy.db')) checkCopy(join(folder, 'copy.db'))
  return faults
}
