// Files with one byte changed.
import { rmSync, writeFileSync } from 'node:fs'
import { randomOf, SOAK } from './soak.ts'

const PAGE = 4_096
const MASKS = [1, 2, 4, 8, 16, 32, 64, 128, 255]

export interface Flip {
  /** The changed content. */
  readonly bytes: Buffer
  readonly what: string
}

/** In the long form every byte in turn, by one bit or whole; else some of each page, most of them where something is written. */
export function* flipsOf(bytes: Buffer, name: string, sample: number): Generator<Flip> {
  const random = randomOf(name)
  if (SOAK) {
    const first = Math.floor(random() * MASKS.length)
    for (let at = 0; at < bytes.length; at++) yield flip(bytes, at, MASKS[(first + at) % MASKS.length] ?? 255)
    return
  }
  const pages = Math.ceil(bytes.length / PAGE)
  for (let i = 0; i < sample; i++) {
    const start = (i % pages) * PAGE
    const page = bytes.subarray(start, start + PAGE)
    const written = [...page.keys()].filter((at) => page[at] !== 0)
    const where = random() < 0.9 ? written[Math.floor(random() * written.length)] : undefined
    const at = start + (where ?? Math.floor(random() * page.length))
    yield flip(bytes, at, random() < 0.5 ? 255 : 1 << Math.floor(random() * 8))
  }
}

function flip(bytes: Buffer, at: number, mask: number): Flip {
  const flipped = Buffer.from(bytes)
  flipped[at] = (flipped[at] ?? 0) ^ mask
  return { bytes: flipped, what: `byte ${at} (page ${Math.floor(at / PAGE) + 1}) by ${mask}` }
}

/** Writes a database, and its log of writes if there is one, as a process would find them after the one before has died. */
export function layOut(path: string, database: Buffer, log?: Buffer): void {
  for (const ending of ['', '-wal', '-shm']) rmSync(`${path}${ending}`, { force: true })
  writeFileSync(path, database)
  if (log !== undefined) writeFileSync(`${path}-wal`, log)
}
