import t from 'tap'
import { checkBinding } from '../../src/model/binding.ts'
import type { Binding, Workspace } from '../../src/model/store.ts'

const soc: Binding = { kind: 'log-analytics', id: '0A1B-guid', timeColumn: 'Timestamp' }
const tenant: Binding = { kind: 'graph', id: 'a-tenant', timeColumn: null }

function workspace(key: number, name: string, binding: Binding | null): Workspace {
  return { key, name, binding, holdsDays: true }
}
const contoso = workspace(1, 'contoso', soc)
const changed = (message: RegExp): { code: string; message: RegExp } => ({ code: 'source-changed', message })

t.test('a name goes on with the source that it is bound to, however its id is spelled', async (t) => {
  t.doesNotThrow(() => checkBinding(contoso, soc, [contoso]))
  t.doesNotThrow(() => checkBinding(contoso, { ...soc, id: '0a1b-GUID' }, [contoso]))
})

t.test(
  'a name that is bound takes nothing of another kind, id or time column, and the error names the remedy',
  async (t) => {
    const others = [tenant, { ...soc, kind: 'graph' }, { ...soc, id: 'other' }, { ...soc, timeColumn: 'TimeGenerated' }]
    for (const other of others) {
      t.throws(() => checkBinding(contoso, other, [contoso]), changed(/contoso.*0A1B-guid.*workspaces bind contoso/))
    }
  }
)

t.test('an answer without a row, which cannot tell its time column, is of the same source', async (t) => {
  t.doesNotThrow(() => checkBinding(contoso, { ...soc, timeColumn: null }, [contoso]))
  t.throws(() => checkBinding(contoso, { ...soc, id: 'other', timeColumn: null }, [contoso]), {
    code: 'source-changed'
  })
})

t.test('a name whose source differs by its time column alone is told both columns', async (t) => {
  t.throws(
    () => checkBinding(contoso, { ...soc, timeColumn: 'TimeGenerated' }, [contoso]),
    changed(/log-analytics 0A1B-guid by Timestamp.*log-analytics 0A1B-guid by TimeGenerated/)
  )
})

t.test('a new name may be bound to what no other name holds', async (t) => {
  const fresh = workspace(2, 'fabrikam', null)
  t.doesNotThrow(() => checkBinding(fresh, tenant, [contoso, fresh]))
  t.doesNotThrow(() => checkBinding(fresh, { ...soc, kind: 'graph' }, [contoso, fresh]), 'an id is of its kind')
})

t.test(
  'a name that is bound to nothing yet holds no id, and a name is not kept from what it holds itself',
  async (t) => {
    const fresh = workspace(2, 'fabrikam', null)
    t.doesNotThrow(() => checkBinding(fresh, soc, [workspace(1, 'contoso', null), fresh]))
    // Another process has bound it since it was read.
    t.doesNotThrow(() => checkBinding(fresh, soc, [workspace(2, 'fabrikam', soc)]))
  }
)

t.test('a name whose source has no columns is told without one', async (t) => {
  t.throws(
    () => checkBinding(workspace(1, 'contoso', tenant), soc, []),
    changed(/holds days of graph a-tenant, and now log-analytics 0A1B-guid by Timestamp answers/)
  )
})

t.test('a new name whose id another name holds is refused, whatever the time column, with the remedy', async (t) => {
  const fresh = workspace(2, 'fabrikam', null)
  for (const timeColumn of ['Timestamp', 'TimeGenerated', null]) {
    t.throws(
      () => checkBinding(fresh, { ...soc, id: '0a1b-guid', timeColumn }, [contoso, fresh]),
      changed(/belongs to the workspace contoso already.*workspaces rename contoso fabrikam/)
    )
  }
})
