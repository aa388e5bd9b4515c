// Where a store lies, and whether that is still so: a file that was replaced, removed, made read-only, or whose disk is
// full goes unnoticed by SQLite, which would acknowledge writes that nobody finds again.
import { accessSync, constants, rmSync, statfsSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { OperationalError } from '../../model/errors.ts'

/** On a full disk nothing can be deleted either, so writing stops while so much is left. */
const SPARE_BYTES = 4 * 1_048_576

/** Types of file systems (statfs(2), f_type) on which SQLite's locks or its shared memory cannot be relied upon. */
const NETWORK = new Map([
  [0x6969, 'NFS'],
  [0x517b, 'SMB'],
  [0xff534d42, 'CIFS'],
  [0xfe534d42, 'SMB2'],
  [0x01021997, '9p'],
  [0x65735546, 'FUSE'],
  [0x00c36400, 'Ceph'],
  [0x5346414f, 'AFS']
])

export interface Place {
  /** What keeps the store from being written, in words; undefined where nothing does. */
  fault(): string | undefined
  /** Whether another file lies at the path now, that could be opened instead. */
  replaced(): boolean
  /** Removes the log of writes beside the path where it belongs to the file that lay there before. */
  dropStaleLog(): void
}

/** Throws `store-unavailable` for a folder on a network file system. */
export function refuseNetwork(path: string): void {
  const type = NETWORK.get(statfsSync(dirname(path)).type >>> 0)
  if (type === undefined) return
  throw new OperationalError(
    'store-unavailable',
    `${path} lies on a network file system (${type}), where SQLite loses data: set STORE_URL to a local disk`
  )
}

/** The place of a file that is open now. */
export function placeOf(path: string): Place {
  const own = identityOf(path)
  const ownLog = identityOf(`${path}-wal`)
  return {
    fault() {
      const now = identityOf(path)
      if (now === undefined) return `${path} is gone`
      if (now !== own) return `${path} is another file than the one that was opened`
      try {
        accessSync(path, constants.W_OK)
        accessSync(dirname(path), constants.W_OK)
      } catch {
        return `${path} cannot be written`
      }
      const { bavail, bsize } = statfsSync(dirname(path))
      const spare = bavail * bsize
      return spare < SPARE_BYTES ? `the disk of ${path} is full: ${Math.floor(spare / 1024)} kB are left` : undefined
    },
    replaced() {
      const now = identityOf(path)
      return now !== undefined && now !== own && statSync(path).size > 0
    },
    dropStaleLog() {
      if (ownLog === undefined || identityOf(`${path}-wal`) !== ownLog) return
      rmSync(`${path}-wal`, { force: true })
      rmSync(`${path}-shm`, { force: true })
    }
  }
}

/** Device and inode, which a file keeps for as long as it exists. */
function identityOf(path: string): string | undefined {
  const stat = statSync(path, { throwIfNoEntry: false, bigint: true })
  return stat === undefined ? undefined : `${stat.dev}:${stat.ino}`
}
