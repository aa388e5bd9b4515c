// A small store in which everything occurs that a store can hold, and all the questions that the service asks of one.
import type { Clock } from '../../../src/model/clock.ts'
import { hashOfKey } from '../../../src/model/api-key.ts'
import { OperationalError } from '../../../src/model/errors.ts'
import type { IngestRun } from '../../../src/model/run.ts'
import type { SeriesStore, Workspace } from '../../../src/model/store.ts'
import { openSqliteStore } from '../../../src/store/sqlite.ts'
import { cell, d } from '../counts.ts'
import { fakeClock } from '../fake-clock.ts'

export const NOW = '2026-11-20T12:00:00Z'
export const NAMES = ['contoso', 'fabrikam'] as const
export const KEYS = ['open', 'revoked', 'limited', 'ending'] as const
const ALL = { from: d('1000-01-01'), to: d('9999-12-31') }
const BOUNDS = {
  today: d('2026-11-20'),
  firstArrival: d('2026-10-01'),
  lastArrival: d('2026-11-20'),
  proof: d('2026-11-13')
}

/** Opens a store at the path, at a time that stands still. */
export async function openAt(path: string, clock: Clock = fakeClock(NOW)): Promise<SeriesStore> {
  return openSqliteStore({ path, clock })
}

/** Two workspaces of some days, final, provisional, quiet, lost, corrected and shrunk; their log, runs and keys. */
export async function fillSmall(store: SeriesStore): Promise<void> {
  const workspaces = []
  for (const name of NAMES) {
    const workspace = await store.ensureWorkspace(name)
    workspaces.push(workspace)
    const binding = { kind: 'log-analytics', id: `id of ${name}`, timeColumn: 'Timestamp' }
    const firstAsked = d('2026-11-05')
    await store.recordBounds(workspace, {
      binding,
      bounds: BOUNDS,
      askedAt: new Date(NOW),
      retentionDays: 30,
      firstAsked
    })
    for (const counts of [
      [7, 300],
      [7, 301],
      [9, 301]
    ])
      await readOnce(store, workspace, counts)
    await store.markLost(workspace, d('2026-11-10'))
    for (let i = 0; i < 3; i++) await store.recordRun(runOf(name, i))
  }
  await store.checkpoint()
  for (const name of KEYS) {
    const workspaces = name === 'limited' ? ['fabrikam'] : null
    const made = { id: `id-${name}`, prefix: 'pds_1234', hash: hashOfKey(name) }
    const expires = name === 'ending' ? d('2026-12-24') : null
    await store.addApiKey({ name, scopes: name === 'open' ? ['read', 'ingest'] : ['read'], workspaces, expires }, made)
  }
  await store.revokeApiKey('id-revoked')
}

async function readOnce(store: SeriesStore, workspace: Workspace, [junk = 1, inbox = 1]: number[]): Promise<void> {
  const days = [
    {
      day: d('2026-11-08'),
      cells: [cell('Junk folder', junk), cell('Inbox/Folder', inbox, { actionType: 'Phish ZAP' })]
    },
    { day: d('2026-11-10'), cells: [] },
    { day: d('2026-11-12'), cells: [cell('Quarantine', junk * 100_000 + workspace.key)] },
    { day: d('2026-11-19'), cells: [cell('Deleted items', inbox), cell('Quarantine', junk)] }
  ]
  const askedAt = await store.revision(workspace)
  await store.applyReading(workspace, days, { askedAt, bounds: BOUNDS, force: false })
}

function runOf(workspace: string, i: number): IngestRun {
  const at = `2026-11-20T0${i}:07:00.000Z`
  const run = { id: `${workspace}-${i}`, trigger: 'schedule', workspace, source: 'log-analytics' } as const
  const range = { from: d('2026-11-08'), to: d('2026-11-19') }
  const days = { daysPlanned: 12, daysStored: 12 - i, daysChanged: i }
  return { ...run, ...range, ...days, status: 'succeeded', startedAt: at, finishedAt: at }
}

/** What was asked, and the answer; a refusal is an answer, anything else that is thrown is a fault. */
export type Answers = ReadonlyMap<string, unknown>

export const REFUSED = Symbol('refused')

/** Asks a store everything that the service asks of it. */
export async function askAll(store: SeriesStore): Promise<Answers> {
  const answers = new Map<string, unknown>()
  const ask = async (what: string, answer: () => Promise<unknown>): Promise<void> => {
    answers.set(what, await orRefused(answer))
  }
  await ask('workspaces', () => store.workspaces())
  for (const name of KEYS) await ask(`key ${name}`, async () => (await store.findApiKey(hashOfKey(name))) ?? null)
  await ask('keys', () => store.apiKeys())
  for (const name of NAMES) {
    const found = await orRefused(() => store.findWorkspace(name))
    answers.set(`workspace ${name}`, found)
    if (typeof found !== 'object' || found === null) continue
    const workspace = found as Workspace
    const of = (what: string): string => `${name} ${what}`
    await ask(of('revision'), () => store.revision(workspace))
    await ask(of('days'), () => store.readDays(workspace, ALL))
    await ask(of('facts'), () => store.facts(workspace))
    await ask(of('changes'), () => store.changes(workspace, 0, 1_000))
    for (const revision of [0, 1, 5, 9]) {
      const at = revision === 0 ? 0 : Date.parse(NOW) + revision
      await ask(of(`moment ${revision}`), () => store.momentOf(workspace, at))
      await ask(of(`as of ${revision}`), () => store.readDays(workspace, ALL, at))
    }
    await ask(of('runs'), () => store.runs([workspace], 10))
    await ask(of('run'), () => store.findRun(`${name}-1`))
    await ask(of('success'), () => store.lastSuccessAt(workspace))
    await ask(of('labels'), () => store.labels(workspace, 'deliveryLocation'))
  }
  return answers
}

/** The answer, or that it was refused as it should be. */
export async function orRefused(answer: () => Promise<unknown>): Promise<unknown> {
  try {
    return await answer()
  } catch (error) {
    if (error instanceof OperationalError && error.code === 'store-unavailable') return REFUSED
    throw error
  }
}
