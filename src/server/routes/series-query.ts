// What GET /series is asked, resolved: no default is left open in what comes out.
import { Type, type Static } from 'typebox'
import { DIMENSIONS, LOCATIONS, type Dimension } from '../../model/cube.ts'
import { dayOf } from '../../model/day.ts'
import { BY, countRows, fillsUntil, NO_LABEL, STEPS, type SeriesQuery } from '../../model/series.ts'
import { CHART_THEMES } from '../chart/palette.ts'
import { toDayRange } from '../day-range.ts'
import { FORMATS } from '../media.ts'
import { badParameter } from '../problem.ts'
import { FromParameter, LocationsParameter, ToParameter, WorkspaceParameter } from '../schemas.ts'
import { LAYOUTS, type Layout } from '../series-text.ts'

/** One answer holds the whole; beyond so many values it would hold up all others. */
export const MAX_VALUES = 500_000

const labelFilter = (dimension: Dimension, example: string) =>
  Type.Optional(
    Type.Array(Type.String({ minLength: 1, maxLength: 256 }), {
      maxItems: 50,
      description: `Only events with one of these values of \`${dimension}\`, as the table spells them (\`${example}\`), in any case; repeated or comma separated (a comma within a value is written \`\\,\`). \`${NO_LABEL}\` is the empty value. Default: all.`
    })
  )

export const SeriesQuerystring = Type.Object(
  {
    location: Type.Optional(LocationsParameter),
    from: Type.Optional(FromParameter),
    to: Type.Optional(ToParameter),
    workspace: Type.Optional(WorkspaceParameter),
    by: Type.Optional(
      Type.Enum([...BY], {
        type: 'string',
        default: 'location',
        description:
          'What the columns are. Values of the table become columns where they have an event in the range, or where a filter names them.'
      })
    ),
    deliveryLocation: labelFilter('deliveryLocation', 'Inbox/folder'),
    actionType: labelFilter('actionType', 'Phish ZAP'),
    actionTrigger: labelFilter('actionTrigger', 'SpecialAction'),
    actionResult: labelFilter('actionResult', 'Success'),
    step: Type.Optional(
      Type.Enum([...STEPS], {
        type: 'string',
        default: 'day',
        description:
          'What a row is. A week is that of ISO 8601, and begins on Monday. Only days of the range that are not after today take part in a week or month; its `days` counts them.'
      })
    ),
    layout: Type.Optional(
      Type.Enum([...LAYOUTS], {
        type: 'string',
        default: 'wide',
        description: '`wide`: a row for each date, with a column for each label. `long`: a row for each date and label.'
      })
    ),
    asOf: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 40,
        description:
          'Answer as was answered then: a `revision`, or a time (RFC 3339, or a date-time without offset, which is UTC; a day means its beginning). The default range and the end of weeks and months are those of that day. Default: now.'
      })
    ),
    format: Type.Optional(
      Type.Enum([...FORMATS, 'svg'], {
        type: 'string',
        description:
          'The form of the answer; `svg` is the time chart as a picture. Default: what `Accept` prefers of the first three, else JSON.'
      })
    ),
    theme: Type.Optional(
      Type.Enum([...CHART_THEMES], {
        type: 'string',
        // No `default`, which would be filled in and look like one that was given where there is no picture.
        description: 'The colours of the picture; with `format=svg` only. Default: `light`.'
      })
    )
  },
  { additionalProperties: false }
)

/** Throws `invalid-request` or `invalid-range`. */
export function toSeriesQuery(asked: Static<typeof SeriesQuerystring>, now: Date): SeriesQuery & { layout: Layout } {
  const { by = 'location', step = 'day', layout = 'wide', location } = asked
  if (asked.theme !== undefined && asked.format !== 'svg') {
    throw badParameter('theme', 'is of pictures only: ask for format=svg')
  }
  const range = toDayRange(asked, now)
  const locations = location === undefined ? LOCATIONS : LOCATIONS.filter((each) => location.includes(each))
  const labels = Object.fromEntries(
    DIMENSIONS.flatMap((dimension) => {
      const values = asked[dimension]
      return values === undefined ? [] : [[dimension, values]]
    })
  )
  return { range, by, step, layout, locations, labels, today: fillsUntil({ range, step, today: dayOf(now) }) }
}

/** Throws `invalid-range` for more values than one answer holds. */
export function checkSize({ range, step }: Pick<SeriesQuery, 'range' | 'step'>, columns: number): void {
  const rows = countRows(range, step)
  if (rows * columns <= MAX_VALUES) return
  const detail = `${rows} rows of ${columns} columns are more than ${MAX_VALUES} values: shorten the range, or filter`
  throw badParameter('from', detail, 'invalid-range')
}
