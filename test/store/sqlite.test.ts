import { join } from 'node:path'
import Database from 'better-sqlite3'
import t, { type Test } from 'tap'
import { numberOfDay } from '../../src/model/day.ts'
import { openSqliteStore } from '../../src/store/sqlite.ts'
import { quickFolder } from '../support/quick-folder.ts'
import { storeContract } from './contract.ts'
import type { StoreUnderTest } from './contract/support.ts'

/** Runs statements on the file over a connection that knows nothing of the store. */
function behind(path: string, sql: string, ...values: number[]): void {
  const db = new Database(path)
  const { changes } = db.prepare(sql).run(...values)
  db.close()
  if (changes !== 1) throw new Error(`changed ${changes} rows and not one: ${sql}`)
}

async function freshStore(t: Test): Promise<StoreUnderTest> {
  const path = join(quickFolder(t), 'series.db')
  return {
    async open(clock) {
      const store = await openSqliteStore({ path, clock })
      t.teardown(() => store.close())
      return store
    },
    async damageDay({ key }, day) {
      behind(path, 'update day set state = state % 2 + 1 where workspace_key = ? and day = ?', key, numberOfDay(day))
    },
    async damageEntry({ key }, revision) {
      behind(path, 'update change set day = day + 1 where workspace_key = ? and revision = ?', key, revision)
    }
  }
}

storeContract(t, freshStore)
