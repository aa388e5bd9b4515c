// Who works on what: a workspace is worked on by one holder of a slot at a time, and the stalest comes first.
import type { IngestRun, RunTrigger } from '../../model/run.ts'
import { MAX_WAITING, overloaded } from '../ingester.ts'
import { covers } from '../recorded-run.ts'
import type { RunRequest } from '../run.ts'
import type { Database, Session, Value } from './database.ts'
import type { Slot } from './slots.ts'

export interface Turns {
  /** Says that all of these are due. Told of the same time of the schedule by several processes, it is once. */
  mark(workspaces: readonly string[], tick: Tick): Promise<void>
  /** Keeps a run that is to be made; null where one that waits or works covers it, which is returned instead. */
  ask(run: IngestRun, forced: boolean, record: () => Promise<void>): Promise<IngestRun>
  /** Whether `take` might find something. */
  anyFor(whom: Taker): Promise<boolean>
  /** What this slot is to work on now; null where there is nothing that it may take. */
  take(slot: Slot, whom: Taker, make: Make): Promise<Taken | null>
  /** The run has ended. Does nothing where the turn was another's already. */
  end(slot: Slot, run: IngestRun, request: RunRequest): Promise<void>
  /** The run goes back to where it waited. */
  giveBack(slot: Slot, run: IngestRun): Promise<void>
  /** Forgets what this process was asked for and nobody works on; returns it. */
  forget(): Promise<IngestRun[]>
  /** Of runs that wait, those that nobody has given a sign of life for so long; he who asks is to do it. */
  silent(workspaces: readonly string[], ms: number): Promise<IngestRun[]>
  /** Of these runs, those that still wait or work. */
  open(ids: readonly string[]): Promise<Set<string>>
}

export interface Tick {
  readonly trigger: RunTrigger
  /** The time of the schedule; null: the start of a process. */
  readonly at: Date | null
}

export interface Taker {
  readonly workspaces: readonly string[]
  /** Only what this process itself was asked for. */
  readonly onlyOwn: boolean
}

/** Makes the record of a run that begins. */
export type Make = (workspace: string, trigger: RunTrigger, request: RunRequest) => IngestRun

export interface Taken {
  readonly run: IngestRun
  readonly request: RunRequest
  /** What it takes the place of: a run whose process was lost. */
  readonly lost: IngestRun | null
}

/** A process that starts finds nothing due where somebody has just been. */
const JUST_READ = "interval '1 minute'"
/** What waits for a workspace that no process reads any more is forgotten. */
const FORGOTTEN = "interval '1 day'"

const SOME = 50

type AskRow = { id: string; run: string; forced: boolean }
type TurnRow = { workspace: string; running: string | null; due_trigger: RunTrigger | null; alive: boolean }

