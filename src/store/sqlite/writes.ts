// Whether anything was written, by whomever: the one thing that a repeated question has to know of the store.
import type { Revision } from '../../model/revision.ts'
import type { Binding, Workspace } from '../../model/store.ts'
import type { Connection } from './connection.ts'
import type { Tables } from './tables.ts'
import { stateOf } from '../tables.ts'

export interface WriteCounter {
  /** Another number than before wherever something was committed since, or another file was opened. */
  count(): number
  /** To be called where something was committed: what was seen in this turn of the event loop holds no more. */
  expire(): void
}

/**
 * The file is looked at once in a turn of the event loop, since even that costs more than all else that a repeated
 * question needs: whatever asks in the same turn had been sent before another process's write could be answered.
 */
export function createWriteCounter(connection: Connection, beforeLook: () => void): WriteCounter {
  let tables: Tables | undefined
  let version: number | undefined
  let count = 0
  let looked = false
  const expire = (): void => {
    looked = false
  }
  return {
    count() {
      if (looked) return count
      beforeLook()
      const now = connection.reader.dataVersion()
      if (tables !== connection.reader || version !== now) count++
      tables = connection.reader
      version = now
      looked = true
      setImmediate(expire)
      return count
    },
    expire
  }
}

export interface LastRevisions {
  lastWrite(): number | undefined
  readAtOnce<T>(body: (tables: Tables) => T): T | undefined
}

/** The revisions of workspaces, read once after each write. */
export function createLastRevisions(reads: LastRevisions): (workspace: Workspace) => Revision | undefined {
  const known = new Map<number, { readonly workspace: Workspace; readonly revision: Revision }>()
  let asOf: number | undefined

  const read = ({ key, name }: Workspace): Revision | undefined => {
    const found = reads.readAtOnce((tables) => {
      const workspace = tables.workspaces.find(name)
      return workspace?.key === key ? { workspace, revision: stateOf(tables, workspace).revision } : undefined
    })
    if (found !== undefined) known.set(key, found)
    return found?.revision
  }

  return (workspace) => {
    const now = reads.lastWrite()
    if (now === undefined) return undefined
    if (now !== asOf) known.clear()
    asOf = now
    const revision = known.get(workspace.key)?.revision ?? read(workspace)
    const found = known.get(workspace.key)?.workspace
    return found !== undefined && isSame(found, workspace) ? revision : undefined
  }
}

function isSame(a: Workspace, b: Workspace): boolean {
  return a.name === b.name && a.holdsDays === b.holdsDays && isSameBinding(a.binding, b.binding)
}

function isSameBinding(a: Binding | null, b: Binding | null): boolean {
  if (a === null || b === null) return a === b
  return a.kind === b.kind && a.id === b.id && a.timeColumn === b.timeColumn
}
