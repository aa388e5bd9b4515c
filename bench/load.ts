// Load from another process on another core: wrk where it is installed, else a small client of ours.
import { spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'
import { join } from 'node:path'
import { has, pinned, type Running } from './processes.ts'

export interface Load {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly connections: number
  readonly seconds: number
}

export interface Loaded {
  readonly requests: number
  readonly perSecond: number
  /** Processor time of the server for each request, in microseconds. */
  readonly cpuUs: number
}

const WRK = has('wrk')

/** Asks for so many seconds over so many connections, each as fast as it is answered. Throws where an answer fails. */
export async function loadServer(server: Running, { url, headers, connections, seconds }: Load): Promise<Loaded> {
  const named = Object.entries(headers).flatMap(([name, value]) => ['-H', `${name}: ${value}`])
  const words = WRK
    ? ['wrk', '-t1', `-c${connections}`, `-d${seconds}s`, ...named, url]
    : [process.execPath, join(import.meta.dirname, 'client.ts'), String(connections), String(seconds), ...named, url]
  const [command, rest] = pinned(1, words)
  const before = server.cpuUs()
  const child = spawn(command, rest, { stdio: ['ignore', 'pipe', 'inherit'] })
  const told = await text(child.stdout)
  const cpuUs = server.cpuUs() - before
  const requests = Number(/(\d+) requests in/.exec(told)?.[1])
  const perSecond = Number(/Requests\/sec:\s+([\d.]+)/.exec(told)?.[1])
  if (!(requests > 0) || /Non-2xx|Socket errors/.test(told)) throw new Error(`${url} was not answered well: ${told}`)
  return { requests, perSecond, cpuUs: cpuUs / requests }
}
