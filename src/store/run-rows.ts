// Rows of runs, each a record under a checksum: a damaged one is none.
import { crc32 } from 'node:zlib'
import type { IngestRun } from '../model/run.ts'
import type { HeardRun } from '../model/store.ts'

export interface RunRow {
  readonly id: string
  readonly workspace_key: number
  readonly heard_at: number
  readonly record: string
  readonly checksum: number
}

export function packRun(workspaceKey: number, run: IngestRun, heardAt: Date): RunRow {
  const { workspace, ...rest } = run
  const row = { id: run.id, workspace_key: workspaceKey, heard_at: heardAt.getTime(), record: JSON.stringify(rest) }
  return { ...row, checksum: checksumOf(row) }
}

/** Under the name that its workspace has now; nothing where the row is damaged, or its workspace is gone. */
export function readRun(row: RunRow, nameOf: (workspaceKey: number) => string | undefined): HeardRun | undefined {
  const workspace = isWholeRun(row) ? nameOf(row.workspace_key) : undefined
  if (workspace === undefined) return undefined
  const run: Omit<IngestRun, 'workspace'> = JSON.parse(row.record)
  return { run: { ...run, workspace }, heardAt: new Date(row.heard_at) }
}

export function isWholeRun(row: RunRow): boolean {
  return row.checksum === checksumOf(row)
}

function checksumOf({ id, workspace_key, heard_at, record }: Omit<RunRow, 'checksum'>): number {
  return crc32(JSON.stringify([id, workspace_key, heard_at, record]))
}
