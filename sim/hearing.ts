// What the model makes of each write that it hears of: what should have come of it, held against what did.
import type { DayCounts } from '../src/model/cube.ts'
import type { Applied, Workspace } from '../src/model/store.ts'
import { read, write } from './days.ts'
import { says, type Model, type Row, type Truth } from './model.ts'
import {
  afterAnswer,
  afterFile,
  firstDay,
  hasCounts,
  lostDays,
  same,
  total,
  type Counts,
  type Verdict
} from './rules.ts'
import { isOver, type RunContext } from './run-context.ts'
import { fold, type AnsweredDay, type SourceTerms } from './source.ts'
import type { Tally } from './tally.ts'
import type { Time } from './time.ts'

/** What an imported file says, and whether it lacks something. */
export interface File {
  /** By our clock, when it was counted. */
  readonly today: number
  readonly tenant: string
  readonly ranged: boolean
  readonly replace: boolean
  readonly incomplete: boolean
  readonly aheadOfTime: boolean
}

export interface Hearing {
  reading(run: RunContext, applied: Applied, workspace: Workspace, days: readonly DayCounts[]): void
  import(file: File, applied: Applied, workspace: Workspace, days: readonly DayCounts[]): void
  lost(run: RunContext, lost: readonly string[], workspace: Workspace): void
  /** `firstAsked`: the oldest day that the run is about to ask for, as it says. */
  bounds(run: RunContext, name: string, firstAsked: string | null): void
  /** Whether a source may not feed a name: the name, or the source, belongs to another. */
  isForeign(name: string, tenant: string): boolean
}

export interface HearingParts {
  readonly model: Model
  readonly time: Time
  readonly tally: Tally
  readonly settings: SourceTerms
}

/** A day, what is said of it, and what should come of that. */
interface Said {
  readonly day: number
  readonly cells: DayCounts['cells']
  readonly counts: Counts
  readonly verdict: Verdict
  readonly truth: Truth
}

