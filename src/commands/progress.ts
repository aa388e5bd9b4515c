// Progress bars on standard error, where that is a terminal.
import { MultiBar, Presets, type SingleBar } from 'cli-progress'

export interface Bars {
  /** Moves the bar of that name, which appears when it is first shown. */
  show(name: string, value: number, total: number): void
  /** Leaves the bars as they stand; a second call does nothing. */
  close(): void
}

export function openBars(): Bars {
  if (!process.stderr.isTTY) return { show: () => {}, close: () => {} }
  const format = '{name} [{bar}] {percentage} %'
  const multi = new MultiBar({ format, hideCursor: true, stream: process.stderr }, Presets.shades_classic)
  const bars = new Map<string, SingleBar>()
  return {
    show(name, value, total) {
      const bar = bars.get(name) ?? multi.create(total, 0, { name })
      bars.set(name, bar)
      bar.setTotal(total)
      bar.update(value, { name })
    },
    close: () => multi.stop()
  }
}
