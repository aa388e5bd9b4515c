import type { Test } from 'tap'
import { cell } from '../../support/counts.ts'
import { allDays, answer, counts, newBed, NOON, read, told, wholeLog, type FreshStore } from './support.ts'

export function workspaceContract(t: Test, fresh: FreshStore): void {
  t.test('a new store holds no workspace', async (t) => {
    const { store, contoso } = await newBed(t, fresh)
    await store.removeWorkspace(contoso)

    t.strictSame(await store.workspaces(), [])
    t.equal(await store.findWorkspace('contoso'), undefined)
  })

  t.test('a workspace is made once, and found by its name', async (t) => {
    const { store, contoso } = await newBed(t, fresh)

    t.match(contoso, { name: 'contoso', binding: null, holdsDays: false })
    t.strictSame(await store.ensureWorkspace('contoso'), contoso)
    t.strictSame(await store.findWorkspace('contoso'), contoso)
    t.strictSame(await store.workspaces(), [contoso])
  })

  t.test('workspaces come by name', async (t) => {
    const { store } = await newBed(t, fresh)
    for (const name of ['zeta', 'alpha', 'Beta', 'delta']) await store.ensureWorkspace(name)

    t.strictSame(
      (await store.workspaces()).map(({ name }) => name),
      ['Beta', 'alpha', 'contoso', 'delta', 'zeta']
    )
  })

  t.test('two processes that make the same workspace at once make one', async (t) => {
    const { store, under, clock } = await newBed(t, fresh)
    const other = await under.open(clock)
    const names = ['a', 'b', 'c']

    const made = await Promise.all([...names, ...names].map((name, i) => (i < 3 ? store : other).ensureWorkspace(name)))

    t.strictSame(made.slice(0, 3), made.slice(3))
    t.equal((await other.workspaces()).length, 4)
  })

  t.test('a new workspace knows nothing', async (t) => {
    const { store, contoso } = await newBed(t, fresh)

    t.equal(await store.revision(contoso), 0)
    t.strictSame(await store.facts(contoso), { revision: 0, bounds: null, firstAsked: null, coverage: [] })
    t.strictSame(await allDays({ store, contoso }), [])
    t.strictSame(await store.changes(contoso, 0, 10), { entries: [], more: false })
    t.strictSame(await store.labels(contoso, 'actionType'), [])
    t.strictSame(await store.momentOf(contoso, 0), { revision: 0, changedAt: null })
    t.equal(await store.lastSuccessAt(contoso), null)
  })

  t.test('a workspace holds days as soon as one has a row', async (t) => {
    const bed = await newBed(t, fresh)
    await read(bed, [counts('2026-11-19', cell('Junk', 1))])

    t.equal((await bed.store.findWorkspace('contoso'))?.holdsDays, true)
  })

  t.test('a workspace keeps its days, its log and its key under a new name', async (t) => {
    const bed = await newBed(t, fresh)
    await read(bed, [counts('2026-11-19', cell('Junk', 1))])
    await bed.store.renameWorkspace(bed.contoso, 'fabrikam')

    t.equal(await bed.store.findWorkspace('contoso'), undefined)
    const fabrikam = await bed.store.ensureWorkspace('fabrikam')
    t.equal(fabrikam.key, bed.contoso.key)
    t.strictSame(await told({ ...bed, contoso: fabrikam }), [['2026-11-19', 'provisional', 'Junk 1']])
    t.equal((await wholeLog({ ...bed, contoso: fabrikam })).length, 1)
  })

  t.test('a name that another workspace has is refused, its own is not', async (t) => {
    const { store, contoso } = await newBed(t, fresh)
    await store.ensureWorkspace('fabrikam')

    await t.rejects(store.renameWorkspace(contoso, 'fabrikam'), { code: 'invalid-request', message: /fabrikam/ })
    await store.renameWorkspace(contoso, 'contoso')
    t.strictSame(
      (await store.workspaces()).map(({ name }) => name),
      ['contoso', 'fabrikam']
    )
  })

  t.test('removing a workspace leaves nothing of it, and all of the others', async (t) => {
    const bed = await newBed(t, fresh)
    const { store, contoso } = bed
    const fabrikam = await store.ensureWorkspace('fabrikam')
    for (const workspace of [contoso, fabrikam]) {
      await read({ store, contoso: workspace }, [counts('2026-11-19', cell('Junk', 1))])
    }
    const before = await told({ store, contoso: fabrikam })

    await store.removeWorkspace(contoso)

    t.strictSame(await told({ store, contoso: fabrikam }), before)
    const again = await store.ensureWorkspace('contoso')
    t.not(again.key, contoso.key, 'a key is never used again')
    t.strictSame(await told({ store, contoso: again }), [])
    t.strictSame(await store.changes(again, 0, 10), { entries: [], more: false })
    t.strictSame(await store.labels(again, 'deliveryLocation'), [])
  })

  t.test('a workspace that was removed takes no more writes, and says so', async (t) => {
    const bed = await newBed(t, fresh)
    await bed.store.removeWorkspace(bed.contoso)
    const gone = { code: 'unknown-workspace', message: /contoso/ }

    await t.rejects(bed.store.revision(bed.contoso), gone)
    const terms = { askedAt: 0, bounds: answer().bounds, force: false }
    await t.rejects(bed.store.applyReading(bed.contoso, [counts('2026-11-19')], terms), gone)
    await t.rejects(bed.store.recordBounds(bed.contoso, answer()), gone)
    t.strictSame(await bed.store.workspaces(), [])
  })

  t.test('all that was written is there when the store is opened again', async (t) => {
    const bed = await newBed(t, fresh)
    const { store, contoso, clock, under } = bed
    await store.recordBounds(contoso, answer({ firstAsked: answer().bounds.firstArrival }))
    await read(bed, [counts('2026-11-12', cell('Junk', 2), cell('Inbox', 1)), counts('2026-11-19')])
    const before = [await store.workspaces(), await store.facts(contoso), await allDays(bed), await wholeLog(bed)]
    await store.checkpoint()
    await store.close()

    const again = { store: await under.open(clock), contoso }

    const after = [await again.store.workspaces(), await again.store.facts(contoso), await allDays(again)]
    t.strictSame([...after, await wholeLog(again)], before)
  })

  t.test('a store that is closed can be closed again, and otherwise is not available', async (t) => {
    const { store, contoso } = await newBed(t, fresh)
    await store.close()
    await store.close()

    const unavailable = { code: 'store-unavailable' }
    await t.rejects(store.workspaces(), unavailable)
    await t.rejects(store.revision(contoso), unavailable)
    await t.rejects(store.ensureWorkspace('new'), unavailable)
    await t.rejects(store.recordBounds(contoso, answer({ askedAt: new Date(NOON) })), unavailable)
    await t.rejects(store.checkpoint(), unavailable)
  })
}