export function createHearing({ model, time, tally, settings }: HearingParts): Hearing {
  const { claim } = model

  /** Compares what was done to a day with what should be, and does that. */
  const settle = (name: string, said: Said, applied: Applied, change: ReturnType<Model['change']>): void => {
    const { day, cells, counts, verdict, truth } = said
    const { rows, spelling } = model.of(name)
    const row = rows.get(day)
    const text = write(day)
    const isIn = (list: readonly string[]): boolean => list.includes(text)
    const accepted = verdict === 'final' || verdict === 'provisional'
    const was = (['stored', 'dropped', 'shrunk', 'left'] as const).find((kind) => isIn(applied[kind])) ?? 'forgotten'
    claim(was === (accepted ? 'stored' : verdict), `${name}: ${text} should be ${verdict}, and was ${was}`)
    if (verdict === 'shrunk' && row !== undefined) rows.set(day, { ...row, shrunk: true })
    if (!accepted) return
    const changes = !says(row, verdict, counts)
    claim(changes === isIn(applied.changed), `${name}: ${text} should ${changes ? '' : 'not '}change`)
    if (!changes && row !== undefined) rows.set(day, { ...row, truth, shrunk: false })
    if (!changes) return
    change(day, { state: verdict, counts, truth })
    for (const { deliveryLocation, actionType } of cells) {
      for (const label of [`place ${deliveryLocation}`, `type ${actionType}`]) {
        if (!spelling.has(label.toLowerCase())) spelling.set(label.toLowerCase(), label)
      }
    }
  }

  const readingOf = (
    run: RunContext,
    name: string,
    answered: AnsweredDay,
    day: number,
    applied: Applied
  ): Omit<Said, 'cells'> | null => {
    const { bounds, range } = run
    if (bounds === null) return null
    const row = model.of(name).rows.get(day)
    const text: string = write(day)
    // Changed between the look at the revision and the question: dropped or not, both are right.
    const unsure = row !== undefined && row.moment > run.revisionMoment && row.moment <= run.questionMoment
    const dropped = applied.dropped.some((each) => each === text)
    const outdated = unsure ? dropped : row !== undefined && row.moment > run.questionMoment
    const { counts, forgot } = answered
    const verdict = afterAnswer(row, { day, counts, ...bounds, outdated, force: run.force })
    const isEdge = day === bounds.firstArrival
    noteReading(tally, row, { verdict, counts, outdated, isEdge })
    const accepted = verdict === 'final' || verdict === 'provisional'
    // Such a source shows what lies well within its bounds as quiet, and nothing tells that it is not.
    const forgotAtOnce = forgot && run.answer !== null && run.answer.keepsSince > run.boundsMoment
    claim(!accepted || !forgot || isEdge || forgotAtOnce, `${name}: ${text} is stored, so none of it was forgotten`)
    const early = bounds.today - day <= settings.lagDays
    const excuse = forgotAtOnce
      ? 'the source keeps less all at once'
      : (excuseOf(row, answered, range !== null) ?? (early ? stillFinal(row) : null))
    const truth = { tenant: run.tenant, lagDays: settings.lagDays, excuse }
    return { day, counts, verdict, truth }
  }

  const hearing: Hearing = {
    reading(run, applied, { name }, days) {
      const { answer, bounds } = run
      if (answer === null || bounds === null) return claim(false, `${name}: counts are stored that nobody answered`)
      const asAnswered = (cells: DayCounts['cells'], day: number): boolean =>
        same(fold(cells), answer.days.get(day)?.counts ?? new Map())
      const whole = days.length === answer.days.size && days.every(({ day, cells }) => asAnswered(cells, read(day)))
      claim(whole, `${name}: what is stored is what was answered`)
      const edge = firstDay(bounds, settings.retentionDays) + 1
      const askedAgain = run.boundsMoment > answer.moment || Math.min(...answer.days.keys()) > edge
      claim(askedAgain, `${name}: the bounds are asked again before ${write(edge)} is stored`)
      claim(!isOver(run), `${name}: nothing is stored any more after ${run.failures.at(-1)?.code}`)
      run.stored += applied.stored.length
      run.shrunk += applied.shrunk.length
      const change = model.change(name, time.ours)
      for (const { day: text, cells } of days.toSorted((a, b) => (a.day < b.day ? -1 : 1))) {
        const day = read(text)
        const answered = answer.days.get(day)
        const said = answered && readingOf(run, name, answered, day, applied)
        run.applied.add(day)
        if (said) settle(name, { ...said, cells }, applied, change)
      }
    },
    import(file, applied, { name }, days) {
      const { lagDays } = settings
      const change = model.change(name, time.ours)
      const excuse = file.incomplete || file.aheadOfTime ? 'a file that lacks events' : null
      const truth = { tenant: file.tenant, lagDays, excuse }
      for (const { day: text, cells } of days) {
        const day = read(text)
        const counts = fold(cells)
        const said = { ...file, day, counts, lagDays }
        const verdict = afterFile(model.of(name).rows.get(day), said)
        if (verdict === 'left') tally.note('an import leaves a day alone')
        settle(name, { day, cells, counts, verdict, truth }, applied, change)
      }
    },
    lost(run, lost, { name }) {
      const { bounds, tenant } = run
      claim(!isOver(run), `${name}: no day is lost by a run that was ended by ${run.failures.at(-1)?.code}`)
      if (bounds === null) return claim(false, `${name}: no day is lost while no bounds are known`)
      const { rows, firstAsked } = model.of(name)
      const expected = lostDays(rows, firstAsked, firstDay(bounds, settings.retentionDays))
      const texts = expected.map(write).join(', ')
      claim(
        texts === lost.join(', '),
        `${name}: ${texts || 'no day'} should be lost, and ${lost.join(', ') || 'none'} is`
      )
      const change = model.change(name, time.ours)
      for (const day of expected) {
        change(day, { state: 'lost', counts: new Map(), truth: { tenant, lagDays: 0, excuse: null } })
        tally.note('a day becomes lost')
      }
    },
    bounds({ bounds, due, askedAt, tenant }, name, firstAsked) {
      if (bounds === null) return claim(false, `${name}: bounds are kept that nobody answered`)
      claim(!hearing.isForeign(name, tenant), `${name}: a foreign source is refused`)
      const workspace = model.of(name)
      workspace.bound ??= tenant
      const { retentionDays } = settings
      if (workspace.kept === null || askedAt >= workspace.kept.askedAt) {
        workspace.kept = { ...bounds, firstDue: firstDay(bounds, retentionDays), askedAt, retentionDays }
      } else tally.note('bounds are older than those kept')
      if (firstAsked === null) return
      const first = Math.min(...(due ?? []))
      claim(write(first) === firstAsked, `${name}: the first day asked for is ${write(first)}, and not ${firstAsked}`)
      workspace.firstAsked = Math.min(workspace.firstAsked ?? Infinity, first)
    },
    isForeign(name, tenant) {
      const bound = model.workspaces.get(name)?.bound ?? null
      if (bound !== null) return bound !== tenant
      return [...model.workspaces.values()].some((other) => other.name !== name && other.bound === tenant)
    }
  }
  return hearing
}

/** Why the counts of an answer may be wrong for good: null where they are not, `once` where it has to be seen twice. */
function excuseOf(row: Row | undefined, { hid, counts }: AnsweredDay, byHand: boolean): string | null {
  if (!hid) return null
  const twice = hasCounts(row) && row.truth.excuse !== null
  if (byHand || twice || !hasCounts(row) || total(counts) >= total(row.counts)) return 'the source hid events'
  return 'once'
}

/** The excuse of a day that became final too early: a reading within its lag makes it no better, and it stays final. */
function stillFinal(row: Row | undefined): string | null {
  return row?.state === 'final' ? row.truth.excuse : null
}

function noteReading(
  tally: Tally,
  row: Row | undefined,
  said: { readonly verdict: Verdict; readonly counts: Counts; readonly outdated: boolean; readonly isEdge: boolean }
): void {
  const { verdict, counts, outdated, isEdge } = said
  if (outdated) return tally.note('an older answer is dropped')
  if (isEdge) tally.note(verdict === 'dropped' ? 'the first day is dropped' : 'the first day gains')
  if (verdict === 'shrunk') tally.note('a day shrank')
  if (verdict !== 'final' && verdict !== 'provisional') return
  if (row?.state === 'final') tally.note('a final day is read again')
  else if (verdict === 'final') tally.note('a day becomes final')
  if (row?.state === 'lost') tally.note('a lost day is filled')
  if (counts.size === 0) tally.note('a day is quiet')
  if (!hasCounts(row) || row.state === 'final') return
  if (total(counts) < total(row.counts)) tally.note('a lower reading')
  else if (row.truth.excuse === 'once' && verdict === 'final') tally.note('a lower reading is confirmed')
}
