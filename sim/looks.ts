// Looks at the API, each held against the model: what is served is what the model has, and no ETag stands for two answers.
import { isDeepStrictEqual } from 'node:util'
import type { Answered, Api } from './api.ts'
import { dayAt, write } from './days.ts'
import { bucketBody, changesOf, csvText, longLines, momentOf, samplesOf, seriesBody, statusOf } from './expected.ts'
import { rowsAt, type Model, type WorkspaceModel } from './model.ts'
import type { Random } from './random.ts'
import type { Kind, Tally } from './tally.ts'
import type { Time } from './time.ts'

export interface Looks {
  /** Looks at a workspace by one view, by chance. */
  look(name: string, random: Random): Promise<void>
  /** Looks at a workspace by all views; which one goes by chance. */
  lookAtAll(random: Random): Promise<void>
  /** The answer of a series that was asked for beside writes: it is what the model had at its revision. */
  checkSeries(answered: Answered, name: string, range: readonly [number, number], since: number): void
  /** The pages of a client that followed the log beside writes. */
  checkFollowed(changes: readonly unknown[], name: string): void
}

export interface LooksParts {
  readonly api: Api
  readonly model: Model
  readonly time: Time
  readonly tally: Tally
  /** The names of the settings. */
  readonly names: readonly string[]
}

type View = (workspace: WorkspaceModel, random: Random) => Promise<void>

