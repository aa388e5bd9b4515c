import t from 'tap'
import { MAX_NESTING } from '../../src/server/body.ts'
import { newService } from '../support/service.ts'

const nested = (depth: number, open = '[', close = ']'): string => open.repeat(depth) + close.repeat(depth)

t.test('a body that is nested so deep that nobody can look into it is refused', async (t) => {
  const { app, lines } = await newService(t)
  const post = async (url: string, payload: string) =>
    app.inject({ method: 'POST', url, payload, headers: { 'content-type': 'application/json' } })
  for (const url of ['/ingest', '/grafana/query', '/grafana/tag-values']) {
    for (const depth of [MAX_NESTING + 1, 5_000, 30_000]) {
      for (const payload of [
        nested(depth),
        `{"filters":[{"key":${nested(depth)}}]}`,
        `${'{"x":'.repeat(Math.min(depth, 8_000))}1`,
        '['.repeat(depth)
      ]) {
        const res = await post(url, payload)
        t.equal(res.statusCode, 400)
        t.match(res.json(), { code: 'invalid-request', detail: /nested deeper/ })
      }
    }
  }
  t.equal((await post('/grafana/query', `{"x":${nested(MAX_NESTING - 1)}}`)).statusCode, 200, 'up to there it is fine')
  const text = JSON.stringify({ x: `${nested(1_000)}\\"${'{'.repeat(1_000)}` })
  t.equal((await post('/grafana/query', text)).statusCode, 200, 'and what stands in a text does not count')
  t.same(
    lines.filter(({ level }) => Number(level) >= 50),
    []
  )
})
