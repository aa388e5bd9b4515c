// The disk: the store's file and its log of writes, as a killed process or a power cut leaves them.
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { MIGRATIONS } from '../src/store/sqlite/schema.ts'
import type { Random } from './random.ts'

/** The bytes of the two files at a moment. */
export interface Files {
  readonly store: Buffer
  readonly log: Buffer
}

export interface Disk {
  /** Of the store. */
  readonly path: string
  files(): Files
  /** Puts the store elsewhere, as these files; what was open of the old one keeps that. */
  move(files: Files): void
  /** A path for the copy of this number. */
  copyPath(number: number): string
  remove(): void
}

const SECTOR = 512

/** A store of an early format without a row, made once for each. */
export function createTemplates(folder: string): (format: number) => string {
  const made = new Map<number, string>()
  return (format) => {
    const path = made.get(format) ?? join(folder, `format-${format}.db`)
    if (made.has(format)) return path
    const db = new Database(path)
    for (const sql of MIGRATIONS.slice(0, format)) db.exec(sql)
    db.pragma(`user_version = ${format}`)
    db.pragma('journal_mode = wal')
    db.close()
    made.set(format, path)
    return path
  }
}

export function createDisk(folder: string, template: string): Disk {
  let number = 0
  const folderNow = (): string => join(folder, `disk-${number}`)
  const pathNow = (): string => join(folderNow(), 'series.db')
  mkdirSync(folderNow(), { recursive: true })
  copyFileSync(template, pathNow())
  return {
    get path() {
      return pathNow()
    },
    files: () => ({ store: readFileSync(pathNow()), log: bytesOf(`${pathNow()}-wal`) }),
    move({ store, log }) {
      number++
      mkdirSync(folderNow())
      writeFileSync(pathNow(), store)
      if (log.length > 0) writeFileSync(`${pathNow()}-wal`, log)
    },
    copyPath: (copy) => join(folder, 'copies', `${copy}.db`),
    remove: () => rmSync(folder, { recursive: true, force: true })
  }
}

/**
 * What a power cut leaves of a write that led from `before`, all of which is synced, to `after`: of the log all that
 * was there, and of what came behind it some sectors; of the store, to which only a checkpoint writes, and whose log is
 * emptied only once that is synced, some sectors of either.
 */
export function tear(before: Files, after: Files, random: Random): Files {
  const share = random.pick([0, 0.5, 0.9, 1, 1])
  const stays = (): boolean => random.chance(share)
  const checkpointed = after.log.length < before.log.length || !before.store.equals(after.store)
  if (checkpointed) return { store: mixed(before.store, after.store, stays), log: before.log }
  return { store: before.store, log: mixed(before.log, after.log, stays) }
}

function mixed(before: Buffer, after: Buffer, stays: () => boolean): Buffer {
  const bytes = Buffer.alloc(Math.max(before.length, after.length))
  before.copy(bytes)
  let length = before.length
  for (let at = 0; at < after.length; at += SECTOR) {
    const end = Math.min(after.length, at + SECTOR)
    if (end <= before.length && before.subarray(at, end).equals(after.subarray(at, end))) continue
    if (!stays()) continue
    after.copy(bytes, at, at, end)
    length = Math.max(length, end)
  }
  return bytes.subarray(0, length)
}

function bytesOf(path: string): Buffer {
  return existsSync(path) ? readFileSync(path) : Buffer.alloc(0)
}
