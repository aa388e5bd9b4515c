// With a source that is well, and a clock that is right, two runs leave nothing to be wished for, whatever was before.
import { run } from './acts.ts'
import { days, read, write } from './days.ts'
import { hasCounts, same } from './rules.ts'
import { answerOf, boundsOf, type Tenant } from './source.ts'
import type { Side, World } from './world.ts'

export async function recover(world: World): Promise<void> {
  const { model, tally, time } = world
  tally.note('the source is well again')
  time.ahead = 0
  for (const side of [0, 1] as const) {
    const tenant = world.tenantOf(side)
    const name = world.nameOf(side)
    Object.assign(tenant, { empty: 'no', short: false, badDay: null })
    const bound = model.workspaces.get(name)?.bound ?? null
    if (bound !== null && bound !== tenant.id) await bind(world, side)
    // After a restore another name may hold this source, which is for somebody to set right.
    if ([...model.workspaces.values()].some((other) => other.name !== name && other.bound === tenant.id)) continue
    for (let i = 0; i < 2; i++) {
      const ended = await run(world, { by: 0, of: side, ask: null, fault: null })
      const { status, error } = ended ?? {}
      model.claim(status === 'succeeded', `a run of a source that is well ${status}: ${error?.code} ${error?.message}`)
    }
    check(world, name, tenant)
  }
}

/** `workspaces bind`. */
export async function bind({ model, tally, processes, nameOf }: World, side: Side): Promise<void> {
  const { raw } = processes[0]
  const workspace = await raw.findWorkspace(nameOf(side))
  if (workspace === undefined) return
  await raw.unbindWorkspace(workspace)
  Object.assign(model.of(workspace.name), { bound: null, kept: null })
  tally.note('a workspace is bound anew')
}

function check({ model, time, settings }: World, name: string, tenant: Tenant): void {
  const { bounds } = boundsOf(tenant, time, settings)
  if (bounds === null) return
  const [last, edge] = [read(bounds.today), read(bounds.firstArrival)]
  const from = Math.max(edge, last - settings.retentionDays + 1)
  const { rows, firstAsked } = model.of(name)
  for (const [day, { counts }] of answerOf(tenant, [from, last], time.real).answered) {
    const row = rows.get(day)
    if (row?.state === 'final' || day === edge) continue
    const shrank = row?.shrunk === true && counts.size === 0
    const isRight = hasCounts(row) && (shrank || same(row.counts, counts))
    model.claim(isRight, `${name}: ${write(day)} should be as the source shows it, after two runs`)
    const isProven = bounds.proof !== null && day < read(bounds.proof)
    model.claim(shrank || !isProven, `${name}: ${write(day)} is proven, and should be final after two runs`)
  }
  const covered = [...rows].filter(([, row]) => hasCounts(row)).map(([day]) => day)
  const first = Math.min(...covered, firstAsked ?? Infinity)
  for (const day of first === Infinity ? [] : days(first + 1, from - 1)) {
    model.claim(rows.has(day), `${name}: ${write(day)} is past, and should have a row`)
  }
}
