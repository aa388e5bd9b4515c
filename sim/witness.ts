// A process as the simulation sees it: its store and its source with a gate before and behind each question, and the
// model's ear at each. What the service hands on from one to the other is not believed but compared.
import type { EventSource } from '../src/ingest/source.ts'
import type { DayCounts } from '../src/model/cube.ts'
import { OperationalError, type RunErrorCode } from '../src/model/errors.ts'
import type { IngestRun } from '../src/model/run.ts'
import type { Applied, SeriesStore } from '../src/model/store.ts'
import { dayText, read, write } from './days.ts'
import { createHearing, type File, type HearingParts } from './hearing.ts'
import { daysToAsk } from './rules.ts'
import { beginRun, endOf, fail, isOver, type RunContext } from './run-context.ts'
import type { Owner, Scheduler } from './scheduler.ts'
import { answerOf, boundsOf, type Tenant } from './source.ts'

export interface Surroundings extends HearingParts {
  readonly scheduler: Scheduler
  tenant(id: string): Tenant
  /** Whether another store may have taken the place of one under a run. */
  mayRefuse(): boolean
}

/** The question of this number in a run, the first is 0, fails so. */
export interface Fault {
  readonly at: number
  readonly code: RunErrorCode | 'bug'
}

export interface Witness {
  readonly life: Owner
  readonly store: SeriesStore
  readonly source: EventSource
  /** While it is not null, what the model would be told is kept here. */
  unheard: (() => void)[] | null
  /** By workspace. */
  readonly faults: Map<string, Fault>
  readonly onProgress: (run: IngestRun) => void
  /** Claims that a run has ended as it should. */
  ended(run: IngestRun): void
  applyImport(name: string, days: readonly DayCounts[], file: File): Promise<Applied>
}

/** So many are asked for at once. */
const MOST_DAYS = 30

type Call<A extends readonly unknown[], R> = (...words: A) => Promise<R>

