// What one of those in a history does: a process reads or imports, a client asks, somebody copies or restores, the
// source changes. Each can be done alone, or at once with others.
import { Readable } from 'node:stream'
import { countExport } from '../src/ingest/export-file.ts'
import type { IngestRun } from '../src/model/run.ts'
import type { Api } from './api.ts'
import { dayAt, days, dayText, HOUR, read, write } from './days.ts'
import { same } from './rules.ts'
import { add, arrivedOf, cellOf, fold, type SourceEvent } from './source.ts'
import type { Actor, Change, Import, Run, Span } from './steps.ts'
import type { Kind } from './tally.ts'
import { textOf, type Side, type World } from './world.ts'

/** By the code that its question fails with. */
const FAULTS: { readonly [code: string]: Kind } = {
  'source-throttled': 'the source throttles',
  'source-unavailable': 'the source is away',
  'source-timeout': 'the source times out',
  'source-unauthorized': 'the source refuses us',
  'source-rejected': 'the source rejects the question',
  'source-incomplete': 'the source answers in part',
  cancelled: 'a question is cancelled',
  bug: 'a bug of ours'
}

const SHOWS = {
  all: 'the source is well again',
  less: 'the source hides events',
  'no event': 'the source shows no events',
  'no row': 'the source shows no row'
} as const

const IMPORTS = {
  plain: 'an import',
  ranged: 'an import of a range',
  replacing: 'an import that replaces'
} as const

/** So many gates a run has passed, more or less, when it has its first answer: then the source changes under it. */
const GATES_BEFORE = 6
/** More than most of several at once have. */
const MOST_GATES = 100
const MINUTE = 60_000
const HEADER = 'Timestamp,DeliveryLocation,ActionType,ActionTrigger,ActionResult'

export async function act(world: World, api: Api, actor: Actor): Promise<void> {
  const { scheduler, client, tally } = world
  switch (actor.do) {
    case 'run':
      await run(world, actor)
      return
    case 'import':
      return importFile(world, actor)
    case 'read':
      return readSeries(world, api, actor.of)
    case 'follow':
      return follow(world, api, actor.of, actor.limit)
    case 'copy':
      // In the middle of a transaction, where one comes before long.
      for (let i = 0; i < MOST_GATES && !scheduler.busy; i++) await scheduler.gate(client, 'ask')
      return world.copy()
    case 'restore':
      if (world.copies === 0) return
      await scheduler.gate(client, 'alone')
      world.replacedUnderRuns = true
      tally.note('a restore beside runs')
      return scheduler.work(() => world.restore(actor.copy))
    default:
      for (let i = 0; i < GATES_BEFORE; i++) await scheduler.gate(client, 'ask')
      return change(world, actor)
  }
}

/** Undefined where it could not be asked for. */
export async function run(world: World, { by, of, ask, fault }: Omit<Run, 'do'>): Promise<IngestRun | undefined> {
  const { tally, model, time, scheduler } = world
  const { witness, ingester, ends } = world.processes[by]
  const name = world.nameOf(of)
  try {
    // Another run may have come far when this one is asked for.
    await scheduler.gate(witness.life, 'ask')
    tally.note(ask === null ? 'a run' : ask.force ? 'a forced read' : 'a backfill')
    if (fault !== null) {
      const kind = FAULTS[fault.code]
      if (kind !== undefined) tally.note(kind)
      witness.faults.set(name, fault)
    }
    const first = dayAt(time.ours) - (ask?.from ?? 0)
    const range = ask === null ? null : { from: dayText(first), to: dayText(first + ask.days - 1) }
    const trigger = ask === null ? 'schedule' : ask.force ? 'command' : 'request'
    const { run: accepted, done } = await ingester.request(name, trigger, { range, force: ask?.force === true })
    const isCovered =
      range === null ||
      (accepted.from !== null && accepted.to !== null && accepted.from <= range.from && accepted.to >= range.to)
    model.claim(
      accepted.trigger === trigger && isCovered,
      `${name}: a run joins one of another kind, or that covers less`
    )
    if (ends.has(done)) tally.note('a run is joined')
    ends.add(done)
    const ended = await done
    witness.ended(ended)
    return ended
  } catch (error) {
    model.claim(witness.life.dead || world.replacedUnderRuns, `a run could not be asked for: ${textOf(error)}`)
    return undefined
  }
}

