import t from 'tap'
import { newService } from '../support/service.ts'

t.test('what failed or changed something leaves a line, all else none', async (t) => {
  const { app, lines } = await newService(t)
  await app.inject('/series?location=inbox')
  await app.inject('/series?x=1')
  t.same(lines, [])
  await app.inject({ method: 'POST', url: '/ingest' })
  t.match(
    lines.filter(({ msg }) => msg === 'request answered'),
    [{ method: 'POST', path: '/ingest', status: 202 }]
  )
})

t.test(
  'an access log has a line for each request: its route and the parameters that we know, and no header',
  async (t) => {
    const { app, lines } = await newService(t, { accessLog: true })
    await app.inject({ url: '/series?location=inbox&secret=hunter2', headers: { cookie: 'hunter3' } })
    await app.inject('/runs/some-id')
    await app.inject('/nothing?secret=hunter4')
    t.match(lines, [
      { msg: 'request answered', method: 'GET', path: '/series', query: { location: ['Inbox'] }, status: 400 },
      { method: 'GET', path: '/runs/:id', status: 404 },
      { method: 'GET', path: '/nothing', status: 404 }
    ])
    t.notMatch(JSON.stringify(lines), /hunter/)
    t.same(Object.keys(lines[0] ?? {}).toSorted(), [
      'caller',
      'hostname',
      'level',
      'method',
      'ms',
      'msg',
      'path',
      'pid',
      'query',
      'requestId',
      'status',
      'time'
    ])
  }
)
