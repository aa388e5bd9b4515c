// Several processes on one database, before one Azure: one is killed in the middle of its work, one is only paused, and
// the database is started anew. The work goes on, never more than four questions are open, and no count is a wrong one.
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { mailEvents, shownAt } from '../support/mail-events.ts'
import { startPostgres } from '../support/postgres.ts'
import { until } from '../support/shared.ts'
import { randomOf, SEEDED, SOAK } from '../support/reliability/soak.ts'
import { openProgram, type Program, type Served } from '../support/whole-program.ts'

const NAMES = ['contoso', 'fabrikam', 'northwind', 'tailspin', 'woodgrove', 'adatum']
/** Never comes while this runs: the process works on what others are asked for, and schedules nothing. */
const NEVER = '0 0 29 2 *'

const ANSWER_MS = 200

const postgres = await startPostgres(t)

interface Watched extends Program {
  /** How many questions are open now, and the most that ever were. */
  open: number
  most: number
  /** Whether questions for days are kept waiting; once they are not any more, all are answered with what was known then. */
  holds: boolean
  release(): void
}

async function openWatched(): Promise<Watched> {
  const ids = NAMES.map((name, i) => `${name}=${String(i).padStart(8, '0')}-2222-3333-4444-555555555555`)
  const program = await openProgram(t, {
    STORE_URL: await postgres.schema(),
    WORKSPACES: ids.join(','),
    INGEST_CRON: NEVER,
    SOURCE_RETENTION_DAYS: '30'
  })
  program.keepDays = 30
  program.events = mailEvents('2026-10-15', '2026-11-22')
  await program.setTime('2026-11-20T15:00:00Z')
  const held: (() => void)[] = []
  const watched: Watched = Object.assign(program, {
    open: 0,
    most: 0,
    holds: false,
    release() {
      watched.holds = false
      for (const answer of held.splice(0)) answer()
    }
  })
  program.azure.replyTo =
    ({ kql }) =>
    (_request, response, right) => {
      watched.most = Math.max(watched.most, ++watched.open)
      response.once('close', () => watched.open--)
      const answer = JSON.stringify(right())
      if (watched.holds && kql.includes('DeliveryLocation')) held.push(() => response.end(answer))
      else setTimeout(() => response.end(answer), ANSWER_MS)
    }
  return watched
}

/** How many events each day has, as plainly as it can be counted. */
function plainCount({ events, now, keepDays }: Program): Map<string, number> {
  const days = new Map<string, number>()
  for (const { at } of shownAt(events, now(), keepDays)) {
    days.set(at.slice(0, 10), (days.get(at.slice(0, 10)) ?? 0) + 1)
  }
  return days
}

/** Six days that are far from either end of what the source shows. */
const RANGE = { from: '2026-11-08', to: '2026-11-13' }

async function totalsOf(served: Served, workspace: string): Promise<[string, number | null][]> {
  const { body } = await served.get(`/series?from=${RANGE.from}&to=${RANGE.to}&by=total&workspace=${workspace}`)
  return (body['series'] as { date: string; total: number | null }[]).map(({ date, total }) => [date, total])
}

async function isCounted(served: Served, workspace: string): Promise<boolean> {
  const plain = plainCount(program)
  const totals = await totalsOf(served, workspace)
  return totals.length === 6 && totals.every(([date, total]) => total === (plain.get(date) ?? 0))
}

/** Every workspace of a process says what a plain count says. */
async function allCounted(served: Served): Promise<boolean> {
  const counted = await Promise.all(NAMES.map((name) => isCounted(served, name)))
  return counted.every(Boolean)
}

/** Of the days of every workspace. */
async function statesOf({ get }: Served): Promise<Set<string>> {
  const answers = await Promise.all(
    NAMES.map((name) => get(`/series?from=${RANGE.from}&to=${RANGE.to}&workspace=${name}`))
  )
  return new Set(answers.flatMap(({ body }) => (body['series'] as { state: string }[]).map(({ state }) => state)))
}

/** Asks again for whatever does not come right, as a reader would. */
async function insist(served: Served): Promise<void> {
  for (const name of NAMES) {
    await until(async () => {
      if (await isCounted(served, name).catch(() => false)) return true
      const runs = await runsOf(served).catch(() => [])
      const open = runs.some(({ workspace, finishedAt }) => workspace === name && finishedAt === null)
      if (!open) await ask(served, name).catch(() => {})
      return false
    }, 200)
  }
}

async function ask(served: Served, workspace: string): Promise<string> {
  const { status, body } = await served.post('/ingest', { workspace, ...RANGE })
  if (status !== 202) throw new Error(`/ingest answered ${status}: ${JSON.stringify(body)}`)
  return String(body['id'])
}

interface Told {
  readonly id: string
  readonly workspace: string
  readonly status: string
  readonly finishedAt: string | null
  readonly error?: { readonly code: string; readonly message: string }
}

/** None where the database is lost. */
async function runsOf({ get }: Served): Promise<Told[]> {
  return ((await get('/runs')).body['runs'] as Told[] | undefined) ?? []
}

/** Whether each workspace has had a good run beside those of before. */
async function allSucceeded(served: Served, before: readonly Told[] = []): Promise<boolean> {
  const runs = await runsOf(served)
  const good = runs.filter(({ id, status }) => status === 'succeeded' && !before.some((run) => run.id === id))
  return new Set(good.map(({ workspace }) => workspace)).size === NAMES.length
}

const program = await openWatched()
const [killed, paused] = await Promise.all([program.serve(), program.serve()])
let other: Served

