// Asks at a steady rate, whether the last answer is there or not, until it is told to stop; then tells how long each took:
// `node bench/steady.ts URL REQUESTS_PER_SECOND`, with a channel to whoever started it. It says when it is warm: what it
// saw until then is of its own start, and of that of whoever answers, and does not count.
import { setTimeout } from 'node:timers/promises'

const [url = '', rate = '100'] = process.argv.slice(2)
const WARM_MS = 2_000
const over = new AbortController()
process.once('message', () => over.abort())
const elapsed: number[] = []
const asked: Promise<void>[] = []
const began = performance.now()
let warm = false
for (let n = 1; !over.signal.aborted; n++) {
  if (!warm && performance.now() - began > WARM_MS) {
    warm = true
    await Promise.all(asked)
    elapsed.length = 0
    process.send?.('warm')
  }
  asked.push(ask())
  await setTimeout(Math.max(0, began + (n * 1000) / Number(rate) - performance.now()))
}
await Promise.all(asked)
process.send?.(elapsed)
process.disconnect()

async function ask(): Promise<void> {
  const start = performance.now()
  const answer = await fetch(url)
  await answer.arrayBuffer()
  if (answer.status !== 200) throw new Error(`${url} answered ${answer.status}`)
  elapsed.push(performance.now() - start)
}
