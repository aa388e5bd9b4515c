// A peer of the benchmarks: node:http and nothing else, the same bytes for everybody: `node bench/peer-http.ts PORT FILE`.
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'

const [port = '', file = ''] = process.argv.slice(2)
const body = readFileSync(file)
const TAG = '"peer"'

createServer((request, response) => {
  if (request.headers['if-none-match'] === TAG) {
    response.writeHead(304, { etag: TAG }).end()
    return
  }
  const headers = { 'content-type': 'application/json; charset=utf-8', 'content-length': body.length, etag: TAG }
  response.writeHead(200, headers).end(body)
}).listen(Number(port), '127.0.0.1')