t.test('whoever takes the place of one that is killed or paused does all the work, and keeps it', async (t) => {
  program.holds = true
  const asked = await Promise.all(NAMES.map((name) => ask(paused, name)))
  await until(() => program.open === 4)
  // Who comes late finds nothing to do.
  other = await program.serve()

  killed.command.child.kill('SIGKILL')
  paused.command.child.kill('SIGSTOP')
  const since = performance.now()
  // Those that nobody hears are answered, too; what they hear later is not true any more.
  program.release()
  program.events = [...program.events, ...mailEvents(RANGE.from, RANGE.to, 7)]
  await program.setTime('2026-11-21T15:00:00Z', [other])
  await until(() => allSucceeded(other), 200)
  const seconds = (performance.now() - since) / 1_000
  t.comment(`what was left behind was done after ${seconds.toFixed(1)} s`)
  // Beside other tests it may take longer than on a machine of its own.
  if (SOAK) t.ok(seconds < 20)
  t.ok(await allCounted(other), 'before the paused one goes on')

  paused.command.child.kill('SIGCONT')
  await until(async () => (await paused.get('/status')).status === 200)
  await sleep(1_000)
  t.ok(await allCounted(other), 'after it has')
  t.same(await statesOf(other), new Set(['final']), 'for whoever was paused, the lag has not passed yet')
  t.equal(program.most, 4, 'never more than four questions at once')
  const runs = await runsOf(other)
  const lost = runs.filter(({ status }) => status !== 'succeeded')
  t.match(
    lost,
    lost.map(() => ({ status: 'failed', error: { code: 'cancelled' } }))
  )
  t.ok(lost.length > 0 && lost.length <= 4, 'only what was worked on is lost, and told as that', { lost })
  t.ok(
    lost.every(({ id }) => asked.includes(id)),
    'and by nobody else'
  )
  t.equal(runs.length - lost.length, NAMES.length, 'and nothing is done twice')
})

t.test('a database that is started anew under load costs readers nothing but answers to ask for again', async (t) => {
  const peers = [paused, other]
  await program.setTime('2026-11-21T15:05:00Z', peers)
  for (const name of NAMES) await ask(paused, name)
  const statuses = new Set<number>()
  const ended = new AbortController()
  const readers = peers.map(async ({ get }) => {
    for (let i = 0; !ended.signal.aborted; i++) {
      statuses.add((await get(`/series?workspace=${NAMES[i % NAMES.length]}`)).status)
      await sleep(50)
    }
  })
  await postgres.kill()
  await sleep(1_500)
  await postgres.start()

  // Whether the first ones were in time or not. Whoever joins a run that was cut off asks once more.
  program.events = [...program.events, ...mailEvents(RANGE.from, RANGE.to, 9)]
  await insist(other)
  ended.abort()
  await Promise.all(readers)
  t.same(
    [...statuses].filter((status) => status !== 200 && status !== 503),
    [],
    'no answer but good ones, and those that say that there is none now'
  )
  await until(async () => (await other.get('/runs')).status === 200 && program.open === 0)
  t.ok(await allCounted(other), 'after all')
  t.ok(program.most <= 4, 'never more than four questions at once')
  t.match(await program.run(['verify']), { status: 0 })
})

t.test('whoever is stopped leaves at once, and what he worked on goes on under its name', async (t) => {
  await until(async () => (await runsOf(other)).every(({ finishedAt }) => finishedAt !== null))
  const before = await runsOf(other)
  program.holds = true
  const asked = await Promise.all(NAMES.map((name) => ask(paused, name)))
  await until(() => program.open === 4)
  t.match(await paused.stop(), { status: 0 })
  program.release()
  await until(() => allSucceeded(other, before), 200)
  const runs = (await runsOf(other)).filter(({ id }) => !before.some((run) => run.id === id))
  t.ok(runs.every(({ status }) => status === 'succeeded'))
  t.same(runs.map(({ id }) => id).toSorted(), asked.toSorted())
  t.ok(await allCounted(other), 'all the same')
  t.match(await other.stop(), { status: 0 })
})

/** What may happen to one of two processes, or to both. */
const FAULTS: Record<string, (served: Served, random: () => number) => Promise<void>> = {
  async killed({ command }) {
    command.child.kill('SIGKILL')
  },
  async stopped(served) {
    await served.stop()
  },
  async paused({ command: { child } }, random) {
    child.kill('SIGSTOP')
    await sleep(random() * 40_000)
    child.kill('SIGCONT')
  },
  async 'without a database'(_served, random) {
    await postgres.kill()
    await sleep(random() * 15_000)
    await postgres.start()
  }
}

async function anyOfThem(t: Test): Promise<void> {
  const random = randomOf('shared work')
  program.most = 0
  for (let round = 0; round < 40; round++) {
    const [one, served] = await Promise.all([program.serve(), program.serve()])
    await insist(served)
    program.events = [...program.events, ...mailEvents(RANGE.from, RANGE.to, 100 + round)]
    for (const name of NAMES) await ask(random() < 0.5 ? one : served, name)
    await sleep(random() * 2_000)
    const [name = '', fault] = Object.entries(FAULTS)[Math.floor(random() * 4)] ?? []
    await fault?.(one, random)
    await insist(served)
    t.ok(await allCounted(served), `round ${round}: one was ${name}`)
    await Promise.all([one, served].map((each) => each.stop()))
  }
  t.ok(program.most <= 4, 'never more than four questions at once')
  t.match(await program.run(['verify']), { status: 0 })
}

// Rounds of a minute each.
if (SOAK) t.test(`whatever happens when, counts come right in the end ${SEEDED}`, anyOfThem)
