// The method of docs/anomalies.md, in numbers that were computed by it in another language.
import assert from 'node:assert/strict'
import t from 'tap'
import { HISTORY_WEEKS, MIN_HISTORY, SCORE_LIMIT, usualOf } from '../../src/model/usual.ts'
import { HISTORY_DAYS } from '../../src/model/anomalies.ts'
import fc from '../support/properties.ts'

const weeks = (count: number, length: number): number[] => Array.from({ length }, () => count)

interface Example {
  readonly history: readonly number[]
  readonly low: number
  readonly high: number
  readonly middle: readonly [number, number]
  /** Of 0, 50, 100 and 1,000 events. */
  readonly scores: readonly [number, number, number, number]
}

const EXAMPLES: { readonly [what: string]: Example } = {
  'weeks that are all alike': {
    history: weeks(60, 12),
    low: 19,
    high: 125,
    middle: [60, 60],
    scores: [-9.322, -0.876, 2.928, 31.072]
  },
  'restless weeks': {
    history: [60, 90, 40, 75, 110, 55, 30, 95, 70, 45, 85, 65],
    low: 3,
    high: 214,
    middle: [65, 67],
    scores: [-5.323, -0.704, 1.246, 16.354]
  },
  'half as many of them, which are doubted': {
    history: [60, 90, 40, 75, 110, 55],
    low: 0,
    high: 439,
    middle: [67, 75],
    scores: [-2.943, -0.436, 0.49, 8.404]
  },
  'eleven weeks of many events': {
    history: [1000, 2000, 1500, 700, 900, 3000, 1200, 1100, 1900, 800, 1600],
    low: 0,
    high: 7_542,
    middle: [1200, 1600],
    scores: [-3.775, -3.056, -2.732, -0.335]
  },
  'calm weeks with two wild ones': {
    history: [60, 62, 61, 900, 59, 60, 63, 0, 61, 60, 62, 58],
    low: 19,
    high: 126,
    middle: [60, 60],
    scores: [-9.322, -0.876, 2.88, 30.956]
  },
  'a level that rose three weeks ago': {
    history: [...weeks(100, 9), 300, 300, 300],
    low: 36,
    high: 556,
    middle: [100, 300],
    scores: [-10.422, -3.237, 0, 10.266]
  },
  'a level that fell three weeks ago': {
    history: [...weeks(400, 9), 90, 110, 100],
    low: 36,
    high: 735,
    middle: [100, 400],
    scores: [-10.422, -3.237, 0, 7.346]
  },
  'hardly any events': {
    history: [3, 0, 1, 4, 2, 0, 5],
    low: 0,
    high: 57,
    middle: [2, 2],
    scores: [-0.69, 4.128, 6.298, 22.354]
  },
  'no event ever': { history: weeks(0, 12), low: 0, high: 7, middle: [0, 0], scores: [0, 12.916, 18.734, 61.773] },
  'one week': { history: [50], low: 15, high: 107, middle: [50, 50], scores: [-8.88, 0, 4, 33.59] },
  'no week': { history: [], low: 0, high: 7, middle: [0, 0], scores: [0, 12.916, 18.734, 61.773] }
}

for (const [what, { history, scores, ...expected }] of Object.entries(EXAMPLES)) {
  t.test(`after ${what} this is usual, and so far out is what is not`, async (t) => {
    const { scoreOf, ...usual } = usualOf(history)
    t.strictSame(usual, expected)
    t.strictSame(
      [0, 50, 100, 1_000].map((count) => Math.round(scoreOf(count) * 1_000) / 1_000),
      scores
    )
  })
}

t.test('what was usual is told by twelve weeks, and by six at least', async (t) => {
  t.strictSame([HISTORY_WEEKS, HISTORY_DAYS, MIN_HISTORY, SCORE_LIMIT], [12, 84, 6, 4.5])
})

t.test(
  'a count is in line exactly where its score is within the limit, and has no score within the middle',
  async () => {
    const someHistory = fc.array(fc.oneof(fc.nat(30), fc.nat(3_000)), { maxLength: 12 })
    fc.assert(
      fc.property(someHistory, fc.nat(4_000), (history, count) => {
        const { low, high, middle, scoreOf } = usualOf(history)
        for (const some of [count, low - 1, low, high, high + 1].filter((value) => value >= 0)) {
          const inLine = some >= low && some <= high
          assert.equal(Math.abs(scoreOf(some)) <= SCORE_LIMIT + 1e-9, inLine, `${some} of ${low} to ${high}`)
        }
        // The ends of the middle are rounded.
        for (let some = middle[0] + 1; some < middle[1]; some++) assert.equal(scoreOf(some), 0)
      })
    )
  }
)
