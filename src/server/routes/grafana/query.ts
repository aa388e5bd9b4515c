// POST /query: the series of a panel.
import { setImmediate as turn } from 'node:timers/promises'
import { dayOf, lengthOf, type DayRange } from '../../../model/day.ts'
import type { StoredDay } from '../../../model/reading.ts'
import type { Caller } from '../../caller.ts'
import { toDayRange } from '../../day-range.ts'
import { membersOf } from '../../members.ts'
import { badParameter } from '../../problem.ts'
import type { ServedWorkspace } from '../../workspaces.ts'
import { MAX_VALUES } from '../series-query.ts'
import type { GrafanaOptions } from './answer.ts'
import { ANNOTATION_REF, readTargets, type Asked } from './asked.ts'
import { listOf, rangeOf, type Members } from './body.ts'
import { expand } from './escaped.ts'
import { buildFrames, type Frame } from './frames.ts'
import { readMarks, tableOf } from './marks.ts'
import { adHocFilters, seenIn, toRestrictions, type Filter } from './restrictions.ts'
import { findTarget, targetNamed, type Labels, type Target } from './targets.ts'
import { chooseWorkspaces, labelsOf } from './workspaces.ts'

/** So many days of all workspaces together are held in memory at once. */
const MAX_DAYS_READ = 20_000

/** One question of a dashboard: its time range and filters, and what has been read and made for it so far. */
interface Dashboard {
  readonly caller: Caller
  readonly range: DayRange
  readonly now: Date
  readonly filters: readonly Filter[]
  readonly read: Map<string, ReadWorkspace>
  values: number
  /** Whether the time of day decides of the answer. */
  timed: boolean
}

interface ReadWorkspace {
  readonly labels: Labels
  readonly days: readonly StoredDay[]
}

/** A query that was read, and not answered yet. */
export interface Query {
  /** What the answer depends on, beside the caller and what is kept. */
  readonly question: unknown
  /** What is told of runs depends on the time of day as well. */
  answer(): Promise<{ readonly answer: readonly object[]; readonly timed: boolean }>
}

/** Throws `invalid-request` for a body that is no query. */
export function readQuery(caller: Caller, body: Members, options: GrafanaOptions): Query {
  const now = options.clock.now()
  const range = toDayRange(rangeOf(body), now)
  const filters = adHocFilters(body)
  const targets = readTargets(body)
  return {
    question: { range, today: dayOf(now), filters, targets },
    async answer() {
      const dashboard: Dashboard = { caller, range, now, filters, read: new Map(), values: 0, timed: false }
      const answer: object[] = []
      for (const asked of targets) answer.push(...(await answerTarget(asked, dashboard, options)))
      return { answer, timed: dashboard.timed }
    }
  }
}

/** So many days of all series together take some ten milliseconds to answer. */
const LONG_DAYS = 3_000

/** Whether a query takes so long that few may be answered at once. Throws `invalid-request` as the answer would. */
export function isLongQuery(body: Members, now: Date): boolean {
  const targets = listOf(body['targets'], 'targets').map((each) => membersOf(each)['target'])
  // Each can stand for several, as `(A|B)`.
  const series = targets.reduce<number>((sum, target) => sum + String(target).split('|').length, 0)
  return series * lengthOf(toDayRange(rangeOf(body), now)) > LONG_DAYS
}

async function answerTarget(asked: Asked, dashboard: Dashboard, options: GrafanaOptions): Promise<object[]> {
  const filters = [...dashboard.filters, ...asked.filters]
  const chosen = await chooseWorkspaces(options.workspaces, dashboard.caller, filters)
  const marks = async (of: readonly ServedWorkspace[]): Promise<object> => {
    dashboard.timed = true
    return tableOf(await readMarks(of, dashboard.range, options), asked.refId)
  }
  if (asked.refId === ANNOTATION_REF) return [await marks(chosen)]
  const answers: object[] = []
  for (const workspace of chosen) {
    const prefix = chosen.length > 1 ? `${workspace.name}: ` : ''
    for (const target of await targetsOf(asked, workspace)) {
      if (target.kind === 'marks') {
        answers.push(await marks([workspace]))
      } else {
        answers.push(...(await framesOf({ asked, target, filters, prefix }, workspace, dashboard)))
      }
    }
  }
  return answers
}

/** One, or several where they came as `(A|B)`. */
async function targetsOf({ target }: Asked, workspace: ServedWorkspace): Promise<Target[]> {
  const labels = await labelsOf(workspace)
  const known = (text: string): boolean => {
    const found = findTarget(text)
    return found !== undefined && (found.kind !== 'one' || seenIn(labels, found.key)(found.value))
  }
  return expand(target, 'target', known).map(targetNamed)
}

interface TargetQuestion {
  readonly asked: Asked
  readonly target: Exclude<Target, { kind: 'marks' }>
  readonly filters: readonly Filter[]
  readonly prefix: string
}

async function framesOf(
  { asked, target, filters, prefix }: TargetQuestion,
  workspace: ServedWorkspace,
  dashboard: Dashboard
): Promise<Frame[]> {
  const { range, now } = dashboard
  const { labels, days } = await readOnce(workspace, dashboard)
  spend(dashboard, lengthOf(range))
  const notices = asked.ignored.map((key) => `the payload's '${key.slice(0, 100)}' is not understood, and left out`)
  const restrictions = toRestrictions(filters, labels)
  const { refId, by, step } = asked
  const frames = buildFrames({ target, refId, by, step, range, now, restrictions, prefix, notices }, days, labels)
  spend(
    dashboard,
    frames.slice(1).reduce((sum, { datapoints }) => sum + datapoints.length, 0)
  )
  // A dashboard may ask for much; others have their turn between two of its targets.
  await turn()
  return frames
}

async function readOnce(workspace: ServedWorkspace, { read, range }: Dashboard): Promise<ReadWorkspace> {
  const before = read.get(workspace.name)
  if (before !== undefined) return before
  const count = (read.size + 1) * lengthOf(range)
  if (count > MAX_DAYS_READ) {
    throw badParameter(
      'range',
      `${count} days of ${read.size + 1} workspaces are more than ${MAX_DAYS_READ}: ${REMEDY}`
    )
  }
  const { days } = await workspace.readDays(range)
  const found = { labels: await labelsOf(workspace), days }
  read.set(workspace.name, found)
  return found
}

const REMEDY = 'shorten the range, or ask for less at once'

/** Throws `invalid-request` for more values than one answer holds. */
function spend(dashboard: Dashboard, values: number): void {
  dashboard.values += values
  if (dashboard.values > MAX_VALUES) throw badParameter('targets', `have more than ${MAX_VALUES} values: ${REMEDY}`)
}
