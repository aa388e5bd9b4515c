import { setImmediate as turn } from 'node:timers/promises'
import type { Test } from 'tap'
import type { SeriesStore, Workspace } from '../../../src/model/store.ts'
import { cell } from '../../support/counts.ts'
import { counts, load, newBed, type FreshStore } from './support.ts'

export function atOnceContract(t: Test, fresh: FreshStore): void {
  t.test('a revision that is told at once is the last one, whoever wrote it', async (t) => {
    const bed = await newBed(t, fresh)
    const { store, under, clock, contoso } = bed
    const other = await under.open(clock)
    await rightOrUnknown(t, store, contoso, 'empty')
    await load(bed, [counts('2026-11-01', cell('Inbox', 1))])
    await rightOrUnknown(t, store, contoso, 'as it was before it held days')
    const held = (await store.findWorkspace('contoso')) ?? contoso
    await rightOrUnknown(t, store, held, 'after a write of its own')
    await load({ store: other, contoso }, [counts('2026-11-02', cell('Inbox', 2))])
    await clock.advance(1_000)
    await rightOrUnknown(t, store, held, 'after a write of another')
  })

  t.test('no revision is told at once of a workspace that is not as it is given', async (t) => {
    const { store, contoso } = await newBed(t, fresh)
    await store.ensureWorkspace('fabrikam')
    t.equal(store.lastRevision({ ...contoso, key: contoso.key + 1 }), undefined, 'another has the name')
    t.equal(store.lastRevision({ ...contoso, binding: { kind: 'graph', id: 'x', timeColumn: null } }), undefined)
    await store.renameWorkspace(contoso, 'northwind')
    t.equal(store.lastRevision(contoso), undefined, 'renamed')
    const northwind = (await store.findWorkspace('northwind')) ?? contoso
    await rightOrUnknown(t, store, northwind, 'by its new name')
    await store.removeWorkspace(northwind)
    t.equal(store.lastRevision(northwind), undefined, 'removed')
  })

  t.test('the number of the last write is another after every write, whoever wrote', async (t) => {
    const bed = await newBed(t, fresh)
    const { store, under, clock, contoso } = bed
    const other = await under.open(clock)
    const seen = [store.lastWrite()]
    t.equal(store.lastWrite(), seen[0], 'nothing was written')
    const writes: (() => Promise<unknown>)[] = [
      () => load(bed, [counts('2026-11-01', cell('Inbox', 1))]),
      () => load({ store: other, contoso }, [counts('2026-11-02', cell('Inbox', 2))]),
      () => other.ensureWorkspace('fabrikam'),
      () => store.renameWorkspace(contoso, 'northwind')
    ]
    for (const write of writes) {
      await write()
      // What another process has written is known within a second, and once something was asked for anew.
      await clock.advance(1_000)
      await store.workspaces()
      const now = store.lastWrite()
      if (now !== undefined) t.notOk(seen.includes(now))
      seen.push(now)
    }
  })

  t.test('a store that is closed tells nothing at once', async (t) => {
    const { store, contoso } = await newBed(t, fresh)
    await store.close()
    await turn()
    t.equal(store.lastRevision(contoso), undefined)
    t.equal(store.lastWrite(), undefined)
  })
}

/** A store may know nothing at once; what it does know has to be right. */
async function rightOrUnknown(t: Test, store: SeriesStore, workspace: Workspace, when: string): Promise<void> {
  const now = await store.findWorkspace(workspace.name)
  const asGiven = JSON.stringify(now) === JSON.stringify(workspace)
  const expected = asGiven ? await store.revision(workspace) : undefined
  for (const told of [store.lastRevision(workspace), store.lastRevision(workspace)]) {
    if (told !== undefined) t.equal(told, expected, when)
  }
}
