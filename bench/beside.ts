// How answers fare while something else goes on: who asks is a process of its own.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { pinned } from './processes.ts'

const REQUESTS_PER_SECOND = 100

/** How long each answer took while something went on, in milliseconds. */
export async function measureBeside(url: string, during: () => Promise<unknown>): Promise<number[]> {
  const script = join(import.meta.dirname, 'steady.ts')
  const [command, words] = pinned(1, [process.execPath, script, url, String(REQUESTS_PER_SECOND)])
  const client = spawn(command, words, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  await once(client, 'message')
  const told = once(client, 'message')
  await during()
  client.send('stop')
  const [elapsed] = await told
  if (!Array.isArray(elapsed)) throw new Error('the client tells nothing')
  return elapsed.map(Number)
}
