// The text format of Prometheus, version 0.0.4, for what is told of each workspace. What the process tells of itself is
// written by the client library; our own lines are not, since a scrape of thousands of workspaces is made in steps.

export const METRICS_TYPE = 'text/plain; version=0.0.4; charset=utf-8'

/** One name, with all its samples in one place, as the format wants it. */
export interface Family {
  readonly name: string
  readonly type: 'counter' | 'gauge'
  readonly help: string
  readonly samples: string[]
}

/** As they stand between the braces of a sample. */
export function labelText(labels: Readonly<Record<string, string>>): string {
  return Object.entries(labels)
    .map(([name, text]) => `${name}="${escaped(text)}"`)
    .join()
}

/** Adds a sample; a value that is not known has none, since every number would be wrong. */
export function addSample(family: Family, labels: string, value: number | null | undefined): void {
  if (value !== null && value !== undefined) family.samples.push(`${family.name}{${labels}} ${value}`)
}

/** Ends with a line end. The type is told also where there is no sample. */
export function textOf({ name, type, help, samples }: Family): string {
  const head = `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n`
  return samples.length === 0 ? head : `${head}${samples.join('\n')}\n`
}

function escaped(text: string): string {
  return text
    .replaceAll('\\', String.raw`\\`)
    .replaceAll('"', String.raw`\"`)
    .replaceAll('\n', String.raw`\n`)
}
