// A peer of the benchmarks: Fastify and SQLite as one would write them in an hour, a row for each cell, grouped and
// serialised anew for each request: `node bench/peer-naive.ts PORT DATABASE`. The table is made by `fillNaive`.
import Fastify from 'fastify'
import { openNaive } from './support.ts'

const [port = '', file = ''] = process.argv.slice(2)
const ask = openNaive(file)

const app = Fastify()
app.get<{ Querystring: { from: string; to: string } }>('/series', (request, reply) => reply.send(ask(request.query)))
await app.listen({ host: '127.0.0.1', port: Number(port) })
