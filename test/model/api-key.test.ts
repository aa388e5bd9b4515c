import t from 'tap'
import { hashOfKey, keyWorks, SCOPES, type ApiKey } from '../../src/model/api-key.ts'
import { d } from '../support/counts.ts'

const key: ApiKey = {
  id: 'a1',
  name: 'grafana',
  prefix: 'pds_',
  scopes: ['read'],
  workspaces: null,
  expires: null,
  createdAt: new Date('2026-11-01T00:00:00Z'),
  revokedAt: null,
  lastUsedAt: null
}

t.test('a key that does not end works on every day', async (t) => {
  for (const day of ['2026-11-01', '9999-12-31']) t.ok(keyWorks(key, d(day)), day)
})

t.test('a key works up to its last day, and not on the next', async (t) => {
  const ends = { ...key, expires: d('2026-11-30') }
  t.ok(keyWorks(ends, d('2026-11-29')))
  t.ok(keyWorks(ends, d('2026-11-30')))
  t.notOk(keyWorks(ends, d('2026-12-01')))
})

t.test('a revoked key works on no day, whether or not it has a last one', async (t) => {
  const revokedAt = new Date('2026-11-10T12:00:00Z')
  for (const expires of [null, d('2026-11-30')]) {
    t.notOk(keyWorks({ ...key, expires, revokedAt }, d('2026-11-09')), `${expires}`)
    t.notOk(keyWorks({ ...key, expires, revokedAt }, d('2026-11-20')), `${expires}`)
  }
})

t.test('what is kept of a key is the SHA-256 of its text, in hex', async (t) => {
  t.equal(hashOfKey('abc'), 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')
  t.equal(hashOfKey('\u20ac'), 'c4cc90ed3d26f12d4b08a75140970a7904035c31cbb4515a83f19b9003c00d1d')
})

t.test('a key may read, or have runs made', async (t) => {
  t.strictSame(SCOPES, ['read', 'ingest'])
})
