// Writes openapi/ from the schemas of the routes; `npm run openapi`.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pino from 'pino'
import { buildServer } from '../src/server/app.ts'
import { DESCRIPTION_FORMATS, DESCRIPTIONS } from '../src/server/description/formats.ts'
import { describe, descriptionText } from '../src/server/openapi.ts'
import { openSqliteStore } from '../src/store/sqlite.ts'
import { systemClock } from '../src/system-clock.ts'
import { version } from '../src/version.ts'
import { clientText } from './client.ts'

const folder = await mkdtemp(join(tmpdir(), 'openapi-'))
const store = await openSqliteStore({ path: join(folder, 'series.db'), clock: systemClock })
const app = await buildServer({
  store,
  clock: systemClock,
  version,
  logger: pino({ level: 'warn' }),
  ingest: {
    workspaces: [],
    source: 'sample',
    request: () => Promise.reject(new Error('nothing is ingested here')),
    onRunEnd: () => {},
    nextRunAt: () => null,
    stale: () => null
  },
  publicUrl: null,
  auth: 'on',
  apiKeys: [],
  allowedHosts: [],
  trustProxy: [],
  corsOrigins: [],
  accessLog: false,
  ingestTimeoutMs: 180_000
})
const home = new URL('../openapi/', import.meta.url)
for (const format of DESCRIPTION_FORMATS) {
  await writeFile(new URL(DESCRIPTIONS[format], home), descriptionText(app, format))
}
await writeFile(new URL('client.ts', home), clientText(describe(app)))
await app.close()
await store.close()
await rm(folder, { recursive: true })
