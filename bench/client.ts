// A small client for where wrk is not installed: `node bench/client.ts CONNECTIONS SECONDS [-H 'name: value'] URL`. It
// tells what it saw as wrk does.
import { Agent, get } from 'node:http'
import { parseArgs } from 'node:util'

const { values, positionals } = parseArgs({
  options: { header: { type: 'string', short: 'H', multiple: true, default: [] } },
  allowPositionals: true
})
const [connections = '1', seconds = '1', url = ''] = positionals
const headers = Object.fromEntries(values.header.map((line) => line.split(': ', 2)))
const agent = new Agent({ keepAlive: true, maxSockets: Number(connections) })
const began = performance.now()
const end = began + Number(seconds) * 1_000
let requests = 0
let failed = 0

const ask = (): Promise<number> =>
  new Promise((resolve, reject) => {
    get(url, { agent, headers }, (response) => {
      response.resume().once('end', () => resolve(response.statusCode ?? 0))
    }).once('error', reject)
  })

async function askOn(): Promise<void> {
  while (performance.now() < end) {
    const status = await ask()
    requests++
    if (status >= 400) failed++
  }
}

await Promise.all(Array.from({ length: Number(connections) }, askOn))
const took = (performance.now() - began) / 1_000
console.log(`${requests} requests in ${took.toFixed(2)}s`)
console.log(`Requests/sec: ${(requests / took).toFixed(1)}`)
if (failed > 0) console.log(`Non-2xx or 3xx responses: ${failed}`)
agent.destroy()
