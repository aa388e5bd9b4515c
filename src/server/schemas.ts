// Schemas that several routes share. Those with an `$id` are named components of the description.
import { Type, type Static, type TSchema } from 'typebox'
import type { FastifyInstance } from 'fastify'
import { LOCATIONS } from '../model/cube.ts'
import { RUN_STATUSES, RUN_TRIGGERS } from '../model/run.ts'
import { PROBLEM_TYPE } from './problem.ts'

/** A component, where another schema uses it. */
export function refTo<T extends TSchema>(component: T): ReturnType<typeof Type.Unsafe<Static<T>>> {
  if (!('$id' in component)) throw new Error('only a schema with an $id can be referred to')
  return Type.Unsafe<Static<T>>(Type.Ref(`${String(component.$id)}#`))
}

/** That, or null. */
export function nullable<T>(schema: TSchema & { type: string }): ReturnType<typeof Type.Unsafe<T | null>> {
  return Type.Unsafe<T | null>({ ...schema, type: [schema.type, 'null'] })
}

export const DayText = Type.String({ format: 'date', description: 'A UTC calendar day.', examples: ['2026-11-01'] })
export const NullableDay = nullable<string>(DayText)
export const Instant = Type.String({ format: 'date-time', description: 'RFC 3339, in UTC.' })
export const NullableInstant = nullable<string>(Instant)
export const Revision = Type.String({
  pattern: '^\\d+$',
  description: 'Names the last change of the workspace. Digits, opaque; later ones are larger numbers.',
  examples: ['1794182400042']
})

/** No parameter at all: an unknown one is refused. */
export const NoParameters = Type.Object({}, { additionalProperties: false })

// Parameters have no `examples`: the page to try the API with would fill them in, and ask for what nobody meant.

export const WorkspaceParameter = Type.String({
  minLength: 1,
  maxLength: 128,
  description:
    'The name of a workspace. Default: the first of the settings that the caller may read, else the first by name that holds days; `sample` only if there is no other.'
})

const MOMENT =
  'A day (`2026-11-01`), or a time that means the UTC day that holds it: RFC 3339, a date-time without offset (UTC), or milliseconds since 1970 (13 digits).'
const RANGE =
  'Both ends are included; at most 3,660 days. Without either end: the 30 full days until yesterday. `from` alone ends yesterday, or at `from` if that is later; `to` alone begins 29 days before.'

export const FromParameter = Type.String({
  minLength: 1,
  maxLength: 40,
  description: `The first day. ${MOMENT} ${RANGE}`
})
export const ToParameter = Type.String({
  minLength: 1,
  maxLength: 40,
  description: `The last day, included. ${MOMENT} See \`from\` for the defaults.`
})

export const LocationName = Type.Enum([...LOCATIONS], {
  type: 'string',
  description: 'The canonical final location.'
})

export const LocationsParameter = Type.Array(LocationName, {
  maxItems: LOCATIONS.length,
  description:
    'Only events that ended there; in any case, repeated or comma separated. A filter whatever the columns are. Default: all five.'
})

export const Problem = Type.Object(
  {
    type: Type.String({ description: 'A URI that names the kind of problem; its last part is `code`.' }),
    title: Type.String(),
    status: Type.Integer({ description: 'The HTTP status.' }),
    detail: Type.Optional(Type.String({ description: 'What happened, with the value at fault and the remedy.' })),
    code: Type.String({
      description: 'Never changes, so it is what programs should look at.',
      examples: ['invalid-range']
    }),
    errors: Type.Optional(
      Type.Array(Type.Object({ parameter: Type.String(), detail: Type.String() }), {
        description: 'What is wrong with which parameter of a bad request.'
      })
    )
  },
  { $id: 'Problem', description: 'An error, as RFC 9457 has it.' }
)

export const RunReply = Type.Object(
  {
    id: Type.String({ description: 'Opaque.' }),
    trigger: Type.Enum([...RUN_TRIGGERS], { type: 'string', description: 'What started it.' }),
    workspace: Type.String(),
    source: Type.String({ description: 'The kind of source: `sample`, `log-analytics`, `graph`.' }),
    status: Type.Enum([...RUN_STATUSES], {
      type: 'string',
      description: '`partial`: some of the days could not be read, or not be asked for.'
    }),
    from: NullableDay,
    to: NullableDay,
    startedAt: Instant,
    finishedAt: NullableInstant,
    daysPlanned: Type.Integer({ description: 'Days to ask the source for.' }),
    daysStored: Type.Integer({ description: 'Days whose reading was accepted.' }),
    daysChanged: Type.Integer({ description: 'Of these, the days that it changed.' }),
    error: Type.Optional(
      Type.Object({
        code: Type.String({ description: 'The kind of failure.', examples: ['source-throttled'] }),
        message: Type.String()
      })
    )
  },
  { $id: 'IngestRun', description: 'One run of the ingester for one workspace.' }
)

const PROBLEM_DESCRIPTIONS = {
  400: 'The request is not valid: `invalid-request` or `invalid-range`, and `errors` says why.',
  401: '`unauthorized`: a valid key is wanted.',
  403: '`forbidden`: the key has not the scope, or the request is not answered without keys.',
  404: '`unknown-workspace` or `not-found`: it does not exist, or the caller may not read it.',
  410: '`cursor-gone`: nobody can tell what the holder of this cursor has seen; begin again.',
  413: '`payload-too-large`: the body is larger than 64 kB.',
  414: '`invalid-request`: the address, or a part of its path, is too long.',
  415: '`unsupported-media-type`: the body is not JSON.',
  429: '`rate-limited`: too many requests in a minute; `Retry-After` says when there are more.',
  431: '`invalid-request`: the headers are too long, or too many.',
  503: '`store-unavailable` or `overloaded`: not now; `Retry-After` says when to try again.'
}

type ProblemStatus = keyof typeof PROBLEM_DESCRIPTIONS

const TOO_MANY_HEADERS = {
  'Retry-After': { type: 'integer', description: 'Seconds.' },
  RateLimit: {
    type: 'string',
    description: 'How many are left, `r`, and in how many seconds there are all again, `t`.'
  },
  'RateLimit-Policy': { type: 'string', description: 'How many there are, `q`, in how many seconds, `w`.' }
}

/** The error replies of a route. What wants a key is also counted by it; what is too long to be read is so everywhere. */
export function problems(...statuses: readonly ProblemStatus[]): Record<number, object> {
  const counted = statuses.includes(401) ? ([429] as const) : []
  const all = [...statuses, ...counted, 414, 431] as const
  return Object.fromEntries(
    all.map((status) => [
      status,
      {
        description: PROBLEM_DESCRIPTIONS[status],
        content: { [PROBLEM_TYPE]: { schema: refTo(Problem) } },
        ...(status === 401 && { headers: { 'WWW-Authenticate': { type: 'string', description: 'Always `Bearer`.' } } }),
        ...(status === 429 && { headers: TOO_MANY_HEADERS }),
        ...(status === 503 && { headers: { 'Retry-After': { type: 'integer', description: 'Seconds.' } } })
      }
    ])
  )
}

export function addSharedSchemas(app: FastifyInstance): void {
  for (const schema of [Problem, RunReply]) app.addSchema(schema)
}
