// The forms of the answer of GET /series, for whoever reads the description.
import { Type } from 'typebox'
import { LOCATIONS } from '../../model/cube.ts'
import { BY, STEPS } from '../../model/series.ts'
import { DayText, Revision } from '../schemas.ts'

const COUNT = { type: ['integer', 'null'], minimum: 0 }

const State = Type.Enum(['final', 'provisional', 'missing', 'lost'], {
  type: 'string',
  description:
    '`final`: read, and not expected to change. `provisional`: read, and will be read again. `missing`: not read. `lost`: not read, and the source has it no more. A week or month has the worst state of its days.'
})

/** Its further properties are the columns: counts by label. */
const SeriesRow = Type.Unsafe<object>({
  type: 'object',
  required: ['date', 'state'],
  properties: {
    date: { ...DayText, description: 'The day; of a week its Monday, of a month its first day.' },
    state: State,
    days: {
      type: 'integer',
      minimum: 0,
      description: 'Of a week or month: how many of its days take part, being in the range and not after today.'
    },
    // Named, since some tools can only pick what a description names.
    ...Object.fromEntries(LOCATIONS.map((location) => [location, COUNT]))
  },
  additionalProperties: {
    ...COUNT,
    // A long row also has its label.
    type: ['integer', 'string', 'null'],
    description:
      'In the wide layout a column for each label, with its count: 0 on a day that was read and quiet, null where it is not known. A label that would hide a field of the row has ` (label)` added. In the long layout `count`, and the label under the name that `by` gives.'
  }
})

const days = (description: string): ReturnType<typeof Type.Integer> => Type.Integer({ minimum: 0, description })

export const SeriesReply = Type.Object(
  {
    workspace: Type.String(),
    by: Type.Enum([...BY], { type: 'string' }),
    unit: Type.Unsafe<'actions'>({
      type: 'string',
      enum: ['actions'],
      description: 'What is counted: action events, failed ones and those of administrators included; not messages.'
    }),
    timeZone: Type.Unsafe<'UTC'>({ type: 'string', enum: ['UTC'] }),
    from: DayText,
    to: DayText,
    step: Type.Enum([...STEPS], { type: 'string' }),
    revision: {
      ...Revision,
      description:
        'Names the last change of the workspace, or with `asOf` the one at which it was looked at. Digits, opaque; later ones are larger numbers.'
    },
    coverage: Type.Object(
      {
        final: days('Read, and not expected to change.'),
        provisional: days('Read, and will be read again.'),
        missing: days('Not read.'),
        lost: days('Not read, and gone from the source.')
      },
      { description: 'How many days of the range are in each state, whatever the filters are.' }
    ),
    unmatched: Type.Optional(
      Type.Array(Type.Object({ parameter: Type.String(), value: Type.String() }), {
        description:
          'Filter values that the workspace has never seen; perhaps a typing mistake. Absent if there are none.'
      })
    ),
    series: Type.Array(SeriesRow, { description: 'Oldest first; in the wide layout every date of the range.' })
  },
  {
    $id: 'Series',
    description: 'Counts by date and label.',
    examples: [
      {
        workspace: 'default',
        by: 'location',
        unit: 'actions',
        timeZone: 'UTC',
        from: '2026-11-01',
        to: '2026-11-03',
        step: 'day',
        revision: '1794182400042',
        coverage: { final: 1, provisional: 1, missing: 1, lost: 0 },
        series: [
          { date: '2026-11-01', state: 'final', Quarantine: 18, Delete: 0, Junk: 30, Inbox: 36, Other: 2 },
          { date: '2026-11-02', state: 'provisional', Quarantine: 11, Delete: 4, Junk: 9, Inbox: 12, Other: 0 },
          { date: '2026-11-03', state: 'missing', Quarantine: null, Delete: null, Junk: null, Inbox: null, Other: null }
        ]
      }
    ]
  }
)
