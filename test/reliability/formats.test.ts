// A newer program on an older store, and the other way round. There is one format so far, so the next is made up here.
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import Database from 'better-sqlite3'
import t, { type Test } from 'tap'
import { checkCopy } from '../../src/store/copy.ts'
import { restoreStore } from '../../src/store/restore.ts'
import { MIGRATIONS } from '../../src/store/sqlite/schema.ts'
import { run } from '../support/command.ts'
import { quickFolder } from '../support/quick-folder.ts'
import { askAll, fillSmall, NOW, openAt } from '../support/reliability/small-store.ts'

const NEXT = 'create table of_the_next_format (x integer) strict'
const FORMAT = MIGRATIONS.length

/** The part of a program that knows one format more. */
async function newerProgram<T>(t: Test, file: string, ...more: string[]): Promise<T> {
  return t.mockImport<T>(file, { '../../src/store/sqlite/schema.ts': { MIGRATIONS: [...MIGRATIONS, ...more] } })
}

async function openNewer(t: Test, path: string, ...more: string[]): Promise<void> {
  const database = '../../src/store/sqlite/database.ts'
  const { openSqliteDatabase } = await newerProgram<typeof import('../../src/store/sqlite/database.ts')>(
    t,
    database,
    ...more
  )
  openSqliteDatabase(path).close()
}

async function newStore(t: Test): Promise<{ path: string; copy: string; answers: unknown }> {
  const path = join(quickFolder(t), 'series.db')
  const store = await openAt(path)
  await fillSmall(store)
  const answers = await askAll(store)
  await store.close()
  return { path, copy: `${path}.format-${FORMAT}`, answers }
}

function formatIn(path: string): unknown {
  const db = new Database(path)
  const format = db.pragma('user_version', { simple: true })
  db.close()
  return format
}

t.test(
  'a newer program copies an older store before it changes it, and the older one goes on with the copy',
  async (t) => {
    const { path, copy, answers } = await newStore(t)
    await openNewer(t, path, NEXT, NEXT.replace('next', 'last'))

    t.equal(formatIn(path), FORMAT + 2)
    t.strictSame(
      readdirSync(dirname(path)).filter((name) => name !== 'series.db'),
      [`series.db.format-${FORMAT}`]
    )
    t.equal(statSync(copy).mode & 0o777, 0o600)
    t.equal(checkCopy(copy).format, FORMAT)
    const store = await openAt(copy)
    t.strictSame(await askAll(store), answers)
    await store.close()
  }
)

t.test('where no good copy can be written, an older store stays as it is', async (t) => {
  const { path, copy } = await newStore(t)
  const bytes = readFileSync(path)
  mkdirSync(copy)
  await t.rejects(openNewer(t, path, NEXT), {
    code: 'store-unavailable',
    message: `no copy of ${path} could be written to ${copy}`
  })
  t.ok(readFileSync(path).equals(bytes))

  const damaged = Buffer.from(bytes)
  // The number of cells of the last page.
  damaged.writeUInt16BE(damaged.readUInt16BE(bytes.length - 4_096 + 3) + 1, bytes.length - 4_096 + 3)
  const other = join(quickFolder(t), 'series.db')
  writeFileSync(other, damaged)
  await t.rejects(openNewer(t, other, NEXT), { code: 'store-unavailable', message: /is damaged/ })
  t.ok(readFileSync(other).equals(damaged))
})

t.test('a migration that fails leaves the older store, and the copy beside it', async (t) => {
  const { path, copy, answers } = await newStore(t)
  await t.rejects(openNewer(t, path, `${NEXT}; select nonsense`), { code: 'store-unavailable' })
  t.equal(checkCopy(copy).format, FORMAT)
  const store = await openAt(path)
  t.strictSame(await askAll(store), answers)
  t.strictSame(await store.verify(), [])
  await store.close()
})

t.test('a copy of an older format is restored by a newer program, and needs no copy of its own', async (t) => {
  const { path } = await newStore(t)
  const { restoreStore } = await newerProgram<typeof import('../../src/store/restore.ts')>(
    t,
    '../../src/store/restore.ts',
    NEXT
  )
  const to = join(quickFolder(t), 'series.db')
  await restoreStore({ from: path, to, withKeys: false, now: new Date(NOW) })
  t.equal(formatIn(to), FORMAT + 1)
  t.strictSame(readdirSync(dirname(to)), ['series.db'])
})

t.test('every command of an older program refuses a newer store in one line, and leaves it as it is', async (t) => {
  const { path } = await newStore(t)
  const folder = dirname(path)
  const db = new Database(path)
  db.pragma('user_version = 999')
  db.close()
  const bytes = readFileSync(path)
  writeFileSync(join(folder, 'events.csv'), 'Timestamp,DeliveryLocation\n2026-11-01T10:00:00Z,Junk folder\n')
  const env = { STORE_URL: `sqlite:${path}`, INGEST_CRON: '', PORT: '0' }
  const commands = ['serve', 'ingest', 'import events.csv', 'workspaces list', 'keys list', 'verify', 'backup copy.db']

  const ends = await Promise.all(commands.map((words) => run(folder, words.split(' '), env)))
  for (const [i, { status, err, out }] of ends.entries()) {
    t.equal(status, 1, String(commands[i]))
    t.match(
      err,
      /^\S+series\.db has format 999, and this program knows formats up to \d+: use the newer version [^\n]+\n$/
    )
    t.equal(out, '')
  }
  t.ok(readFileSync(path).equals(bytes))
  t.notOk(existsSync(join(folder, 'copy.db')))
  await t.rejects(restoreStore({ from: path, to: join(folder, 'other.db'), withKeys: false, now: new Date(NOW) }), {
    code: 'store-unavailable',
    message: /has format 999/
  })
})
