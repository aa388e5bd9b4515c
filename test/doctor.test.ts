// `doctor` as a user runs it, against a server on this machine that plays Azure.
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import t from 'tap'
import { addDays, dayOf, eachDay } from '../src/model/day.ts'
import { systemClock } from '../src/system-clock.ts'
import { startAzure } from './support/azure-server.ts'
import { run, type Ended } from './support/command.ts'

interface Row {
  readonly check: string
  readonly workspace?: string
  readonly status: string
  readonly detail: string
  readonly remedy?: string
}

const azure = await startAzure(t, systemClock)
const today = dayOf(systemClock.now())
const ids = ['11111111-2222-3333-4444-555555555555', '11111111-2222-3333-4444-666666666666']

t.beforeEach(() => {
  azure.events = eachDay({ from: addDays(today, -100), to: today }).map((day) => ({ at: `${day}T00:00:00Z` }))
  azure.aheadMs = 0
  azure.replies.length = 0
  azure.identityReplies.length = 0
})

async function doctor(cwd: string, env: Record<string, string> = {}, words: string[] = []): Promise<Ended> {
  const source = { SOURCE: 'log-analytics', WORKSPACES: `contoso=${ids[0]}` }
  return run(cwd, ['doctor', ...words], { ...source, ...(await azure.environment(cwd)), ...env })
}

function rowsOf({ out }: Ended): Row[] {
  return JSON.parse(out) as Row[]
}

t.test('a setup that works ends with 0, each check ok, and makes nothing', async (t) => {
  const cwd = t.testdir()
  const ended = await doctor(cwd, {}, ['--json'])
  t.match(ended, { status: 0, err: '' })
  t.same(
    rowsOf(ended).map(({ check, workspace, status }) => [check, workspace, status]),
    [
      ['settings', undefined, 'ok'],
      ['store', undefined, 'ok'],
      ['access', undefined, 'ok'],
      ...['clock', 'identity', 'workspace', 'table', 'time-column', 'labels', 'bounds', 'yesterday', 'binding'].map(
        (check) => [check, 'contoso', 'ok']
      )
    ]
  )
  t.notOk(existsSync(join(cwd, 'data')))
})

t.test('what fails ends with 1 and its remedy, and another workspace is looked at all the same', async (t) => {
  const cwd = t.testdir()
  azure.replies.push((request, response, right) => {
    const forbidden = request.url?.includes(ids[0] ?? '') === true
    response.writeHead(forbidden ? 403 : 200)
    response.end(forbidden ? '{"error":{"code":"InsufficientAccessError"}}' : JSON.stringify(right()))
  })
  azure.replies.push(...Array.from({ length: 2 }, () => azure.replies[0] ?? {}))
  const ended = await doctor(cwd, { WORKSPACES: `contoso=${ids[0]},fabrikam=${ids[1]}` })
  t.equal(ended.status, 1)
  t.match(ended.out, /^fail +workspace +contoso: our identity may not read.*\n +remedy: az role assignment create/m)
  t.match(ended.out, /^skipped +table +contoso: not looked at, since workspace failed$/m)
  t.match(ended.out, /^ok +yesterday +fabrikam: 1 event on/m)
  t.match(ended.out, /\n1 of 15 checks failed\n$/)
})

t.test('no identity ends with 1', async (t) => {
  const refused = { status: 400, body: { error: 'invalid_request', error_description: 'Identity not found' } }
  azure.identityReplies.push(...Array.from({ length: 6 }, () => refused))
  const ended = await doctor(t.testdir(), {}, ['--json'])
  t.equal(ended.status, 1)
  const rows = rowsOf(ended)
  t.match(
    rows.filter(({ status }) => status === 'fail'),
    [{ check: 'identity', workspace: 'contoso', remedy: /managed identity/ }]
  )
  t.same(
    rows.filter(({ status }) => status !== 'ok' && status !== 'fail'),
    [],
    'a program is told what was looked at, and no more'
  )
  t.notMatch(ended.out + ended.err, /test-identity-header|test-token/)
})

t.test('an identity that hangs is given up at the deadline', async (t) => {
  azure.identityReplies.push(() => {})
  const ended = await doctor(t.testdir(), { INGEST_TIMEOUT_SECONDS: '1' }, ['--json'])
  t.equal(ended.status, 1)
  t.match(
    rowsOf(ended).filter(({ status }) => status === 'fail'),
    [{ check: 'identity', detail: /1 s/ }]
  )
})

t.test(
  'wrong settings are a failed check that shows no secret, end with 2, and nothing else is looked at',
  async (t) => {
    const before = azure.requests.length
    const ended = await doctor(t.testdir(), { PORT: 'x', API_KEYS: 'a=short-secret', TIME_COLUMN: 'Time' }, ['--json'])
    t.match(ended, { status: 2, err: '' })
    t.match(rowsOf(ended), [
      { check: 'settings', status: 'fail', detail: /PORT.*\n?.*TIME_COLUMN|TIME_COLUMN/, remedy: /configuration\.md/ }
    ])
    t.equal(rowsOf(ended).length, 1)
    t.match(rowsOf(ended)[0]?.detail, 'PORT')
    t.notMatch(ended.out, 'short-secret')
    t.equal(azure.requests.length, before)
  }
)

