import type { Test } from 'tap'
import { hashOfKey, type NewApiKey } from '../../../src/model/api-key.ts'
import type { SeriesStore } from '../../../src/model/store.ts'
import { d } from '../../support/counts.ts'
import { newBed, NOON, type FreshStore } from './support.ts'

const SIEM: NewApiKey = { name: 'siem', scopes: ['read'], workspaces: null, expires: null }
const hash = hashOfKey('a key')

async function add(store: SeriesStore, key: Partial<NewApiKey> = {}, made: { id?: string; hash?: string } = {}) {
  await store.addApiKey({ ...SIEM, ...key }, { id: 'k1', prefix: 'pds_ab', hash, ...made })
}

export function keyContract(t: Test, fresh: FreshStore): void {
  t.test('a key is found by its hash, as it was made, and by nothing else', async (t) => {
    const { store } = await newBed(t, fresh)
    await add(store, { scopes: ['read', 'ingest'], workspaces: ['contoso'], expires: d('2027-01-31') })

    const kept = {
      id: 'k1',
      name: 'siem',
      prefix: 'pds_ab',
      scopes: ['read', 'ingest'],
      workspaces: ['contoso'],
      expires: '2027-01-31',
      createdAt: new Date(NOON),
      revokedAt: null,
      lastUsedAt: null
    }
    t.strictSame(await store.findApiKey(hash), kept)
    t.strictSame(await store.apiKeys(), [kept])
    t.equal(await store.findApiKey(hashOfKey('another')), undefined)
    t.equal(await store.findApiKey(hash.toUpperCase()), undefined)
  })

  t.test('keys come by name, and a name is given once', async (t) => {
    const { store } = await newBed(t, fresh)
    for (const [i, name] of ['zeta', 'Alpha', 'beta'].entries()) {
      await add(store, { name }, { id: `k${i}`, hash: hashOfKey(name) })
    }
    t.strictSame(
      (await store.apiKeys()).map((key) => key.name),
      ['Alpha', 'beta', 'zeta']
    )
    await t.rejects(add(store, { name: 'beta' }, { id: 'k9' }), { code: 'invalid-request', message: /'beta'/ })
    t.equal((await store.apiKeys()).length, 3)
  })

  t.test(
    'a key opens the workspaces that it names, also under a later name, and none that comes after them',
    async (t) => {
      const { store, contoso } = await newBed(t, fresh)
      await add(store, { workspaces: ['contoso', 'new'] })
      t.equal((await store.findWorkspace('new'))?.holdsDays, false, 'what it names is made')
      await store.renameWorkspace(contoso, 'northwind')
      t.strictSame((await store.findApiKey(hash))?.workspaces, ['northwind', 'new'])

      await store.removeWorkspace({ ...contoso, name: 'northwind' })
      await store.ensureWorkspace('northwind')
      t.strictSame((await store.findApiKey(hash))?.workspaces, ['new'])
      const made = (await store.findWorkspace('new')) ?? t.bailout('it is not there')
      if (made !== undefined) await store.removeWorkspace(made)
      t.strictSame((await store.findApiKey(hash))?.workspaces, [], 'and never all of them')
    }
  )

  t.test('a revoked key is revoked at once and for good, and stays in the list', async (t) => {
    const { store, clock } = await newBed(t, fresh)
    await add(store)
    await clock.advance(1_000)
    t.equal(await store.revokeApiKey('k1'), true)
    const at = clock.now()
    t.strictSame((await store.findApiKey(hash))?.revokedAt, at)
    await clock.advance(1_000)
    t.equal(await store.revokeApiKey('k1'), true)
    t.strictSame((await store.apiKeys())[0]?.revokedAt, at)
    t.equal(await store.revokeApiKey('k2'), false)
    await t.rejects(add(store, {}, { id: 'k2', hash: hashOfKey('b') }), { code: 'invalid-request' })
  })

  t.test('what another process does to keys and workspaces is known within a second', async (t) => {
    const { store, under, clock, contoso } = await newBed(t, fresh)
    const other = await under.open(clock)
    await add(other)
    await clock.advance(1_000)
    t.equal((await store.findApiKey(hash))?.name, 'siem')
    await other.revokeApiKey('k1')
    await other.renameWorkspace(contoso, 'northwind')
    await clock.advance(1_000)
    t.not((await store.findApiKey(hash))?.revokedAt, null)
    t.equal((await store.findWorkspace('northwind'))?.key, contoso.key)
    await t.rejects(store.revision(contoso), { code: 'unknown-workspace' })
  })

  t.test('when a key was last used is kept, and is no change of it', async (t) => {
    const { store, clock } = await newBed(t, fresh)
    await add(store)
    const at = new Date('2026-11-20T12:34:00.000Z')
    await store.touchApiKey('k1', at)
    await clock.advance(1_000)
    t.strictSame((await store.findApiKey(hash))?.lastUsedAt, at)
    t.strictSame(await store.verify(), [])
  })

  t.test('a store that answers is not told of as lost', async (t) => {
    const { store, clock } = await newBed(t, fresh)
    await clock.advance(3_600_000)
    await store.workspaces()
    t.equal(store.staleSince(), null)
    t.equal(store.health(), null)
  })
}
