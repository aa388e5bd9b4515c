// Lets a process work for a moment, and kills it.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'

const PROCESS = join(import.meta.dirname, 'mortal-process.ts')

export type Work = 'imports' | 'ingests' | 'backups' | 'restores' | 'starts'

/** The lines that it has said, after the one that says it was ready, up to SIGKILL so many milliseconds later. */
export async function killAt(work: Work, folder: string, ms: number): Promise<string[]> {
  const child = spawn(process.execPath, [PROCESS, work, folder], { stdio: ['ignore', 'pipe', 'inherit'] })
  const closed = once(child, 'close')
  let said = ''
  child.stdout.setEncoding('utf8')
  const ready = new Promise<void>((resolve, reject) => {
    child.stdout.on('data', (text: string) => {
      said += text
      if (said.startsWith('ready\n')) resolve()
    })
    child.once('exit', () => reject(new Error(`${work} ended before it was ready`)))
  })
  await ready
  await wait(ms)
  if (child.exitCode !== null) throw new Error(`${work} ended by itself`)
  child.kill('SIGKILL')
  await closed
  // The last line may be cut.
  return said.split('\n').slice(1, -1)
}