/** The file is counted as a real one is, and held against what it was made of. */
export async function importFile(world: World, step: Omit<Import, 'do'>): Promise<void> {
  const { tally, model, time } = world
  const { terms, complete } = step
  tally.note(IMPORTS[terms])
  if (!complete) tally.note('an import of an incomplete file')
  const tenant = world.tenantOf(step.of)
  const today = dayAt(time.ours)
  const first = today - step.from
  const last = Math.min(first + step.days - 1, today)
  const ranged = terms !== 'plain'
  const listed = new Map<number, SourceEvent[]>()
  for (const day of days(first, last)) {
    const arrived = arrivedOf(tenant, day, time.real).filter(({ at }) => at <= time.ours)
    listed.set(day, complete ? arrived : arrived.slice(1))
  }
  const lines = [...listed.values()].flat().flatMap((event) => Array<string>(event.count).fill(lineOf(event)))
  const counted = await countExport(Readable.from([Buffer.from([HEADER, ...lines].join('\n'))]), 'the file', {
    range: ranged ? { from: dayText(first), to: dayText(last) } : { from: null, to: null },
    timeZone: null,
    timeColumn: 'auto',
    now: new Date(time.ours)
  })
  const eventful = [...listed].filter(([, events]) => events.length > 0).map(([day]) => day)
  const [begin, end] = ranged ? [first, last] : [eventful[0] ?? 1, eventful.at(-1) ?? 0]
  const isWhole =
    counted.days.length === end - begin + 1 &&
    counted.days.every(({ day, cells }) => same(fold(cells), fold((listed.get(read(day)) ?? []).map(cellOf))))
  model.claim(isWhole, 'a file is counted by UTC day, and each day between its first and its last is there')
  const { witness } = world.processes[step.by]
  // What is after now by a clock that is behind can be in no file, and may have come.
  const incomplete = !complete || time.ahead < 0
  const says = { today, ranged, replace: terms === 'replacing', incomplete, aheadOfTime: time.ahead > 0 }
  try {
    await witness.applyImport(world.nameOf(step.of), counted.days, { tenant: tenant.id, ...says })
  } catch (error) {
    model.claim(witness.life.dead || world.replacedUnderRuns, `an import failed: ${textOf(error)}`)
  }
}

function lineOf({ at, place, type }: SourceEvent): string {
  return `${new Date(at).toISOString()},${place},${type},SpecialAction,Success`
}

/** Twice, each computed anew: a validator that was sent with the state before a write must not come with that after. */
async function readSeries(world: World, api: Api, of: Side): Promise<void> {
  const { model, time, scheduler, looks } = world
  const name = world.nameOf(of)
  const today = dayAt(time.ours)
  const range = [today - 20, today + 1] as const
  const url = `/series?workspace=${name}&from=${write(range[0])}&to=${write(range[1])}`
  for (let i = 0; i < 2; i++) {
    const since = model.workspaces.get(name)?.revision ?? 0
    api.forget()
    const answered = await scheduler.request(() => api.get(url))
    if (!world.replacedUnderRuns) looks.checkSeries(answered, name, range, since)
  }
}

async function follow(world: World, api: Api, of: Side, limit: number): Promise<void> {
  const { model, scheduler, looks } = world
  const name = world.nameOf(of)
  const told: unknown[] = []
  for (let since = '0', more = true; more;) {
    const url = `/changes?workspace=${name}&limit=${limit}&since=${since}`
    const { status, body } = await scheduler.request(() => api.get(url))
    if (world.replacedUnderRuns) return
    model.claim(status === 200, `the log is answered with 200, and not ${status}`)
    if (status !== 200) return
    const page: { changes: unknown[]; next: string; more: boolean } = JSON.parse(body)
    model.claim(!page.more || page.changes.length > 0, 'no page but the last is empty')
    told.push(...page.changes)
    // Where the cursor stays, what was told is compared, and there is no end of it.
    more = page.more && page.next !== since
    since = page.next
  }
  looks.checkFollowed(told, name)
}

/** What the source does from now on, or has done. */
export function change(world: World, what: Change): void {
  const { tally, time, settings, model } = world
  const tenant = world.tenantOf(what.of)
  switch (what.do) {
    case 'purge': {
      const events = tenant.events.get(dayAt(time.real) - what.age) ?? []
      for (const event of what.all ? events : events.slice(0, 1)) event.gone = true
      return tally.note('events are purged')
    }
    case 'show':
      tenant.empty = what.what === 'no event' ? 'days' : what.what === 'no row' ? 'all' : 'no'
      tenant.short = what.what === 'less'
      return tally.note(SHOWS[what.what])
    case 'fail a day':
      tenant.badDay = what.age === null ? null : dayAt(time.real) - what.age
      return tally.note('the source can not answer for one day')
    default:
      Object.assign(tenant, what.keeps, { keepsSince: model.moment() })
      tally.note(
        what.keeps.forgetsBy === 'arrival' ? 'the source forgets by arrival' : 'the source forgets by event time'
      )
      if (what.keeps.keepDays < settings.retentionDays) tally.note('the source keeps less than believed')
  }
}

/** Time passes, and events happen in it. */
export function pass({ time, settings, tenants, tally }: World, { hours, busy, events }: Span): void {
  const begin = time.real
  for (const { tenant, share, delay, ...labels } of events) {
    const at = begin + Math.floor(share * hours * HOUR)
    const isLate = delay / 24 > settings.lagDays
    if (delay >= 24) tally.note(isLate ? 'events arrive late, beyond the lag' : 'events arrive late, within the lag')
    const source = tenants[tenant]
    if (source !== undefined) add(source, { at, arrived: at + delay * HOUR, ...labels })
  }
  for (let after = 0; after < (busy ? hours : 0); after += 12) {
    const at = begin + after * HOUR
    const event = { at, arrived: at + 5 * MINUTE, place: 'Junk folder', type: 'Phish ZAP', count: 1 }
    for (const tenant of tenants) add(tenant, event)
  }
  time.pass(hours * HOUR)
}
