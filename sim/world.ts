// Where a history is played: two processes of the service over one store, two workspaces of which each may read one of
// two sources, time, a disk, and the model beside them.
import { createIngester, type Ingester } from '../src/ingest/ingester.ts'
import type { SeriesStore } from '../src/model/store.ts'
import { copyStore } from '../src/store/copy.ts'
import { restoreStore } from '../src/store/restore.ts'
import { openSqliteStore } from '../src/store/sqlite.ts'
import { MIGRATIONS } from '../src/store/sqlite/schema.ts'
import type { Api } from './api.ts'
import { HOUR } from './days.ts'
import { createDisk, type Disk, type Files } from './disk.ts'
import { createLooks, type Looks } from './looks.ts'
import { createModel, type Model, type Snapshot } from './model.ts'
import { createScheduler, type Owner, type Scheduler } from './scheduler.ts'
import { createTenant, type SourceTerms, type Tenant } from './source.ts'
import type { History } from './steps.ts'
import type { Tally } from './tally.ts'
import { createTime, type Time } from './time.ts'
import { createWitness, type Witness } from './witness.ts'

export interface Stage {
  readonly api: Api
  /** A folder in memory that holds nothing that is needed later. */
  readonly folder: string
  /** The path of an empty store of a format. */
  readonly template: (format: number) => string
}

export interface Process {
  readonly witness: Witness
  readonly raw: SeriesStore
  readonly ingester: Ingester
  /** The ends of its runs. */
  readonly ends: WeakSet<Promise<unknown>>
}

export type Side = 0 | 1

export interface World {
  readonly model: Model
  readonly time: Time
  readonly scheduler: Scheduler
  readonly tally: Tally
  readonly looks: Looks
  readonly disk: Disk
  readonly settings: SourceTerms
  readonly tenants: readonly Tenant[]
  /** Who makes the requests. */
  readonly client: Owner
  /** The first of them serves. */
  readonly processes: readonly [Process, Process]
  /** How often a copy was restored. */
  readonly restores: number
  /** A copy was restored while others were at work: these may find that theirs is gone. */
  replacedUnderRuns: boolean
  tenantById(id: string): Tenant
  /** What a workspace reads, and its name in the settings. */
  tenantOf(side: Side): Tenant
  nameOf(side: Side): string
  rename(side: Side, name: string): void
  readOther(side: Side): void
  upgrade(): void
  /** Ends all processes as they should be ended, and starts them. */
  restart(): Promise<void>
  /** Starts those that are dead. */
  revive(): Promise<void>
  /** All are dead at once; they start again with these files. */
  goOnWith(files: Files): Promise<void>
  copy(): void
  readonly copies: number
  restore(number: number): Promise<void>
  end(): Promise<void>
}

const TIMEOUT = 180_000
/** There and back, so that there are few versions, each with its server. */
const UPGRADES = { '1.0.0': '1.0.1', '1.0.1': '1.0.0' } as const

