import t from 'tap'
import type { Caller } from '../../src/server/caller.ts'
import { createWorkspaceChooser } from '../../src/server/workspaces.ts'
import { cell, newService } from '../support/service.ts'

const DAY = { '2026-11-01': [cell('Inbox', 1)] }

t.test('the first workspace of the settings is the default, also before it holds a day', async (t) => {
  const { app, fill } = await newService(t, { workspaces: ['north', 'south'] })
  await fill('south', DAY)
  await fill('alpha', DAY)
  const { workspace, revision, coverage } = (await app.inject('/series')).json()
  t.same([workspace, revision, coverage], ['north', '0', { final: 0, provisional: 0, missing: 30, lost: 0 }])
  t.equal((await app.inject('/series?workspace=south')).json().workspace, 'south')
  t.equal((await app.inject('/series?workspace=alpha')).json().workspace, 'alpha', 'what holds days stays served')
})

t.test('sample is the default only where there is no other', async (t) => {
  const { app, fill, store } = await newService(t, { workspaces: ['sample'] })
  t.equal((await app.inject('/series')).json().workspace, 'sample')
  await store.ensureWorkspace('empty')
  t.equal((await app.inject('/series')).json().workspace, 'sample', 'a name without days is no other')
  await fill('zeta', DAY)
  await fill('contoso', DAY)
  t.equal((await app.inject('/series')).json().workspace, 'contoso', 'the first by name that holds days')
})

t.test('without any workspace there is none to choose', async (t) => {
  const { app } = await newService(t, { workspaces: [] })
  const res = await app.inject('/series')
  t.equal(res.statusCode, 404)
  t.equal(res.json().code, 'unknown-workspace')
  t.same((await app.inject('/status')).json().workspaces, [])
})

t.test('a caller who may read some workspaces can not tell the others from none', async (t) => {
  const { store, fill } = await newService(t, { workspaces: [] })
  await fill('alpha', DAY)
  await fill('secret', DAY)
  const workspaces = createWorkspaceChooser(store, ['secret', 'alpha', 'beta'])
  const caller: Caller = {
    name: 'siem',
    by: 'key',
    scopes: new Set(['read']),
    mayRead: (name) => ['alpha', 'beta'].includes(name)
  }
  const messageOf = async (asked: string): Promise<string> =>
    workspaces.choose(caller, asked).then(
      () => 'chosen',
      (error: Error) => error.message.replace(asked, '')
    )
  t.equal((await workspaces.choose(caller, undefined)).name, 'alpha', 'the first that it may read')
  t.same(
    (await workspaces.readable(caller)).map(({ name }) => name),
    ['alpha', 'beta']
  )
  t.equal(await messageOf('beta'), 'chosen')
  t.not(await messageOf('secret'), 'chosen')
  t.equal(await messageOf('secret'), await messageOf('nothing'))
})

t.test('a workspace that is removed while others are told of does not keep them from being told', async (t) => {
  const { app, fill } = await newService(t, {
    wrapStore: (plain) => ({
      ...plain,
      async workspaces() {
        const found = await plain.workspaces()
        for (const each of found) if (each.name === 'gone') await plain.removeWorkspace(each)
        return found
      }
    })
  })
  for (const url of ['/status', '/metrics']) {
    await fill('gone', DAY)
    await fill('kept', DAY)
    const { statusCode, body } = await app.inject(url)
    t.equal(statusCode, 200, url)
    t.match(body, /kept/)
    t.notMatch(body, /gone/)
  }
})
