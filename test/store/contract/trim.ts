import type { Test } from 'tap'
import { eachDay } from '../../../src/model/day.ts'
import { cell, d } from '../../support/counts.ts'
import {
  ALL_DAYS,
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

const DAY_MS = 86_400_000

/** Three days, changed on the first, the second and the fourth day of what is kept of them. */
async function changedOnFourDays(bed: Bed): Promise<void> {
  await read(bed, [counts('2026-11-10', cell('Junk', 1)), counts('2026-11-12', cell('Junk', 2))])
  await bed.clock.advance(DAY_MS)
  await read(bed, [counts('2026-11-12', cell('Junk', 3)), counts('2026-11-11', cell('Inbox', 1))])
  await bed.clock.advance(2 * DAY_MS)
  await load(bed, [counts('2026-11-12')], { replace: true })
}

async function shortLog(bed: Bed): Promise<string[][]> {
  return (await wholeLog(bed)).map(({ day, cells, previous }) => [
    day,
    cells.map(tellCell).join(),
    previous === null ? 'first' : previous.cells.map(tellCell).join()
  ])
}

export function trimContract(t: Test, fresh: FreshStore): void {
  t.test('of forgotten changes each day keeps the one in force, and later ones stay as they are', async (t) => {
    const bed = await newBed(t, fresh)
    const { store, contoso } = bed
    await changedOnFourDays(bed)
    const before = await store.readDays(contoso, ALL_DAYS)

    t.equal(await store.trimLog(contoso, new Date(NOON_MS + 2 * DAY_MS)), 1)

    t.strictSame(await shortLog(bed), [
      ['2026-11-10', 'Junk 1', 'first'],
      ['2026-11-11', 'Inbox 1', 'first'],
      ['2026-11-12', 'Junk 3', 'first'],
      ['2026-11-12', '', 'Junk 3']
    ])
    t.strictSame(JSON.stringify(await store.readDays(contoso, ALL_DAYS)), JSON.stringify(before))
    t.strictSame(await store.verify(), [])
    t.equal(await store.trimLog(contoso, new Date(NOON_MS + 2 * DAY_MS)), 0, 'once is enough')
  })

  t.test('what is told of the past begins where all of it is kept', async (t) => {
    const bed = await newBed(t, fresh)
    const { store, contoso } = bed
    t.strictSame(await store.keptSince(contoso), { revision: 0, changedAt: null })
    await changedOnFourDays(bed)
    const log = await wholeLog(bed)
    const [first, , , second] = log.map(({ revision }) => revision)
    const then = await store.readDays(contoso, ALL_DAYS, second)
    t.strictSame(await store.keptSince(contoso), { revision: 0, changedAt: null }, 'all of it, as yet')

    await store.trimLog(contoso, new Date(NOON_MS + 2 * DAY_MS))

    t.strictSame(await store.keptSince(contoso), { revision: second, changedAt: new Date(NOON_MS + DAY_MS) })
    t.strictSame(JSON.stringify(await store.readDays(contoso, ALL_DAYS, second)), JSON.stringify(then))
    await t.rejects(store.readDays(contoso, ALL_DAYS, first ?? 0), { code: 'store-unavailable' })
    t.equal(
      await store.changes(contoso, first ?? 0, 10),
      undefined,
      'an older cursor is gone, also of an entry that stays'
    )
    t.equal((await store.changes(contoso, second ?? 0, 10))?.entries.length, 1)
  })

  t.test('nothing is forgotten where all changes are younger, and the newest are never', async (t) => {
    const bed = await newBed(t, fresh)
    const { store, contoso } = bed
    await changedOnFourDays(bed)
    t.equal(await store.trimLog(contoso, new Date(NOON_MS)), 0)
    t.equal((await wholeLog(bed)).length, 5)

    t.equal(await store.trimLog(contoso, new Date(NOON_MS + 365 * DAY_MS)), 2)
    t.strictSame(
      (await shortLog(bed)).map(([day]) => day),
      ['2026-11-10', '2026-11-11', '2026-11-12']
    )
    await read(bed, [counts('2026-11-13', cell('Junk', 9))])
    t.equal((await wholeLog(bed)).length, 4, 'and it goes on')
    t.strictSame(await store.verify(), [])
  })

  t.test('a log of any length is cut short to its end, and what is left is told from its beginning', async (t) => {
    const bed = await newBed(t, fresh)
    const days = eachDay({ from: d('2026-01-01'), to: d('2026-07-29') })
    for (const count of [1, 2]) {
      const file = days.map((day) => counts(day, cell('Junk', count)))
      await load(bed, file, { replace: true })
    }
    await bed.clock.advance(DAY_MS)
    await load(bed, [counts('2026-01-01', cell('Junk', 3))], { replace: true })

    t.equal(await bed.store.trimLog(bed.contoso, new Date(NOON_MS + DAY_MS)), 210)
    t.strictSame(
      (await wholeLog(bed)).map(({ day, cells }) => [day, cells.map(tellCell).join()]),
      [...days.map((day) => [day, 'Junk 2']), ['2026-01-01', 'Junk 3']]
    )
    t.strictSame(await bed.store.verify(), [])
  })

  t.test('a damaged entry that would stay keeps all of them', async (t) => {
    const bed = await newBed(t, fresh)
    const { store, contoso, under } = bed
    await changedOnFourDays(bed)
    const [, , entry] = await wholeLog(bed)
    await under.damageEntry(contoso, entry?.revision ?? 0)
    await t.rejects(store.trimLog(contoso, new Date(NOON_MS + 2 * DAY_MS)), { code: 'store-unavailable' })
    t.strictSame(await store.keptSince(contoso), { revision: 0, changedAt: null })
  })
}
