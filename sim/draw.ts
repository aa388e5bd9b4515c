// Histories drawn from a seed: how often each step comes, and in which form.
import { PLACES, TYPES } from './labels.ts'
import type { Random } from './random.ts'
import type { Actor, Change, History, Import, Keeps, NewEvent, Run, Settings, Span, Step, Together } from './steps.ts'

const CODES = [
  'source-throttled',
  'source-unavailable',
  'source-timeout',
  'source-unauthorized',
  'source-rejected',
  'source-incomplete',
  'clock-skew',
  'cancelled',
  'bug'
] as const

/** From the first days of 2024, a leap year, to those of 2028. */
const STARTS = [Date.UTC(2024, 0, 1), Date.UTC(2028, 0, 1)] as const
const MIN_STEPS = 14
const MAX_STEPS = 36

export function drawHistory(random: Random): History {
  // Some take more than one question for what is due.
  const isLong = random.chance(0.15)
  const settings = isLong ? { ...drawSettings(random), retentionDays: 40 } : drawSettings(random)
  return {
    start: random.whole(...STARTS),
    format: 1 - random.next(),
    hoursBefore: (isLong ? 50 : 12) * 24,
    busyBefore: random.chance(0.7),
    settings,
    keeps: Array.from({ length: 4 }, () => drawKeeps(random)),
    before: drawEvents(random, 14),
    steps: [
      ...Array.from({ length: random.whole(MIN_STEPS, MAX_STEPS) }, () => ({
        look: random.whole(0, 2 ** 30),
        ...drawStep(random)
      })),
      { look: 0, do: 'well' }
    ]
  }
}

type Undressed = Step extends infer S ? (S extends Step ? Omit<S, 'look'> : never) : never

function drawStep(random: Random): Undressed {
  const of = side(random)
  return random.weighted<() => Undressed>([
    [26, () => ({ do: 'pass', span: drawSpan(random) })],
    [16, () => drawRun(random)],
    [22, () => drawTogether(random)],
    [7, () => drawImport(random)],
    [9, () => drawChange(random)],
    [1, () => ({ do: 'set', to: drawSettings(random) })],
    [2, () => ({ do: 'clock', ahead: drawClock(random) })],
    [2, () => ({ do: 'restart', upgrade: random.chance(0.4) })],
    [1, () => ({ do: 'copy' })],
    [1, () => ({ do: 'restore', copy: random.whole(0, 9) })],
    [0.7, () => ({ do: 'rename', of })],
    [0.7, () => ({ do: 'another source', of })],
    [1, () => ({ do: 'bind', of })],
    [0.3, () => ({ do: 'remove', of })],
    [1.5, () => ({ do: 'well' })]
  ])()
}

function drawSettings(random: Random): Settings {
  return { lagDays: random.pick([0, 1, 2, 4]), retentionDays: random.pick([5, 8, 14, 20]) }
}

function drawKeeps(random: Random): Keeps {
  return { keepDays: random.pick([2, 4, 8, 12, 30, 1_000]), forgetsBy: random.pick(['arrival', 'event time']) }
}

function drawClock(random: Random): Extract<Step, { do: 'clock' }>['ahead'] {
  return random.weighted([
    [5, 'right'],
    [1, 'a month ahead'],
    [1, 'a day back'],
    [1, 'minutes ahead'],
    [1, 'minutes back']
  ])
}

function drawSpan(random: Random): Span {
  const hours = random.weighted([
    [6, random.whole(1, 40)],
    [2, random.whole(40, 6 * 24)],
    [0.4, random.whole(6 * 24, 25 * 24)]
  ])
  return { hours, busy: random.chance(0.6), events: drawEvents(random, 4) }
}

function drawEvents(random: Random, most: number): NewEvent[] {
  return Array.from({ length: random.whole(0, most) }, () => ({
    tenant: random.whole(0, 3),
    share: random.next(),
    delay: random.pick([0, 0, 0, 0, 1, 12, 30, 50, 5 * 24, 12 * 24]),
    place: random.pick(PLACES),
    type: random.pick(TYPES),
    count: random.whole(1, 3)
  }))
}

function drawRun(random: Random): Run {
  const isLong = random.chance(0.1)
  const [from, days] = isLong
    ? [random.whole(20, 50), random.whole(10, 50)]
    : [random.whole(0, 18), random.whole(1, 14)]
  const ask = { from, days, force: random.chance(0.5) }
  const fault = { at: random.whole(0, 4), code: random.pick(CODES) }
  return {
    do: 'run',
    by: side(random),
    of: side(random),
    ask: random.chance(0.35) ? ask : null,
    fault: random.chance(0.25) ? fault : null
  }
}

function drawImport(random: Random): Import {
  const terms = random.pick(['plain', 'ranged', 'replacing'] as const)
  const days = random.whole(1, 8)
  const complete = random.chance(0.7)
  return { do: 'import', by: side(random), of: side(random), from: random.whole(0, 25), days, terms, complete }
}

function drawChange(random: Random): Change {
  const of = side(random)
  return random.weighted<() => Change>([
    [2, () => ({ do: 'purge', of, age: random.whole(0, 8), all: random.chance(0.5) })],
    [
      4,
      () => ({
        do: 'show',
        of,
        what: random.weighted([
          [5, 'all'],
          [2, 'less'],
          [2, 'no event'],
          [1, 'no row']
        ])
      })
    ],
    [1, () => ({ do: 'fail a day', of, age: random.chance(0.5) ? null : random.whole(0, 6) })],
    [2, () => ({ do: 'keep', of, keeps: drawKeeps(random) })]
  ])()
}

/** For a run that may be under way already: for the same, or for a part of it. */
function drawAgain(random: Random, { by, of, ask }: Run): Run {
  const skipped = ask === null ? 0 : random.whole(0, ask.days - 1)
  const part = ask && {
    from: ask.from - skipped,
    days: random.whole(1, ask.days - skipped),
    force: random.chance(0.5)
  }
  return { do: 'run', by, of, ask: part, fault: null }
}

function drawTogether(random: Random): Together {
  const first: Run = { ...drawRun(random), by: 0 }
  const actor = (): Actor =>
    random.weighted<() => Actor>([
      [5, () => drawRun(random)],
      [2, () => drawAgain(random, first)],
      [2, () => drawImport(random)],
      [2, () => drawChange(random)],
      // Its window moves on under the run.
      [2, () => ({ do: 'keep', of: first.of, keeps: { keepDays: random.pick([2, 4]), forgetsBy: 'arrival' } })],
      [2, () => ({ do: 'read', of: side(random) })],
      [1, () => ({ do: 'follow', of: side(random), limit: random.whole(1, 9) })],
      [0.5, () => ({ do: 'copy' })],
      [0.2, () => ({ do: 'restore', copy: random.whole(0, 9) })]
    ])()
  return {
    do: 'together',
    seed: random.whole(0, 2 ** 30),
    actors: [first, ...Array.from({ length: random.whole(1, 2) }, actor)],
    minutes: random.weighted([
      [3, 0],
      [2, random.whole(1, 10)],
      [2, random.whole(10, 20 * 60)]
    ]),
    end: random.weighted([
      [6, 'whole'],
      [1, 'kill one'],
      [1, 'kill all'],
      [1, 'power cut']
    ]),
    after: random.whole(1, 60),
    within: random.chance(0.5)
  }
}

function side(random: Random): 0 | 1 {
  return random.chance(0.6) ? 0 : 1
}
