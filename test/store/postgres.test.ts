import t, { type Test } from 'tap'
import { numberOfDay } from '../../src/model/day.ts'
import { systemClock } from '../../src/system-clock.ts'
import { openPostgresStore } from '../../src/store/postgres.ts'
import { startPostgres } from '../support/postgres.ts'
import { storeContract } from './contract.ts'
import type { StoreUnderTest } from './contract/support.ts'

const postgres = await startPostgres(t)
const url = await postgres.schema()
await (await openPostgresStore({ url, clock: systemClock })).close()

/** The stores of a test are closed when it ends, so that the next one may have its tables, which take a while to make. */
async function freshStore(t: Test): Promise<StoreUnderTest> {
  await postgres.run(
    url,
    'delete from workspace; delete from api_key; update store_format set store = gen_random_uuid()'
  )
  const behind = async (sql: string, ...values: number[]): Promise<void> => {
    const changes = await postgres.run(url, sql, values)
    if (changes !== 1) throw new Error(`changed ${changes} rows and not one: ${sql}`)
  }
  return {
    async open(clock) {
      const store = await openPostgresStore({ url, clock })
      t.teardown(() => store.close())
      return store
    },
    damageDay: ({ key }, day) =>
      behind('update day set state = state % 2 + 1 where workspace_key = $1 and day = $2', key, numberOfDay(day)),
    damageEntry: ({ key }, revision) =>
      behind('update change set day = day + 1 where workspace_key = $1 and revision = $2', key, revision)
  }
}

// Each statement goes through a socket, so fewer than of a store that is in the process.
storeContract(t, freshStore, 10)
