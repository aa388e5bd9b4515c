// Two ways to put a request: over the router alone, and byte by byte over a connection.
import { connect } from 'node:net'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import type { FastifyInstance } from 'fastify'
import type { Answer } from './answer-check.ts'

export interface Asking {
  readonly method: string
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly payload: string | Buffer | undefined
}

/** Over the router, from that address. Its URL is made regular on the way: no `..` arrives. */
export async function askRouter(
  app: FastifyInstance,
  { method, url, headers, payload }: Asking,
  remoteAddress: string
): Promise<Answer> {
  const res = await app.inject({
    // Its types know fewer methods than it takes.
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion
    method: method as 'GET',
    url,
    headers,
    remoteAddress,
    ...(payload !== undefined && { payload })
  })
  const flat = Object.fromEntries(Object.entries(res.headers).map(([name, value]) => [name, String(value)]))
  return { status: res.statusCode, headers: flat, body: decoded(res.rawPayload, flat) }
}

/** Over a connection of its own, with whatever bytes the URL and the headers hold. */
export async function askSocket(port: number, { method, url, headers, payload }: Asking): Promise<Answer> {
  const body = Buffer.from(payload ?? '')
  const all = { ...headers, connection: 'close', ...(body.length > 0 && { 'content-length': body.length }) }
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}`)
  const head = Buffer.from(`${method} ${url} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`, 'latin1')
  return parseAnswer(await exchange(port, Buffer.concat([head, body])), method)
}

/** Sends the bytes, and reads until the other side ends the connection. */
export async function exchange(port: number, bytes: Buffer | string): Promise<Buffer> {
  const socket = connect(port, '127.0.0.1')
  socket.write(bytes)
  const chunks: Buffer[] = []
  for await (const chunk of socket) chunks.push(Buffer.from(chunk))
  return Buffer.concat(chunks)
}

/** The only answer that the bytes hold; throws where they hold anything else. */
export function parseAnswer(bytes: Buffer, method = 'GET'): Answer {
  const end = bytes.indexOf('\r\n\r\n')
  const [start = '', ...lines] = bytes.subarray(0, end).toString('latin1').split('\r\n')
  const status = /^HTTP\/1\.1 (\d{3}) /.exec(start)?.[1]
  if (end < 0 || status === undefined) throw new Error(`this is no answer: ${bytes.subarray(0, 300).toString()}`)
  const headers = Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()])
  )
  const rest = bytes.subarray(end + 4)
  const raw = headers['transfer-encoding'] === 'chunked' ? unchunked(rest) : rest
  const length = headers['content-length']
  if (length !== undefined && method !== 'HEAD' && raw.length !== Number(length)) {
    throw new Error(`${raw.length} bytes came, and ${length} were announced`)
  }
  return { status: Number(status), headers, body: decoded(raw, headers) }
}

function unchunked(bytes: Buffer): Buffer {
  const chunks: Buffer[] = []
  for (let at = 0; ;) {
    const end = bytes.indexOf('\r\n', at)
    const size = Number.parseInt(bytes.subarray(at, end).toString(), 16)
    if (size === 0) return Buffer.concat(chunks)
    chunks.push(bytes.subarray(end + 2, end + 2 + size))
    at = end + 2 + size + 2
  }
}

function decoded(bytes: Buffer, { 'content-encoding': coding }: Answer['headers']): string {
  if (bytes.length === 0) return ''
  if (coding === 'gzip') return gunzipSync(bytes).toString()
  if (coding === 'br') return brotliDecompressSync(bytes).toString()
  return bytes.toString()
}
