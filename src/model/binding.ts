// A name takes counts from one place only: what it is bound to, and what it may be bound to.
import { OperationalError } from './errors.ts'
import type { Binding, Workspace } from './store.ts'

/**
 * Throws `source-changed`, with the remedy, where the name is bound to something else than what answered, or is new
 * and what answered belongs to another name already.
 */
export function checkBinding(workspace: Workspace, answered: Binding, all: readonly Workspace[]): void {
  const { name, binding } = workspace
  if (binding === null) {
    const holder = all.find((other) => other.key !== workspace.key && other.binding && sameId(other.binding, answered))
    if (holder === undefined) return
    throw new OperationalError(
      'source-changed',
      `${answered.kind} ${answered.id} belongs to the workspace ${holder.name} already: ` +
        `rename it with 'workspaces rename ${holder.name} ${name}', or set the old name again`
    )
  }
  // Only a row tells by which column it was found, so an answer without one does not say.
  const sameColumn = answered.timeColumn === null || answered.timeColumn === binding.timeColumn
  if (sameId(binding, answered) && sameColumn) return
  throw new OperationalError(
    'source-changed',
    `the workspace ${name} holds days of ${describe(binding)}, and now ${describe(answered)} answers: ` +
      `set the old one again, or let the name follow from now on with 'workspaces bind ${name}'`
  )
}

function sameId(a: Binding, b: Binding): boolean {
  return a.kind === b.kind && a.id.toLowerCase() === b.id.toLowerCase()
}

function describe({ kind, id, timeColumn }: Binding): string {
  return timeColumn === null ? `${kind} ${id}` : `${kind} ${id} by ${timeColumn}`
}
