import type { Test } from 'tap'
import type { StoredDay } from '../../../src/model/reading.ts'
import type { Revision } from '../../../src/model/revision.ts'
import { cell, d } from '../../support/counts.ts'
import {
  ALL_DAYS,
  BOUNDS,
  counts,
  load,
  newBed,
  NOON_MS,
  read,
  tellCell,
  wholeLog,
  type Bed,
  type FreshStore
} from './support.ts'

/** Four transactions: two days, one of them again, a lost day between, and one replaced by a file. */
async function fourTransactions(bed: Bed): Promise<void> {
  await read(bed, [counts('2026-11-10', cell('Junk', 1)), counts('2026-11-12', cell('Junk', 2))])
  await bed.clock.advance(1_000)
  await read(bed, [counts('2026-11-12', cell('Junk', 3))])
  await bed.clock.advance(1_000)
  await bed.store.markLost(bed.contoso, d('2026-11-12'))
  await bed.clock.advance(1_000)
  await load(bed, [counts('2026-11-12')], { replace: true })
}

export function logContract(t: Test, fresh: FreshStore): void {
  t.test('each change of a day leaves an entry, beside the one that it replaces', async (t) => {
    const bed = await newBed(t, fresh)
    await fourTransactions(bed)

    const log = await wholeLog(bed)
    t.strictSame(
      log.map(({ day, state, cells, changedAt, previous }) => [
        day,
        state,
        cells.map(tellCell).join(),
        changedAt.getTime() - NOON_MS,
        previous?.revision ?? null
      ]),
      [
        ['2026-11-10', 'final', 'Junk 1', 0, null],
        ['2026-11-12', 'final', 'Junk 2', 0, null],
        ['2026-11-12', 'final', 'Junk 3', 1_000, log[1]?.revision],
        ['2026-11-11', 'lost', '', 2_000, null],
        ['2026-11-12', 'final', '', 3_000, log[2]?.revision]
      ]
    )
  })

  t.test('a revision is the milliseconds of its instant, or the one after the last', async (t) => {
    const bed = await newBed(t, fresh)
    await fourTransactions(bed)

    t.strictSame(
      (await wholeLog(bed)).map(({ revision }) => revision - NOON_MS),
      [0, 1, 1_000, 2_000, 3_000]
    )
    t.equal(await bed.store.revision(bed.contoso), NOON_MS + 3_000)
  })

  t.test('when the clock is set back, revisions rise by one, and instants do not fall', async (t) => {
    const bed = await newBed(t, fresh)
    await read(bed, [counts('2026-11-10')])
    await bed.clock.set('2026-10-20T12:00:00Z')
    await read(bed, [counts('2026-11-11'), counts('2026-11-12')])

    const log = await wholeLog(bed)
    t.strictSame(
      log.map(({ revision }) => revision - NOON_MS),
      [0, 1, 2]
    )
    t.ok(log.every(({ changedAt }) => changedAt.getTime() >= NOON_MS))
    t.strictSame(log[1]?.changedAt, log[2]?.changedAt, 'all of a transaction carry one instant')
  })

  t.test('the revisions of a workspace do not depend on another one', async (t) => {
    const bed = await newBed(t, fresh)
    const fabrikam = { ...bed, contoso: await bed.store.ensureWorkspace('fabrikam') }
    await read(bed, [counts('2026-11-10'), counts('2026-11-11'), counts('2026-11-12')])
    await read(fabrikam, [counts('2026-11-10')])

    t.equal(await bed.store.revision(bed.contoso), NOON_MS + 2)
    t.equal(await bed.store.revision(fabrikam.contoso), NOON_MS)
    t.equal((await wholeLog(fabrikam)).length, 1)
  })

  t.test(
    'the log is read on from any revision in it, oldest first, in pages that say whether there is more',
    async (t) => {
      const bed = await newBed(t, fresh)
      await fourTransactions(bed)
      const revisions = (await wholeLog(bed)).map(({ revision }) => revision)

      for (const [i, since] of [0, ...revisions].entries()) {
        for (const limit of [1, 2, 4, 5, 6]) {
          const page = await bed.store.changes(bed.contoso, since, limit)
          t.strictSame(
            { revisions: page?.entries.map(({ revision }) => revision), more: page?.more },
            { revisions: revisions.slice(i, i + limit), more: i + limit < revisions.length },
            `${limit} after ${i}`
          )
        }
      }
    }
  )

  t.test('a cursor that is no revision of this log is known to be unknown', async (t) => {
    const bed = await newBed(t, fresh)
    const fabrikam = { ...bed, contoso: await bed.store.ensureWorkspace('fabrikam') }
    await read(bed, [counts('2026-11-10')])
    await bed.clock.advance(5_000)
    await read(fabrikam, [counts('2026-11-10')])

    for (const since of [1, NOON_MS - 1, NOON_MS + 1, NOON_MS + 5_000, Number.MAX_SAFE_INTEGER]) {
      t.equal(await bed.store.changes(bed.contoso, since, 10), undefined, `${since}`)
    }
    t.strictSame(await bed.store.changes(bed.contoso, NOON_MS, 10), { entries: [], more: false })
  })

  // --- as of ----------------------------------------------------------------------------------------------------

  t.test('what was served at a revision can be read again at that revision', async (t) => {
    const bed = await newBed(t, fresh)
    const served: { revision: Revision; days: readonly StoredDay[] }[] = []
    const serve = async (): Promise<void> => {
      served.push(await bed.store.readDays(bed.contoso, ALL_DAYS))
    }
    await serve()
    await read(bed, [counts('2026-11-10', cell('Junk', 1)), counts('2026-11-19', cell('Junk', 2))])
    await serve()
    await read(bed, [counts('2026-11-19', cell('Junk', 3))])
    await serve()
    await bed.clock.set('2026-10-20T12:00:00Z')
    await bed.store.markLost(bed.contoso, d('2026-11-13'))
    await serve()
    await load(bed, [counts('2026-11-11', cell('Junk', 4))])
    await serve()
    t.equal(new Set(served.map(({ revision }) => revision)).size, 5)

    for (const { revision, days } of served) {
      const moment = await bed.store.momentOf(bed.contoso, revision)
      t.equal(moment?.revision, revision, 'what was served is the end of a transaction, also within one millisecond')
      t.strictSame(await bed.store.readDays(bed.contoso, ALL_DAYS, revision), { revision, days })
    }
  })

  t.test('a revision within a transaction means the end of it', async (t) => {
    const bed = await newBed(t, fresh)
    await read(bed, [counts('2026-11-10'), counts('2026-11-11'), counts('2026-11-12')])
    await bed.clock.advance(1_000)
    await read(bed, [counts('2026-11-13')])

    for (const revision of [NOON_MS, NOON_MS + 1, NOON_MS + 2, NOON_MS + 999]) {
      t.strictSame(await bed.store.momentOf(bed.contoso, revision), {
        revision: NOON_MS + 2,
        changedAt: new Date(NOON_MS)
      })
    }
    t.match(await bed.store.momentOf(bed.contoso, NOON_MS + 1_000), { revision: NOON_MS + 1_000 })
  })

  t.test('before the first revision nothing was stored, and above the last there is none', async (t) => {
    const bed = await newBed(t, fresh)
    await read(bed, [counts('2026-11-10')])

    for (const at of [0, 1, NOON_MS - 1, new Date(NOON_MS - 1)]) {
      t.strictSame(await bed.store.momentOf(bed.contoso, at), { revision: 0, changedAt: null })
    }
    t.strictSame(await bed.store.readDays(bed.contoso, ALL_DAYS, 0), { revision: 0, days: [] })
    t.equal(await bed.store.momentOf(bed.contoso, NOON_MS + 1), undefined)
  })

  t.test('a time means the last transaction whose instant is not after it', async (t) => {
    const bed = await newBed(t, fresh)
    await fourTransactions(bed)
    const at = async (ms: number): Promise<number | undefined> => {
      const moment = await bed.store.momentOf(bed.contoso, new Date(NOON_MS + ms))
      return moment && moment.revision - NOON_MS
    }

    t.strictSame(
      [await at(0), await at(999), await at(1_000), await at(2_500), await at(3_000)],
      [1, 1, 1_000, 2_000, 3_000]
    )
    t.equal(await at(1e9), 3_000, 'the last one holds on')
  })

  t.test('the days of a past revision are those of the range, oldest first, with the states of then', async (t) => {
    const bed = await newBed(t, fresh)
    const day = counts('2026-11-15', cell('Junk', 1))
    await read(bed, [day, counts('2026-11-12')])
    const past = await bed.store.revision(bed.contoso)
    await bed.clock.advance(1_000)
    await read(bed, [day, counts('2026-11-14')], { bounds: { ...BOUNDS, proof: d('2026-11-16') } })

    const { days } = await bed.store.readDays(bed.contoso, { from: d('2026-11-13'), to: d('2026-11-20') }, past)
    t.strictSame(
      days.map(({ day, state, revision }) => [day, state, revision]),
      [['2026-11-15', 'provisional', past]]
    )
  })
}
