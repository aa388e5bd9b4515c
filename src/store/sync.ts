import { closeSync, fsyncSync, openSync } from 'node:fs'

/** Brings what was written to a file, or the names in a folder, to the disk; whoever wrote it. */
export function sync(path: string): void {
  const file = openSync(path, 'r')
  try {
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}
