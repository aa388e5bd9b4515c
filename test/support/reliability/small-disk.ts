// A disk of 16 MB in memory, where a test may mount one.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Unmounted at the end of the process, unless before. */
export function mountSmall(folder: string): { readonly folder: string; unmount(): void } {
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=16m', 'tmpfs', folder], { stdio: 'ignore' })
  const unmount = (): void => {
    process.off('exit', unmount)
    execFileSync('umount', ['-l', folder])
  }
  process.once('exit', unmount)
  return { folder, unmount }
}

/** Why none can be mounted; false where one can. Only root may, and not everywhere. */
export function cannotMount(): string | false {
  const folder = mkdtempSync(join(tmpdir(), 'post-delivery-series-'))
  try {
    mountSmall(folder).unmount()
    return false
  } catch {
    return 'this user may mount nothing'
  } finally {
    rmdirSync(folder)
  }
}
