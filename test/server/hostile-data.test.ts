// Labels and names that do harm where they are taken for something else: every form of every answer carries them as
// what they are, texts.
import { parse } from 'csv-parse/sync'
import t from 'tap'
import { DIMENSIONS } from '../../src/model/cube.ts'
import { pictureFault } from '../support/answer-check.ts'
import { HOSTILE_LABELS, HOSTILE_NAMES } from '../support/hostile.ts'
import { HOSTILE_RANGE, newHostileService, type HostileService } from '../support/hostile-service.ts'

const RANGE = `workspace=hostile&from=${HOSTILE_RANGE.from}&to=${HOSTILE_RANGE.to}`

interface Row {
  readonly date: string
  readonly state: string
  readonly [column: string]: string | number | null
}

async function textOf({ app }: HostileService, url: string): Promise<string> {
  const res = await app.inject(url)
  if (res.statusCode !== 200) throw new Error(`${url}: ${res.statusCode} ${res.body}`)
  return res.body
}

async function jsonOf<T>(service: HostileService, url: string): Promise<T> {
  const parsed: T = JSON.parse(await textOf(service, url))
  return parsed
}

function linesOf<T>(ndjson: string): T[] {
  return ndjson
    .split('\n')
    .slice(0, -1)
    .map((line): T => JSON.parse(line))
}

const sorted = (texts: Iterable<string>): string[] => [...texts].toSorted((a, b) => (a < b ? -1 : 1))

/** How many events each label has, as another route tells it. */
async function countsOf(service: HostileService, by: string): Promise<Map<string, number>> {
  const url = `/labels?by=${by}&workspace=hostile`
  const { labels } = await jsonOf<{ labels: { label: string; count: number }[] }>(service, url)
  return new Map(labels.map(({ label, count }) => [label, count]))
}

function sumOf(rows: readonly Row[], column: string): number {
  return rows.reduce((sum, row) => sum + Number(row[column] ?? 0), 0)
}

t.test('every label is there under a name of its own, none of which hides a field of a row', async (t) => {
  const service = await newHostileService(t)
  const counts = await countsOf(service, 'actionType')
  const fields = new Set(['date', 'state', 'days', 'workspace'])
  t.equal(counts.size, HOSTILE_LABELS.length + 1, 'the hostile ones, and the ordinary one')
  const hidden = HOSTILE_LABELS.filter((label) => {
    const plain = counts.has(label) && !fields.has(label)
    return !plain && !counts.has(label === '' ? '(none)' : `${label} (label)`)
  })
  t.same(hidden, [])
  t.ok(counts.has('(none)') && counts.has('(none) (label)'), 'the empty label, and one that calls itself so')
})

t.test('JSON and NDJSON carry every label with its counts, wide and long', async (t) => {
  const service = await newHostileService(t)
  for (const by of DIMENSIONS) {
    const counts = await countsOf(service, by)
    const url = `/series?${RANGE}&by=${by}`
    const { series } = await jsonOf<{ series: Row[] }>(service, url)
    t.same(sorted(Object.keys(series[0] ?? {})), sorted(['date', 'state', ...counts.keys()]), by)
    t.same(
      [...counts.keys()].map((label) => sumOf(series, label)),
      [...counts.values()],
      by
    )

    const lines = linesOf<Row>(await textOf(service, `${url}&format=ndjson`))
    t.same(
      lines.map(({ workspace, ...row }) => row),
      series
    )

    const long = await jsonOf<{ series: Row[] }>(service, `${url}&layout=long`)
    const sums = [...counts.keys()].map((label) =>
      sumOf(
        long.series.filter((row) => row[by] === label),
        'count'
      )
    )
    t.same(sums, [...counts.values()], by)
  }
})

/** What a spreadsheet takes for the beginning of a formula. */
const FORMULA = /^\s*[=+\-@\t\r＝＋－＠]/

