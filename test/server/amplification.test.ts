// What costs a caller little must not cost us, or anybody whom the answer reaches, much.
import t from 'tap'
import { parseQuerystring } from '../../src/server/query.ts'
import { cell, newService } from '../support/service.ts'

const many = (count: number, separator: string, write: (i: number) => string): string =>
  Array.from({ length: count }, (_, i) => write(i)).join(separator)

t.test('a refusal is short, however much is wrong', async (t) => {
  const { app } = await newService(t)
  const payload = Object.fromEntries(Array.from({ length: 5_000 }, (_, i) => [`x${i}`, 1]))
  const answers = [
    await app.inject(`/series?${many(2_000, '&', (i) => `x${i}=1`)}`),
    await app.inject(`/series?${many(2_000, '&', () => 'x=1')}`),
    await app.inject(`/series?${many(4_000, '&', (i) => `location=${i}`)}`),
    await app.inject({ method: 'POST', url: '/ingest', payload })
  ]
  for (const { statusCode, body } of answers) {
    t.equal(statusCode, 400)
    t.ok(body.length < 10_000)
  }
  t.equal(answers[0]?.json<{ errors: object[] }>().errors.length, 20)
})

t.test('a parameter that is repeated keeps all its values, in their order', async (t) => {
  const values = Array.from({ length: 20_000 }, (_, i) => String(i))
  const query = parseQuerystring(values.map((value) => `a=${value}&b=`).join('&'))
  t.same(Object.keys(query), ['a'])
  t.same(query['a'], values)
})

t.test('long queries of Grafana have to wait for each other, those of a panel do not', async (t) => {
  const { app, fill } = await newService(t)
  await fill('default', { '2026-11-01': [cell('Inbox', 1)] })
  let asked = 0
  // Each another question, or they would wait for one answer.
  const ask = async (from: string, target: string) =>
    app.inject({
      method: 'POST',
      url: '/grafana/query',
      payload: { range: { from, to: '2026-11-23' }, targets: [{ target, refId: `A${asked++}` }] }
    })
  const statusesOf = async (from: string, target: string): Promise<Set<number>> =>
    new Set((await Promise.all(Array.from({ length: 40 }, async () => ask(from, target)))).map((res) => res.statusCode))
  t.same(await statusesOf('2026-10-25', 'total'), new Set([200]))
  t.same(await statusesOf('2017-01-01', 'total'), new Set([200, 503]))
  t.same(await statusesOf('2026-11-01', `(${many(200, '|', () => 'total')})`), new Set([400, 503]))
  const refused = (await Promise.all(Array.from({ length: 40 }, async () => ask('2017-01-01', 'total')))).at(-1)
  t.match(refused?.json(), { code: 'overloaded', message: /at once/ })
  t.equal((await ask('2017-01-01', 'total')).statusCode, 200, 'when these are done it goes on')
})
