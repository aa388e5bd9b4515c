// Disks and memory change bits, and SQLite does not look. A flipped byte may cost an answer, never make one wrong.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import t from 'tap'
import { addDays } from '../../src/model/day.ts'
import type { SeriesStore } from '../../src/model/store.ts'
import { checkCopy, copyStore } from '../../src/store/copy.ts'
import { d } from '../support/counts.ts'
import { quickFolder } from '../support/quick-folder.ts'
import { flipsOf, layOut } from '../support/reliability/flips.ts'
import { sameAnswers, wrongAnswers } from '../support/reliability/judge.ts'
import {
  askAll,
  fillSmall,
  NAMES,
  openAt,
  orRefused,
  REFUSED,
  type Answers
} from '../support/reliability/small-store.ts'
import { SEEDED } from '../support/reliability/soak.ts'
import { newService } from '../support/service.ts'

interface Small {
  readonly folder: string
  readonly bytes: Buffer
  readonly right: Answers
}

async function newSmall(t: { teardown(end: () => unknown): void }): Promise<Small> {
  const folder = quickFolder(t)
  const path = join(folder, 'whole.db')
  const store = await openAt(path)
  await fillSmall(store)
  const right = await askAll(store)
  t.teardown(() => store.close())
  copyStore(path, join(folder, 'copy.db'))
  return { folder, bytes: readFileSync(join(folder, 'copy.db')), right }
}

/** What opens, or a refusal. What was closed before gives its memory back only when there is a turn for it. */
async function openOrRefused(path: string): Promise<SeriesStore | undefined> {
  await setImmediate()
  const store = await orRefused(() => openAt(path))
  return store === REFUSED ? undefined : (store as SeriesStore)
}

t.test(
  `whatever byte of a store or of its copy is flipped, no answer is wrong, and it is told ${SEEDED}`,
  async (t) => {
    const { folder, bytes, right } = await newSmall(t)
    const path = join(folder, 'flipped.db')
    let told = 0
    for (const flip of flipsOf(bytes, 'store', 200)) {
      layOut(path, flip.bytes)
      const goodCopy = await passes(path)
      const store = await openOrRefused(path)
      if (store === undefined) {
        told++
        if (goodCopy) t.fail(`${flip.what}: the copy is found good, and is not opened`)
        continue
      }
      const answers = await askAll(store)
      const same = sameAnswers(answers, right)
      const faults = await orRefused(() => store.verify())
      for (const wrong of wrongAnswers(answers, right)) t.fail(`${flip.what}: ${wrong}`)
      if (!same && goodCopy) t.fail(`${flip.what}: the copy is found good, and does not answer as the store did`)
      if (!same && Array.isArray(faults) && faults.length === 0) t.fail(`${flip.what}: verify does not tell`)
      if (!same) told++

      for (const workspace of await openWorkspaces(store)) await orRefused(() => store.heal(workspace))
      for (const wrong of wrongAnswers(await askAll(store), right)) t.fail(`${flip.what}, healed: ${wrong}`)
      await store.close()
    }
    t.ok(told > 10, `${told} flips changed or cost an answer`)
  }
)

async function passes(path: string): Promise<boolean> {
  return (await orRefused(async () => checkCopy(path))) !== REFUSED
}

async function openWorkspaces(store: SeriesStore): Promise<Awaited<ReturnType<SeriesStore['workspaces']>>> {
  const workspaces = await orRefused(() => store.workspaces())
  return workspaces === REFUSED ? [] : (workspaces as Awaited<ReturnType<SeriesStore['workspaces']>>)
}

t.test(
  `whatever byte of the log of writes is flipped, the store is what it was after some write ${SEEDED}`,
  async (t) => {
    const folder = quickFolder(t)
    const [path, flipped] = [join(folder, 'whole.db'), join(folder, 'flipped.db')]
    const store = await openAt(path)
    t.teardown(() => store.close())
    await fillSmall(store)
    await store.checkpoint()
    const states = [await askAll(store)]
    for (const name of ['a', 'b', 'c']) {
      const made = { id: `id-${name}`, prefix: 'pds_1234', hash: name.repeat(64) }
      await store.addApiKey({ name, scopes: ['read'], workspaces: null, expires: null }, made)
      states.push(await askAll(store))
      for (const workspace of await store.workspaces()) {
        await (workspace.binding === null
          ? store.markLost(workspace, d('2026-11-18'))
          : store.unbindWorkspace(workspace))
        states.push(await askAll(store))
      }
    }
    const [database, log] = [readFileSync(path), readFileSync(`${path}-wal`)]
    t.ok(log.length > 3 * 4096, 'there is something in the log')

    let older = 0
    for (const flip of flipsOf(log, 'log', 80)) {
      layOut(flipped, database, flip.bytes)
      const opened = await openOrRefused(flipped)
      if (opened === undefined) continue
      const answers = await askAll(opened)
      await opened.close()
      const state = states.findIndex((each) => sameAnswers(answers, each))
      if (state < 0) t.fail(`${flip.what}: not the state after any write`)
      if (state < states.length - 1) older++
    }
    t.ok(older > 20, `${older} flips cost the writes after them`)
  }
)

t.test(`whatever byte is flipped, GET /series answers right, with null, or with 503 ${SEEDED}`, async (t) => {
  const { folder, bytes } = await newSmall(t)
  const whole = join(folder, 'again.db')
  layOut(whole, bytes)
  let served = await openAt(whole)
  const whichever = new Proxy(served, { get: (_, name: keyof SeriesStore) => served[name] })
  const { app } = await newService(t, { wrapStore: () => whichever })
  const right = new Map<string, Row[]>()
  for (const name of NAMES) right.set(name, (await app.inject(url(name))).json<{ series: Row[] }>().series)
  t.match(right.get('contoso')?.[7], { date: '2026-11-12', state: 'final', 'Spam ZAP': 900_001 })
  await served.close()

  const path = join(folder, 'flipped.db')
  let tried = 0
  for (const flip of flipsOf(bytes, 'series', 60)) {
    layOut(path, flip.bytes)
    const store = await openOrRefused(path)
    if (store === undefined) continue
    served = store
    tried++
    for (const name of NAMES) {
      const answer = await app.inject(url(name, tried))
      if (answer.statusCode === 503) continue
      if (answer.statusCode !== 200) t.fail(`${flip.what}: ${answer.statusCode} ${answer.body}`)
      const series = answer.json<{ series: Row[] }>().series.slice(-ROWS)
      if (series.some((row, i) => !isHonest(row, right.get(name)?.[i]))) t.fail(`${flip.what}: ${answer.body}`)
    }
    await store.close()
  }
  t.pass('every answer was looked at')
})

const FROM = d('2026-11-05')
const ROWS = 16

/** Each time some more days before, so that no answer from memory stands in for what would be read. */
function url(workspace: string, tried = 0): string {
  return `/series?workspace=${workspace}&from=${addDays(FROM, -(tried % 3_000))}&to=2026-11-20&by=actionType`
}

type Row = { readonly [column: string]: string | number | null }

/** All of a row, or none of its counts. A column of a label is not there where no day that can be read has it. */
function isHonest(row: Row, right: Row | undefined): boolean {
  if (right === undefined || row['date'] !== right['date']) return false
  const counts = Object.entries(row).filter(([column]) => column !== 'date' && column !== 'state')
  if (row['state'] === 'missing') return counts.every(([, count]) => count === null)
  return row['state'] === right['state'] && counts.every(([column, count]) => count === right[column])
}
