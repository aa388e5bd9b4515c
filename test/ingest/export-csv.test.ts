import * as fc from 'fast-check'
import t from 'tap'
import { foldCells, type CellCount } from '../../src/model/cube.ts'
import { CELL, count, HEADER, LINE, linesOf, refusal } from '../support/exports.ts'

const day = (cells: readonly CellCount[]): object[] => [{ day: '2026-11-01', cells }]

t.test('a CSV of the Defender portal is counted by day and by labels', async (t) => {
  const counts = await count(`${HEADER}\n${LINE}\n${LINE}\n2026-11-02T00:00:00Z,Quarantine,,,\n`)
  t.same(counts, {
    range: { from: '2026-11-01', to: '2026-11-02' },
    days: [
      { day: '2026-11-01', cells: [{ ...CELL, count: 2 }] },
      {
        day: '2026-11-02',
        cells: [{ deliveryLocation: 'Quarantine', actionType: '', actionTrigger: '', actionResult: '', count: 1 }]
      }
    ],
    events: 3,
    outside: 0,
    absentLabels: [],
    timeColumn: 'Timestamp'
  })
})

t.test('a byte order mark, CRLF, blank lines and a missing last line end change nothing', async (t) => {
  for (const end of ['\n', '\r\n']) {
    for (const mark of ['', '\ufeff']) {
      for (const tail of ['', end, end + end]) {
        const counts = await count(`${mark}${HEADER}${end}${end}${LINE}${tail}`)
        t.same(counts.days, day([CELL]), JSON.stringify([end, mark, tail]))
      }
    }
  }
})

t.test('lines of one file may end in either way', async (t) => {
  for (const [first, second] of [
    ['\n', '\r\n'],
    ['\r\n', '\n']
  ] as const) {
    t.same((await count(`${HEADER}${first}${LINE}${second}${LINE}${first}`)).days, day([{ ...CELL, count: 2 }]))
  }
})

t.test('columns stand in any order and case, and others are ignored', async (t) => {
  const counts = await count(
    'Ëtat,ACTIONRESULT,deliverylocation, ActionTrigger , timegenerated [utc] ,ActionType\n' +
      '"a, ""b""\nc",Success,Junk folder,SpecialAction," 11/1/2026, 10:00:00.123 AM ",Phish ZAP\n'
  )
  t.same(counts.days, day([CELL]))
  t.equal(counts.timeColumn, 'timegenerated [utc]')
})

t.test('a label without a column is the empty label, and is named', async (t) => {
  const counts = await count('Timestamp,DeliveryLocation,ActionType\n2026-11-01T10:00:00Z,Inbox/folder,Spam ZAP\n')
  t.same(linesOf(counts), ['2026-11-01 Inbox/folder|Spam ZAP|| 1'])
  t.same(counts.absentLabels, ['actionTrigger', 'actionResult'])
})

t.test('labels that differ only in case are one, spelled as first met', async (t) => {
  const counts = await count(
    'Timestamp,DeliveryLocation\n2026-11-01T10:00:00Z,INBOX\n2026-11-01T10:00:00Z,inbox\n2026-11-01T10:00:00Z,Inbox\n'
  )
  t.same(linesOf(counts), ['2026-11-01 INBOX||| 3'])
})

t.test('labels that read the same only when they are put together are two', async (t) => {
  const counts = await count(`${HEADER}\n2026-11-01T10:00:00Z,ab,c,,\n2026-11-01T10:00:00Z,a,bc,,\n`)
  t.same(linesOf(counts), ['2026-11-01 a|bc|| 1', '2026-11-01 ab|c|| 1'])
})

t.test('Timestamp tells the time where both columns are there, and either can be asked for', async (t) => {
  const csv = 'TimeGenerated [UTC],Timestamp,DeliveryLocation\n2026-11-03 00:30:00,2026-11-01T10:00:00Z,Inbox\n'
  for (const [timeColumn, name, from] of [
    ['auto', 'Timestamp', '2026-11-01'],
    ['Timestamp', 'Timestamp', '2026-11-01'],
    ['TimeGenerated', 'TimeGenerated [UTC]', '2026-11-03']
  ] as const) {
    const counts = await count(csv, { timeColumn })
    t.same([counts.timeColumn, counts.range], [name, { from, to: from }])
  }
})

t.test('a header that does not do is refused with what is missing and what is there', async (t) => {
  for (const [header, expected] of [
    [
      'DeliveryLocation,Time',
      /^export, line 1: has no column Timestamp or TimeGenerated: .*"DeliveryLocation", "Time"/
    ],
    ['Timestamp,ActionType', /^export, line 1: has no column DeliveryLocation: /],
    ['Timestamp,DeliveryLocation,TIMESTAMP', /^export, line 1: has the column Timestamp twice: /],
    ['Timestamp,timestamp [UTC],DeliveryLocation', /^export, line 1: has the column Timestamp twice: /],
    ['Timestamp,DeliveryLocation,actiontype,ActionType', /^export, line 1: has the column ActionType twice: /],
    ['Timestamp;DeliveryLocation;ActionType', /^export, line 1: does not separate its fields by commas: /],
    ['Timestamp\tDeliveryLocation', /^export, line 1: does not separate its fields by commas: /]
  ] as const) {
    t.match(await refusal(`${header}\n`), expected)
  }
  t.match(
    await refusal(`${HEADER}\n${LINE}\n`, { timeColumn: 'TimeGenerated' }),
    /line 1: has no column TimeGenerated: /
  )
})

