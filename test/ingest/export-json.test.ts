import t from 'tap'
import { CELL, count, EVENT, linesOf, refusal } from '../support/exports.ts'

const NAMES = Object.keys(EVENT)
const columns = (names: readonly string[]): object[] => names.map((name) => ({ name, type: 'string' }))
const table = (rows: unknown[], names = NAMES): object => ({ name: 'PrimaryResult', columns: columns(names), rows })

/** One event in every shape that is known. */
const SHAPES: Record<string, string> = {
  'NDJSON, one line': JSON.stringify(EVENT),
  'NDJSON with blank lines and CRLF': `\r\n${JSON.stringify(EVENT)}\r\n \r\n`,
  'an array': JSON.stringify([EVENT]),
  'an array, printed for people': JSON.stringify([EVENT], null, 2),
  'Log Analytics': JSON.stringify({ tables: [table([Object.values(EVENT)])] }),
  'Log Analytics, printed for people': JSON.stringify({ tables: [table([Object.values(EVENT)])] }, null, 2),
  'Log Analytics, with capital keys': JSON.stringify({
    Tables: [{ Name: 'PrimaryResult', Columns: NAMES.map((Name) => ({ Name })), Rows: [Object.values(EVENT)] }]
  }),
  'Log Analytics, with statistics and another table': JSON.stringify({
    statistics: { query: { rows: [[1]] } },
    tables: [table([Object.values(EVENT)]), { name: 'Other', columns: columns(['x']), rows: [[1], [2]] }],
    error: null
  }),
  'Log Analytics, a table without a name': JSON.stringify({
    tables: [{ columns: columns(NAMES), rows: [Object.values(EVENT)] }]
  }),
  Graph: JSON.stringify({
    '@odata.context': 'https://graph.microsoft.com/v1.0/$metadata',
    schema: NAMES.map((name) => ({ name, type: 'String' })),
    results: [EVENT]
  }),
  'Graph, printed for people': JSON.stringify({ schema: [], results: [EVENT] }, null, 4),
  'Graph, with capital keys': JSON.stringify({ Stats: {}, Schema: [{ Name: 'x', Type: 'String' }], Results: [EVENT] }),
  'keys of events in another case': JSON.stringify([
    Object.fromEntries(Object.entries(EVENT).map(([key, value]) => [key.toLowerCase(), value]))
  ])
}

for (const [shape, content] of Object.entries(SHAPES)) {
  t.test(`${shape}: the event is counted, in whatever pieces the file comes`, async (t) => {
    for (const mark of ['', '\ufeff']) {
      for (const pieceBytes of [1, 2, 3, 11, 65_536]) {
        const { timeColumn, ...counts } = await count(mark + content, {}, pieceBytes)
        t.match(timeColumn, /^timestamp$/i)
        t.same(counts, {
          range: { from: '2026-11-01', to: '2026-11-01' },
          days: [{ day: '2026-11-01', cells: [CELL] }],
          events: 1,
          outside: 0,
          absentLabels: []
        })
      }
    }
  })
}

t.test('null is the empty label, as is a key that is not there; what no event has is named', async (t) => {
  const events = [
    { TimeGenerated: '2026-11-01T10:00:00Z', DeliveryLocation: null, ActionType: null },
    { TimeGenerated: '2026-11-01T10:00:00Z', DeliveryLocation: 'Inbox', ActionResult: 'Error' }
  ]
  for (const content of [JSON.stringify(events), events.map((event) => JSON.stringify(event)).join('\n')]) {
    const counts = await count(content)
    t.same(linesOf(counts), ['2026-11-01 ||| 1', '2026-11-01 Inbox|||Error 1'])
    t.same(counts.absentLabels, ['actionTrigger'])
    t.equal(counts.timeColumn, 'TimeGenerated')
  }
})

