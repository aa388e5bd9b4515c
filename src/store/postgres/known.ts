// What this process knows without asking: which workspaces there are, their revisions, and the API keys. It is asked for
// so often that it is asked for anew by itself, and when the database is lost it is what remains.
import type { ApiKey } from '../../model/api-key.ts'
import { NO_REVISION, type Revision } from '../../model/revision.ts'
import type { Binding, Workspace } from '../../model/store.ts'
import { toApiKey, toKept, type KeyRow } from '../key-rows.ts'
import { toWorkspace } from '../workspace-row.ts'
import type { Told } from './told.ts'

export interface Known {
  /** Takes over an answer; `asked` is what `ask` gave before the question was sent. */
  take(told: Told, asked: number): void
  ask(): number
  /** A change of our own, once it is committed: questions that were sent before know nothing of it. */
  changed(workspaceKey: number, revision: Revision): void
  /** After any write of our own. */
  written(): void
  revoked(id: string, at: Date): void
  /** By name. */
  workspaces(): Workspace[]
  find(name: string): Workspace | undefined
  /** Undefined where there is no such workspace under that name. */
  revision(workspace: Workspace): Revision | undefined
  /** The same where the workspace is still as it is given. */
  lastRevision(workspace: Workspace): Revision | undefined
  /** Another number than before wherever anything was written since. */
  lastWrite(): number
  keys(): ApiKey[]
  keyOfHash(hash: string): ApiKey | undefined
}

type Entry = readonly [key: number, name: string, kind: string | null, id: string | null, timeColumn: string | null]

export function createKnown(): Known {
  let asked = 0
  let writes = 0
  let directory: readonly Entry[] = []
  let byName = new Map<string, Entry>()
  let byKey = new Map<number, Entry>()
  let revisions = new Map<number, Revision>()
  let keyRows: readonly KeyRow[] = []
  let keysByHash = new Map<string, KeyRow>()
  const own = new Map<number, { readonly revision: Revision; readonly asked: number }>()
  const revocations = new Map<string, Date>()

  const revisionOf = (key: number): Revision => own.get(key)?.revision ?? revisions.get(key) ?? 0
  const workspaceOf = ([key, name, source_kind, source_id, time_column]: Entry): Workspace =>
    toWorkspace({ key, name, source_kind, source_id, time_column, revision: revisionOf(key) })
  const apiKeyOf = (row: KeyRow): ApiKey[] => {
    const kept = toKept(row)
    if (kept === undefined) return []
    const key = toApiKey(kept, (workspaceKey) => byKey.get(workspaceKey)?.[1])
    return [{ ...key, revokedAt: key.revokedAt ?? revocations.get(key.id) ?? null }]
  }

  return {
    ask: () => ++asked,
    take(told, number) {
      if (told.directory !== null || told.revisions !== null || told.api_keys !== null) writes++
      if (told.directory !== null) {
        const entries: Entry[] = JSON.parse(told.directory)
        directory = entries.toSorted(([, a], [, b]) => (a < b ? -1 : 1))
        byName = new Map(directory.map((entry) => [entry[1], entry]))
        byKey = new Map(directory.map((entry) => [entry[0], entry]))
      }
      if (told.revisions !== null) {
        const pairs: [number, Revision][] = JSON.parse(told.revisions)
        revisions = new Map(pairs)
      }
      if (told.api_keys !== null) {
        const rows: KeyRow[] = JSON.parse(told.api_keys)
        keyRows = rows.toSorted((a, b) => (a.name < b.name ? -1 : 1))
        keysByHash = new Map(keyRows.map((row) => [row.hash, row]))
      }
      for (const [key, change] of own) if (change.asked < number) own.delete(key)
    },
    changed: (key, revision) => void own.set(key, { revision: Math.max(revision, own.get(key)?.revision ?? 0), asked }),
    written: () => void writes++,
    revoked: (id, at) => void revocations.set(id, at),
    workspaces: () => directory.map(workspaceOf),
    find(name) {
      const entry = byName.get(name)
      return entry && workspaceOf(entry)
    },
    revision: ({ key, name }) => (byKey.get(key)?.[1] === name ? revisionOf(key) : undefined),
    lastRevision({ key, name, binding, holdsDays }) {
      const entry = byKey.get(key)
      const same = entry?.[1] === name && isBoundTo(entry, binding)
      const revision = revisionOf(key)
      return same && holdsDays === (revision !== NO_REVISION) ? revision : undefined
    },
    lastWrite: () => writes,
    keys: () => keyRows.flatMap(apiKeyOf),
    keyOfHash(hash) {
      const row = keysByHash.get(hash)
      return row && apiKeyOf(row)[0]
    }
  }
}

function isBoundTo([, , kind, id, timeColumn]: Entry, binding: Binding | null): boolean {
  if (binding === null) return kind === null
  return binding.kind === kind && binding.id === (id ?? '') && binding.timeColumn === timeColumn
}
