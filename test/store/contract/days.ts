import { setImmediate as turn } from 'node:timers/promises'
import type { Test } from 'tap'
import { foldCells, MAX_CELLS_PER_DAY, type CellCount } from '../../../src/model/cube.ts'
import { eachDay } from '../../../src/model/day.ts'
import { cell, d } from '../../support/counts.ts'
import {
  ALL_DAYS,
  allDays,
  answer,
  BOUNDS,
  counts,
  did,
  load,
  newBed,
  NOON_MS,
  read,
  told,
  wholeLog,
  type FreshStore
} from './support.ts'

export function dayContract(t: Test, fresh: FreshStore): void {
  t.test('a reading is stored as its rule says, and tells what it did with each day', async (t) => {
    const bed = await newBed(t, fresh)
    const applied = await read(bed, [
      counts('2026-11-21', cell('Junk', 1)),
      counts('2026-11-12', cell('Junk', 2)),
      counts('2026-11-13'),
      counts('2026-09-30', cell('Junk', 4))
    ])

    t.strictSame(did(applied), {
      stored: ['2026-11-12', '2026-11-13'],
      changed: ['2026-11-12', '2026-11-13'],
      dropped: ['2026-09-30', '2026-11-21']
    })
    t.strictSame(await told(bed), [
      ['2026-11-12', 'final', 'Junk 2'],
      ['2026-11-13', 'provisional']
    ])
  })

  t.test('a stored day has a revision, its folded cells in order, and no mark', async (t) => {
    const bed = await newBed(t, fresh)
    const cells = [cell('Quarantine', 3), cell('Junk', 2), cell('junk', 5)]
    await read(bed, [counts('2026-11-12', ...cells)])

    t.strictSame(await bed.store.readDays(bed.contoso, ALL_DAYS), {
      revision: NOON_MS,
      days: [
        {
          day: '2026-11-12',
          state: 'final',
          revision: NOON_MS,
          cells: [cell('Junk', 7), cell('Quarantine', 3)],
          damaged: false,
          shrunk: false
        }
      ]
    })
  })

  t.test(
    'the days of a range are read oldest first, both ends included, and those without a row left out',
    async (t) => {
      const bed = await newBed(t, fresh)
      await read(
        bed,
        ['2026-11-05', '2026-11-03', '2026-11-02', '2026-11-01'].map((day) => counts(day))
      )
      const daysOf = async (from: string, to: string): Promise<string[]> =>
        (await bed.store.readDays(bed.contoso, { from: d(from), to: d(to) })).days.map(({ day }) => day)

      t.strictSame(await daysOf('2026-11-02', '2026-11-05'), ['2026-11-02', '2026-11-03', '2026-11-05'])
      t.strictSame(await daysOf('2026-11-04', '2026-11-04'), [])
      t.strictSame(await daysOf('2026-11-01', '2026-11-01'), ['2026-11-01'])
    }
  )

  t.test('a day is replaced whole: a label that is gone is gone', async (t) => {
    const bed = await newBed(t, fresh)
    await read(bed, [counts('2026-11-19', cell('Junk', 9), cell('Inbox', 1))])
    await read(bed, [counts('2026-11-19', cell('Quarantine', 2))])

    t.strictSame(await told(bed), [['2026-11-19', 'provisional', 'Quarantine 2']])
  })

  t.test('a reading that changes nothing is accepted, and takes no revision and no entry', async (t) => {
    const bed = await newBed(t, fresh)
    const days = [counts('2026-11-12', cell('Junk', 2)), counts('2026-11-19', cell('Junk', 3)), counts('2026-11-18')]
    await read(bed, days)
    const before = [await allDays(bed), await wholeLog(bed)]
    await bed.clock.advance(60_000)

    t.strictSame(did(await read(bed, days)), { stored: ['2026-11-12', '2026-11-18', '2026-11-19'] })
    t.strictSame([await allDays(bed), await wholeLog(bed)], before)
  })

  t.test('a day that only becomes final takes a revision and an entry', async (t) => {
    const bed = await newBed(t, fresh)
    const day = counts('2026-11-15', cell('Junk', 2))
    await read(bed, [day])
    const applied = await read(bed, [day], { bounds: { ...BOUNDS, proof: d('2026-11-16') } })

    t.strictSame(did(applied), { stored: ['2026-11-15'], changed: ['2026-11-15'] })
    t.strictSame(
      (await wholeLog(bed)).map(({ revision, state, cells }) => [revision, state, cells.length]),
      [
        [NOON_MS, 'provisional', 1],
        [NOON_MS + 1, 'final', 1]
      ]
    )
  })

  t.test('an answer that is older than what was stored meanwhile is dropped', async (t) => {
    const bed = await newBed(t, fresh)
    const slow = await bed.store.revision(bed.contoso)
    await read(bed, [counts('2026-11-19', cell('Junk', 5))])
    const applied = await read(bed, [counts('2026-11-19', cell('Junk', 4)), counts('2026-11-18')], { askedAt: slow })

    t.strictSame(did(applied), { stored: ['2026-11-18'], changed: ['2026-11-18'], dropped: ['2026-11-19'] })
    t.strictSame(await told(bed), [
      ['2026-11-18', 'provisional'],
      ['2026-11-19', 'provisional', 'Junk 5']
    ])
  })

  t.test('an import under a run is not overwritten by the answer to an older question', async (t) => {
    const bed = await newBed(t, fresh)
    const { store, contoso, under, clock } = bed
    const askedAt = await store.revision(contoso)
    await load({ store: await under.open(clock), contoso }, [counts('2026-11-12', cell('Junk', 100))])

    t.strictSame(did(await read(bed, [counts('2026-11-12', cell('Junk', 3))], { askedAt })), {
      dropped: ['2026-11-12']
    })
    t.strictSame(await told(bed), [['2026-11-12', 'final', 'Junk 100']])
  })

  // --- the mark -------------------------------------------------------------------------------------------------

  t.test('a day that comes back empty keeps its counts and is marked, outside state, revision and log', async (t) => {
    const bed = await newBed(t, fresh)
    await read(bed, [counts('2026-11-12', cell('Junk', 2)), counts('2026-11-19', cell('Junk', 3))])
    const [before, log] = [await allDays(bed), await wholeLog(bed)]
    const unmarked = before.map(({ shrunk, ...day }) => day)

    const applied = await read(bed, [counts('2026-11-12'), counts('2026-11-19')])

    t.strictSame(did(applied), { shrunk: ['2026-11-12', '2026-11-19'] })
    const after = await allDays(bed)
    t.strictSame(
      after.map(({ shrunk, ...day }) => day),
      unmarked
    )
    t.ok(after.every(({ shrunk }) => shrunk))
    t.strictSame(await wholeLog(bed), log)
  })

  t.test('a mark is cleared by the next accepted reading, changed or not, and by no refused one', async (t) => {
    const bed = await newBed(t, fresh)
    const marks = async (): Promise<string[]> =>
      (await allDays(bed)).filter(({ shrunk }) => shrunk).map(({ day }) => day)
    const [a, b] = [counts('2026-11-18', cell('Junk', 2)), counts('2026-11-19', cell('Junk', 3))]
    const askedAt = await bed.store.revision(bed.contoso)
    await read(bed, [a, b])
    await read(bed, [counts('2026-11-18'), counts('2026-11-19')])
    t.strictSame(await marks(), ['2026-11-18', '2026-11-19'])

    await read(bed, [a, b], { askedAt })
    await load(bed, [a, b])
    t.strictSame(await marks(), ['2026-11-18', '2026-11-19'], 'neither a dropped nor a left one')
    t.strictSame(did(await read(bed, [a])), { stored: ['2026-11-18'] })
    t.strictSame(await marks(), ['2026-11-19'], 'an unchanged one')
    await read(bed, [counts('2026-11-19', cell('Junk', 4))])
    t.strictSame(await marks(), [], 'a changed one')
  })

  t.test('a mark is cleared by an import that stores the day, changed or not', async (t) => {
    const bed = await newBed(t, fresh)
    const day = counts('2026-11-19', cell('Junk', 3))
    for (const file of [day, counts('2026-11-19', cell('Junk', 4))]) {
      await read(bed, [day])
      await read(bed, [counts('2026-11-19')])
      t.equal((await allDays(bed))[0]?.shrunk, true)
      await load(bed, [file], { replace: true })
      t.equal((await allDays(bed))[0]?.shrunk, false)
    }
  })

  t.test('by force an empty answer is believed, and there is no mark', async (t) => {
    const bed = await newBed(t, fresh)
    await read(bed, [counts('2026-11-12', cell('Junk', 2))])
    await read(bed, [counts('2026-11-12')], { force: true })

    t.strictSame(await told(bed), [['2026-11-12', 'final']])
    t.equal((await allDays(bed))[0]?.shrunk, false)
  })

  // --- imports --------------------------------------------------------------------------------------------------

  t.test('an import leaves covered days alone and names them, and fills the others', async (t) => {
    const bed = await newBed(t, fresh)
    await read(bed, [counts('2026-11-12', cell('Junk', 2)), counts('2026-11-18')])
    const applied = await load(bed, [
      counts('2026-11-11', cell('Junk', 7)),
      counts('2026-11-12', cell('Junk', 8)),
      counts('2026-11-18', cell('Junk', 9)),
      counts('2026-11-19')
    ])

    t.strictSame(did(applied), {
      stored: ['2026-11-11', '2026-11-19'],
      changed: ['2026-11-11', '2026-11-19'],
      left: ['2026-11-12', '2026-11-18']
    })
    t.strictSame(await told(bed), [
      ['2026-11-11', 'final', 'Junk 7'],
      ['2026-11-12', 'final', 'Junk 2'],
      ['2026-11-18', 'provisional'],
      ['2026-11-19', 'provisional']
    ])
  })

  t.test('an import that replaces is read like the first one, and final days stay final', async (t) => {
    const bed = await newBed(t, fresh)
    await read(bed, [counts('2026-11-12', cell('Junk', 2)), counts('2026-11-18', cell('Junk', 3))])
    await load(bed, [counts('2026-11-12'), counts('2026-11-18', cell('Inbox', 1))], { replace: true })

    t.strictSame(await told(bed), [
      ['2026-11-12', 'final'],
      ['2026-11-18', 'provisional', 'Inbox 1']
    ])
  })

  t.test('importing twice changes nothing', async (t) => {
    const bed = await newBed(t, fresh)
    const file = [counts('2026-11-12', cell('Junk', 2)), counts('2026-11-13'), counts('2026-11-18', cell('Inbox', 1))]
    await load(bed, file)
    const before = [await allDays(bed), await wholeLog(bed)]

    t.strictSame(did(await load(bed, file)), { left: ['2026-11-12', '2026-11-13', '2026-11-18'] })
    t.strictSame(did(await load(bed, file, { replace: true })), { stored: ['2026-11-12', '2026-11-13', '2026-11-18'] })
    t.strictSame([await allDays(bed), await wholeLog(bed)], before)
  })

  t.test('an import binds no name, moves no bounds, and asks for nothing', async (t) => {
    const bed = await newBed(t, fresh)
    await load(bed, [counts('2020-02-29', cell('Junk', 1))])
    t.equal((await bed.store.findWorkspace('contoso'))?.binding, null)
    t.match(await bed.store.facts(bed.contoso), { bounds: null, firstAsked: null })

    await bed.store.recordBounds(bed.contoso, answer())
    const before = (await bed.store.facts(bed.contoso)).bounds
    await load(bed, [counts('2020-02-28', cell('Junk', 1))])
    t.strictSame((await bed.store.facts(bed.contoso)).bounds, before)
  })

  t.test('days of any century can be stored', async (t) => {
    const bed = await newBed(t, fresh)
    const days = ['1000-01-01', '1969-12-31', '1970-01-01', '2000-02-29', '2026-11-20']
    await load(
      bed,
      days.map((day) => counts(day, cell('Junk', 1)))
    )

    t.strictSame(
      (await allDays(bed)).map(({ day }) => day),
      days
    )
  })

  // --- lost -----------------------------------------------------------------------------------------------------

  t.test('days without a row after the first one and before the reach become lost, each with an entry', async (t) => {
    const bed = await newBed(t, fresh)
    await read(bed, [counts('2026-11-02', cell('Junk', 2)), counts('2026-11-05')])

    t.strictSame(await bed.store.markLost(bed.contoso, d('2026-11-07')), ['2026-11-03', '2026-11-04', '2026-11-06'])
    t.strictSame(await told(bed), [
      ['2026-11-02', 'final', 'Junk 2'],
      ['2026-11-03', 'lost'],
      ['2026-11-04', 'lost'],
      ['2026-11-05', 'final'],
      ['2026-11-06', 'lost']
    ])
    t.strictSame(
      (await wholeLog(bed)).slice(2).map(({ day, state, cells, previous }) => [day, state, cells, previous]),
      ['2026-11-03', '2026-11-04', '2026-11-06'].map((day) => [day, 'lost', [], null])
    )
  })

  t.test('marking lost days again finds none, and takes no revision', async (t) => {
    const bed = await newBed(t, fresh)
    await read(bed, [counts('2026-11-02')])
    await bed.store.markLost(bed.contoso, d('2026-11-07'))
    const revision = await bed.store.revision(bed.contoso)

    t.strictSame(await bed.store.markLost(bed.contoso, d('2026-11-07')), [])
    t.equal(await bed.store.revision(bed.contoso), revision)
  })

  t.test('the first day ever asked for makes days after it lost, but not itself', async (t) => {
    const { store, contoso } = await newBed(t, fresh)
    t.strictSame(await store.markLost(contoso, d('2026-11-07')), [], 'nothing was ever asked for')
    await store.recordBounds(contoso, answer({ firstAsked: d('2026-11-04') }))

    t.strictSame(await store.markLost(contoso, d('2026-11-07')), ['2026-11-05', '2026-11-06'])
  })

  t.test('a lost day is filled by a reading and by an import like a missing one', async (t) => {
    const bed = await newBed(t, fresh)
    await read(bed, [counts('2026-11-02')])
    await bed.store.markLost(bed.contoso, d('2026-11-05'))
    await read(bed, [counts('2026-11-03', cell('Junk', 3))])
    await load(bed, [counts('2026-11-04', cell('Junk', 4))])

    t.strictSame(await told(bed), [
      ['2026-11-02', 'final'],
      ['2026-11-03', 'final', 'Junk 3'],
      ['2026-11-04', 'final', 'Junk 4']
    ])
  })

  // --- whole or not at all --------------------------------------------------------------------------------------

  t.test('a write of which one day breaks a limit leaves nothing, neither days nor labels nor revisions', async (t) => {
    const bed = await newBed(t, fresh)
    await read(bed, [counts('2026-11-18', cell('Junk', 1))])
    const before = [await allDays(bed), await wholeLog(bed), await bed.store.labels(bed.contoso, 'deliveryLocation')]
    const bad: CellCount[][] = [
      [cell('Junk', 0)],
      [cell('x'.repeat(257), 1)],
      [cell('a\u0000b', 1)],
      Array.from({ length: MAX_CELLS_PER_DAY + 1 }, (_, i) => cell(`l${i}`, 1))
    ]
    for (const cells of bad) {
      const days = [counts('2026-11-10', cell('New', 1)), counts('2026-11-11', ...cells)]
      await t.rejects(read(bed, days), { code: 'source-rejected' })
      await t.rejects(load(bed, days), { code: 'source-rejected' })
    }

    t.strictSame(
      [await allDays(bed), await wholeLog(bed), await bed.store.labels(bed.contoso, 'deliveryLocation')],
      before
    )
    await read(bed, [counts('2026-11-10', cell('new', 1))])
    t.strictSame((await told(bed))[0], ['2026-11-10', 'final', 'new 1'], 'and the label is spelled as first stored')
  })

  t.test('a long write is seen whole or not at all, and a second one waits its turn', async (t) => {
    const bed = await newBed(t, fresh)
    const file = eachDay({ from: d('2020-01-01'), to: d('2025-12-31') }).map((day) => counts(day, cell('Junk', 1)))
    const progress = { done: false }
    const writing = load(bed, file).finally(() => (progress.done = true))
    const second = load(bed, [counts('2026-11-01', cell('Junk', 1)), counts('2025-12-31', cell('Junk', 2))])
    const seen = new Set<string>()
    while (!progress.done) {
      const { revision, days } = await bed.store.readDays(bed.contoso, ALL_DAYS)
      seen.add(`${days.length} days at ${revision === 0 ? 'the beginning' : revision - NOON_MS}`)
      await turn()
    }

    t.equal((await writing).changed.length, file.length)
    t.strictSame(did(await second), { stored: ['2026-11-01'], changed: ['2026-11-01'], left: ['2025-12-31'] })
    const whole = new Set(['0 days at the beginning', '2192 days at 2191', '2193 days at 2192'])
    t.strictSame(
      [...seen].filter((moment) => !whole.has(moment)),
      []
    )
  })

  t.test('a store that is closed during a write has all of it or nothing', async (t) => {
    const bed = await newBed(t, fresh)
    const file = eachDay({ from: d('2020-01-01'), to: d('2025-12-31') }).map((day) => counts(day, cell('Junk', 1)))
    const writing = load(bed, file).then(
      () => file.length,
      () => 0
    )
    await bed.store.close()

    const again = { store: await bed.under.open(bed.clock), contoso: bed.contoso }
    t.equal((await allDays(again)).length, await writing)
    t.strictSame(await again.store.verify(), [])
  })

  t.test('the largest day and the largest count come back as they were', async (t) => {
    const bed = await newBed(t, fresh)
    const many = Array.from({ length: MAX_CELLS_PER_DAY }, (_, i) =>
      cell(`label ${i % 100}`, i + 1, { actionType: `${i}` })
    )
    const most = [cell('Junk', Number.MAX_SAFE_INTEGER - 16_512), cell('é'.repeat(128), 128), cell('Inbox', 16_384)]
    await read(bed, [counts('2026-11-12', ...many), counts('2026-11-11', ...most)])

    const [small, large] = await allDays(bed)
    t.strictSame(small?.cells, foldCells(most))
    t.strictSame(large?.cells, foldCells(many))
  })
}
