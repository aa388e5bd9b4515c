// Another process on the same SQLite file; run by sqlite-file.test.ts as `sqlite-process.ts ROLE PATH [WORD]`.
import { writeSync } from 'node:fs'
import Database from 'better-sqlite3'
import type { DayCounts } from '../../src/model/cube.ts'
import { addDays } from '../../src/model/day.ts'
import { openSqliteStore } from '../../src/store/sqlite.ts'
import { systemClock } from '../../src/system-clock.ts'
import { cell, d } from './counts.ts'
import { fakeClock } from './fake-clock.ts'

const [, , role = '', path = '', word = ''] = process.argv

function tell(message: string): void {
  process.send?.(message)
}

const roles: Record<string, () => Promise<void>> = {
  /** Opens the store and closes it. */
  async open() {
    await (await openSqliteStore({ path, clock: systemClock })).close()
  },

  /** Imports forty days, each in a transaction of its own, under labels of its own. */
  async write() {
    const store = await openSqliteStore({ path, clock: systemClock })
    const contoso = await store.ensureWorkspace('contoso')
    tell('writing')
    for (let i = 0; i < 40; i++) {
      const day: DayCounts = { day: addDays(d('2026-01-01'), i), cells: [cell(`${word} ${i}`, i + 1), cell('Both', 1)] }
      const terms = { today: d('2026-11-20'), lagDays: 7, ranged: true, replace: true }
      await store.applyImport(contoso, [day], terms)
    }
    await store.close()
  },

  /** Holds the lock of writers until it is told to let go, at once or later. */
  async hold() {
    const db = new Database(path)
    db.exec('begin immediate')
    await new Promise<void>((resolve) => {
      process.on('message', (message) => {
        if (message === 'release') resolve()
        else setTimeout(resolve, 3_000).unref()
      })
      tell('held')
    })
    db.exec('commit')
    db.close()
    process.disconnect()
  },

  /** Leaves the format of a newer program in the log of writes, as after a crash. */
  async crash() {
    const db = new Database(path)
    db.pragma('journal_mode = wal')
    db.pragma('user_version = 999')
    process.kill(process.pid, 'SIGKILL')
  },

  /** Where files cannot grow beyond a limit: a write that is too large, then a small one that uses its labels. */
  async overfill() {
    const store = await openSqliteStore({ path, clock: fakeClock('2026-11-20T12:00:00Z') })
    const contoso = await store.ensureWorkspace('contoso')
    const terms = { today: d('2026-11-20'), lagDays: 7, ranged: true, replace: false }
    const many = Array.from({ length: 9_000 }, (_, i) => cell('Junk', 1, { actionType: `${'x'.repeat(99)}${i}` }))
    const failed = await store.applyImport(contoso, [{ day: d('2026-11-01'), cells: many }], terms).then(
      () => 'stored',
      (error: unknown) => (error as { code?: string }).code ?? String(error)
    )
    await store.applyImport(contoso, [{ day: d('2026-11-02'), cells: many.slice(0, 2) }], terms)
    writeSync(1, failed)
    process.kill(process.pid, 'SIGKILL')
  }
}

await roles[role]?.()
