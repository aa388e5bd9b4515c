// Damage outside of days and their log: the rows of workspaces, records of runs, API keys.
import { join } from 'node:path'
import Database from 'better-sqlite3'
import t, { type Test } from 'tap'
import { hashOfKey } from '../../src/model/api-key.ts'
import type { SeriesStore, Workspace } from '../../src/model/store.ts'
import { quickFolder } from '../support/quick-folder.ts'
import { askAll, fillSmall, openAt } from '../support/reliability/small-store.ts'

interface Bed {
  readonly store: SeriesStore
  readonly contoso: Workspace
  /** Runs a statement behind the store's back, which must change one row. */
  behind(sql: string): void
}

async function newBed(t: Test): Promise<Bed> {
  const path = join(quickFolder(t), 'series.db')
  const store = await openAt(path)
  t.teardown(() => store.close())
  await fillSmall(store)
  return {
    store,
    contoso: await store.ensureWorkspace('contoso'),
    behind(sql) {
      const db = new Database(path)
      t.equal(db.prepare(sql).run().changes, 1, sql)
      db.close()
    }
  }
}

const CHANGES = [
  `name = 'contosp'`,
  `source_id = 'another'`,
  'revision = revision - 4',
  'changed_at = changed_at + 1',
  'first_asked = null',
  `bounds = '{'`,
  'last_success_at = 0'
]

t.test('whatever changes in one of the two rows of a workspace, the other is read, and puts it back', async (t) => {
  const { store, contoso, behind } = await newBed(t)
  const right = await askAll(store)
  for (const table of ['workspace', 'workspace_copy']) {
    for (const change of CHANGES) {
      behind(`update ${table} set ${change} where key = 1`)
      t.strictSame(await askAll(store), right)
      t.strictSame(await store.verify(), ['a row of the workspace with the key 1 is damaged'])
      await store.heal(contoso)
      t.strictSame(await store.verify(), [])
    }
  }
  behind('delete from workspace_copy where key = 2')
  t.strictSame(await askAll(store), right)
  await store.heal(contoso)
  t.strictSame(await store.verify(), [])
})

t.test('a workspace of which both rows are damaged is refused, and never begun anew', async (t) => {
  const { store, contoso, behind } = await newBed(t)
  for (const table of ['workspace', 'workspace_copy']) behind(`update ${table} set revision = 5 where key = 1`)
  const refused = { code: 'store-unavailable', message: /both rows of the workspace .* are damaged/ }
  await t.rejects(store.findWorkspace('contoso'), refused)
  await t.rejects(store.ensureWorkspace('contoso'), refused)
  await t.rejects(store.revision(contoso), refused)
  await t.rejects(store.verify(), refused)
  t.ok(await store.revision(await store.ensureWorkspace('fabrikam')), 'the others are served')
})

t.test('a damaged record of a run is none: it is not told, and is removed', async (t) => {
  const { store, contoso, behind } = await newBed(t)
  behind(`update run set record = replace(record, '"daysStored":11', '"daysStored":99') where id = 'contoso-1'`)
  t.equal(await store.findRun('contoso-1'), undefined)
  const idsOf = async (): Promise<string[]> => (await store.runs([contoso], 10)).map(({ run }) => run.id)
  t.strictSame(await idsOf(), ['contoso-2', 'contoso-0'])
  t.strictSame(await store.verify(), ['contoso: damaged records of runs: 1'])
  await store.heal(contoso)
  t.strictSame(await store.verify(), [])
  t.strictSame(await idsOf(), ['contoso-2', 'contoso-0'])
})

t.test('a damaged key opens nothing, and is told', async (t) => {
  const { store, behind } = await newBed(t)
  behind(`update api_key set revoked_at = null where name = 'revoked'`)
  t.equal(await store.findApiKey(hashOfKey('revoked')), undefined)
  t.strictSame(await store.verify(), ['damaged API keys, which open nothing: 1; make new ones'])
})

t.test('a key of which the last use is damaged is a damaged one, also after it is used again', async (t) => {
  const { store, behind } = await newBed(t)
  const [key] = await store.apiKeys()
  behind(`update api_key set last_used_at = 0 where id = '${key?.id}'`)
  await store.touchApiKey(key?.id ?? '', new Date())
  t.strictSame(await store.verify(), ['damaged API keys, which open nothing: 1; make new ones'])
})
