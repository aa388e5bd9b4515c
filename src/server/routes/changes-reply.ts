// The forms of the answer of GET /changes, for whoever reads the description.
import { Type } from 'typebox'
import { LOCATIONS, type Location } from '../../model/cube.ts'
import { DayText, Instant, nullable, Revision } from '../schemas.ts'

const counts = (description: string): ReturnType<typeof nullable<{ readonly [L in Location]: number }>> =>
  nullable(
    Type.Object(Object.fromEntries(LOCATIONS.map((location) => [location, Type.Integer({ minimum: 0 })])), {
      description
    })
  )

const Change = Type.Object({
  revision: { ...Revision, description: 'Names this change. Digits, opaque; later ones are larger numbers.' },
  workspace: Type.String(),
  date: DayText,
  state: Type.Enum(['final', 'provisional', 'lost'], {
    type: 'string',
    description: 'What the day is from this change on; `lost` has no counts.'
  }),
  counts: counts('From this change on, action events by location; null for a lost day.'),
  previous: counts('Before it; null where the day was not known.'),
  changedAt: { ...Instant, description: 'When it was stored: RFC 3339, in UTC. Days stored together have one instant.' }
})

export const ChangesReply = Type.Object(
  {
    changes: Type.Array(Change, { description: 'Oldest first.' }),
    next: Type.String({
      pattern: '^\\d+$',
      description: 'The cursor to keep, and to send as `since` the next time. Always there, also with an empty list.'
    }),
    more: Type.Boolean({ description: 'Whether others follow at once; never true with an empty list.' })
  },
  {
    $id: 'Changes',
    description: 'Changes of days, one by one.',
    examples: [
      {
        changes: [
          {
            revision: '1794182400042',
            workspace: 'default',
            date: '2026-11-02',
            state: 'provisional',
            counts: { Quarantine: 11, Delete: 4, Junk: 9, Inbox: 12, Other: 0 },
            previous: { Quarantine: 10, Delete: 4, Junk: 9, Inbox: 12, Other: 0 },
            changedAt: '2026-11-09T00:00:00.042Z'
          }
        ],
        next: '1794182400042',
        more: false
      }
    ]
  }
)
