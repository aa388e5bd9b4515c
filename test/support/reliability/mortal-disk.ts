// A disk that forgets at a power cut what was not synced: wholly, or in part, a sector here and there. Names are those
// of the moment of the cut, as a file system with a journal keeps them.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { DiskEvent } from './recorded-writes.ts'

const SECTOR = 512

type Change = Extract<DiskEvent, { kind: 'write' } | { kind: 'truncate' }>

interface File {
  synced: Buffer
  pending: Change[]
}

export interface MortalDisk {
  apply(event: DiskEvent): void
  /** Writes what is left after a cut into a folder; of what was not synced, each sector stays if `stays` says so. */
  cutInto(folder: string, stays: () => boolean): void
}

export function createMortalDisk(): MortalDisk {
  const files = new Map<string, File>()
  const fileOf = (name: string): File => {
    const file = files.get(name) ?? { synced: Buffer.alloc(0), pending: [] }
    files.set(name, file)
    return file
  }
  return {
    apply(event) {
      if (event.kind === 'said') return
      if (event.kind === 'remove') files.delete(event.name)
      else if (event.kind === 'rename') {
        files.set(event.to, fileOf(event.name))
        files.delete(event.name)
      } else if (event.kind === 'sync') {
        const file = fileOf(event.name)
        file.synced = after(file, () => true)
        file.pending = []
      } else fileOf(event.name).pending.push(event)
    },
    cutInto(folder, stays) {
      for (const [name, file] of files) writeFileSync(join(folder, name), after(file, stays))
    }
  }
}

function after({ synced, pending }: File, stays: () => boolean): Buffer {
  let bytes: Buffer = Buffer.from(synced)
  for (const change of pending) {
    if (change.kind === 'truncate') {
      if (stays()) bytes = resized(bytes, change.size)
      continue
    }
    for (let at = 0; at < change.bytes.length;) {
      // To the end of the sector on the disk.
      const end = Math.min(change.bytes.length, at + SECTOR - ((change.offset + at) % SECTOR))
      if (stays()) {
        bytes = resized(bytes, Math.max(bytes.length, change.offset + end))
        change.bytes.copy(bytes, change.offset + at, at, end)
      }
      at = end
    }
  }
  return bytes
}

function resized(bytes: Buffer, size: number): Buffer {
  if (size === bytes.length) return bytes
  const other = Buffer.alloc(size)
  bytes.copy(other)
  return other
}
