// `npm run bench -- store`: how large a store is, and how fast it is filled.
import Database from 'better-sqlite3'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { eachDay } from '../src/model/day.ts'
import { openSqliteStore } from '../src/store/sqlite.ts'
import { systemClock } from '../src/system-clock.ts'
import { atLeast, figure, type Figure } from './figures.ts'
import { cellsOf, fillStore, lastDays, quantile } from './support.ts'

const TEN_YEARS = 3_650
const CELLS = 25
const REPEATS = 4

export async function storeFigures(): Promise<Figure[]> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-'))
  try {
    let seconds = Number.POSITIVE_INFINITY
    const path = join(folder, 'series.db')
    for (let repeat = 0; repeat < REPEATS; repeat++) {
      for (const end of ['', '-wal', '-shm']) await rm(`${path}${end}`, { force: true })
      const began = process.cpuUsage()
      await fillStore(path, 'contoso', TEN_YEARS)
      const { user, system } = process.cpuUsage(began)
      seconds = Math.min(seconds, (user + system) / 1e6)
    }
    const { days, log } = bytesOf(path)
    return [
      figure('bytes a stored count, after vacuum', days / (TEN_YEARS * CELLS), 'bytes', 16),
      figure('bytes a count in the log of changes', log / (TEN_YEARS * CELLS), 'bytes'),
      atLeast('import: counts a second of CPU', (TEN_YEARS * CELLS) / seconds, '/s', 500_000),
      figure('a day replaced: CPU, the flush of the disk beside it', await replaceMs(path), 'ms', 1)
    ]
  } finally {
    await rm(folder, { recursive: true })
  }
}

function bytesOf(path: string): { days: number; log: number } {
  const db = new Database(path)
  db.exec('vacuum')
  const sizes = db
    .prepare<[], { name: string; bytes: number }>('select name, sum(pgsize) as bytes from dbstat group by name')
    .all()
  db.close()
  const sum = (...names: string[]): number =>
    sizes.reduce((all, { name, bytes }) => all + (names.includes(name) ? bytes : 0), 0)
  return { days: sum('day', 'label'), log: sum('change', 'change_of_day', 'label_log') }
}

async function replaceMs(path: string): Promise<number> {
  const store = await openSqliteStore({ path, clock: systemClock })
  const workspace = await store.ensureWorkspace('contoso')
  const { to } = lastDays(1)
  const spent: number[] = []
  for (const [i, day] of eachDay(lastDays(200)).entries()) {
    const cells = cellsOf(day).map((cell) => Object.assign(cell, { count: cell.count + 1 + i }))
    const before = process.cpuUsage()
    await store.applyImport(workspace, [{ day, cells }], { today: to, lagDays: 7, ranged: true, replace: true })
    const { user, system } = process.cpuUsage(before)
    spent.push((user + system) / 1_000)
  }
  await store.close()
  return quantile(spent, 0.5)
}