t.test('what is allowed but unwise is told, and a key of the store is a way in', async (t) => {
  const cwd = t.testdir()
  const env = { SOURCE: 'sample', WORKSPACES: '', AUTH: 'on', INGEST_CRONS: '1' }
  const closed = await doctor(cwd, env)
  t.equal(closed.status, 0)
  t.match(closed.out, /^ok +settings.*\n +warning: INGEST_CRONS/m)
  t.match(closed.out, /^ok +access +AUTH=on: 0 keys of API_KEYS, 0 of the store\n +warning: nobody can read/m)
  t.equal((await run(cwd, ['keys', 'add', 'grafana'])).status, 0)
  t.match((await doctor(cwd, env)).out, /^ok +access +AUTH=on: 0 keys of API_KEYS, 1 of the store\nok/m)
  t.match((await doctor(cwd, { ...env, HOST: '0.0.0.0', AUTH: 'off' })).out, /warning: AUTH=off with HOST=0\.0\.0\.0/)
})

t.test('sample data is said to be invented', async (t) => {
  const ended = await doctor(t.testdir(), { SOURCE: 'sample', WORKSPACES: '' })
  t.match(ended, { status: 0, out: /^ok +workspace +sample: .*invented/m })
})

t.test('a store is told with its workspaces, and a name that follows another source is a fault', async (t) => {
  const cwd = t.testdir()
  const env = { SOURCE: 'log-analytics', WORKSPACES: `contoso=${ids[0]}`, ...(await azure.environment(cwd)) }
  t.equal((await run(cwd, ['ingest'], env)).status, 0)
  const good = await doctor(cwd)
  t.match(good, { status: 0, out: /^ok +store +.*series\.db, format \d+, can be written, 1 workspace: contoso$/m })

  const moved = await doctor(cwd, { WORKSPACES: `contoso=${ids[1]}` }, ['--json'])
  t.equal(moved.status, 1)
  t.match(
    rowsOf(moved).filter(({ status }) => status === 'fail'),
    [{ check: 'binding', detail: /workspaces bind contoso/ }]
  )
  const renamed = await doctor(cwd, { WORKSPACES: `other=${ids[0]}` }, ['--json'])
  t.match(
    rowsOf(renamed).filter(({ status }) => status === 'fail'),
    [{ check: 'binding', detail: /workspaces rename contoso other/ }]
  )
})

t.test('a store that is none, or newer, is a fault, and an older one is left as it is', async (t) => {
  const cwd = t.testdir()
  const file = join(cwd, 'other.db')
  const env = { SOURCE: 'sample', WORKSPACES: '', STORE_URL: 'sqlite:other.db' }
  const fail = { check: 'store', status: 'fail', remedy: /STORE_URL/ }
  writeFileSync(file, 'this is no database, but a text of some length\n'.repeat(40))
  const none = await doctor(cwd, env, ['--json'])
  t.match([none.status, rowsOf(none)[1]], [1, fail])
  t.equal(rowsOf(none).at(-1)?.status, 'ok', 'the source is looked at all the same')

  writeFileSync(file, '')
  const db = new Database(file)
  t.teardown(() => db.close())
  db.exec('create table t (a)')
  db.pragma('user_version = 1000')
  const newer = await doctor(cwd, env, ['--json'])
  t.match([newer.status, rowsOf(newer)[1]], [1, { ...fail, detail: /format 1000/ }])

  db.pragma('user_version = 0')
  const older = await doctor(cwd, env, ['--json'])
  t.match([older.status, rowsOf(older)[1]], [0, { status: 'ok', detail: /format 0: the next start brings it/ }])
  t.equal(db.pragma('user_version', { simple: true }), 0)
})

t.test('a store that is gone while there are copies of it is a fault that names the newest', async (t) => {
  const cwd = t.testdir()
  const env = { SOURCE: 'sample', WORKSPACES: '', BACKUP_DIR: 'copies' }
  t.equal((await run(cwd, ['ingest'])).status, 0)
  mkdirSync(join(cwd, 'copies'))
  t.equal((await run(cwd, ['backup', 'copies/series-20261124T000000Z.db'])).status, 0)
  t.equal((await doctor(cwd, env)).status, 0)
  rmSync(join(cwd, 'data'), { recursive: true })
  const gone = await doctor(cwd, env, ['--json'])
  t.match([gone.status, rowsOf(gone)[1]], [1, { check: 'store', status: 'fail', detail: /restore .*copies/ }])
  t.notOk(existsSync(join(cwd, 'data')))
})

t.test('words that doctor does not know end with 2', async (t) => {
  t.match(await run(t.testdir(), ['doctor', 'all']), { status: 2, out: '', err: /'all'/ })
})
