import t from 'tap'
import { parse } from 'csv-parse/sync'
import { LOCATIONS } from '../../src/model/cube.ts'
import { FORMATS, formatOf } from '../../src/server/media.ts'
import { cell, newService } from '../support/service.ts'

const RANGE = 'from=2026-11-01&to=2026-11-02'

t.test('CSV has a header line, CR LF after each line, and an empty field for what is not known', async (t) => {
  const { app, fill } = await newService(t)
  await fill('default', { '2026-11-01': [cell('Inbox', 3)] }, '2026-11-02')
  const res = await app.inject(`/series?${RANGE}&format=csv&location=inbox,junk`)
  t.match(res.headers['content-type'], /^text\/csv;/)
  t.equal(res.body, 'date,state,Junk,Inbox\r\n2026-11-01,final,0,3\r\n2026-11-02,missing,,\r\n')
  const long = await app.inject(`/series?${RANGE}&format=csv&location=inbox&layout=long&step=month`)
  t.equal(long.body, 'date,state,days,location,count\r\n2026-11-01,missing,2,Inbox,\r\n')
  const total = await app.inject(`/series?${RANGE}&format=csv&by=total&layout=long`)
  t.equal(total.body, 'date,state,count\r\n2026-11-01,final,3\r\n2026-11-02,missing,\r\n')
})

t.test(
  'a label with quotes, commas or signs of a formula comes through CSV whole, and runs in no spreadsheet',
  async (t) => {
    const { app, fill } = await newService(t)
    const labels = ['=1+1', '+cmd', '-2', '@sum', ' =x', 'a;=cmd|x', 'a,"b"', '＝1', 'Ünï cödé', "'=1+1", 'date']
    await fill('default', { '2026-11-01': labels.map((label, i) => cell(label, i + 1)) })
    const res = await app.inject(`/series?${RANGE}&format=csv&by=deliveryLocation`)
    const [header = [], row = []] = parse(res.body, { record_delimiter: '\r\n' })
    t.same(Object.fromEntries(header.map((name, i) => [name, row[i]])), {
      date: '2026-11-01',
      state: 'provisional',
      "'=1+1": '1',
      "'+cmd": '2',
      "'-2": '3',
      "'@sum": '4',
      "' =x": '5',
      "a;'=cmd|x": '6',
      'a,"b"': '7',
      "'＝1": '8',
      'Ünï cödé': '9',
      "''=1+1": '10',
      'date (label)': '11'
    })
    const long = await app.inject(`/series?${RANGE}&format=csv&by=deliveryLocation&layout=long`)
    const cells = parse(long.body, { record_delimiter: '\r\n' }).flat()
    t.same(
      cells.filter((text) => /^\s*[=+\-@＝]/.test(text)),
      []
    )
  }
)

t.test('each line of NDJSON is a row that also names its workspace', async (t) => {
  const { app, fill } = await newService(t)
  await fill('default', { '2026-11-01': [cell('Inbox', 3)] })
  const res = await app.inject({ url: `/series?${RANGE}&location=inbox`, headers: { accept: 'application/x-ndjson' } })
  t.match(res.headers['content-type'], /^application\/x-ndjson/)
  t.same(
    res.body
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line) as unknown),
    [
      { workspace: 'default', date: '2026-11-01', state: 'provisional', Inbox: 3 },
      { workspace: 'default', date: '2026-11-02', state: 'missing', Inbox: null }
    ]
  )
  t.ok(res.body.endsWith('}\n'))
})

t.test('Accept chooses among the three forms without regard to parameters, and is never refused', async (t) => {
  const forms: Record<string, string> = {
    '': 'json',
    '*/*': 'json',
    'text/csv': 'csv',
    'text/csv; header=present; charset="a;q=0,b"': 'csv',
    'text/*': 'csv',
    'application/x-ndjson': 'ndjson',
    'application/jsonl': 'ndjson',
    'application/json;odata.metadata=minimal;q=0.1, text/csv;q=0.9': 'csv',
    'application/json;q=0.9,text/plain': 'json',
    'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8': 'json',
    'image/svg+xml': 'json',
    'application/json;q=0': 'json',
    nonsense: 'json'
  }
  for (const [accept, form] of Object.entries(forms)) t.equal(formatOf(accept, FORMATS), form, accept)
  t.equal(formatOf(undefined, FORMATS), 'json')
  t.equal(formatOf('text/csv, application/x-ndjson;q=0.5', ['json', 'ndjson']), 'ndjson', 'of those that there are')
  const { app } = await newService(t)
  const res = await app.inject({ url: '/series', headers: { accept: 'image/png' } })
  t.equal(res.statusCode, 200)
})

t.test('format goes before Accept', async (t) => {
  const { app } = await newService(t)
  const res = await app.inject({ url: '/series?format=json', headers: { accept: 'text/csv' } })
  t.same(Object.keys(res.json().series[0]), ['date', 'state', ...LOCATIONS])
})
