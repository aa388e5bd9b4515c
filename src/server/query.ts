// Parameters as they come, made ready for the schemas: an empty one is absent, a list may be repeated or comma separated.
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { isObject, membersOf } from './members.ts'

type RawQuery = { [parameter: string]: string | string[] }

const UNPARSED = Symbol('a query as it came')

/** For the router: most requests are answered by what their address led to before, and never need their parameters. */
export function leaveUnparsed(text: string): RawQuery {
  const query: RawQuery & { [UNPARSED]?: string } = { [UNPARSED]: text }
  return query
}

/** The parameters of a request, whether they have been parsed yet or not. */
export function parametersOf({ query }: Pick<FastifyRequest, 'query'>): Readonly<Record<string, unknown>> {
  const members: { readonly [UNPARSED]?: unknown } & Readonly<Record<string, unknown>> = membersOf(query)
  return typeof members[UNPARSED] === 'string' ? parseQuerystring(members[UNPARSED]) : members
}

/**
 * Every parameter with its value, or its values where it is repeated; without those that are empty. Without a
 * prototype, so that no name is special.
 */
export function parseQuerystring(text: string): RawQuery {
  const query: RawQuery = Object.create(null)
  for (const [name, value] of new URLSearchParams(text)) {
    if (value === '') continue
    const before = query[name]
    if (Array.isArray(before)) before.push(value)
    else query[name] = before === undefined ? value : [before, value]
  }
  return query
}

/** Parses each query before its schema is asked, and splits the lists in it. */
export function addQueries(app: FastifyInstance): void {
  app.addHook('preValidation', (request, _reply, done) => {
    request.query = parametersOf(request)
    done()
  })
  app.addHook('onRoute', (route) => {
    const lists = listsOf(route.schema?.querystring)
    if (lists.length === 0) return
    route.preValidation = async ({ query }) => {
      if (!isObject(query)) return
      for (const { name, values } of lists) {
        if (query[name] === undefined) continue
        const asked = toList(query[name], values)
        if (asked.length > 0) query[name] = asked
        else delete query[name]
      }
    }
  })
}

/** Each value once, in any case; where the values are a closed list, spelled as the list does. */
function toList(raw: unknown, values: ReadonlyMap<string, string>): string[] {
  const asked = new Map<string, string>()
  for (const text of [raw].flat().flatMap((each) => itemsOf(String(each)))) {
    const item = text.trim()
    const folded = item.toLowerCase()
    if (item !== '' && !asked.has(folded)) asked.set(folded, values.get(folded) ?? item)
  }
  return [...asked.values()]
}

/**
 * What stands between the commas. A backslash makes the comma after it part of the item, and one before such a
 * backslash is meant itself: so every text can be an item, and a backslash anywhere else is as it stands.
 */
function itemsOf(text: string): string[] {
  const items: string[] = []
  const pieces = text.split(',')
  const last = pieces.pop() ?? ''
  let item = ''
  for (const piece of pieces) {
    let end = piece.length
    while (end > 0 && piece[end - 1] === '\\') end--
    const backslashes = piece.length - end
    item += piece.slice(0, end + Math.floor(backslashes / 2))
    if (backslashes % 2 === 1) item += ','
    else {
      items.push(item)
      item = ''
    }
  }
  return [...items, item + last]
}

interface ListParameter {
  readonly name: string
  /** The values of a closed list, by how they are folded; empty for an open one. */
  readonly values: ReadonlyMap<string, string>
}

function listsOf(schema: unknown): ListParameter[] {
  return Object.entries(membersOf(membersOf(schema)['properties'])).flatMap(([name, parameter]) => {
    const { type, items } = membersOf(parameter)
    if (type !== 'array') return []
    const values = Object.values(membersOf(membersOf(items)['enum'])).map(String)
    return [{ name, values: new Map(values.map((value) => [value.toLowerCase(), value])) }]
  })
}
