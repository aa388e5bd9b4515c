// How long requests took, by method, route and status: a histogram of our own, since each request is counted in it, and
// the client library looks its labels up anew each time.
import { labelText } from './text.ts'

export interface Durations {
  observe(request: { readonly method: string; readonly route: string; readonly status: number }, seconds: number): void
  /** In the text format of Prometheus; ends with a line end. */
  text(): string
}

interface Series {
  readonly labels: string
  /** How many requests took no longer than each bound, and longer than the one before; those above all bounds last. */
  readonly counts: number[]
  sum: number
}

/** `bounds` in seconds, rising. Labels are texts of ours: whoever calls sees to it that they are few. */
export function createDurations(name: string, help: string, bounds: readonly number[]): Durations {
  /** By route, then by method and status: most requests go to few routes. */
  const routes = new Map<string, Map<string, Map<number, Series>>>()

  const seriesOf = (method: string, route: string, status: number): Series => {
    const methods = getOrSet(routes, route, () => new Map<string, Map<number, Series>>())
    const statuses = getOrSet(methods, method, () => new Map<number, Series>())
    return getOrSet(statuses, status, () => ({
      labels: labelText({ method, route, status_code: String(status) }),
      counts: Array.from({ length: bounds.length + 1 }, () => 0),
      sum: 0
    }))
  }

  return {
    observe({ method, route, status }, seconds) {
      const series = seriesOf(method, route, status)
      let i = 0
      while (seconds > (bounds[i] ?? Number.POSITIVE_INFINITY)) i++
      series.counts[i] = (series.counts[i] ?? 0) + 1
      series.sum += seconds
    },
    text() {
      const lines = [`# HELP ${name} ${help}`, `# TYPE ${name} histogram`]
      for (const { labels, counts, sum } of [...routes.values()].flatMap(all).flatMap(all)) {
        let count = 0
        for (const [i, each] of counts.entries()) {
          count += each
          lines.push(`${name}_bucket{le="${bounds[i] ?? '+Inf'}",${labels}} ${count}`)
        }
        lines.push(`${name}_sum{${labels}} ${sum}`, `${name}_count{${labels}} ${count}`)
      }
      return `${lines.join('\n')}\n`
    }
  }
}

function all<T>(map: ReadonlyMap<unknown, T>): T[] {
  return [...map.values()]
}

function getOrSet<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  let value = map.get(key)
  if (value === undefined) {
    value = make()
    map.set(key, value)
  }
  return value
}
