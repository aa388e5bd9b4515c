import { existsSync, rmSync, statSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import t from 'tap'
import { backupCommand } from '../src/commands/backup.ts'
import type { Command } from '../src/commands/command.ts'
import { importCommand } from '../src/commands/import.ts'
import { ingestCommand } from '../src/commands/ingest.ts'
import { keysCommand } from '../src/commands/keys.ts'
import { verifyCommand } from '../src/commands/verify.ts'
import { workspacesCommand } from '../src/commands/workspaces.ts'
import { readConfig } from '../src/config.ts'
import { addDays, dayOf } from '../src/model/day.ts'
import { run, start, type Command as Started } from './support/command.ts'

const today = dayOf(new Date())

/** A service on a free port, with its address. */
async function serve(cwd: string, env: Record<string, string> = {}): Promise<{ service: Started; url: string }> {
  const service = start(cwd, ['serve'], { PORT: '0', ...env })
  const rest = await service.seen('listening at ')
  return { service, url: rest.slice(0, rest.indexOf('"')) }
}

async function json(url: string): Promise<Record<string, unknown>> {
  const answer = await fetch(url)
  return (await answer.json()) as Record<string, unknown>
}

t.test('help lists the commands and the settings, and ends with 0', async (t) => {
  const { status, out, err } = await run(t.testdir(), ['--help'])
  t.same({ status, err }, { status: 0, err: '' })
  for (const word of ['serve', 'ingest', 'import FILE', 'STORE_URL', 'INGEST_CRON']) t.match(out, word)
})

t.test('wrong words and wrong settings end with 2 and one line, and nothing is made', async (t) => {
  const cases: readonly (readonly [string[], Record<string, string>, RegExp])[] = [
    [['frob'], {}, /'frob'/],
    [['ingest', '--form', '2026-11-01'], {}, /--form/],
    [['verify'], { PORT: '99999' }, /PORT.*99999/],
    [['serve'], { SOURCE: 'azure' }, /SOURCE.*azure/]
  ]
  const cwd = t.testdir()
  const ends = await Promise.all(cases.map(([words, env]) => run(cwd, words, env)))
  for (const [i, [words, , pattern]] of cases.entries()) {
    t.match(ends[i], { status: 2, out: '', err: pattern }, words.join(' '))
    t.equal(ends[i]?.err.trim().split('\n').length, 1, `${words.join(' ')}: one line`)
  }
  t.notOk(existsSync(join(cwd, 'data')))
})

t.test('each command refuses words that it does not know, by their name, before it opens anything', async (t) => {
  const config = readConfig({ STORE_URL: 'sqlite:nowhere/to/be/made.db' })
  const cases: readonly (readonly [Command, string[], RegExp])[] = [
    [ingestCommand, ['--from', '2026-11-01'], /--to/],
    [ingestCommand, ['--from', '2026-02-30', '--to', '2026-03-01'], /2026-02-30/],
    [ingestCommand, ['--from', '2026-03-02', '--to', '2026-03-01'], /2026-03-02/],
    [ingestCommand, ['--from', '1990-01-01', '--to', '2026-03-01'], /3660/],
    [ingestCommand, ['--force'], /--force/],
    [ingestCommand, ['--workspace', 'other'], /'other'/],
    [ingestCommand, ['now'], /'now'/],
    [importCommand, [], /file/],
    [importCommand, ['x.csv', '--replace'], /--replace/],
    [importCommand, ['x.csv', '--workspace', 'sample'], /'sample'/],
    [importCommand, ['x.csv', '--workspace', 'a b'], /'a b'/],
    [importCommand, ['x.csv', '--time-zone', 'Mars/Base'], /Mars\/Base/],
    [importCommand, ['x.csv', '--from', '2026-11-01', '--to', '9999-12-31'], /9999-12-31 is after today/],
    [importCommand, ['x.csv', '--from', '9999-12-30'], /9999-12-30 is after today/],
    [workspacesCommand, ['remove', 'x'], /--yes/],
    [workspacesCommand, ['rename', 'x'], /2 wanted/],
    [workspacesCommand, ['forget', 'x'], /forget/],
    [keysCommand, ['add'], /add NAME/],
    [keysCommand, ['add', 'a', '--scope', 'write'], /'write'/],
    [keysCommand, ['add', 'a', '--expires', '2020-01-01'], /2020-01-01/],
    [keysCommand, ['add', 'a', '--workspace', 'a,,b'], /''/],
    [backupCommand, [], /one file/],
    [verifyCommand, ['all'], /'all'/]
  ]
  for (const [command, words, pattern] of cases) {
    await t.rejects(command(words, config), { name: 'UsageError', message: pattern }, words.join(' '))
  }
  t.notOk(existsSync('nowhere'))
})

t.test('a command that tells or changes what is stored makes no store, and names what to do without one', async (t) => {
  const cwd = t.testdir({ copies: {}, empty: { 'series.db': '' } })
  await run(cwd, ['ingest'], { STORE_URL: 'sqlite:other.db' })
  await run(cwd, ['backup', 'copies/series-20261101T000000Z.db'], { STORE_URL: 'sqlite:other.db' })
  const commands: readonly (readonly [Command, string[]])[] = [
    [verifyCommand, []],
    [workspacesCommand, ['list']],
    [workspacesCommand, ['rename', 'a', 'b']],
    [workspacesCommand, ['bind', 'a']],
    [workspacesCommand, ['remove', 'a', '--yes']],
    [keysCommand, ['list']],
    [keysCommand, ['revoke', 'x']],
    [backupCommand, [join(cwd, 'x.db')]]
  ]
  for (const path of ['nowhere/series.db', 'empty/series.db'].map((name) => join(cwd, name))) {
    const config = readConfig({ STORE_URL: `sqlite:${path}`, BACKUP_DIR: join(cwd, 'copies') })
    const message = new RegExp(`^there is no store at ${path}: .*STORE_URL.*'restore .*series-20261101T000000Z\\.db'`)
    for (const [command, words] of commands) {
      await t.rejects(command(words, config), { code: 'store-unavailable', message }, words.join(' '))
    }
  }
  t.match(await run(cwd, ['verify']), { status: 1, out: '', err: /^there is no store at .*\n$/ })
  t.same(
    [existsSync(join(cwd, 'nowhere')), existsSync(join(cwd, 'data')), existsSync(join(cwd, 'x.db'))],
    [false, false, false]
  )
  t.equal(statSync(join(cwd, 'empty/series.db')).size, 0)
})

t.test('all wrong settings are told at once, and no secret with them', async (t) => {
  const secret = 'short-secret'
  const { status, err } = await run(t.testdir(), ['serve'], { PORT: 'x', SOURCE: 'y', API_KEYS: `a=${secret}` })
  t.equal(status, 2)
  t.match(err, /PORT/)
  t.match(err, /SOURCE/)
  t.match(err, /API_KEYS/)
  t.notMatch(err, secret)
})

t.test('ingest stores what is due, and a second one changes nothing', async (t) => {
  const cwd = t.testdir()
  const first = await run(cwd, ['ingest', '--json'])
  const second = await run(cwd, ['ingest'])
  t.equal(first.status, 0)
  t.match(JSON.parse(first.out), [{ workspace: 'sample', status: 'succeeded', daysStored: 90, daysChanged: 90 }])
  t.equal(second.status, 0)
  t.match(second.out, /^sample: succeeded, .* 8 of 8 days stored, 0 changed\n$/)
  t.match(await run(cwd, ['verify']), { status: 0, out: /the store is whole/ })
})

t.test('a run that could ask for nothing does not say that nothing was due', async (t) => {
  const env = {
    SOURCE: 'log-analytics',
    WORKSPACES: 'contoso=00000000-0000-0000-0000-000000000000',
    AZURE_TOKEN_CREDENTIALS: 'EnvironmentCredential'
  }
  const { status, out } = await run(t.testdir(), ['ingest'], env)
  t.equal(status, 1)
  t.match(out, /^contoso: failed, no day was asked for, 0 of 0 days stored, 0 changed; source-unauthorized: /)
})

t.test('a backfill beyond the reach of the source is partial, names the days, and ends with 1', async (t) => {
  const from = addDays(today, -100)
  const { status, out } = await run(t.testdir(), ['ingest', '--from', from, '--to', today])
  t.equal(status, 1)
  t.match(out, /partial/)
  t.match(out, new RegExp(`${from} to ${addDays(today, -90)}`))
})

t.test(
  'an export is imported once, from a file and from standard input, and a refused one leaves nothing',
  async (t) => {
    const csv = 'Timestamp,DeliveryLocation,ActionType\n2026-03-01T00:00:00.0000000Z,Quarantine,Phish ZAP\n'
    const bad = `${csv}2026-03-02T10:00:00,Inbox,Redelivery\n`
    const cwd = t.testdir({ 'events.csv': csv, 'bad.csv': bad })
    const file = await run(cwd, ['import', 'events.csv', '--json'])
    t.equal(file.status, 0)
    t.match(JSON.parse(file.out), [{ workspace: 'default', events: 1, changed: ['2026-03-01'], left: [] }])

    const again = await run(cwd, ['import', '-', '--json'], {}, csv)
    t.equal(again.status, 0)
    t.match(JSON.parse(again.out), [{ events: 1, changed: [], left: ['2026-03-01'] }])

    const refused = await run(cwd, ['import', 'bad.csv', '--workspace', 'other'])
    t.equal(refused.status, 1)
    t.match(refused.err, /bad\.csv.*line 3.*zone/)
    const list = JSON.parse((await run(cwd, ['workspaces', 'list', '--json'])).out)
    t.match(list, [{ name: 'default', days: 1, firstDate: '2026-03-01' }])
    t.equal(list.length, 1, 'and not the name of the refused one')
  }
)

t.test('workspaces are listed, renamed and removed by name', async (t) => {
  const csv = 'Timestamp,DeliveryLocation\n2026-03-01T00:00:00Z,Junk\n'
  const cwd = t.testdir({ 'events.csv': csv })
  await run(cwd, ['import', 'events.csv'])
  t.equal((await run(cwd, ['workspaces', 'rename', 'default', 'contoso'])).status, 0)
  t.equal((await run(cwd, ['workspaces', 'rename', 'contoso', 'sample'])).status, 2)
  t.match((await run(cwd, ['workspaces', 'list'])).out, /^contoso: 1 days/)
  t.equal((await run(cwd, ['workspaces', 'bind', 'contoso'])).status, 0)
  t.match(await run(cwd, ['workspaces', 'remove', 'nobody', '--yes']), { status: 2, err: /nobody.*contoso/ })
  t.equal((await run(cwd, ['workspaces', 'remove', 'contoso', '--yes'])).status, 0)
  t.match((await run(cwd, ['workspaces', 'list'])).out, /no workspace/)
})

t.test('a file that is no store, or one of a newer format, is refused in one line and left as it is', async (t) => {
  const cwd = t.testdir({ data: { 'series.db': 'this is no database, but a text of some length\n'.repeat(40) } })
  const { status, err } = await run(cwd, ['ingest'])
  t.equal(status, 1)
  t.equal(err.trim().split('\n').length, 1)
  t.match(err, /series\.db/)
})

t.test('serve ingests at once, answers, and ends with 0 on SIGTERM', async (t) => {
  const { service, url } = await serve(t.testdir())
  await service.seen('ingest run finished')
  const series = await json(`${url}/series?workspace=sample`)
  t.match(series, { workspace: 'sample', coverage: { missing: 0, lost: 0 } })
  t.match(await json(`${url}/status`), { source: 'sample', stale: false })
  service.child.kill('SIGTERM')
  t.match(await service.ended, { status: 0, err: '' })
})

t.test('serve ends with 0 on SIGINT while connections are open', async (t) => {
  const { service, url } = await serve(t.testdir(), { INGEST_CRON: '' })
  const { hostname, port } = new URL(url)
  const socket = connect(Number(port), hostname)
  socket.on('error', () => {})
  t.teardown(() => socket.destroy())
  await new Promise((resolve) => socket.once('connect', resolve))
  service.child.kill('SIGINT')
  t.match(await service.ended, { status: 0 })
})

t.test('a second process writes beside the server, which serves it at once', async (t) => {
  const cwd = t.testdir({ 'events.csv': 'Timestamp,DeliveryLocation\n2026-03-01T00:00:00Z,Junk\n' })
  const { service, url } = await serve(cwd, { INGEST_CRON: '' })
  t.teardown(() => service.child.kill('SIGKILL'))
  t.equal((await run(cwd, ['import', 'events.csv'])).status, 0)
  const { series, coverage } = await json(`${url}/series?from=2026-03-01&to=2026-03-01&location=Junk`)
  t.same(series, [{ date: '2026-03-01', state: 'provisional', Junk: 1 }])
  t.same(coverage, { final: 0, provisional: 1, missing: 0, lost: 0 })
})

t.test(
  'a start without the store is refused while there are copies of it, unless an empty one is wanted',
  async (t) => {
    const cwd = t.testdir({ copies: {} })
    await run(cwd, ['ingest'])
    t.equal((await run(cwd, ['backup', 'copies/series-20261101T000000Z.db'])).status, 0)
    rmSync(join(cwd, 'data'), { recursive: true })
    const env = { BACKUP_DIR: 'copies', PORT: '0' }

    const refused = await run(cwd, ['serve'], env)
    t.match(refused, { status: 2, err: /restore copies\/series-20261101T000000Z\.db.*--new-store/ })
    t.notOk(existsSync(join(cwd, 'data')))

    const anew = start(cwd, ['serve', '--new-store'], env)
    await anew.seen('listening at ')
    anew.child.kill('SIGTERM')
    t.equal((await anew.ended).status, 0)

    t.equal((await run(cwd, ['restore', 'copies/series-20261101T000000Z.db'])).status, 0)
    t.match((await run(cwd, ['workspaces', 'list'])).out, /sample: 90 days/)
  }
)

t.test(
  'an address that cannot be listened on, and a file that cannot be read, are named with the remedy',
  async (t) => {
    const cwd = t.testdir({ folder: {} })
    const { service, url } = await serve(cwd, { INGEST_CRON: '' })
    t.teardown(() => service.child.kill('SIGKILL'))
    const { port } = new URL(url)
    t.match(await run(cwd, ['serve'], { PORT: port }), {
      status: 2,
      err: new RegExp(`PORT ${port} .*set another PORT`)
    })
    t.match(await run(cwd, ['serve'], { PORT: '0', HOST: '192.0.2.1', AUTH: 'off' }), {
      status: 2,
      err: /HOST 192\.0\.2\.1/
    })
    t.match(await run(cwd, ['import', 'folder', 'nowhere.csv']), {
      status: 1,
      err: /folder.*EISDIR[^]*nowhere\.csv.*ENOENT/
    })
    t.match(await run(cwd, ['ingest'], { STORE_URL: 'sqlite:/proc/none/series.db' }), {
      status: 1,
      err: /\/proc\/none/
    })
  }
)

t.test('a service whose log nobody reads any more goes on, and still ends with 0', async (t) => {
  const { service, url } = await serve(t.testdir())
  await service.seen('ingest run finished')
  service.child.stdout?.destroy()
  t.match(await json(`${url}/status`), { source: 'sample' })
  t.equal((await fetch(`${url}/ingest`, { method: 'POST' })).status, 202, 'which leaves a line')
  service.child.kill('SIGTERM')
  t.match(await service.ended, { status: 0 })
})