t.test('objects whose keys read the same only when they are put together are read each by its own', async (t) => {
  const events = [
    { Timestamp: EVENT.Timestamp, DeliveryLocation: 'Junk', ActionType: 'Spam ZAP', x: 'y' },
    { Timestamp: EVENT.Timestamp, DeliveryLocation: 'Junk', Action: 'Move', Typex: 'y' }
  ]
  t.same(linesOf(await count(JSON.stringify(events))), ['2026-11-01 Junk||| 1', '2026-11-01 Junk|Spam ZAP|| 1'])
})

t.test('a list without events covers nothing, and knows of no columns that are absent', async (t) => {
  for (const content of ['[]', '{"schema":[],"results":[]}', ' [ ] ']) {
    t.same(await count(content), {
      range: null,
      days: [],
      events: 0,
      outside: 0,
      absentLabels: [],
      timeColumn: null
    })
  }
  const answer = await count(JSON.stringify({ tables: [table([], ['TimeGenerated', 'DeliveryLocation'])] }))
  t.same([answer.timeColumn, answer.absentLabels], ['TimeGenerated', ['actionType', 'actionTrigger', 'actionResult']])
})

t.test('texts with escapes, line breaks and characters of any length are read as they are', async (t) => {
  const event = { ...EVENT, DeliveryLocation: '日本 "é" 😀 \\ /', Extra: '\n\t{}[],"' }
  const content = JSON.stringify([event, event]).replace('😀', '\\ud83d\\ude00')
  for (let pieceBytes = 1; pieceBytes <= 20; pieceBytes++) {
    const counts = await count(content, {}, pieceBytes)
    t.same(linesOf(counts), ['2026-11-01 日本 "é" 😀 \\ /|Phish ZAP|SpecialAction|Success 2'])
  }
})

t.test('a bad event is refused with the line on which it begins', async (t) => {
  const bad: [unknown, RegExp][] = [
    [{ ...EVENT, Timestamp: 'soon' }, /the time "soon" can not be read/],
    [{ ...EVENT, Timestamp: null }, /has no time/],
    [{ ...EVENT, Timestamp: 1_700_000_000_000 }, /the Timestamp "1700000000000" is no time: write it as text/],
    [{ ...EVENT, Timestamp: '2026-12-01T00:00:00Z' }, /lies in the future/],
    [{ ...EVENT, ActionType: 7 }, /the ActionType "7" is no text/],
    [{ ...EVENT, DeliveryLocation: { a: [] } }, /the DeliveryLocation .* is no text/],
    [{ ...EVENT, ActionResult: 'a\u0000b' }, /the ActionResult .* holds a control character/],
    [{ ...EVENT, ActionResult: '\ud800' }, /the ActionResult .* is no well-formed text/],
    [{ ...EVENT, timestamp: '2026-11-01T10:00:00Z' }, /has the column Timestamp twice/],
    [{ Timestamp: EVENT.Timestamp }, /has no column DeliveryLocation/],
    [{ TimeGenerated: EVENT.Timestamp, DeliveryLocation: 'Inbox' }, /has no column Timestamp/],
    [{}, /has no column Timestamp: .*\(there is none\)/],
    ['x', /is no event/],
    [null, /is no event/],
    [[], /is no event/]
  ]
  for (const [event, expected] of bad) {
    for (const pieceBytes of [13, 65_536]) {
      const refused = (content: string): Promise<string> => refusal(content, {}, pieceBytes)
      const lines = [EVENT, EVENT, event, EVENT].map((each) => JSON.stringify(each))
      const inNdjson = await refused(lines.join('\n\n'))
      t.match(inNdjson, expected)
      t.match(inNdjson, /^export, line 5: /)
      const inArray = await refused(`[\n\n${lines.join(',\n')}\n]\n`)
      t.match(inArray, expected)
      t.match(inArray, /^export, line 5: /)
      const inGraph = await refused(`{"schema":[\n],\n"results":[${lines.join('\n,')}]}`)
      t.match(inGraph, expected)
      t.match(inGraph, /^export, line 5: /)
    }
  }
  const bad7 = { Extra: [[1], {}], ...EVENT, ActionType: 7 }
  for (const [content, line] of [
    [[EVENT, bad7], 9],
    [{ schema: [], results: [EVENT, bad7] }, 11],
    [{ tables: [table([Object.values(EVENT), [EVENT.Timestamp, 'x', 7, [[1]], 'y']])] }, 35]
  ] as const) {
    t.match(await refusal(JSON.stringify(content, null, 2)), new RegExp(`^export, line ${line}: the ActionType "7"`))
  }
})

