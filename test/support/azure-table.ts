// A table of events that answers our two questions, and no other, as Azure would.

export interface FakeEvent {
  /** When it happened; RFC 3339, like all times here. */
  readonly at: string
  /** `TimeGenerated`; without it, as `at`. */
  readonly generated?: string
  /** `ingestion_time()`; without it, as `generated`; null: not answered for this row. */
  readonly arrived?: string | null
  readonly deliveryLocation?: string
  readonly actionType?: string
  readonly actionTrigger?: string
  readonly actionResult?: string
}

export interface FakeTable {
  /** What the table shows now; a test changes it as time goes on. */
  events: readonly FakeEvent[]
  /** Which time columns it has. */
  columns: { readonly Timestamp: boolean; readonly TimeGenerated: boolean }
}

export interface Result {
  readonly columns: readonly (readonly [string, 'datetime' | 'string' | 'long'])[]
  readonly rows: readonly (readonly (string | number)[])[]
}

export function asTables({ columns, rows }: Result): object {
  return { tables: [{ name: 'PrimaryResult', columns: columns.map(([name, type]) => ({ name, type })), rows }] }
}

export function asHunting({ columns, rows }: Result): object {
  const graph = { datetime: 'DateTime', string: 'String', long: 'Int64' }
  return {
    schema: columns.map(([name, type]) => ({ name, type: graph[type] })),
    results: rows.map((row) => Object.fromEntries(columns.map(([name], i) => [name, row[i]])))
  }
}

/** What the table would answer; the numbers in the question are read from its text, and what they mean is known here. */
export function execute(kql: string, { events, columns }: FakeTable): Result {
  const stamp = (event: FakeEvent): string | null => (columns.Timestamp ? event.at : null)
  const generated = (event: FakeEvent): string | null => (columns.TimeGenerated ? (event.generated ?? event.at) : null)
  const ingested = (event: FakeEvent): string | null => (event.arrived === undefined ? generated(event) : event.arrived)
  const automatic = (event: FakeEvent): string | null => (columns.Timestamp ? event.at : generated(event))
  const setting = /EventTime = column_ifexists\("(\w+)", (column|datetime)/.exec(kql)
  const time = (event: FakeEvent): string | null => {
    if (setting?.[2] === 'column') return automatic(event)
    const name = setting?.[1] as 'Timestamp' | 'TimeGenerated'
    return columns[name] ? (name === 'Timestamp' ? event.at : generated(event)) : '1900-01-01T00:00:00Z'
  }
  const pruned = instantIn(kql, /9999-12-31\)\) >= datetime\(([^)]+)\)/)
  const shown = events.filter((event) => (generated(event) ?? '9999') >= pruned)

  if (kql.includes('startofday(Arrival)')) {
    const from = instantIn(kql, /Arrival >= datetime\(([^)]+)\)/)
    const ingestion = kql.includes('ingestion_time()')
      ? ingested
      : kql.includes('Ingestion = datetime(null)')
        ? () => null
        : automatic
    const sums = new Map<string, [number, number, number, number]>()
    for (const event of shown) {
      const arrival = ingestion(event) ?? generated(event)
      if (arrival === null || arrival < from) continue
      const sum = sums.get(midnight(arrival)) ?? [0, 0, 0, 0]
      sum[0]++
      if (ingestion(event) !== null) sum[1]++
      if ((time(event) ?? '') >= '1901') sum[2]++
      if (stamp(event) !== null) sum[3]++
      sums.set(midnight(arrival), sum)
    }
    return {
      columns: [
        ['Day', 'datetime'],
        ['Arrived', 'long'],
        ['Ingested', 'long'],
        ['Dated', 'long'],
        ['Stamped', 'long']
      ],
      rows: Array.from(sums, ([day, sum]) => [day, ...sum])
    }
  }

  const from = instantIn(kql, /EventTime >= datetime\(([^)]+)\)/)
  const to = instantIn(kql, /EventTime < datetime\(([^)]+)\)/)
  const counts = new Map<string, number>()
  for (const event of shown) {
    const at = time(event)
    if (at === null || !((at >= from && at < to) || at.startsWith('1900'))) continue
    const {
      deliveryLocation = 'Quarantine',
      actionType = 'Phish ZAP',
      actionTrigger = '',
      actionResult = 'Success'
    } = event
    const key = JSON.stringify([midnight(at), deliveryLocation, actionType, actionTrigger, actionResult])
    counts.set(key, (counts.get(key) ?? 0) + 1)
  }
  const labels = ['DeliveryLocation', 'ActionType', 'ActionTrigger', 'ActionResult']
  return {
    columns: [['Day', 'datetime'], ...labels.map((name) => [name, 'string'] as const), ['Count', 'long']],
    rows: Array.from(counts, ([key, count]) => [...(JSON.parse(key) as string[]), count])
  }
}

function midnight(instant: string): string {
  return `${instant.slice(0, 10)}T00:00:00Z`
}

function instantIn(kql: string, pattern: RegExp): string {
  const found = pattern.exec(kql)?.[1]
  if (found === undefined) throw new Error(`the test's server does not understand the question: ${kql}`)
  return found
}
