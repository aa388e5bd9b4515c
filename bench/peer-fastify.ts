// A peer of the benchmarks: Fastify with one route and no option, the same bytes for everybody:
// `node bench/peer-fastify.ts PORT FILE`.
import Fastify from 'fastify'
import { readFileSync } from 'node:fs'

const [port = '', file = ''] = process.argv.slice(2)
const body = readFileSync(file)
const TAG = '"peer"'

const app = Fastify()
app.get('/series', (request, reply) => {
  reply.header('etag', TAG)
  if (request.headers['if-none-match'] === TAG) return reply.code(304).send()
  return reply.header('content-type', 'application/json; charset=utf-8').send(body)
})
await app.listen({ host: '127.0.0.1', port: Number(port) })