export function createLooks({ api, model, time, tally, names }: LooksParts): Looks {
  const { claim } = model
  /** What each validator was sent with, and which ones each question has got. */
  const bodies = new Map<string, string>()
  const tags = new Map<string, string[]>()
  /** Every revision that was ever seen of a name. */
  const seen = new Map<string, Set<number>>()

  /** The body, from the answer or from what the client has when that is said to be still right. */
  const get = async (url: string, random: Random): Promise<string> => {
    const known = tags.get(url) ?? []
    const tag = known.length > 0 && random.chance(0.7) ? random.pick(known) : undefined
    const { status, etag, body } = await api.get(url, tag)
    if (status === 304 && etag !== undefined) {
      tally.note('answer: 304')
      return bodies.get(etag) ?? ''
    }
    claim(status === 200, `${url} is answered with 200, and not ${status}: ${body.slice(0, 300)}`)
    if (etag === undefined) return body
    remember(url, etag, body)
    tags.set(url, [...known, etag])
    return body
  }

  const remember = (url: string, etag: string, body: string): void => {
    const before = bodies.get(etag)
    claim(before === undefined || before === body, `${url}: one ETag, two answers: ${before} ${body}`)
    bodies.set(etag, body)
  }

  const compare = (url: string, answer: unknown, expected: unknown): void => {
    if (isDeepStrictEqual(answer, expected)) return
    claim(false, `${url}\n    answered ${differing(answer, expected)}\n    expected ${differing(expected, answer)}`)
  }

  const wholeRange = ({ rows }: WorkspaceModel): readonly [number, number] => {
    const all = [...rows.keys()]
    const today = dayAt(time.ours)
    return [Math.min(today, ...all) - 1, Math.max(today, ...all) + 1]
  }

  const seriesView: View = async (workspace, random) => {
    const range = wholeRange(workspace)
    const url = `/series?${part(range, workspace.name)}`
    const { name, revision, rows } = workspace
    compare(url, JSON.parse(await get(url, random)), seriesBody(name, revision, rows, range))
    tally.note('answer: series')
  }

  const past = async (workspace: WorkspaceModel, random: Random, asOf: string, revision: number): Promise<void> => {
    const range = wholeRange(workspace)
    const url = `/series?${part(range, workspace.name)}&asOf=${asOf}`
    const expected = seriesBody(workspace.name, revision, rowsAt(workspace, revision), range)
    compare(url, JSON.parse(await get(url, random)), expected)
  }

  const bucketView =
    (step: 'week' | 'month', kind: Kind): View =>
    async (workspace, random) => {
      const [from] = wholeRange(workspace)
      const range = [from, from + 150] as const
      const url = `/series?by=total&step=${step}&${part(range, workspace.name)}`
      const expected = bucketBody(workspace, step, range, dayAt(time.ours))
      compare(url, JSON.parse(await get(url, random)), expected)
      tally.note(kind)
    }

  const views: readonly View[] = [
    seriesView,
    seriesView,
    async (workspace, random) => {
      const yesterday = dayAt(time.ours) - 1
      const { name, revision, rows } = workspace
      const url = `/series?workspace=${name}`
      const expected = seriesBody(name, revision, rows, [yesterday - 29, yesterday])
      compare(url, JSON.parse(await get(url, random)), expected)
      tally.note('answer: the default range')
    },
    bucketView('week', 'answer: weeks'),
    bucketView('month', 'answer: months'),
    async (workspace, random) => {
      const range = wholeRange(workspace)
      // No label here needs its quotes.
      const url = `/series?by=deliveryLocation&format=csv&${part(range, workspace.name)}`
      compare(url, (await get(url, random)).replaceAll('"', ''), csvText(workspace, range))
      tally.note('answer: CSV by delivery location')
    },
    async (workspace, random) => {
      const range = wholeRange(workspace)
      const url = `/series?layout=long&format=ndjson&location=Junk,Inbox&${part(range, workspace.name)}`
      compare(url, await get(url, random), longLines(workspace, range))
      tally.note('answer: NDJSON, long')
    },
    async (workspace, random) => {
      if (workspace.log.length === 0) return
      const { revision } = random.pick(workspace.log)
      await past(workspace, random, String(revision), momentOf(workspace, { revision }))
      tally.note('answer: as of a revision')
    },
    async (workspace, random) => {
      if (workspace.log.length === 0) return
      const instant = random.pick(workspace.log).instant + random.pick([-1, 0, 0, 1, 60_000])
      if (instant > time.ours) return
      const revision = momentOf(workspace, { instant })
      await past(workspace, random, new Date(instant).toISOString(), revision)
      tally.note('answer: as of a time')
    },
    async (workspace, random) => {
      const { log, name } = workspace
      const start = random.whole(0, log.length)
      let since = start === 0 ? '0' : String(log[start - 1]?.revision)
      const limit = random.whole(1, 40)
      const told: unknown[] = []
      for (let more = true; more;) {
        const url = `/changes?since=${since}&limit=${limit}&workspace=${name}`
        const page: ChangesPage = JSON.parse(await get(url, random))
        told.push(...page.changes)
        const last = page.changes.at(-1)?.revision ?? since
        claim(page.next === last, `${url}: next is the revision of the last entry`)
        claim(!page.more || page.changes.length === limit, `${url}: a page that is not the last is full`)
        more = page.more && page.next !== since
        since = page.next
      }
      compare(`/changes after the first ${start} of ${name}`, told, changesOf(workspace).slice(start))
      tally.note('answer: changes')
    },
    async (workspace) => {
      const { name, log } = workspace
      const there = new Set(log.map(({ revision }) => revision))
      const before = seen.get(name) ?? new Set()
      const gone = [...before].find((revision) => !there.has(revision)) ?? time.ours + 1
      seen.set(name, new Set([...before, ...there]))
      if (there.has(gone)) return
      const { status } = await api.get(`/changes?since=${gone}&workspace=${name}`)
      claim(status === 410, `the cursor ${gone} of ${name} is gone, and answered with ${status}`)
      tally.note('answer: a cursor that is gone')
    },
    async () => {
      const reply: { workspaces: StatusPart[] } = JSON.parse((await api.get('/status')).body)
      const told = reply.workspaces.map(withoutRuns)
      compare(
        '/status',
        told,
        served().map((workspace) => statusOf(workspace, time.ours))
      )
      tally.note('answer: status')
    }
  ]

  /** Those of the settings in their order, then the others that hold days, by name. */
  const served = (): WorkspaceModel[] => {
    const others = [...model.workspaces.values()].filter(({ name, rows }) => !names.includes(name) && rows.size > 0)
    return [...names.map(known), ...others.toSorted((a, b) => (a.name < b.name ? -1 : 1))]
  }

  /** As the API knows it: also one of the settings of which nothing is stored. */
  const known = (name: string): WorkspaceModel => model.workspaces.get(name) ?? nothingOf(name)

  const metricsView = async (): Promise<void> => {
    const { body } = await api.get('/metrics')
    const told = Object.fromEntries(
      body
        .split('\n')
        .filter((line) => line.startsWith('post_delivery_events{'))
        .map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ')))])
    )
    compare('/metrics', told, Object.assign({}, ...served().map((workspace) => samplesOf(workspace, time.ours))))
    tally.note('answer: metrics')
  }

  return {
    look: (name, random) => random.pick(views)(known(name), random),
    async lookAtAll(random) {
      const workspace = random.pick(served())
      for (const view of views) await view(workspace, random)
      await metricsView()
    },
    checkSeries({ status, body, etag }, name, range, since) {
      claim(status === 200, `a series beside writes is answered with 200, and not ${status}: ${body}`)
      if (status !== 200) return
      if (etag !== undefined) remember('a series beside writes', etag, body)
      const answer: { revision: string } = JSON.parse(body)
      const workspace = known(name)
      const revision = Number(answer.revision)
      claim(revision >= since, `a series beside writes is not older than its question`)
      const ends = revision === 0 || revision === momentOf(workspace, { revision })
      claim(ends, `a series beside writes shows no half of a transaction`)
      const expected = seriesBody(name, revision, rowsAt(workspace, revision), range)
      compare(`a series beside writes of ${name}`, answer, expected)
      tally.note('answer: a series beside writes')
    },
    checkFollowed(changes, name) {
      compare(`the log of ${name}, followed`, changes, changesOf(known(name)).slice(0, changes.length))
      tally.note('answer: changes beside writes')
    }
  }
}

function part([from, to]: readonly [number, number], name: string): string {
  return `from=${write(from)}&to=${write(to)}&workspace=${name}`
}

interface ChangesPage {
  readonly changes: readonly { readonly revision: string }[]
  readonly next: string
  readonly more: boolean
}

interface StatusPart {
  readonly lastRun: unknown
  readonly lastSuccessAt: unknown
  readonly lastSuccessAgeSeconds: unknown
  readonly nextRunAt: unknown
  readonly stale: unknown
}

function withoutRuns({ lastRun, lastSuccessAt, lastSuccessAgeSeconds, nextRunAt, stale, ...rest }: StatusPart): object {
  return rest
}

function nothingOf(name: string): WorkspaceModel {
  const empty = { bound: null, kept: null, firstAsked: null, revision: 0, instant: 0 }
  return { key: 0, name, rows: new Map(), log: [], ended: new Map(), spelling: new Map(), ...empty }
}

/** As much of a value as tells it from another. */
function differing(value: unknown, other: unknown): string {
  const [a = '', b = ''] = [value, other].map((each) => (typeof each === 'string' ? each : JSON.stringify(each)))
  let from = 0
  while (from < a.length && a[from] === b[from]) from++
  return `…${a.slice(Math.max(0, from - 120), from + 160)}…`
}
