// Fresh processes, each on a core of its own where the machine has two, and what they cost.
import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'

const ROOT = join(import.meta.dirname, '..')

export interface Running {
  readonly child: ChildProcess
  /** Processor time of all its threads so far, in microseconds. */
  cpuUs(): number
  /** Resident memory, in megabytes. */
  rssMb(): number
  stop(): Promise<void>
}

export function has(command: string): boolean {
  return spawnSync('sh', ['-c', `command -v ${command}`]).status === 0
}

const PINS = has('taskset') && cpus().length > 1

/** The words of a command that is to run on a core: 0 for what is measured, 1 for what measures. */
export function pinned(core: 0 | 1, words: readonly string[]): [string, string[]] {
  const [command = '', ...rest] = PINS ? ['taskset', '-c', String(core), ...words] : words
  return [command, rest]
}

interface Started {
  readonly env?: NodeJS.ProcessEnv
  readonly url: string
  readonly headers?: Readonly<Record<string, string>>
  /** How often it is asked whether it answers yet. */
  readonly everyMs?: number
}

/** Starts a command on core 0, and waits until the address answers. */
export async function startMeasured(
  words: readonly string[],
  { env = {}, url, headers = {}, everyMs = 20 }: Started
): Promise<Running> {
  const [command, rest] = pinned(0, words)
  const child = spawn(command, rest, {
    cwd: ROOT,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'ignore', 'pipe']
  })
  let said = ''
  child.stderr.on('data', (text) => (said += String(text)))
  const ended = once(child, 'exit')
  for (let tries = 0; ; tries++) {
    if (child.exitCode !== null || tries * everyMs > 30_000)
      throw new Error(`${words.join(' ')} does not answer ${url}: ${said}`)
    if (
      (await fetch(url, { headers: { ...headers }, signal: AbortSignal.timeout(5_000) }).catch(() => null))?.ok === true
    )
      break
    await setTimeout(everyMs)
  }
  const pid = child.pid ?? 0
  return {
    child,
    cpuUs: () => readCpuUs(pid),
    rssMb: () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1_024,
    async stop() {
      child.kill('SIGTERM')
      const killed = setTimeout(5_000).then(() => child.kill('SIGKILL'))
      await Promise.race([ended, killed])
    }
  }
}

/** The scheduler counts nanoseconds, where /proc/PID/stat counts hundredths of a second. */
function readCpuUs(pid: number): number {
  let ns = 0
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    ns += Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0])
  }
  return ns / 1_000
}

/** The load of the machine in the last minute: how many processes wanted to run. */
export function load(): string {
  return readFileSync('/proc/loadavg', 'utf8').split(' ')[0] ?? '?'
}