export function createTurns(
  database: Database,
  { schema, queue, identity, asker }: { schema: string; queue: string; identity: string; asker: string }
): Turns {
  const [turn, ask] = [`${schema}.turn`, `${schema}.ask`]
  // A slot is held as long as its job is in work, whoever holds it: pg-boss ends the job of one that is lost.
  const alive = `exists (
    select 1 from ${schema}.job j where j.name = t.queue and j.id = t.slot and j.state = 'active')`
  const asked = `exists (select 1 from ${ask} a where a.workspace = t.workspace)`
  const waits = `
    t.identity = $1 and ($2::text[] is null or t.workspace = any($2::text[])) and not ${alive}
      and (t.running is not null or t.due_since is not null or ${asked})
      and ($3::text is null or exists (select 1 from ${ask} a where a.workspace = t.workspace and a.asker = $3))`

  const taker = ({ workspaces, onlyOwn }: Taker): [string, readonly string[], string | null] => [
    identity,
    workspaces,
    onlyOwn ? asker : null
  ]

  const MARK = `
    insert into ${turn} as t (workspace, identity, due_since, due_trigger, ticked_at)
    select name, $2, now(), $3, $4::timestamptz
    from unnest($1::text[]) as name
    order by name
    on conflict (workspace) do update set identity = excluded.identity, due_since = now(),
      due_trigger = case when t.due_since is null then excluded.due_trigger else t.due_trigger end,
      ticked_at = coalesce(excluded.ticked_at, t.ticked_at)
    where not exists (select 1 from ${ask} a where a.id = t.running and a.due)
      and case when $4::timestamptz is null then t.read_at is null or t.read_at < now() - ${JUST_READ}
      else t.ticked_at is null or t.ticked_at < $4::timestamptz end`
  const CLEAN = `
    delete from ${ask} a
    where a.heard_at < now() - ${FORGOTTEN} and not exists (select 1 from ${turn} t where t.running = a.id)`
  const LOCK = `
    insert into ${turn} as t (workspace, identity) values ($1, $2)
    on conflict (workspace) do update set identity = excluded.identity`
  const ONE = `select t.workspace, t.running, t.due_trigger, ${alive} as alive from ${turn} t where t.workspace = $1`
  const ASKS = `select id, run, forced from ${ask} where workspace = $1 order by number`
  const ASK = `insert into ${ask} (id, workspace, asker, run, forced, due) values ($1, $2, $3, $4, $5, $6)`
  const ANY = `select t.workspace from ${turn} t where ${waits} limit ${SOME}`
  // Somebody waits for what was asked for; of what is due, the workspace comes first that has waited for a run longest.
  const NEXT = `
    select t.workspace
    from ${turn} t
    where ${waits}
    order by (select min(a.number) from ${ask} a where a.workspace = t.workspace) nulls last, t.begun_at nulls first,
      t.workspace
    limit 1
    for update of t skip locked`
  const BEGIN = `
    update ${turn} set queue = $2, slot = $3, running = $4,
      begun_at = case when $5 then now() else begun_at end, due_since = case when $5 then null else due_since end
    where workspace = $1`
  const READ = `update ${turn} set read_at = now() where workspace = $1`
  const LEAVE = `
    update ${turn} set queue = null, slot = null, running = null
    where workspace = $1 and slot = $2 and running = $3`
  const REMOVE = `delete from ${ask} where id = $1`
  const FORGET = `
    delete from ${ask} a
    where a.asker = $1 and not exists (select 1 from ${turn} t where t.running = a.id and ${alive})
    returning a.run`
  const SILENT = `
    update ${ask} set heard_at = now()
    where id in (
      select a.id from ${ask} a
      where a.workspace = any($1::text[]) and a.heard_at < now() - $2 * interval '1 millisecond'
        and not exists (select 1 from ${turn} t where t.running = a.id)
      order by a.number
      limit 100
      for update skip locked)
    returning run`
  const OPEN = `select id from ${ask} where id = any($1::text[])`

  const rowOf = (run: IngestRun, forced: boolean): Value[] => {
    const { id, workspace, from } = run
    return [id, workspace, asker, JSON.stringify(run), forced, from === null]
  }
  const begin = async (session: Session, slot: Slot, { run, request }: Taken): Promise<void> => {
    await session.query(BEGIN, [run.workspace, queue, slot.id, run.id, request.range === null])
  }

  return {
    async mark(workspaces, { trigger, at }) {
      await database.query(MARK, [workspaces, identity, trigger, at?.toISOString() ?? null])
      await database.query(CLEAN)
    },
    ask: (run, forced, record) =>
      database.transaction(async (session) => {
        await session.query(LOCK, [run.workspace, identity])
        const [row] = await session.query<TurnRow>(ONE, [run.workspace])
        const asks = await session.query<AskRow>(ASKS, [run.workspace])
        // One whose process was lost ends as cancelled.
        const living = asks.filter(({ id }) => id !== row?.running || row.alive)
        const joined = living.find((each) => covers(requestOf(each), { range: rangeOf(run), force: forced }))
        if (joined !== undefined) return parse(joined)
        if (asks.length > MAX_WAITING) throw overloaded(run.workspace, asks.length)
        await record()
        await session.query(ASK, rowOf(run, forced))
        return run
      }),
    async anyFor(whom) {
      // Asked every second: the thousands of names are sent only where others have so much to do that it hides ours.
      const [, names, own] = taker(whom)
      const some = await database.query<{ workspace: string }>(ANY, [identity, null, own])
      if (some.length < SOME) return some.some(({ workspace }) => names.includes(workspace))
      return (await database.query(ANY, [identity, names, own])).length > 0
    },
    take: (slot, whom, make) =>
      database.transaction(async (session) => {
        const [next] = await session.query<{ workspace: string }>(NEXT, taker(whom))
        if (next === undefined) return null
        // Now that its row is locked, asked once more: another may have taken it in between.
        const [row] = await session.query<TurnRow>(ONE, [next.workspace])
        if (row === undefined || row.alive) return null
        const asks = await session.query<AskRow>(ASKS, [row.workspace])
        const lost = asks.find(({ id }) => id === row.running)
        const first = lost ?? asks[0]
        const request = first === undefined ? DUE : requestOf(first)
        const trigger = first === undefined ? (row.due_trigger ?? 'schedule') : parse(first).trigger
        const waited = first !== undefined && lost === undefined
        const run = waited ? parse(first) : make(row.workspace, trigger, request)
        if (lost !== undefined) await session.query(REMOVE, [lost.id])
        if (!waited) await session.query(ASK, rowOf(run, request.force))
        const taken = { run, request, lost: lost === undefined ? null : parse(lost) }
        await begin(session, slot, taken)
        return taken
      }),
    end: (slot, { workspace, id, status }, { range }) =>
      database.transaction(async (session) => {
        if (status === 'succeeded' && range === null) await session.query(READ, [workspace])
        await session.query(LEAVE, [workspace, slot.id, id])
        await session.query(REMOVE, [id])
      }),
    async giveBack(slot, { workspace, id }) {
      await database.query(LEAVE, [workspace, slot.id, id])
    },
    forget: async () => (await database.query<{ run: string }>(FORGET, [asker])).map(parse),
    silent: async (workspaces, ms) => (await database.query<{ run: string }>(SILENT, [workspaces, ms])).map(parse),
    open: async (ids) => new Set((await database.query<{ id: string }>(OPEN, [ids])).map(({ id }) => id))
  }
}

const DUE: RunRequest = { range: null, force: false }

function parse({ run }: { readonly run: string }): IngestRun {
  return JSON.parse(run)
}

function requestOf(row: AskRow): RunRequest {
  return { range: rangeOf(parse(row)), force: row.forced }
}

/** Before a run has begun, its record holds the range that was asked for, and no other. */
function rangeOf({ from, to }: IngestRun): RunRequest['range'] {
  return from === null || to === null ? null : { from, to }
}
