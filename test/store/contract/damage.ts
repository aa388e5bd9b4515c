import type { Test } from 'tap'
import { cell, d } from '../../support/counts.ts'
import {
  allDays,
  BOUNDS,
  counts,
  did,
  load,
  newBed,
  NOON_MS,
  read,
  told,
  wholeLog,
  type Bed,
  type FreshStore
} from './support.ts'

/** Two final days and a provisional one, of which the first was changed once. */
async function newHistory(t: Test, fresh: FreshStore): Promise<Bed> {
  const bed = await newBed(t, fresh)
  await read(bed, [counts('2026-11-10', cell('Junk', 1)), counts('2026-11-11', cell('Junk', 2))])
  await read(bed, [counts('2026-11-10', cell('Inbox', 3)), counts('2026-11-19', cell('Junk', 4))])
  return bed
}

const day10 = d('2026-11-10')

export function damageContract(t: Test, fresh: FreshStore): void {
  t.test('a store in which nothing is damaged has nothing to heal and nothing to tell', async (t) => {
    const bed = await newHistory(t, fresh)
    t.strictSame(await bed.store.heal(bed.contoso), { healed: [], damaged: [] })
    t.strictSame(await bed.store.verify(), [])
  })

  t.test('a damaged day is served as missing, without counts, and marked', async (t) => {
    const bed = await newHistory(t, fresh)
    await bed.under.damageDay(bed.contoso, day10)

    const [first, ...others] = await allDays(bed)
    t.match(first, { day: '2026-11-10', state: 'missing', damaged: true })
    t.strictSame(first?.cells, [])
    t.strictSame(
      others.map(({ day, damaged }) => [day, damaged]),
      [
        ['2026-11-11', false],
        ['2026-11-19', false]
      ]
    )
    t.match((await bed.store.facts(bed.contoso)).coverage[0], { day: '2026-11-10', state: 'missing', damaged: true })
    t.match(await bed.store.verify(), [/2026-11-10/])
  })

  t.test(
    'a damaged day is put back from its last entry: same state, counts and revision, and no new entry',
    async (t) => {
      const bed = await newHistory(t, fresh)
      const before = [await allDays(bed), await wholeLog(bed)]
      await bed.under.damageDay(bed.contoso, day10)
      await bed.clock.advance(60_000)

      t.strictSame(await bed.store.heal(bed.contoso), { healed: ['2026-11-10'], damaged: [] })
      t.strictSame([await allDays(bed), await wholeLog(bed)], before)
      t.strictSame(await bed.store.verify(), [])
    }
  )

  t.test(
    'a day whose last entry is damaged as well stays damaged, and is not put back from an older one',
    async (t) => {
      const bed = await newHistory(t, fresh)
      await bed.under.damageDay(bed.contoso, day10)
      await bed.under.damageEntry(bed.contoso, NOON_MS + 2)

      t.strictSame(await bed.store.heal(bed.contoso), { healed: [], damaged: ['2026-11-10'] })
      t.match((await allDays(bed))[0], { day: '2026-11-10', state: 'missing', damaged: true })
    }
  )

  t.test('a day that could not be healed is read again like a missing one, and is whole then', async (t) => {
    const bed = await newHistory(t, fresh)
    await bed.under.damageDay(bed.contoso, day10)
    await bed.under.damageEntry(bed.contoso, NOON_MS + 2)
    const applied = await read(bed, [counts('2026-11-10', cell('Junk', 9))])

    t.strictSame(did(applied), { stored: ['2026-11-10'], changed: ['2026-11-10'] })
    t.strictSame((await told(bed))[0], ['2026-11-10', 'final', 'Junk 9'])
    t.equal((await allDays(bed))[0]?.damaged, false)
  })

  t.test('a damaged day is put back before an answer is compared with it: an older one is dropped', async (t) => {
    const bed = await newHistory(t, fresh)
    const before = await allDays(bed)
    await bed.under.damageDay(bed.contoso, day10)

    t.strictSame(did(await read(bed, [counts('2026-11-10', cell('Junk', 1))], { askedAt: NOON_MS })), {
      dropped: ['2026-11-10']
    })
    t.strictSame(await allDays(bed), before)
  })

  t.test('no event is not believed over a damaged day, by a reading or a file, but by force', async (t) => {
    const bed = await newHistory(t, fresh)
    await bed.under.damageDay(bed.contoso, day10)
    await bed.under.damageEntry(bed.contoso, NOON_MS + 2)

    t.strictSame(did(await read(bed, [counts('2026-11-10')])), { shrunk: ['2026-11-10'] })
    t.strictSame(did(await load(bed, [counts('2026-11-10')])), { shrunk: ['2026-11-10'] })
    t.match((await allDays(bed))[0], { state: 'missing', damaged: true, shrunk: true })
    t.strictSame(did(await read(bed, [counts('2026-11-10')], { force: true })), {
      stored: ['2026-11-10'],
      changed: ['2026-11-10']
    })
  })

  t.test('a damaged day is not lost, and gives the others no other first day', async (t) => {
    const bed = await newHistory(t, fresh)
    await bed.under.damageDay(bed.contoso, d('2026-11-11'))

    t.strictSame(await bed.store.markLost(bed.contoso, d('2026-11-14')), ['2026-11-12', '2026-11-13'])
  })

  t.test('a damaged entry is never served as a change', async (t) => {
    const bed = await newHistory(t, fresh)
    await bed.under.damageEntry(bed.contoso, NOON_MS + 1)

    await t.rejects(bed.store.changes(bed.contoso, 0, 10), { code: 'store-unavailable', message: /contoso/ })
    t.strictSame((await bed.store.changes(bed.contoso, NOON_MS + 1, 10))?.entries.length, 2, 'later ones still are')
    t.strictSame((await told(bed)).length, 3, 'and the days are as they were')
    t.ok((await bed.store.verify()).length > 0)
  })

  t.test('healing one workspace leaves the others as they are', async (t) => {
    const bed = await newHistory(t, fresh)
    const fabrikam = { ...bed, contoso: await bed.store.ensureWorkspace('fabrikam') }
    await read(fabrikam, [counts('2026-11-10', cell('Junk', 1))], { bounds: BOUNDS })
    for (const workspace of [bed.contoso, fabrikam.contoso]) await bed.under.damageDay(workspace, day10)
    await bed.store.heal(bed.contoso)

    t.equal((await allDays(bed))[0]?.damaged, false)
    t.equal((await allDays(fabrikam))[0]?.damaged, true)
  })
}
