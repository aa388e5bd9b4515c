// What a benchmark has seen, beside what it is to be.

export interface Figure {
  readonly name: string
  readonly measured: number
  readonly unit: string
  /** What it is to be at most, or at least where `atLeast` is set; null: there is no goal, it is told for comparison. */
  readonly goal: number | null
  readonly atLeast?: boolean
}

export function figure(name: string, measured: number, unit: string, goal: number | null = null): Figure {
  return { name, measured, unit, goal }
}

export function atLeast(name: string, measured: number, unit: string, goal: number): Figure {
  return { name, measured, unit, goal, atLeast: true }
}

/** Whether the goal is met; undefined where there is none. */
export function isMet({ measured, goal, atLeast: rising }: Figure): boolean | undefined {
  if (goal === null) return undefined
  return rising === true ? measured >= goal : measured <= goal
}

/** A table in Markdown: what is measured, the goal, the figure, and whether it is met. */
export function tableOf(figures: readonly Figure[]): string {
  const rows = figures.map((each) => {
    const goal = each.goal === null ? '' : `${each.atLeast === true ? '≥' : '≤'} ${each.goal}`
    const met = isMet(each)
    return [each.name, goal, told(each.measured), each.unit, met === undefined ? '' : met ? 'met' : 'MISSED']
  })
  const lines = [['', 'goal', 'measured', '', ''], ['---', '---', '---', '---', '---'], ...rows]
  const widths = [0, 1, 2, 3, 4].map((i) => Math.max(...lines.map((line) => (line[i] ?? '').length)))
  return lines.map((line) => `| ${line.map((text, i) => text.padEnd(widths[i] ?? 0)).join(' | ')} |`).join('\n')
}

function told(measured: number): string {
  if (!Number.isFinite(measured)) return '?'
  return measured >= 100 ? measured.toFixed(0) : measured.toFixed(measured >= 10 ? 1 : 2)
}