t.test('a bad row of a table is refused with the line on which it begins', async (t) => {
  const good = Object.values(EVENT)
  for (const [row, expected] of [
    [good.slice(1), /is no row of 5 values/],
    [[...good, 'x'], /is no row of 5 values/],
    [EVENT, /is no row of 5 values/],
    ['x', /is no row of 5 values/],
    [[null, ...good.slice(1)], /has no time/],
    [[good[0], 3, 'x', 'y', 'z'], /the DeliveryLocation "3" is no text/]
  ] as const) {
    const head = `{"tables":[{"name":"PrimaryResult","columns":${JSON.stringify(columns(NAMES))},\n"rows":[\n`
    const message = await refusal(`${head}${[good, row, good].map((each) => JSON.stringify(each)).join(',\n')}]}]}`)
    t.match(message, expected)
    t.match(message, /^export, line 4: /)
  }
})

t.test('a Log Analytics answer that is no whole table of events is refused', async (t) => {
  const rows = [Object.values(EVENT)]
  const other = { name: 'Other', columns: columns(['x']), rows: [[1]] }
  for (const [answer, expected] of [
    [{ tables: [table(rows)], error: { code: 'PartialError', message: 'x' } }, /partial, or failed.* "PartialError"/],
    [{ error: { code: 'PartialError' }, tables: [table(rows)] }, /partial, or failed.* "PartialError"/],
    [{ Error: { Code: 'Throttled' } }, /partial, or failed.* "Throttled"/],
    [{ error: 'x' }, /partial, or failed.* "x"/],
    [{ tables: [{ name: 'PrimaryResult', rows, columns: columns(NAMES) }] }, /comes before the columns of its table/],
    [{ tables: [{ name: 'Other', columns: columns(NAMES), rows }, table(rows)] }, /PrimaryResult behind another table/],
    [{ tables: [{ name: 'PrimaryResult' }] }, /a table without columns/],
    [{ tables: [{ name: 'PrimaryResult', columns: [], rows: [] }] }, /a table without columns/],
    [{ tables: [{ name: 'PrimaryResult', columns: [], rows: [] }, other] }, /a table without columns/],
    [{ tables: [{ name: 'PrimaryResult', columns: columns(['x']), rows: [] }, other] }, /has no column Timestamp/],
    [{ tables: [{ columns: [{ type: 'string' }], rows }] }, /a column without a name/],
    [{ tables: [{ columns: [{ name: 7 }], rows }] }, /a column without a name/],
    [{ tables: [{ columns: columns(['Timestamp']), rows: [] }] }, /has no column DeliveryLocation/],
    [{ tables: [] }, /holds no table/],
    [{ tables: {} }, /is no list of events, and no answer/],
    [{ tables: null }, /is no list of events, and no answer/],
    [{ results: null }, /is no list of events, and no answer/],
    [{ results: { x: EVENT } }, /is no list of events, and no answer/],
    [{ tables: [table(rows)], results: [] }, /is no list of events, and no answer/],
    [{ schema: [] }, /is no list of events, and no answer/]
  ] as const) {
    t.match(await refusal(JSON.stringify(answer)), expected, JSON.stringify(answer))
  }
  const late = `{"tables":[{"columns":${JSON.stringify(columns(NAMES))},"rows":${JSON.stringify(rows)},"columns":[{"name":"x"}]}]}`
  t.match(await refusal(late), /is a column behind the rows/)
})