export async function openWorld(history: History, { api, folder, template }: Stage, tally: Tally): Promise<World> {
  const time = createTime(history.start - history.hoursBefore * HOUR)
  const scheduler = createScheduler(time, () => tally.note('somebody waits for a lock'))
  const model = createModel()
  const disk = createDisk(folder, template(Math.ceil(history.format * MIGRATIONS.length)))
  const settings = { ...history.settings }
  const names = ['north', 'south']
  const tenants = history.keeps.map((keeps, i) => createTenant(`tenant-${i}`, keeps))
  const reads: [number, number] = [0, 1]
  const client: Owner = { dead: false }
  const copies: { readonly path: string; readonly snapshot: Snapshot }[] = []
  let version: keyof typeof UPGRADES = '1.0.0'
  let restores = 0

  const tenantAt = (i: number): Tenant => {
    const tenant = tenants[i]
    if (tenant === undefined) throw new Error(`there is no tenant ${i}`)
    return tenant
  }
  const tenantById = (id: string): Tenant => tenantAt(tenants.findIndex((tenant) => tenant.id === id))
  const mayRefuse = (): boolean => world.replacedUnderRuns

  const open = async (): Promise<Process> => {
    const life: Owner = { dead: false }
    const raw = await openSqliteStore({ path: disk.path, clock: scheduler.lockClock(life) })
    const surroundings = { model, time, scheduler, tally, settings, tenant: tenantById, mayRefuse }
    const witness = createWitness(life, raw, surroundings)
    const error = ({ err }: { readonly err?: unknown }): void => {
      const planned = err instanceof TypeError && err.message === 'a bug'
      model.claim(planned || life.dead || mayRefuse(), `an error that nobody foresaw: ${textOf(err)}`)
    }
    const ingester = createIngester({
      store: witness.store,
      source: witness.source,
      clock: time.clock,
      log: { info: () => {}, warn: () => {}, error },
      workspaces: reads.map((tenant, side) => ({ name: names[side] ?? '', id: tenantAt(tenant).id })),
      ...settings,
      timeoutMs: TIMEOUT,
      onProgress: witness.onProgress
    })
    return { witness, raw, ingester, ends: new WeakSet() }
  }

  const close = async ({ witness, raw, ingester }: Process): Promise<void> => {
    await ingester.stop()
    witness.life.dead = true
    await raw.close()
  }

  /** A question of a client, with a gate before it. */
  const asked =
    <A extends readonly unknown[], R>(call: (...words: A) => Promise<R>) =>
    async (...words: A): Promise<R> => {
      await scheduler.requestGate(client)
      return call(...words)
    }

  const serve = async (): Promise<void> => {
    const { raw } = processes[0]
    const { findWorkspace, workspaces, revision, readDays, changes } = raw
    const gated = {
      findWorkspace: asked(findWorkspace),
      workspaces: asked(workspaces),
      revision: asked(revision),
      readDays: asked(readDays),
      changes: asked(changes)
    }
    await api.serve({ store: { ...raw, ...gated }, clock: time.clock, names, version })
  }

  const start = async (): Promise<void> => {
    processes = [await open(), await open()]
    await serve()
  }

  let processes: [Process, Process] = [await open(), await open()]
  await serve()

  const world: World = {
    model,
    time,
    scheduler,
    tally,
    looks: createLooks({ api, model, time, tally, names }),
    disk,
    settings,
    tenants,
    client,
    get processes() {
      return processes
    },
    get restores() {
      return restores
    },
    replacedUnderRuns: false,
    tenantById,
    tenantOf: (side) => tenantAt(reads[side]),
    nameOf: (side) => names[side] ?? '',
    rename(side, name) {
      names[side] = name
    },
    readOther(side) {
      reads[side] = (reads[side] + 2) % tenants.length
    },
    upgrade() {
      version = UPGRADES[version]
    },
    async restart() {
      for (const process of processes) await close(process)
      await start()
    },
    async revive() {
      const [first, second] = processes
      if (!first.witness.life.dead && !second.witness.life.dead) return
      processes = [first.witness.life.dead ? await open() : first, second.witness.life.dead ? await open() : second]
      await serve()
    },
    async goOnWith(files) {
      const lives = processes.map(({ witness }) => witness.life)
      for (const life of lives) life.dead = true
      await scheduler.bury(lives)
      for (const { raw } of processes) await raw.close()
      disk.move(files)
      await start()
    },
    copy() {
      const path = disk.copyPath(copies.length)
      copyStore(disk.path, path)
      copies.push({ path, snapshot: model.snapshot() })
      tally.note(scheduler.busy ? 'a copy is made within a transaction' : 'a copy is made')
    },
    get copies() {
      return copies.length
    },
    async restore(number) {
      const chosen = copies[number % copies.length]
      if (chosen === undefined) return
      await restoreStore({ from: chosen.path, to: disk.path, withKeys: false, now: new Date(time.ours) })
      model.restore(chosen.snapshot, time.ours)
      restores++
      tally.note('a restore')
    },
    async end() {
      // After a failure some may still stand at their gates.
      await scheduler.finishRequests(client)
      const lives = processes.map(({ witness }) => witness.life)
      for (const life of lives) life.dead = true
      await scheduler.bury(lives)
      for (const process of processes) await close(process).catch(() => {})
      disk.remove()
    }
  }
  return world
}

export function textOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}
