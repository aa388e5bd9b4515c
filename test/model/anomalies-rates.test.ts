// How often an ordinary day is called unusual, and how often an unusual one is found, measured on random histories.
// The table in docs/anomalies.md is what this prints with RATE_YEARS=200.
import t from 'tap'
import { findAnomalies } from '../../src/model/anomalies.ts'
import { LOCATIONS } from '../../src/model/cube.ts'
import { addDays, numberOfDay, type Day } from '../../src/model/day.ts'
import type { StoredDay } from '../../src/model/reading.ts'
import { usualOf } from '../../src/model/usual.ts'
import { cell, d } from '../support/counts.ts'

/** Years of five locations; more years cost time. */
const YEARS = Number(process.env['RATE_YEARS'] ?? 6)

// Numbers that look random and are the same each time (mulberry32).
let seed = 20_261_124
function random(): number {
  seed = (seed + 0x6d2b79f5) | 0
  let x = Math.imul(seed ^ (seed >>> 15), 1 | seed)
  x = (x + Math.imul(x ^ (x >>> 7), 61 | x)) ^ x
  return ((x ^ (x >>> 14)) >>> 0) / 2 ** 32
}

function normal(): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
}

/** Of mean and shape `shape`, at least 1 (Marsaglia and Tsang, 2000). */
function gamma(shape: number): number {
  const a = shape - 1 / 3
  for (;;) {
    const x = normal()
    const v = (1 + x / Math.sqrt(9 * a)) ** 3
    if (v > 0 && Math.log(1 - random()) < x ** 2 / 2 + a - a * v + a * Math.log(v)) return a * v
  }
}

function poisson(mean: number): number {
  if (mean > 100) return Math.max(0, Math.round(mean + Math.sqrt(mean) * normal()))
  let count = -1
  for (let product = 1; product > Math.exp(-mean); count++) product *= 1 - random()
  return count
}

/** Negative binomial: by chance, and beyond that the level itself varies by `variation` of it (standard deviation). */
function noisy(mean: number, variation: number): number {
  return poisson(variation === 0 ? mean : (mean * gamma(variation ** -2)) / variation ** -2)
}

const WEEKLY = [0.95, 0.8, 0.25, 0.2, 1.05, 1.1, 1]
const meanOf = (day: Day, level: number): number => level * (WEEKLY[numberOfDay(day) % 7] ?? 1)

interface Rates {
  readonly falseAlarms: number
  /** By what the usual count of a day was multiplied with: the part of days found. */
  readonly found: Record<string, number>
}

/** False alarms of a location and year, and what is found of planted days after twelve ordinary weeks. */
function measure(level: number, variation: number): Rates {
  const first = d('2020-01-06')
  const days: StoredDay[] = []
  for (let i = 0; i < 84 + 365 * YEARS; i++) {
    const day = addDays(first, i)
    const counts = LOCATIONS.map((location) => cell(location, noisy(meanOf(day, level), variation)))
    const cells = counts.filter(({ count }) => count > 0)
    days.push({ day, state: 'final', revision: 1, cells, damaged: false, shrunk: false })
  }
  const range = { from: addDays(first, 84), to: addDays(first, 83 + 365 * YEARS) }
  const { anomalies } = findAnomalies({ range, locations: LOCATIONS, openFrom: first }, days)

  const found: Record<string, number> = {}
  for (const factor of [3, 5, 10, 0.2, 0]) {
    let hits = 0
    const trials = 100 * YEARS
    for (let i = 0; i < trials; i++) {
      const mean = meanOf(addDays(first, i), level)
      const usual = usualOf(Array.from({ length: 12 }, () => noisy(mean, variation)))
      const planted = Math.round(factor * mean)
      if (planted > usual.high || planted < usual.low) hits++
    }
    found[`x${factor}`] = hits / trials
  }
  return { falseAlarms: anomalies.length / YEARS / LOCATIONS.length, found }
}

const LEVELS = [0.2, 2, 20, 200, 2_000]
const percent = (part: number): string => `${Math.round(100 * part)} %`

for (const [variation, most] of [
  [0, 0.1],
  [0.3, 1.2],
  [0.5, 1.5],
  [0.8, 2]
] as const) {
  t.test(`counts that vary by ${variation} of their level beside chance raise few false alarms`, async (t) => {
    for (const level of LEVELS) {
      const { falseAlarms, found } = measure(level, variation)
      const parts = Object.values(found).map(percent)
      t.comment(`| ${[level, variation, falseAlarms.toFixed(2), ...parts].join(' | ')} |`)
      t.ok(falseAlarms <= most, `${falseAlarms} a year at ${level} a day`)
      if (level >= 200 && variation === 0) t.ok(Object.values(found).every((part) => part > 0.9))
      if (level >= 200 && variation === 0.3) t.ok((found['x5'] ?? 0) > 0.8 && (found['x0'] ?? 0) > 0.7)
    }
  })
}