t.test('one event that is printed over several lines is neither NDJSON nor an answer', async (t) => {
  t.match(await refusal(JSON.stringify(EVENT, null, 2)), /is no list of events, and no answer/)
})

t.test('broken JSON is refused with its line', async (t) => {
  const line = JSON.stringify(EVENT)
  for (const [content, expected] of [
    [`${line}\n${line.slice(0, -1)}\n${line}`, /^export, line 2: is no JSON: write one whole event a line/],
    [`${line}\n${line} ${line}`, /^export, line 2: is no JSON/],
    [`[${line},\n${line}\n${line}]`, /^export, line 3: is no JSON/],
    [`[${line},\n\n]`, /^export, line 3: is no JSON/],
    [`[${line},\n{"Timestamp":\nyes}]`, /^export, line 2: is no JSON/],
    [`[${line},\n${line}`, /^export, line 2: is where the file ends/],
    [`[${line},\n${line.slice(0, 20)}`, /^export, line 2: is where the file ends/],
    ['[', /^export, line 1: is where the file ends/],
    [`[${line}]\n[${line}]`, /^export, line 2: is no JSON/],
    [`{"results":[${line}],\n"results`, /^export, line 2: is where the file ends/],
    ['{"results" [', /^export, line 1: is no JSON/]
  ] as const) {
    for (const pieceBytes of [1, 65_536]) t.match(await refusal(content, {}, pieceBytes), expected, content)
  }
})

t.test('a file may be longer, and nested as deep, as an event may be', async (t) => {
  const nested = JSON.parse(`${'['.repeat(30)}1${']'.repeat(30)}`)
  const event = { ...EVENT, Nested: nested, Extra: 'x'.repeat(10_000) }
  const events = Array.from({ length: 120 }, () => event)
  const row = [...Object.values(EVENT), 'x'.repeat(10_000)]
  for (const content of [
    events.map((each) => JSON.stringify(each)).join('\n'),
    JSON.stringify(events),
    JSON.stringify({ schema: [], results: events.map(({ Nested, ...each }) => each) }),
    JSON.stringify({
      tables: [
        table(
          events.map(() => row),
          [...NAMES, 'Extra']
        )
      ]
    })
  ]) {
    t.equal((await count(content)).events, 120)
  }
  t.match(await refusal(JSON.stringify([{ ...EVENT, Nested: [nested] }])), /is nested deeper than 32 levels/)
})

t.test('what would fill the memory is refused: long events, long texts, deep nesting', async (t) => {
  const long = JSON.stringify({ ...EVENT, Extra: 'x'.repeat(1_048_600) })
  const many = JSON.stringify({ ...EVENT, Extra: Array.from({ length: 300_000 }, () => 'abc') })
  const deep = `${'['.repeat(10_000)}${']'.repeat(10_000)}`
  for (const pieceBytes of [10_000, 65_536, 10_000_000]) {
    for (const event of [long, many]) {
      t.match(
        await refusal(`${JSON.stringify(EVENT)}\n${event}`, {}, pieceBytes),
        /^export, line 2: is longer than 1048576/
      )
      t.match(await refusal(`[\n${event}]`, {}, pieceBytes), /^export, line 2: is longer than 1048576/)
      t.match(await refusal(`{"results":[\n${event}]}`, {}, pieceBytes), /^export, line 2: is longer than 1048576/)
      t.match(
        await refusal(`{"tables":[{"columns":[{"name":"x"}],"rows":[\n[${event}]]}]}`, {}, pieceBytes),
        /^export, line 2: is longer than 1048576/
      )
    }
    t.match(await refusal(`[\n${deep}]`, {}, pieceBytes), /^export, line 2: is nested deeper than 32 levels/)
  }
  t.match(
    await refusal(`{"tables":[{"columns":${JSON.stringify(columns(Array.from({ length: 1_001 }, String)))}}]}`),
    /beyond 1000/
  )
})
