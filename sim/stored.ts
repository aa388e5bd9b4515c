// What is stored, held against the model, and final days against the truth.
import type { SeriesStore } from '../src/model/store.ts'
import { parseDay } from '../src/model/day.ts'
import type { StoredDay } from '../src/model/reading.ts'
import { dayAt, read, write } from './days.ts'
import type { Model, Row, WorkspaceModel } from './model.ts'
import { same, total } from './rules.ts'
import { arrivedOf, fold, type Tenant } from './source.ts'

const ALL = { from: parseDay('2000-01-01'), to: parseDay('2999-12-31') }

/** Where the store differs from the model, in words. */
export async function faultsOfStore(store: SeriesStore, model: Model): Promise<string[]> {
  const faults: string[] = []
  const all = await store.workspaces()
  const [there, expected] = [all.map(({ name }) => name), [...model.workspaces.keys()].toSorted()]
  if (there.join() !== expected.join())
    faults.push(`there are the workspaces ${there.join()}, and not ${expected.join()}`)
  for (const workspace of all) {
    const known = model.workspaces.get(workspace.name)
    if (known === undefined) continue
    const { days, revision } = await store.readDays(workspace, ALL)
    const { bounds, firstAsked } = await store.facts(workspace)
    const { name } = known
    if (revision !== known.revision) faults.push(`${name} is at revision ${revision}, and not at ${known.revision}`)
    for (const day of days) {
      const fault = faultOfDay(day, known)
      if (fault !== undefined) faults.push(`${name}: ${day.day} ${fault}`)
    }
    if (days.length !== known.rows.size) faults.push(`${name} has ${days.length} days, and not ${known.rows.size}`)
    const kept = bounds === null ? null : JSON.stringify(bounds)
    if (kept !== keptText(known)) faults.push(`${name} keeps ${kept} of its source, and not ${keptText(known)}`)
    if ((firstAsked === null ? null : read(firstAsked)) !== known.firstAsked)
      faults.push(`${name}: ${firstAsked} was asked first`)
    if ((workspace.binding?.id ?? null) !== known.bound) faults.push(`${name} is bound to ${workspace.binding?.id}`)
  }
  return faults
}

function faultOfDay(
  { day, state, revision, cells, damaged, shrunk }: StoredDay,
  workspace: WorkspaceModel
): string | undefined {
  const row = workspace.rows.get(read(day))
  if (row === undefined) return `has a row`
  if (damaged) return 'is damaged'
  if (state !== row.state) return `is ${state}, and not ${row.state}`
  if (!same(fold(cells), row.counts)) return `counts ${textOf(fold(cells))}, and not ${textOf(row.counts)}`
  if (revision !== row.revision) return `has revision ${revision}, and not ${row.revision}`
  if (shrunk !== row.shrunk) return shrunk ? 'is marked' : 'is not marked'
  for (const { deliveryLocation, actionType } of cells) {
    for (const label of [`place ${deliveryLocation}`, `type ${actionType}`]) {
      if (workspace.spelling.get(label.toLowerCase()) !== label) return `spells ${label}`
    }
  }
  return undefined
}

function textOf(counts: Row['counts']): string {
  return JSON.stringify([...counts])
}

function keptText({ kept }: WorkspaceModel): string | null {
  if (kept === null) return null
  const { today, firstArrival, lastArrival, proof, askedAt, firstDue, retentionDays } = kept
  return JSON.stringify({
    today: write(today),
    firstArrival: write(firstArrival),
    lastArrival: write(lastArrival),
    proof: proof === null ? null : write(proof),
    askedAt,
    firstDue: write(firstDue),
    retentionDays
  })
}

/** Runs of which was said that they ended, and that are not there. */
export async function lostRuns(store: SeriesStore, model: Model): Promise<string[]> {
  const faults: string[] = []
  for (const { ended } of model.workspaces.values()) {
    for (const [id, status] of ended) {
      const heard = await store.findRun(id)
      if (heard?.run.status !== status) faults.push(`a run ${status}, and is told as ${heard?.run.status}`)
    }
  }
  return faults
}

/** Final days that are wrong, and may not be. */
export function wrongFinals(
  model: Model,
  tenant: (id: string) => Tenant,
  now: number,
  onExcused: () => void
): string[] {
  const wrong: string[] = []
  for (const { name, rows } of model.workspaces.values()) {
    for (const [day, row] of rows) {
      const { truth, state, counts } = row
      if (state !== 'final') continue
      const events = arrivedOf(tenant(truth.tenant), day, now)
      const inTime = events.filter(({ arrived }) => dayAt(arrived) - day <= truth.lagDays)
      const [least, most] = [sumOf(inTime), sumOf(events)]
      const served = total(counts)
      if (served >= least && served <= most) continue
      if (truth.excuse !== null && truth.excuse !== 'once') onExcused()
      else {
        wrong.push(
          `${name}: ${write(day)} is final with ${served} events, of ${least} that came in time, ${most} in all`
        )
      }
    }
  }
  return wrong
}

function sumOf(events: readonly { readonly count: number }[]): number {
  return events.reduce((sum, { count }) => sum + count, 0)
}
