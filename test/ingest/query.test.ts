import t from 'tap'
import { boundsQuestion, daysQuestion, type Dialect, type TimeColumn } from '../../src/ingest/query.ts'
import type { Day } from '../../src/model/day.ts'
import { analyse } from '../support/kql.ts'

const d = (text: string): Day => text as Day
const LABELS =
  'Action: string, ActionType: string, ActionTrigger: string, ActionResult: string, NetworkMessageId: string, ' +
  'InternetMessageId: string, RecipientEmailAddress: string, DeliveryLocation: string, ThreatTypes: string, ReportId: string'

const SCHEMAS = {
  'a workspace with Timestamp': `(TimeGenerated: datetime, Timestamp: datetime, TenantId: string, Type: string, ${LABELS})`,
  'a workspace without it': `(TimeGenerated: datetime, TenantId: string, Type: string, ${LABELS})`,
  'advanced hunting': `(Timestamp: datetime, ${LABELS})`
}
const SETTINGS: readonly (TimeColumn | 'auto')[] = ['auto', 'Timestamp', 'TimeGenerated']
const DIALECTS: readonly Dialect[] = ['log-analytics', 'log-analytics-by-time-generated', 'advanced-hunting']

for (const [name, schema] of Object.entries(SCHEMAS)) {
  t.test(`every question binds in ${name}, whatever is set`, async (t) => {
    for (const setting of SETTINGS) {
      const days = daysQuestion({ from: d('2026-11-01'), to: d('2026-11-03') }, setting)
      t.same(analyse(days.kql, { EmailPostDeliveryEvents: schema }), [], `days by ${setting}`)
      for (const dialect of DIALECTS) {
        const bounds = boundsQuestion(d('2026-08-01'), setting, dialect)
        t.same(analyse(bounds.kql, { EmailPostDeliveryEvents: schema }), [], `bounds by ${setting} in ${dialect}`)
      }
    }
  })
}

t.test('a table without one of the labels does not bind', async (t) => {
  const schema = '(TimeGenerated: datetime, ActionType: string, ActionTrigger: string, ActionResult: string)'
  const { kql } = daysQuestion({ from: d('2026-11-01'), to: d('2026-11-03') }, 'auto')
  const found = analyse(kql, { EmailPostDeliveryEvents: schema })
  t.match(
    found.map(({ message }) => message),
    [/DeliveryLocation/]
  )
})

t.test(
  'the days of a range are asked for from the start of the first to before the start of the day after',
  async (t) => {
    const { kql, since } = daysQuestion({ from: d('2026-02-27'), to: d('2026-02-28') }, 'auto')
    t.match(kql, 'EventTime >= datetime(2026-02-27T00:00:00Z) and EventTime < datetime(2026-03-01T00:00:00Z)')
    t.equal(since, '2026-02-26', 'pruned with a day of slack')
    t.match(kql, '>= datetime(2026-02-26T00:00:00Z)')
  }
)

t.test(
  'rows that arrived are asked for from the start of a day, with three days of slack for what was late',
  async (t) => {
    const { kql, since } = boundsQuestion(d('2026-03-01'), 'auto', 'log-analytics')
    t.equal(since, '2026-02-26')
    t.match(kql, '>= datetime(2026-02-26T00:00:00Z)')
    t.match(kql, '| where Arrival >= datetime(2026-03-01T00:00:00Z)')
    t.match(kql.split('\n').at(-1), '| project Day, Arrived, Ingested, Dated, Stamped')
  }
)

t.test('a time column that is set is the only one, and where the table lacks it no day is told', async (t) => {
  const range = { from: d('2026-02-27'), to: d('2026-02-28') }
  for (const column of ['Timestamp', 'TimeGenerated'] as const) {
    const { kql } = daysQuestion(range, column)
    t.match(kql, `| extend EventTime = column_ifexists("${column}", datetime(1900-01-01))\n`)
    t.match(kql, 'or EventTime == datetime(1900-01-01)\n')
  }
  t.match(daysQuestion(range, 'auto').kql, 'EventTime = column_ifexists("Timestamp", column_ifexists("TimeGenerated", ')
})

t.test('no question has an upper end for the time of generation, which would cut late rows', async (t) => {
  const days = daysQuestion({ from: d('2026-02-27'), to: d('2026-02-28') }, 'auto')
  const bounds = boundsQuestion(d('2026-02-27'), 'auto', 'log-analytics')
  for (const { kql } of [days, bounds]) t.notMatch(kql, /TimeGenerated"[^|]*<[^|]*/)
})

t.test('each question reads the table once', async (t) => {
  const days = daysQuestion({ from: d('2026-02-27'), to: d('2026-02-28') }, 'auto')
  const bounds = boundsQuestion(d('2026-02-27'), 'auto', 'log-analytics')
  for (const { kql } of [days, bounds]) t.equal(kql.split('EmailPostDeliveryEvents').length - 1, 1)
})
