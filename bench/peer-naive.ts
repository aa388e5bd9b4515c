// A peer of the benchmarks: Fastify and SQLite as one would write them in an hour, a row for each cell, grouped and
// serialised anew for each request: `node bench/peer-naive.ts PORT DATABASE`. The table is made by `fillNaive`.
import Database from 'better-sqlite3'
import Fastify from 'fastify'
import { LOCATIONS } from '../src/model/cube.ts'

interface Sum {
  readonly day: string
  readonly location: string
  readonly count: number
}

const [port = '', file = ''] = process.argv.slice(2)
const db = new Database(file, { readonly: true })
const select = db.prepare<[string, string], Sum>(`
  select day, location, sum(count) as count from cell
  where day between ? and ?
  group by day, location`)

const app = Fastify()
app.get<{ Querystring: { from: string; to: string } }>('/series', (request, reply) => {
  const days = new Map<string, Record<string, number | string>>()
  for (const { day, location, count } of select.iterate(request.query.from, request.query.to)) {
    let row = days.get(day)
    if (row === undefined) {
      row = { date: day, ...Object.fromEntries(LOCATIONS.map((each) => [each, 0])) }
      days.set(day, row)
    }
    row[location] = count
  }
  return reply.send({ series: [...days.values()] })
})
await app.listen({ host: '127.0.0.1', port: Number(port) })
