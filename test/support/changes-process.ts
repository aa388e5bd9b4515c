// Another process that changes days of the workspace `default`; run as `changes-process.ts PATH SEED CHANGES`.
import { openSqliteStore } from '../../src/store/sqlite.ts'
import { systemClock } from '../../src/system-clock.ts'
import { changeDays } from './random-changes.ts'

const [, , path = '', seed = '', changes = ''] = process.argv

const store = await openSqliteStore({ path, clock: systemClock })
await changeDays(store, await store.ensureWorkspace('default'), Number(seed), Number(changes))
await store.close()
