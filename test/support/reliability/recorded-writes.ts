// Every write that a process makes in a folder, in order, and every sync: recorded by strace, where there is one.
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, rmSync } from 'node:fs'
import { basename, join } from 'node:path'

/** `name` is that of a file in the folder. */
export type DiskEvent =
  | { readonly kind: 'write'; readonly name: string; readonly offset: number; readonly bytes: Buffer }
  | { readonly kind: 'truncate'; readonly name: string; readonly size: number }
  | { readonly kind: 'sync'; readonly name: string }
  | { readonly kind: 'remove'; readonly name: string }
  | { readonly kind: 'rename'; readonly name: string; readonly to: string }
  /** A line on standard output. */
  | { readonly kind: 'said'; readonly line: string }

const CALLS = 'pwrite64,write,fsync,fdatasync,ftruncate,unlink,rename'

/** Why nothing can be recorded here; false where it can. */
export function cannotRecord(): string | false {
  try {
    execFileSync('strace', ['-o', '/dev/null', 'true'], { stdio: 'ignore' })
    return false
  } catch {
    return 'strace is not there, or may not be used'
  }
}

/** Runs a TypeScript file with the folder as its last argument, to its end. */
export async function recordWrites(file: string, words: readonly string[], folder: string): Promise<DiskEvent[]> {
  const log = join(folder, '..', `${basename(folder)}.strace`)
  const options = ['-f', '-y', '-xx', '-s', '10000000', '-e', `trace=${CALLS}`, '-e', 'signal=none', '-o', log]
  const child = spawn('strace', [...options, process.execPath, file, ...words, folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
    // The runner's hooks would be recorded, too.
    env: { PATH: process.env['PATH'] }
  })
  child.stdout.resume()
  const [status] = await once(child, 'close')
  if (status !== 0) throw new Error(`what was recorded ended with ${String(status)}`)
  const lines = readFileSync(log, 'latin1').split('\n')
  rmSync(log)
  return wholeLines(lines).flatMap((line) => toEvent(line, folder))
}

/** strace cuts a call in two where another thread makes one meanwhile. */
function wholeLines(lines: readonly string[]): string[] {
  const begun = new Map<string, string>()
  return lines.flatMap((line) => {
    const [, thread = '', call = ''] = /^(\d+)\s+(.*)$/.exec(line) ?? []
    if (call.endsWith('<unfinished ...>')) {
      begun.set(thread, call.slice(0, -'<unfinished ...>'.length))
      return []
    }
    const resumed = /^<\.\.\. \w+ resumed>(.*)$/.exec(call)
    return resumed === null ? [call] : [`${begun.get(thread) ?? ''}${resumed[1] ?? ''}`]
  })
}

function toEvent(call: string, folder: string): DiskEvent[] {
  const [, name = '', inside = '', result = '-1'] = /^(\w+)\((.*)\)\s+= (-?\d+)/.exec(call) ?? []
  if (Number(result) < 0) return []
  const [, fd, where = '', rest = ''] = /^(?:(\d+)<([^>]*)>)?(.*)$/.exec(inside) ?? []
  const texts = [...rest.matchAll(/"([^"]*)"/g)].map((match) => bytesOf(match[1] ?? ''))
  const numbers = rest
    .replaceAll(/"[^"]*"/g, '')
    .split(',')
    .map(Number)
  if (name === 'write' && fd === '1') return [{ kind: 'said', line: String(texts[0]).trim() }]
  const file = nameIn(folder, fd === undefined ? String(texts[0]) : String(bytesOf(where)))
  if (file === undefined) return []
  if (name === 'pwrite64') {
    return [{ kind: 'write', name: file, offset: numbers.at(-1) ?? 0, bytes: texts[0] ?? Buffer.alloc(0) }]
  }
  if (name === 'ftruncate') return [{ kind: 'truncate', name: file, size: numbers.at(-1) ?? 0 }]
  if (name === 'fsync' || name === 'fdatasync') return [{ kind: 'sync', name: file }]
  if (name === 'unlink') return [{ kind: 'remove', name: file }]
  if (name === 'rename') return [{ kind: 'rename', name: file, to: basename(String(texts[1])) }]
  return []
}

function bytesOf(escaped: string): Buffer {
  return Buffer.from(escaped.replaceAll('\\x', ''), 'hex')
}

/** The shared memory beside a store does not outlive a power cut, and is made anew. */
function nameIn(folder: string, path: string): string | undefined {
  const name = path.startsWith(`${folder}/`) ? path.slice(folder.length + 1) : undefined
  return name === undefined || name.endsWith('-shm') ? undefined : name
}