export function createWitness(life: Owner, raw: SeriesStore, surroundings: Surroundings): Witness {
  const { model, time, scheduler, tally, settings } = surroundings
  const { claim } = model
  const { gate, work } = scheduler
  const hearing = createHearing(surroundings)
  /** The run that goes on, by workspace; all of which the end was not heard yet, by id. */
  const runs = new Map<string, RunContext>()
  const runsById = new Map<string, RunContext>()
  const runOf = (name: string): RunContext => {
    const run = runs.get(name)
    if (run === undefined) throw new Error(`no run of ${name} has begun`)
    return run
  }

  const hear = (note: () => void): void => {
    if (witness.unheard !== null) witness.unheard.push(note)
    else if (!life.dead) note()
  }

  const refused = (error: unknown): never => {
    for (const run of runs.values()) fail(run, 'store-unavailable')
    claim(life.dead || surroundings.mayRefuse(), `the store refuses: ${String(error)}`)
    throw error
  }

  /** The call between two gates, and what the model hears of it. */
  const through =
    (what: 'ask' | 'write') =>
    <A extends readonly unknown[], R>(
      call: Call<A, R>,
      note: (result: R, ...words: A) => void = () => {}
    ): Call<A, R> =>
    async (...words) => {
      await gate(life, what)
      const result = await work(async () => {
        const answer = await call(...words)
        hear(() => note(answer, ...words))
        return answer
      }).catch(refused)
      await gate(life, 'hear')
      return result
    }
  const reads = through('ask')
  const writes = through('write')

  /** A question on its way, and what becomes of it there. */
  const ask = async <T>(run: RunContext, name: string, signal: AbortSignal, answer: (of: Tenant) => T): Promise<T> => {
    claim(!isOver(run), `${name}: nothing is asked any more after ${run.failures.at(-1)?.code}`)
    await gate(life, 'ask')
    const tenant = surroundings.tenant(run.tenant)
    const fault = witness.faults.get(name)
    const isPlanned = fault !== undefined && run.questions++ === fault.at
    try {
      signal.throwIfAborted()
      if (isPlanned) {
        throw fault.code === 'bug' ? new TypeError('a bug') : new OperationalError(fault.code, 'the source failed')
      }
      return answer(tenant)
    } catch (error) {
      const code = error instanceof OperationalError ? error.code : 'internal'
      fail(run, code, !isPlanned && code === 'source-rejected' ? tenant.badDay : null)
      if (code === 'clock-skew') tally.note('clock-skew')
      await gate(life, 'hear')
      throw error
    }
  }

  const learnBounds = (run: RunContext, askedAt: number, answer: ReturnType<typeof boundsOf>): void => {
    const { bounds } = answer
    run.boundsMoment = model.moment()
    if (bounds === null) {
      if (run.bounds === null) run.nothingShown = { today: read(answer.today), eventful: false }
      else fail(run, 'source-incomplete')
      return
    }
    const firstArrival = read(bounds.firstArrival)
    if (run.bounds !== null) {
      if (firstArrival > run.bounds.firstArrival) tally.note('the window moves on under a run')
      run.bounds.firstArrival = Math.max(run.bounds.firstArrival, firstArrival)
      return
    }
    const [today, lastArrival] = [read(bounds.today), read(bounds.lastArrival)]
    run.askedAt = askedAt
    run.bounds = { today, firstArrival, lastArrival, proof: bounds.proof === null ? null : read(bounds.proof) }
  }

  const witness: Witness = {
    life,
    unheard: null,
    faults: new Map(),
    store: {
      ...raw,
      ensureWorkspace: writes(raw.ensureWorkspace, (_, name) => model.ensure(name)),
      workspaces: reads(raw.workspaces),
      heal: writes(raw.heal, ({ damaged, healed }) => claim(damaged.length + healed.length === 0, 'no day is damaged')),
      facts: reads(raw.facts, (_, { name }) => {
        const run = runOf(name)
        const { bounds, range } = run
        if (bounds !== null) run.due ??= daysToAsk(model.of(name).rows, bounds, { ...settings, range })
      }),
      readDays: reads(raw.readDays, (_, { name }, range) => {
        const { nothingShown } = runOf(name)
        if (nothingShown === null) return
        const { today } = nothingShown
        const from = today - settings.retentionDays
        const isRecent = read(range.from) === from && read(range.to) === today
        claim(isRecent, `${name}: where the source shows no row, what is stored from ${write(from)} on is looked at`)
        nothingShown.eventful = [...model.of(name).rows].some(
          ([day, { counts }]) => day >= from && day <= today && counts.size > 0
        )
      }),
      revision: reads(raw.revision, (_, { name }) => {
        runOf(name).revisionMoment = model.moment()
      }),
      async recordBounds(workspace, answer) {
        const { name } = workspace
        await gate(life, 'write')
        const run = runOf(name)
        try {
          await work(() => raw.recordBounds(workspace, answer))
          hear(() => hearing.bounds(run, name, answer.firstAsked))
        } catch (error) {
          const changed = error instanceof OperationalError && error.code === 'source-changed'
          if (!changed || !hearing.isForeign(name, run.tenant)) refused(error)
          fail(run, 'source-changed')
          tally.note('a run is refused: source-changed')
          throw error
        } finally {
          await gate(life, 'hear')
        }
      },
      applyReading: writes(raw.applyReading, (applied, workspace, days) => {
        hearing.reading(runOf(workspace.name), applied, workspace, days)
      }),
      markLost: writes(raw.markLost, (lost, workspace) => hearing.lost(runOf(workspace.name), lost, workspace)),
      recordRun: writes(raw.recordRun, (_, { id, status, workspace }) => {
        if (status !== 'queued' && status !== 'running') model.of(workspace).ended.set(id, status)
      }),
      checkpoint: writes(raw.checkpoint)
    },
    source: {
      name: 'sim',
      async fetchBounds({ name, id }, signal) {
        const run = runOf(name)
        const askedAt = time.ours
        run.tenant = id
        const answer = await ask(run, name, signal, (tenant) => boundsOf(tenant, time, settings))
        learnBounds(run, askedAt, answer)
        await gate(life, 'hear')
        return answer
      },
      async fetchDays({ name, id }, range, signal) {
        const run = runOf(name)
        const [from, to] = [read(range.from), read(range.to)]
        run.questionMoment = model.moment()
        for (let day = from; day <= to; day++) {
          claim(run.due?.has(day) === true, `${name}: ${write(day)} is asked for, and is not due`)
        }
        claim(id === run.tenant, `${name}: one source is asked for all`)
        if (to - from + 1 === MOST_DAYS) tally.note('a question for as many days as one may be')
        const { days, answered } = await ask(run, name, signal, (tenant) => answerOf(tenant, [from, to], time.real))
        const { keepsSince } = surroundings.tenant(id)
        run.answer = { moment: model.moment(), keepsSince, days: answered }
        await gate(life, 'hear')
        return days
      },
      close: async () => {}
    },
    onProgress(run) {
      if (life.dead || run.status !== 'running' || runs.get(run.workspace)?.id === run.id) return
      const range = run.from === null || run.to === null ? null : ([read(run.from), read(run.to)] as const)
      const begun = beginRun(run.id, range, run.trigger === 'command')
      runs.set(run.workspace, begun)
      runsById.set(run.id, begun)
    },
    ended({ id, workspace, status, error }) {
      const run = runsById.get(id)
      if (run === undefined || life.dead || surroundings.mayRefuse()) return
      runsById.delete(id)
      const expected = endOf(run, hearing.isForeign(workspace, run.tenant))
      claim(status === expected.status, `${workspace}: a run that should have ${expected.status} has ${status}`)
      const isTold = error === undefined ? expected.codes.length === 0 : expected.codes.includes(error.code)
      claim(
        isTold,
        `${workspace}: a run that ${status} tells of ${error?.code}, and not of ${expected.codes.join(' or ')}`
      )
    },
    async applyImport(name, days, file) {
      const workspace = await witness.store.ensureWorkspace(name)
      const { lagDays } = settings
      const { today, ranged, replace } = file
      const terms = { today: dayText(today), lagDays, ranged, replace }
      const apply = writes(raw.applyImport, (applied) => hearing.import(file, applied, workspace, days))
      return apply(workspace, days, terms)
    }
  }
  return witness
}
