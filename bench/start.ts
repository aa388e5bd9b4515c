// `npm run bench -- start`: from the command `npm start` to the first answer, on a store of ten years.
import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { fillStore, quantile, whereAndWhen } from './support.ts'

const STARTS = 7
const PORT = 18_080

const folder = await mkdtemp(join(tmpdir(), 'bench-'))
try {
  const path = join(folder, 'series.db')
  await fillStore(path, 'contoso', 3_650)
  const elapsed: number[] = []
  for (let i = 0; i < STARTS; i++) elapsed.push(await start(path))
  console.log(whereAndWhen())
  console.log(`npm start to the first answer of /series: median ${quantile(elapsed, 0.5).toFixed(0)} ms of ${STARTS}`)
  console.log(`least ${Math.min(...elapsed).toFixed(0)} ms, most ${Math.max(...elapsed).toFixed(0)} ms`)
} finally {
  await rm(folder, { recursive: true })
}

async function start(path: string): Promise<number> {
  const env = { ...process.env, STORE_URL: `sqlite:${path}`, PORT: String(PORT), LOG_LEVEL: 'warn' }
  const began = performance.now()
  const child = spawn('npm', ['start', '--silent'], { env, stdio: 'ignore', cwd: join(import.meta.dirname, '..') })
  const ended = new Promise((resolve) => child.once('exit', resolve))
  for (;;) {
    const answer = await fetch(`http://127.0.0.1:${PORT}/series?workspace=contoso`).catch(() => null)
    if (answer?.status === 200) break
    if (performance.now() - began > 30_000) throw new Error('no answer within 30 s')
    await setTimeout(5)
  }
  const took = performance.now() - began
  child.kill('SIGTERM')
  await ended
  return took
}
