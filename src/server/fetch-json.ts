// Asks another server for a document of JSON, and neither waits for ever nor takes more than makes sense.
import type { Clock } from '../model/clock.ts'

const DEADLINE_MS = 5_000
const MOST_BYTES = 1_000_000

/** Rejects for anything but a 200 with JSON: also for a redirect, which could lead anywhere. */
export async function fetchJson(url: string, clock: Clock): Promise<unknown> {
  const ended = new AbortController()
  const given = new AbortController()
  clock.after(DEADLINE_MS, ended.signal).then(
    () => given.abort(new Error(`${url} did not answer within ${DEADLINE_MS / 1_000} seconds`)),
    () => {}
  )
  try {
    const headers = { accept: 'application/json' }
    const response = await fetch(url, { signal: given.signal, redirect: 'error', headers })
    if (response.status !== 200) throw new Error(`${url} answered ${response.status}`)
    return JSON.parse(await textOf(response, url))
  } finally {
    ended.abort()
    // What was not read is not wanted any more.
    given.abort()
  }
}

async function textOf({ body }: Response, url: string): Promise<string> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of body ?? []) {
    size += chunk.byteLength
    if (size > MOST_BYTES) throw new Error(`${url} answered more than ${MOST_BYTES} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString()
}
