import type { Test } from 'tap'
import { cell, d } from '../../support/counts.ts'
import { answer, BINDING, BOUNDS, counts, newBed, NOON_MS, read, told, type FreshStore } from './support.ts'

const at = (ms: number): Date => new Date(NOON_MS + ms)

export function bindingContract(t: Test, fresh: FreshStore): void {
  t.test(
    'what the source showed is kept with the first day to ask for, when it was asked, and the retention',
    async (t) => {
      const { store, contoso } = await newBed(t, fresh)
      await store.recordBounds(contoso, answer({ askedAt: at(7), retentionDays: 30, firstAsked: d('2026-10-22') }))

      t.strictSame(await store.facts(contoso), {
        revision: 0,
        bounds: { ...BOUNDS, askedAt: NOON_MS + 7, firstDue: '2026-10-22', retentionDays: 30 },
        firstAsked: '2026-10-22',
        coverage: []
      })
    }
  )

  t.test('bounds without any proof are kept as such', async (t) => {
    const { store, contoso } = await newBed(t, fresh)
    await store.recordBounds(contoso, answer({ bounds: { ...BOUNDS, proof: null } }))

    t.equal((await store.facts(contoso)).bounds?.proof, null)
  })

  t.test('the answer to an earlier question is dropped, the one to a later or the same instant is kept', async (t) => {
    const { store, contoso } = await newBed(t, fresh)
    const record = async (ms: number, lastArrival: string): Promise<unknown> => {
      await store.recordBounds(contoso, answer({ askedAt: at(ms), bounds: { ...BOUNDS, lastArrival: d(lastArrival) } }))
      return (await store.facts(contoso)).bounds?.lastArrival
    }

    t.equal(await record(1_000, '2026-11-10'), '2026-11-10')
    t.equal(await record(999, '2026-11-11'), '2026-11-10')
    t.equal(await record(1_000, '2026-11-12'), '2026-11-12')
    t.equal(await record(1_001, '2026-11-13'), '2026-11-13')
  })

  t.test('bounds may move back: a source that shows less later shows less', async (t) => {
    const { store, contoso } = await newBed(t, fresh)
    await store.recordBounds(contoso, answer({ askedAt: at(0) }))
    const bounds = { ...BOUNDS, lastArrival: d('2026-11-02'), proof: d('2026-11-02') }
    await store.recordBounds(contoso, answer({ askedAt: at(1), bounds }))

    t.match((await store.facts(contoso)).bounds, bounds)
  })

  t.test('the first day ever asked for is the oldest of all, and stays', async (t) => {
    const { store, contoso } = await newBed(t, fresh)
    const firstAsked = async (day: string | null): Promise<unknown> => {
      await store.recordBounds(contoso, answer({ firstAsked: day === null ? null : d(day) }))
      return (await store.facts(contoso)).firstAsked
    }

    t.equal(await firstAsked(null), null)
    t.equal(await firstAsked('2026-11-05'), '2026-11-05')
    t.equal(await firstAsked('2026-11-01'), '2026-11-01')
    t.equal(await firstAsked('2026-11-09'), '2026-11-01')
    t.equal(await firstAsked(null), '2026-11-01')
  })

  t.test('bounds are no change of a day: they take no revision', async (t) => {
    const bed = await newBed(t, fresh)
    await read(bed, [counts('2026-11-19')])
    await bed.store.recordBounds(bed.contoso, answer())

    t.equal(await bed.store.revision(bed.contoso), NOON_MS)
  })

  t.test('the first bounds bind the name, and later ones of the same source find it bound', async (t) => {
    const { store, contoso } = await newBed(t, fresh)
    await store.recordBounds(contoso, answer())
    t.strictSame((await store.findWorkspace('contoso'))?.binding, BINDING)

    await store.recordBounds(contoso, answer({ askedAt: at(1) }))
    t.strictSame((await store.findWorkspace('contoso'))?.binding, BINDING)
    await store.recordBounds(
      await store.ensureWorkspace('tenant'),
      answer({ binding: { kind: 'graph', id: 'x', timeColumn: null } })
    )
    t.strictSame((await store.findWorkspace('tenant'))?.binding, { kind: 'graph', id: 'x', timeColumn: null })
  })

  t.test('a name that is bound takes no bounds of another source, and keeps what it has', async (t) => {
    const { store, contoso } = await newBed(t, fresh)
    await store.recordBounds(contoso, answer())
    const before = await store.facts(contoso)

    for (const other of [{ kind: 'graph' }, { id: 'another-guid' }, { timeColumn: 'TimeGenerated' }]) {
      const record = answer({ binding: { ...BINDING, ...other }, askedAt: at(9), firstAsked: d('2020-01-01') })
      await t.rejects(store.recordBounds(contoso, record), {
        code: 'source-changed',
        message: /workspaces bind contoso/
      })
    }
    t.strictSame(await store.facts(contoso), before)
    t.strictSame((await store.findWorkspace('contoso'))?.binding, BINDING)
  })

  t.test('what was bound meanwhile counts, and not what the caller remembers', async (t) => {
    const { store, contoso, under, clock } = await newBed(t, fresh)
    await (await under.open(clock)).recordBounds(contoso, answer())
    t.equal(contoso.binding, null)

    const record = answer({ binding: { ...BINDING, id: 'another-guid' } })
    await t.rejects(store.recordBounds(contoso, record), { code: 'source-changed' })
  })

  t.test('a new name takes no id that another name holds', async (t) => {
    const { store, contoso } = await newBed(t, fresh)
    await store.recordBounds(contoso, answer())
    const fabrikam = await store.ensureWorkspace('fabrikam')

    await t.rejects(store.recordBounds(fabrikam, answer()), {
      code: 'source-changed',
      message: /workspaces rename contoso fabrikam/
    })
    t.equal((await store.findWorkspace('fabrikam'))?.binding, null)
    t.equal((await store.facts(fabrikam)).bounds, null)
  })

  t.test('a name that was renamed goes on with its source', async (t) => {
    const { store, contoso } = await newBed(t, fresh)
    await store.recordBounds(contoso, answer())
    await store.renameWorkspace(contoso, 'fabrikam')

    const fabrikam = await store.ensureWorkspace('fabrikam')
    await store.recordBounds(fabrikam, answer({ askedAt: at(1) }))
    t.equal((await store.facts(fabrikam)).bounds?.askedAt, NOON_MS + 1)
  })

  t.test('unbinding forgets the binding and the kept bounds, and no day; the next bounds bind anew', async (t) => {
    const bed = await newBed(t, fresh)
    const { store, contoso } = bed
    await store.recordBounds(contoso, answer({ askedAt: at(5), firstAsked: d('2026-11-01') }))
    await read(bed, [counts('2026-11-19', cell('Junk', 1))])
    await store.unbindWorkspace(contoso)

    t.equal((await store.findWorkspace('contoso'))?.binding, null)
    t.match(await store.facts(contoso), { bounds: null, firstAsked: '2026-11-01' })
    t.strictSame(await told(bed), [['2026-11-19', 'provisional', 'Junk 1']])

    await store.recordBounds(contoso, answer({ binding: { ...BINDING, id: 'new-guid' }, askedAt: at(1) }))
    t.equal((await store.findWorkspace('contoso'))?.binding?.id, 'new-guid')
    t.equal((await store.facts(contoso)).bounds?.askedAt, NOON_MS + 1)
  })
}
