// Runs the command as a user does, in a folder of its own and with no settings but those given.
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

const BIN = join(import.meta.dirname, '../../bin/post-delivery-series.mjs')

export interface Ended {
  readonly status: number | null
  readonly out: string
  readonly err: string
}

export interface Command {
  readonly child: ChildProcess
  readonly ended: Promise<Ended>
  /** Resolves with the rest of the first line of standard output that holds the text. */
  seen(text: string): Promise<string>
}

export function start(
  cwd: string,
  words: readonly string[],
  env: Record<string, string> = {},
  input?: string
): Command {
  const { PATH = '' } = process.env
  const child = spawn(process.execPath, [BIN, ...words], { cwd, env: { PATH, ...env }, stdio: 'pipe' })
  const texts = { out: '', err: '' }
  const watchers = new Set<() => void>()
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    texts.out += text
    for (const look of watchers) look()
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => (texts.err += text))
  child.stdin.end(input)
  const ended = once(child, 'close').then(([status]: (number | null)[]) => ({ status: status ?? null, ...texts }))
  return {
    child,
    ended,
    seen: (text) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const line = texts.out.split('\n').find((each) => each.includes(text))
          if (line === undefined) return
          watchers.delete(look)
          resolve(line.slice(line.indexOf(text) + text.length))
        }
        watchers.add(look)
        look()
        void ended.then(({ err }) => reject(new Error(`ended without '${text}': ${err}`)))
      })
  }
}

export async function run(
  cwd: string,
  words: readonly string[],
  env?: Record<string, string>,
  input?: string
): Promise<Ended> {
  return start(cwd, words, env, input).ended
}