t.test('a header alone covers nothing, or the range that was given', async (t) => {
  const none = await count(`${HEADER}\n`)
  t.same([none.range, none.days, none.events, none.timeColumn], [null, [], 0, 'Timestamp'])
})

t.test(
  'a bad record is refused with the line on which it begins, whatever line breaks stand in fields before it',
  async (t) => {
    const good = '2026-11-01T10:00:00Z,Inbox,"a\r\nb\nc"\r\n'
    const before = `Timestamp,DeliveryLocation,Extra\r\n${good}\r\n${good}\n\n${good}\n\r\n`
    for (const [bad, expected] of [
      ['2026-11-01T10:00:00Z,Inbox', /^export, line 16: has another number of fields than the header: /],
      ['2026-11-01T10:00:00Z,Inbox,x,y', /^export, line 16: has another number of fields than the header: /],
      ['2026-11-01T10:00:00Z,"Inbox"x,y', /^export, line 16: has a quote that does not enclose a whole field: /],
      ['2026-11-01T10:00:00Z,In"box,y', /^export, line 16: has a quote that does not enclose a whole field: /],
      ['2026-11-01T10:00:00Z,Inbox,"y\n\n', /^export, line 16: opens a quote that is never closed: /],
      ['yesterday,Inbox,"a\nb"', /^export, line 16: the time "yesterday" can not be read: /],
      [',Inbox,y', /^export, line 16: has no time: /],
      [
        '2026-11-01T10:00:00Z,"In\nbox",y',
        /^export, line 16: the DeliveryLocation "In\\nbox" holds a control character: /
      ],
      ['2026-11-01T10:00:00Z,In\0box,y', /^export, line 16: the DeliveryLocation .* holds a control character: /],
      [
        `2026-11-01T10:00:00Z,${'x'.repeat(257)},y`,
        /^export, line 16: the DeliveryLocation "x+…" is longer than 256 bytes: /
      ],
      [
        '2026-11-24T12:00:00.001Z,Inbox,y',
        /^export, line 16: the event at 2026-11-24T12:00:00.001Z lies in the future: /
      ]
    ] as const) {
      for (const pieceBytes of [1, 7, 65_536]) {
        t.match(await refusal(`${before}${bad}\r\n`, {}, pieceBytes), expected, `${pieceBytes} bytes at once`)
      }
    }
  }
)

t.test('a label may be as long as 256 bytes of UTF-8', async (t) => {
  const label = 'é'.repeat(128)
  const counts = await count(`Timestamp,DeliveryLocation\n2026-11-01T10:00:00Z,${label}\n`)
  t.same(linesOf(counts), [`2026-11-01 ${label}||| 1`])
  t.match(
    await refusal(`Timestamp,DeliveryLocation\n2026-11-01T10:00:00Z,${label}x\n`),
    /line 2: the DeliveryLocation .* is longer than 256 bytes/
  )
})

t.test('what is not UTF-8 is refused with the line and the remedy', async (t) => {
  const latin = Buffer.concat([
    Buffer.from(`${HEADER}\n${LINE}\nx,`),
    Buffer.from([0xe9]),
    Buffer.from(`,,,\n${LINE}\n`)
  ])
  for (const [content, expected] of [
    [latin, /^export, line 3: is not UTF-8: save the file as UTF-8$/],
    [Buffer.concat([Buffer.from(`${HEADER}\n${LINE}`), Buffer.from([0xc3])]), /^export, line 2: is not UTF-8: /],
    [
      Buffer.from(`\ufeff${HEADER}\n`, 'utf16le'),
      /^export, line 1: is encoded as UTF-16 or UTF-32: save the file as UTF-8$/
    ],
    [Buffer.from(`\ufeff${HEADER}\n`, 'utf16le').swap16(), /^export, line 1: is encoded as UTF-16/],
    [Buffer.from('\ufeff日本', 'utf16le'), /^export, line 1: is encoded as UTF-16/],
    [Buffer.from('\ufeff日本', 'utf16le').swap16(), /^export, line 1: is encoded as UTF-16/],
    [Buffer.from(`${HEADER}\n`, 'utf16le'), /^export, line 1: is encoded as UTF-16/],
    [Buffer.from([0x1f, 0x8b, 8, 0, 0]), /^export, line 1: is compressed by gzip: unpack it first$/],
    [Buffer.from('PK\x03\x04\x14'), /^export, line 1: is a zip archive or an Excel workbook: /]
  ] as const) {
    for (const pieceBytes of [1, 2, 3, 5, 65_536]) t.match(await refusal(content, {}, pieceBytes), expected)
  }
})

t.test('an empty file is refused, since it may be a failed download', async (t) => {
  for (const content of ['', '\ufeff', '\n', ' \r\n\t\n'])
    t.match(await refusal(content), /^export, line 1: is empty: /)
})