t.test('no cell of a CSV is run by a spreadsheet, whatever separates the fields there', async (t) => {
  const service = await newHostileService(t)
  const filters = HOSTILE_LABELS.slice(0, 20).map((label) => `&actionType=${encodeURIComponent(label)}`)
  const quiet = `/series?workspace=hostile&from=2026-11-21&to=2026-11-23&by=actionType${filters.join('')}`
  const tables = [...DIMENSIONS.map((by) => `/series?${RANGE}&by=${by}`), quiet]
  const urls = ['wide', 'long'].flatMap((layout) => tables.map((table) => `${table}&layout=${layout}&format=csv`))
  for (const url of urls) {
    const csv = await textOf(service, url)
    const records: string[][] = parse(csv, { recordDelimiter: '\r\n' })
    const cells = records.flat()
    t.same(
      cells.filter((cell) => FORMULA.test(cell)),
      [],
      url
    )
    t.ok(records.length > 3 && cells.length > 12, 'there is something to see')
    for (const separator of [';', '|', '\t']) {
      const others = csv.split('\r\n').flatMap((line) => line.split(separator))
      t.same(
        others.filter((cell) => FORMULA.test(cell.replace(/^"/, ''))),
        [],
        `where ${JSON.stringify(separator)} separates`
      )
    }
  }
})

t.test('a CSV tells every label, and two never become one', async (t) => {
  const service = await newHostileService(t)
  for (const by of DIMENSIONS) {
    const counts = await countsOf(service, by)
    const rows: Row[] = parse(await textOf(service, `/series?${RANGE}&by=${by}&format=csv`), {
      columns: (names: string[]) => names.map((name) => `column ${name}`)
    })
    const columns = Object.keys(rows[0] ?? {}).map((name) => name.slice('column '.length))
    t.equal(new Set(columns).size, counts.size + 2)
    const plain = columns.slice(2).map((name) => name.replaceAll("'", ''))
    t.same(sorted(plain), sorted([...counts.keys()].map((label) => label.replaceAll("'", ''))), by)
    t.same(
      columns.slice(2).map((name) => sumOf(rows, `column ${name}`)),
      [...counts.values()],
      'in the order of their names'
    )
  }
})

t.test('a picture shows labels and filters, and holds nothing but a picture', async (t) => {
  const service = await newHostileService(t)
  const filters = HOSTILE_LABELS.filter((label) => label.trim() !== '').map(
    (label) => `&by=total&actionType=${encodeURIComponent(label)}`
  )
  for (const query of [...DIMENSIONS.map((by) => `&by=${by}`), ...filters]) {
    const fault = pictureFault(await textOf(service, `/series?${RANGE}&format=svg${query}`))
    t.same([query, fault], [query, undefined])
  }
})

t.test('what a page cannot be made to do is said in every answer, also where a label is HTML', async (t) => {
  const { app } = await newHostileService(t)
  const urls = ['json', 'csv', 'ndjson', 'svg'].map((format) => `/series?${RANGE}&by=actionType&format=${format}`)
  for (const url of [...urls, '/labels?by=actionType', '/<script>alert(1)</script>', '/series?<script>=1']) {
    const { headers } = await app.inject(url)
    t.equal(headers['x-content-type-options'], 'nosniff', url)
    t.match(headers['content-security-policy'], /default-src 'none'.*frame-ancestors 'none'/, url)
    t.notMatch(headers['content-type'], /html/, url)
  }
})

t.test('a name of a workspace can be anything in every list, and in the address of the next page', async (t) => {
  const service = await newHostileService(t)
  const status = await jsonOf<{ workspaces: { workspace: string }[] }>(service, '/status')
  t.same(sorted(status.workspaces.map(({ workspace }) => workspace)), sorted(['default', ...service.names]))
  for (const name of HOSTILE_NAMES) {
    const workspace = encodeURIComponent(name)
    t.equal((await jsonOf<{ workspace: string }>(service, `/series?workspace=${workspace}`)).workspace, name)
    const first = await service.app.inject(`/changes?workspace=${workspace}&limit=1`)
    t.equal(first.json().changes[0].workspace, name)
    const next = /^<([!-~]+)>; rel="next"$/.exec(String(first.headers.link))?.[1] ?? ''
    const { pathname, search } = new URL(next)
    t.match(JSON.parse(await textOf(service, pathname + search)), { changes: [{ workspace: name }], more: false })
    const lines = linesOf<Row>(await textOf(service, `/series?workspace=${workspace}&format=ndjson`))
    t.ok(lines.length === 30 && lines.every((line) => line['workspace'] === name))
  }
})

/** As a reader of the text format takes the value of a label. */
function unescaped(text: string): string {
  return text.replace(/\\(.)/g, (_, sign: string) => (sign === 'n' ? '\n' : sign))
}

t.test('metrics are one sample a line, whatever a workspace is called', async (t) => {
  const service = await newHostileService(t)
  const lines = (await textOf(service, '/metrics')).split('\n').slice(0, -1)
  const label = String.raw`[a-zA-Z_]\w*="((?:[^"\\\n]|\\[\\"n])*)"`
  const sample = new RegExp(String.raw`^[a-zA-Z_:]\w*(\{${label}(,${label})*,?\})? (-?[\d.]+(e[+-]?\d+)?|\+Inf|NaN)$`)
  t.same(
    lines.filter((line) => line !== '' && !line.startsWith('# ') && !sample.test(line)),
    []
  )
  const told = lines.flatMap((line) => /workspace="((?:[^"\\]|\\.)*)"/.exec(line)?.[1] ?? [])
  t.same(sorted(new Set(told.map(unescaped))), sorted(['default', ...service.names]))
})

t.test('Grafana offers every label, and finds what it offers', async (t) => {
  const service = await newHostileService(t)
  const ask = async <T>(path: string, payload: object): Promise<T> => {
    const res = await service.app.inject({ method: 'POST', url: `/grafana/${path}`, payload })
    t.equal(res.statusCode, 200, res.body.slice(0, 300))
    return res.json<T>()
  }
  const filters = [{ key: 'workspace', operator: '=', value: 'hostile' }]
  const offered = await ask<{ text: string }[]>('tag-values', { key: 'actionType', filters })
  const counts = await countsOf(service, 'actionType')
  t.same(sorted(offered.map(({ text }) => text)), sorted(counts.keys()))
  const { from, to } = HOSTILE_RANGE
  for (const [label, count] of counts) {
    const narrowed = [...filters, { key: 'actionType', operator: '=', value: label }]
    const [frame, ...others] = await ask<{ target: string; datapoints: [number | null, number][] }[]>('query', {
      range: { from, to },
      targets: [{ target: 'total', refId: 'A' }],
      filters: narrowed
    })
    const sum = frame?.datapoints.reduce((total, [value]) => total + (value ?? 0), 0)
    t.same([label, sum, others], [label, count, []])
  }
})
