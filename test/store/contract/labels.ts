import type { Test } from 'tap'
import { DIMENSIONS } from '../../../src/model/cube.ts'
import { cell, d } from '../../support/counts.ts'
import { allDays, answer, counts, did, load, newBed, read, told, wholeLog, type FreshStore } from './support.ts'

export function labelContract(t: Test, fresh: FreshStore): void {
  t.test('labels that are equal in lower case are one, spelled as first stored, in every dimension', async (t) => {
    for (const dimension of DIMENSIONS) {
      const bed = await newBed(t, fresh)
      await read(bed, [counts('2026-11-18', cell('x', 1, { [dimension]: 'Manual Remediation' }))])
      await read(bed, [
        counts(
          '2026-11-19',
          cell('x', 2, { [dimension]: 'Manual remediation' }),
          cell('x', 3, { [dimension]: 'MANUAL REMEDIATION' })
        )
      ])

      const cells = (await allDays(bed)).flatMap((day) => day.cells)
      t.strictSame(
        cells.map((cell) => [cell[dimension], cell.count]),
        [
          ['Manual Remediation', 1],
          ['Manual Remediation', 5]
        ]
      )
    }
  })

  t.test('a reading that only spells its labels otherwise is no change', async (t) => {
    const bed = await newBed(t, fresh)
    await read(bed, [counts('2026-11-19', cell('Inbox/Folder', 3), cell('Junk', 1))])
    const before = await wholeLog(bed)

    const spelled = [cell('JUNK', 1), cell('Inbox/folder', 1), cell('inbox/FOLDER', 2)]
    t.strictSame(did(await read(bed, [counts('2026-11-19', ...spelled)])), { stored: ['2026-11-19'] })
    t.strictSame(did(await load(bed, [counts('2026-11-19', ...spelled)], { replace: true })), {
      stored: ['2026-11-19']
    })
    t.strictSame(await wholeLog(bed), before)
  })

  t.test('case is folded as JavaScript does it, beyond ASCII and with all its odd letters', async (t) => {
    const bed = await newBed(t, fresh)
    const pairs: readonly (readonly [string, string])[] = [
      ['ÀÉÎÕÜ', 'àéîõü'],
      ['ДОСТАВЛЕНО', 'доставлено'],
      ['\u212A', 'k'],
      ['ẞ', 'ß'],
      ['Ǆ', 'ǆ'],
      ['İ', 'i\u0307']
    ]
    const apart = ['Straße', 'STRASSE', 'e\u0301', '\u00e9', 'ı', 'I']
    await read(bed, [counts('2026-11-18', ...pairs.map(([upper]) => cell(upper, 1)), ...apart.map((l) => cell(l, 1)))])
    await read(bed, [counts('2026-11-19', ...pairs.map(([, lower]) => cell(lower, 1)))])

    const [first, second] = await allDays(bed)
    t.equal(first?.cells.length, pairs.length + apart.length)
    t.strictSame(
      second?.cells.map(({ deliveryLocation }) => deliveryLocation),
      pairs.map(([upper]) => upper).toSorted()
    )
  })

  t.test('each workspace spells its labels for itself', async (t) => {
    const bed = await newBed(t, fresh)
    const fabrikam = { ...bed, contoso: await bed.store.ensureWorkspace('fabrikam') }
    await read(bed, [counts('2026-11-19', cell('Junk', 1))])
    await read(fabrikam, [counts('2026-11-19', cell('JUNK', 1))])

    t.strictSame(await told(bed), [['2026-11-19', 'provisional', 'Junk 1']])
    t.strictSame(await told(fabrikam), [['2026-11-19', 'provisional', 'JUNK 1']])
    t.strictSame(
      (await bed.store.labels(bed.contoso, 'deliveryLocation')).map(({ label }) => label),
      ['Junk']
    )
  })

  t.test('the same text in two dimensions is two labels', async (t) => {
    const bed = await newBed(t, fresh)
    await read(bed, [counts('2026-11-18', cell('Success', 1))])
    await read(bed, [counts('2026-11-19', cell('SUCCESS', 1, { actionTrigger: 'SUCCESS' }))])

    const [, second] = await allDays(bed)
    t.match(second?.cells[0], { deliveryLocation: 'Success', actionTrigger: 'SUCCESS', actionResult: 'Success' })
  })

  t.test('another process spells a label as it was first stored by this one', async (t) => {
    const bed = await newBed(t, fresh)
    const other = { store: await bed.under.open(bed.clock), contoso: bed.contoso }
    await read(other, [counts('2026-11-17', cell('Inbox', 1))])
    await read(bed, [counts('2026-11-18', cell('Junk', 1))])
    await read(other, [counts('2026-11-19', cell('JUNK', 1), cell('INBOX', 1))])

    t.strictSame(await told(bed), [
      ['2026-11-17', 'provisional', 'Inbox 1'],
      ['2026-11-18', 'provisional', 'Junk 1'],
      ['2026-11-19', 'provisional', 'Inbox 1', 'Junk 1']
    ])
  })

  t.test('labels that look like something else are stored as they are', async (t) => {
    const bed = await newBed(t, fresh)
    const labels = ['', ' ', '__proto__', 'constructor', "'; drop table day; --", '=1+1', '%', '_', 'NULL', '0', '😀']
    await read(bed, [counts('2026-11-19', ...labels.map((label) => cell(label, 1)))])

    t.strictSame(
      (await allDays(bed))[0]?.cells.map(({ deliveryLocation }) => deliveryLocation),
      labels.toSorted()
    )
  })

  t.test(
    'the labels of a dimension are told with their first and last day, their events and their location',
    async (t) => {
      const bed = await newBed(t, fresh)
      await read(bed, [
        counts('2026-11-10', cell('Junk folder', 2)),
        counts('2026-11-12', cell('junk folder', 3, { actionType: 'Phish ZAP' }), cell('', 1)),
        counts('2026-11-19', cell('Junk Folder', 4))
      ])

      const names = await bed.store.labelNames(bed.contoso, 'deliveryLocation')
      t.strictSame(names.toSorted(), ['', 'Junk folder'])
      t.strictSame(await bed.store.labels(bed.contoso, 'deliveryLocation'), [
        { label: '', location: 'Other', firstDate: '2026-11-12', lastDate: '2026-11-12', count: 1 },
        { label: 'Junk folder', location: 'Junk', firstDate: '2026-11-10', lastDate: '2026-11-19', count: 9 }
      ])
      t.strictSame(await bed.store.labels(bed.contoso, 'actionType'), [
        { label: 'Phish ZAP', location: null, firstDate: '2026-11-12', lastDate: '2026-11-12', count: 3 },
        { label: 'Spam ZAP', location: null, firstDate: '2026-11-10', lastDate: '2026-11-19', count: 7 }
      ])
    }
  )

  t.test('a label whose events are all gone is remembered, without days', async (t) => {
    const bed = await newBed(t, fresh)
    await read(bed, [counts('2026-11-19', cell('Forwarded', 2))])
    await read(bed, [counts('2026-11-19', cell('Junk', 1))])

    t.same(new Set(await bed.store.labelNames(bed.contoso, 'deliveryLocation')), new Set(['Forwarded', 'Junk']))
    t.strictSame(await bed.store.labels(bed.contoso, 'deliveryLocation'), [
      { label: 'Forwarded', location: 'Other', firstDate: null, lastDate: null, count: 0 },
      { label: 'Junk', location: 'Junk', firstDate: '2026-11-19', lastDate: '2026-11-19', count: 1 }
    ])
    await read(bed, [counts('2026-11-19', cell('FORWARDED', 1))])
    t.strictSame(await told(bed), [['2026-11-19', 'provisional', 'Forwarded 1']])
  })

  t.test('what was dropped or left alone brings no label', async (t) => {
    const bed = await newBed(t, fresh)
    await read(bed, [counts('2026-11-19')])
    await read(bed, [counts('2026-11-19', cell('Unseen', 1))], { askedAt: 0 })
    await load(bed, [counts('2026-11-19', cell('Unseen too', 1))])
    await bed.store.recordBounds(bed.contoso, answer({ firstAsked: d('2026-11-01') }))

    t.strictSame(await bed.store.labelNames(bed.contoso, 'deliveryLocation'), [])
    t.strictSame(await bed.store.labels(bed.contoso, 'deliveryLocation'), [])
  })
}
