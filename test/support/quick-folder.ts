// A folder in memory where the system has one. Tests of what a run does wait for the disk thousands of times, and none
// of them is about what a power cut leaves behind.
import { accessSync, constants, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const MEMORY = '/dev/shm'

/** A new, empty folder, which is gone when the test ends. */
export function quickFolder(t: { teardown(end: () => unknown): void }): string {
  const folder = makeQuickFolder('post-delivery-series-')
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** The same, to be removed by whoever made it. */
export function makeQuickFolder(prefix: string): string {
  return mkdtempSync(join(hasMemory() ? MEMORY : tmpdir(), prefix))
}

function hasMemory(): boolean {
  try {
    accessSync(MEMORY, constants.W_OK)
    return true
  } catch {
    return false
  }
}
