// A service whose store holds the worst that it can: labels and names that do harm elsewhere, days that are lost or
// damaged, a log that cannot be read in part.
import Database from 'better-sqlite3'
import type { Test } from 'tap'
import { DIMENSIONS, type CellCount } from '../../src/model/cube.ts'
import { addDays, eachDay, numberOfDay } from '../../src/model/day.ts'
import type { Workspace } from '../../src/model/store.ts'
import { cell, d } from './counts.ts'
import { HOSTILE_LABELS, HOSTILE_NAMES } from './hostile.ts'
import { newService, type Service, type ServiceOptions } from './service.ts'

/** Every day has some of the labels, and each label stands in every dimension. */
export const HOSTILE_RANGE = { from: d('2026-08-01'), to: d('2026-11-20') }
const LOST = [d('2026-09-10'), d('2026-09-11')]
const DAMAGED = [d('2026-09-20'), d('2026-10-20')]

export interface HostileService extends Service {
  /** The workspace of most hostile labels. */
  readonly hostile: Workspace
  /** Names of all workspaces that hold days. */
  readonly names: readonly string[]
}

/** The one of the settings is `default`, and empty; the others are in the store alone. */
export async function newHostileService(t: Test, options: ServiceOptions = {}): Promise<HostileService> {
  const service = await newService(t, options)
  const hostile = await service.fill('hostile', hostileDays(), '2026-11-13')
  await service.store.markLost(hostile, addDays(LOST.at(-1) ?? HOSTILE_RANGE.from, 1))
  for (const [i, name] of HOSTILE_NAMES.entries()) {
    await service.fill(name, { '2026-11-01': [cell('Inbox', i + 1)], '2026-11-23': [cell('Junk', 1)] })
  }
  const broken = await service.fill('broken', { '2026-11-01': [cell('Inbox', 1)], '2026-11-02': [cell('Junk', 2)] })
  damage(service.file, hostile, broken)
  return { ...service, hostile, names: ['hostile', ...HOSTILE_NAMES, 'broken'] }
}

function hostileDays(): { readonly [day: string]: readonly CellCount[] } {
  const days = eachDay(HOSTILE_RANGE).filter((day) => !LOST.includes(day))
  return Object.fromEntries(days.map((day, i) => [day, DIMENSIONS.map((dimension, k) => hostileCell(dimension, i, k))]))
}

/** One of the labels in one dimension, the others being ordinary; in as many days each label has had its turn. */
function hostileCell(dimension: (typeof DIMENSIONS)[number], i: number, k: number): CellCount {
  const label = HOSTILE_LABELS[i % HOSTILE_LABELS.length] ?? ''
  return { ...cell('Inbox/folder', i + k + 1), [dimension]: label }
}

/** Behind the back of the store: some days, and in one workspace the beginning of the log. */
function damage(file: string, hostile: Workspace, broken: Workspace): void {
  const db = new Database(file)
  const damageDay = db.prepare<[number, number]>(
    'update day set state = state % 2 + 1 where workspace_key = ? and day = ?'
  )
  for (const day of DAMAGED) damageDay.run(hostile.key, numberOfDay(day))
  db.prepare<[number]>('update change set day = day + 1 where workspace_key = ?').run(broken.key)
  db.close()
}