t.test('a record of more than a megabyte is refused, in whatever pieces it comes', async (t) => {
  const long = `Timestamp,DeliveryLocation,Extra\n2026-11-01T10:00:00Z,Inbox,${'x'.repeat(1_048_600)}`
  const open = `Timestamp,DeliveryLocation,Extra\n2026-11-01T10:00:00Z,Inbox,"x\n`.padEnd(3_000_000, 'y\n')
  const commas = `Timestamp,DeliveryLocation\n`.padEnd(3_000_000, ',')
  for (const content of [long, `${long}\n`, open, commas]) {
    for (const pieceBytes of [4_096, 65_536]) {
      t.match(await refusal(content, {}, pieceBytes), /^export, line 2: is longer than 1048576 bytes: /)
    }
  }
  t.match(await refusal(`${long}\n`, {}, 5_000_000), /^export, line 2: is longer than 1048576 bytes: /)
  const fits = `Timestamp,DeliveryLocation,Extra\n2026-11-01T10:00:00Z,Inbox,${'x'.repeat(1_000_000)}\n`
  t.equal((await count(fits)).events, 1)
})

t.test('progress tells how many bytes were read, to the last one', async (t) => {
  const csv = `\ufeff${HEADER}\n${LINE}\n`
  const told: number[] = []
  await count(csv, { onProgress: (bytes) => told.push(bytes) }, 50)
  t.same(told, [50, 100, Buffer.byteLength(csv)])
})

t.test('a fault of the disk, or of the caller, is no fault of the file', async (t) => {
  const broken = new Error('the disk is gone')
  const onProgress = (): void => {
    throw broken
  }
  t.equal(await count(`${HEADER}\n${LINE}\n`, { onProgress }).catch((err: unknown) => err), broken)
})

// Labels with everything that CSV has to quote but line breaks, which no label may hold; other columns may.
const anyLabel = fc.constantFrom(
  '',
  'Junk folder',
  'junk FOLDER',
  'Inbox/folder',
  'a,b',
  'say "no"',
  '"',
  ' x ',
  'É, ü',
  '=1+1',
  '日本'
)
const anyText = fc.stringMatching(/^[ab,"\r\n é日😀]{0,12}$/u)
const anyEvent = fc.record({
  time: fc
    .tuple(fc.integer({ min: 0, max: 4 }), fc.constantFrom('00:00:00.0000000Z', '12:00:00Z', '23:59:59.9999999Z'))
    .map(([at, time]) => `2026-11-0${at + 1}T${time}`),
  labels: fc.tuple(anyLabel, anyLabel, anyLabel, anyLabel),
  extra: anyText
})

/** Folded cells in an order that does not depend on their spelling. */
function sorted(cells: readonly CellCount[]): string[] {
  return foldCells(cells)
    .map((cell) => JSON.stringify(cell).toLowerCase())
    .toSorted()
}

t.test('whatever the order, the quoting, the line ends and the pieces: equal to a plain count', async (t) => {
  const names = ['Timestamp', 'DeliveryLocation', 'ActionType', 'ActionTrigger', 'ActionResult', 'Extra']
  await fc.assert(
    fc.asyncProperty(
      fc.array(anyEvent, { minLength: 1, maxLength: 12 }),
      fc.shuffledSubarray([0, 1, 2, 3, 4, 5], { minLength: 6 }),
      fc.constantFrom('\n', '\r\n'),
      fc.boolean(),
      fc.integer({ min: 1, max: 40 }),
      async (events, order, end, always, pieceBytes) => {
        const quote = (text: string): string =>
          always || /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
        const row = (fields: readonly string[]): string => order.map((i) => quote(fields[i] ?? '')).join(',')
        const rows = [names, ...events.map(({ time, labels, extra }) => [time, ...labels, extra])]

        const counts = await count(rows.map((fields) => row(fields) + end).join(''), {}, pieceBytes)

        const days = events.map(({ time }) => time.slice(0, 10)).toSorted()
        t.same(counts.range, { from: days[0], to: days.at(-1) })
        t.equal(counts.events, events.length)
        for (const { day, cells } of counts.days) {
          const plain = events
            .filter(({ time }) => time.startsWith(day))
            .map(({ labels: [deliveryLocation, actionType, actionTrigger, actionResult] }) => ({
              deliveryLocation,
              actionType,
              actionTrigger,
              actionResult,
              count: 1
            }))
          t.same(sorted(cells), sorted(plain))
        }
      }
    ),
    { numRuns: 150 }
  )
})

t.test('pieces of any size give the same counts', async (t) => {
  const csv =
    `\ufeff${HEADER},Extra\r\n` +
    Array.from({ length: 20 }, (_, i) => `2026-11-0${(i % 3) + 1}T10:00:00Z,"日本न ""é""",x,,y,"😀\r\n${i}"\r\n`).join(
      ''
    )
  const whole = await count(csv)
  for (let pieceBytes = 1; pieceBytes <= 70; pieceBytes++) {
    t.same(await count(csv, {}, pieceBytes), whole, `${pieceBytes} bytes at once`)
  }
})
