// What a key that is limited to workspaces gets from the routes that tell more than counts.
import t from 'tap'
import { hashOfKey } from '../../src/model/api-key.ts'
import { cell, newService } from '../support/service.ts'

const KEY = 'k'.repeat(43)

t.test('a key of one workspace has that one as its default, and cannot tell the others from none', async (t) => {
  const { app, store, fill } = await newService(t, { auth: 'on', workspaces: ['secret', 'open'] })
  await fill('secret', { '2026-11-01': [cell('Inbox', 7)] })
  await fill('open', { '2026-11-01': [cell('Inbox', 1)] })
  await store.addApiKey(
    { name: 'siem', scopes: ['read'], workspaces: ['open'], expires: null },
    { id: 'an-id', prefix: 'kkk', hash: hashOfKey(KEY) }
  )
  const ask = async (url: string): Promise<{ statusCode: number; body: string }> =>
    app.inject({ url, headers: { 'x-api-key': KEY } })

  const { changes } = JSON.parse((await ask('/changes')).body) as { changes: { workspace: string }[] }
  t.strictSame(
    changes.map(({ workspace }) => workspace),
    ['open']
  )
  for (const path of ['/changes', '/anomalies', '/annotations', '/series?format=svg', '/series?asOf=0']) {
    const join = path.includes('?') ? '&' : '?'
    t.equal((await ask(path)).statusCode, 200, path)
    const secret = await ask(`${path}${join}workspace=secret`)
    const none = await ask(`${path}${join}workspace=nobody`)
    t.strictSame([secret.statusCode, secret.body], [404, none.body.replace('nobody', 'secret')], path)
  }
})
