// Executes KQL over rows, by parsing its text: the operators and functions that our questions and the well-known query
// of this table use, with Kusto's rules for nulls, terms and days. It shares nothing with src/.

/** datetime and timespan in ticks of 100 ns since 1970, long, string, bool, and lists of them. */
type Value = bigint | number | string | boolean | null | readonly Value[]
type Type = 'datetime' | 'timespan' | 'long' | 'string' | 'bool' | 'dynamic'

export interface KqlRow {
  readonly values: Readonly<Record<string, Value>>
  /** `ingestion_time()`. */
  readonly ingested: bigint | null
}

export interface KqlTable {
  readonly columns: Readonly<Record<string, Type>>
  readonly rows: readonly KqlRow[]
}

export interface KqlResult {
  readonly columns: readonly (readonly [string, Type])[]
  readonly rows: readonly (readonly Value[])[]
  /** How often a stored table was read. */
  readonly scans: number
}

/** What Azure would call a semantic error. */
export class KqlError extends Error {
  override readonly name = 'KqlError'
}

interface Expression {
  readonly type: Type
  of(row: KqlRow): Value
}
interface Aggregate {
  readonly type: Type
  over(rows: readonly KqlRow[]): Value
}

const TICKS_PER_DAY = 864_000_000_000n

export function runKql(text: string, tables: Readonly<Record<string, KqlTable>>, now: bigint): KqlResult {
  const tokens = tokensOf(text)
  const scalars = new Map<string, Expression>()
  const views = new Map<string, KqlTable>()
  let at = 0
  let scans = 0

  const peek = (ahead = 0): string => tokens[at + ahead] ?? ''
  const take = (wanted?: string): string => {
    const token = peek()
    if (token === '' || (wanted !== undefined && token.toLowerCase() !== wanted)) {
      throw new KqlError(`expected ${wanted ?? 'more'} and not '${token}' in ${text}`)
    }
    at++
    return token
  }
  const accept = (wanted: string): boolean => {
    if (peek().toLowerCase() !== wanted) return false
    at++
    return true
  }
  const list = <T>(read: () => T): T[] => {
    const items = [read()]
    while (accept(',')) items.push(read())
    return items
  }

  const disjunction = (columns: KqlTable['columns']): Expression => {
    let left = conjunction(columns)
    while (accept('or')) left = logical(left, conjunction(columns), (a, b) => a === true || b === true)
    return left
  }
  const conjunction = (columns: KqlTable['columns']): Expression => {
    let left = comparison(columns)
    while (accept('and')) left = logical(left, comparison(columns), (a, b) => a === true && b === true)
    return left
  }
  const comparison = (columns: KqlTable['columns']): Expression => {
    const left = operand(columns)
    const compare = COMPARISONS[peek().toLowerCase()]
    if (compare === undefined) return left
    take()
    const right = operand(columns)
    if (left.type !== right.type) throw new KqlError(`a ${left.type} is compared with a ${right.type}`)
    return logical(left, right, (a, b) => a !== null && b !== null && compare(a, b))
  }
  const operand = (columns: KqlTable['columns']): Expression => {
    if (accept('(')) {
      const inner = disjunction(columns)
      take(')')
      return inner
    }
    const token = take()
    if (/^["']/.test(token)) return constant('string', token.slice(1, -1))
    if (/^\d+d$/.test(token)) return constant('timespan', BigInt(token.slice(0, -1)) * TICKS_PER_DAY)
    if (/^\d+$/.test(token)) return constant('long', Number(token))
    if (token.startsWith('datetime(')) return constant('datetime', instantOf(token.slice(9, -1)))
    if (accept('(')) return call(token, columns)
    const scalar = scalars.get(token)
    if (scalar !== undefined) return scalar
    const type = columns[token]
    if (type === undefined) throw new KqlError(`Failed to resolve scalar expression named '${token}'`)
    return { type, of: (row) => row.values[token] ?? null }
  }
  const call = (name: string, columns: KqlTable['columns']): Expression => {
    if (name === 'column_ifexists') {
      const column = take().slice(1, -1)
      take(',')
      const otherwise = disjunction(columns)
      take(')')
      const type = columns[column]
      return type === undefined ? otherwise : { type, of: (row) => row.values[column] ?? null }
    }
    const given = accept(')') ? [] : list(() => disjunction(columns))
    if (tokens[at - 1] !== ')' || given.length > 0) take(')')
    const [first] = given
    if (name === 'now') return constant('datetime', now)
    if (name === 'ingestion_time') return { type: 'datetime', of: (row) => row.ingested }
    if (first === undefined) throw new KqlError(`Unknown function: '${name}'`)
    if (name === 'ago') return { type: 'datetime', of: (row) => now - ticks(first.of(row)) }
    if (name === 'startofday') {
      return { type: 'datetime', of: (row) => nullOr(first.of(row), (value) => startOfDay(ticks(value))) }
    }
    if (name === 'isnotnull') return { type: 'bool', of: (row) => first.of(row) !== null }
    if (name === 'coalesce') {
      return {
        type: first.type,
        of: (row) => given.map((each) => each.of(row)).find((value) => value !== null) ?? null
      }
    }
    throw new KqlError(`Unknown function: '${name}'`)
  }

  const aggregate = (columns: KqlTable['columns']): Aggregate => {
    const name = take()
    take('(')
    if (name === 'count') {
      take(')')
      return { type: 'long', over: (rows) => rows.length }
    }
    if (name !== 'countif') throw new KqlError(`Unknown aggregate: '${name}'`)
    const condition = disjunction(columns)
    take(')')
    return { type: 'long', over: (rows) => rows.filter((row) => condition.of(row) === true).length }
  }
  /** `Name = what`, or what is a column. */
  const named = <T>(read: () => T): [string, T] => {
    const name = peek()
    if (peek(1) === '=') at += 2
    return [name, read()]
  }

  const operators: Readonly<Record<string, (from: KqlTable) => KqlTable>> = {
    where({ columns, rows }) {
      const condition = disjunction(columns)
      return { columns, rows: rows.filter((row) => condition.of(row) === true) }
    },
    extend(from) {
      const made = list(() => named(() => disjunction(from.columns)))
      const columns = { ...from.columns, ...typesOf(made) }
      return { columns, rows: from.rows.map((row) => ({ ...row, values: { ...row.values, ...valuesOf(made, row) } })) }
    },
    project({ columns, rows }) {
      const made = list(() => named(() => disjunction(columns)))
      return { columns: typesOf(made), rows: rows.map((row) => ({ ...row, values: valuesOf(made, row) })) }
    },
    summarize({ columns, rows }) {
      const sums = list(() => named(() => aggregate(columns)))
      take('by')
      const keys = list(() => named(() => disjunction(columns)))
      const groups = Map.groupBy(rows, (row) =>
        keys.map(([, key]) => `${typeof key.of(row)} ${String(key.of(row))}`).join('\0')
      )
      return {
        columns: { ...typesOf(keys), ...typesOf(sums) },
        rows: [...groups.values()].map((group) => ({
          ingested: null,
          values: {
            ...valuesOf(keys, group[0] as KqlRow),
            ...Object.fromEntries(sums.map(([name, sum]) => [name, sum.over(group)]))
          }
        }))
      }
    },
    'make-series'({ columns, rows }) {
      const [name, sum] = named(() => aggregate(columns))
      for (const word of ['default', '=']) take(word)
      const standard = Number(take())
      take('on')
      const axisName = peek()
      const axis = operand(columns)
      const [from, to, step] = ['from', 'to', 'step'].map((word) => {
        take(word)
        return ticks(operand(columns).of(NO_ROW))
      }) as [bigint, bigint, bigint]
      const bins = Array.from({ length: Number((to - from + step - 1n) / step) }, (_, i) => from + BigInt(i) * step)
      const inside = rows.filter((row) => {
        const time = axis.of(row)
        return time !== null && ticks(time) >= from && ticks(time) < to
      })
      const byBin = Map.groupBy(inside, (row) => (ticks(axis.of(row)) - from) / step)
      const series = bins.map((_, i) => {
        const members = byBin.get(BigInt(i))
        return members === undefined ? standard : sum.over(members)
      })
      return {
        columns: { [name]: 'dynamic', [axisName]: 'dynamic' },
        // Over no rows there is no line at all, not a line of zeros.
        rows: inside.length === 0 ? [] : [{ ingested: null, values: { [name]: series, [axisName]: bins } }]
      }
    },
    render(from) {
      take()
      return from
    }
  }

  const pipeline = (): KqlTable => {
    let from = source()
    while (accept('|')) {
      const name = take()
      const operator = operators[name]
      if (operator === undefined) throw new KqlError(`Unknown operator: '${name}'`)
      from = operator(from)
    }
    return from
  }
  const source = (): KqlTable => {
    if (accept('union')) {
      const parts = list(source)
      return {
        columns: Object.assign({}, ...parts.map(({ columns }) => columns)),
        rows: parts.flatMap(({ rows }) => rows)
      }
    }
    const name = take()
    const view = views.get(name)
    if (view !== undefined) return view
    const table = tables[name]
    if (table === undefined) throw new KqlError(`Failed to resolve table or column expression named '${name}'`)
    scans++
    return table
  }

  while (accept('let')) {
    const name = take()
    take('=')
    if (tables[peek()] === undefined && !views.has(peek())) scalars.set(name, disjunction({}))
    else views.set(name, pipeline())
    take(';')
  }
  const { columns, rows } = pipeline()
  if (peek() !== '') throw new KqlError(`the query goes on after its end: '${peek()}'`)
  const names = Object.keys(columns)
  return {
    columns: Object.entries(columns),
    rows: rows.map(({ values }) => names.map((name) => values[name] ?? null)),
    scans
  }
}

const NO_ROW: KqlRow = { values: {}, ingested: null }

const COMPARISONS: Readonly<Record<string, (a: Value, b: Value) => boolean>> = {
  '==': (a, b) => a === b,
  '>=': (a, b) => ticks(a) >= ticks(b),
  '<=': (a, b) => ticks(a) <= ticks(b),
  '>': (a, b) => ticks(a) > ticks(b),
  '<': (a, b) => ticks(a) < ticks(b),
  has: (a, b) => termsOf(String(a)).includes(String(b).toLowerCase())
}

/** A datetime with up to seven decimals; the day alone is its midnight. */
export function instantOf(text: string): bigint | null {
  if (text === 'null') return null
  const [, seconds = '', decimals = ''] = /^([^.Z]+)(?:\.(\d{1,7}))?Z?$/.exec(text) ?? []
  const ms = Date.parse(seconds.includes('T') ? `${seconds}Z` : seconds)
  if (Number.isNaN(ms)) throw new KqlError(`'${text}' is no datetime`)
  return BigInt(ms) * 10_000n + BigInt(decimals.padEnd(7, '0'))
}

export function textOf(instant: bigint): string {
  const day = startOfDay(instant)
  const seconds = new Date(Number((instant - (((instant % 10_000_000n) + 10_000_000n) % 10_000_000n)) / 10_000n))
  const decimals = String((instant - day) % 10_000_000n).padStart(7, '0')
  return `${seconds.toISOString().slice(0, 19)}${/^0+$/.test(decimals) ? '' : `.${decimals}`}Z`
}

/** Runs of letters and digits, in lower case. */
function termsOf(text: string): string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []
}

function startOfDay(instant: bigint): bigint {
  return instant - (((instant % TICKS_PER_DAY) + TICKS_PER_DAY) % TICKS_PER_DAY)
}

function ticks(value: Value): bigint {
  if (typeof value === 'bigint') return value
  throw new KqlError(`${String(value)} is no time`)
}

function nullOr(value: Value, then: (value: Value) => Value): Value {
  return value === null ? null : then(value)
}

function constant(type: Type, value: Value): Expression {
  return { type, of: () => value }
}

function logical(left: Expression, right: Expression, decide: (a: Value, b: Value) => boolean): Expression {
  return { type: 'bool', of: (row) => decide(left.of(row), right.of(row)) }
}

function typesOf(made: readonly (readonly [string, { readonly type: Type }])[]): Record<string, Type> {
  return Object.fromEntries(made.map(([name, { type }]) => [name, type]))
}

function valuesOf(made: readonly (readonly [string, Expression])[], row: KqlRow): Record<string, Value> {
  return Object.fromEntries(made.map(([name, expression]) => [name, expression.of(row)]))
}

const TOKEN =
  /\s*(?:\/\/[^\n]*\n)?\s*(datetime\([^)]*\)|"[^"]*"|'[^']*'|make-series|[A-Za-z_]\w*|\d+d|\d+|==|>=|<=|[|(),;=<>])/y

function tokensOf(text: string): string[] {
  const tokens: string[] = []
  TOKEN.lastIndex = 0
  for (const whole = text.trimEnd(); TOKEN.lastIndex < whole.length;) {
    const token = TOKEN.exec(whole)?.[1]
    if (token === undefined) throw new KqlError(`cannot read ${text}`)
    tokens.push(token)
  }
  return tokens
}
