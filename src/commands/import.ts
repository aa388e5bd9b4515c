// `import`: events exported from the portal, counted by UTC day. Each file is one reading of its own.
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import type { Config } from '../config.ts'
import { NAME, NAME_REMEDY } from '../config/lists.ts'
import { countExport, type ExportCounts } from '../ingest/export-file.ts'
import { dayOf, toRanges, type Day } from '../model/day.ts'
import { OperationalError } from '../model/errors.ts'
import type { Applied, SeriesStore } from '../model/store.ts'
import { openStore } from '../store/open.ts'
import { systemClock } from '../system-clock.ts'
import { checkRange, print, readDay, readWords, UsageError, type Command } from './command.ts'
import { openBars, type Bars } from './progress.ts'

const OPTIONS = {
  workspace: { type: 'string' },
  from: { type: 'string' },
  to: { type: 'string' },
  'time-zone': { type: 'string' },
  replace: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false }
} as const

interface ImportTask {
  readonly store: SeriesStore
  readonly workspace: string
  readonly config: Config
  readonly from: Day | null
  readonly to: Day | null
  readonly timeZone: string | null
  readonly replace: boolean
}

interface Imported {
  readonly file: string
  readonly workspace: string
  readonly counts: ExportCounts
  readonly applied: Applied
}

export const importCommand: Command = async (words, config) => {
  const { values, positionals: files } = readWords('import', words, OPTIONS)
  if (files.length === 0) throw new UsageError("import needs a file, or '-' for standard input")
  const from = readDay('--from', values.from)
  const to = readDay('--to', values.to)
  refuseFuture('--from', from)
  refuseFuture('--to', to)
  if (from !== null && to !== null) checkRange({ from, to })
  else if (values.replace) throw new UsageError('--replace goes only with --from and --to: name the days')
  const timeZone = readTimeZone(values['time-zone'])
  const name = chooseWorkspace(config, values.workspace)

  const bars = openBars()
  const store = await openStore(config.storeUrl, systemClock)
  try {
    const task = { store, workspace: name, config, from, to, timeZone, replace: values.replace }
    const done: Imported[] = []
    for (const file of files) {
      const imported = await importFile(file, task, bars).catch((error: unknown) => tellRefusal(file, error))
      if (imported !== undefined) done.push(imported)
    }
    bars.close()
    await store.checkpoint()
    if (values.json) print(JSON.stringify(done.map(toJson), null, 2))
    else for (const imported of done) print(summaryOf(imported))
    return done.length === files.length ? 0 : 1
  } finally {
    bars.close()
    await store.close()
  }
}

/** Counted first, however long that takes, and then written in one short transaction. */
async function importFile(file: string, task: ImportTask, bars: Bars): Promise<Imported> {
  const { store, workspace, config, from, to, timeZone, replace } = task
  const { input, size } = await openInput(file)
  const now = systemClock.now()
  const counts = await countExport(input, file === '-' ? 'standard input' : file, {
    range: { from, to },
    timeZone,
    timeColumn: config.timeColumn,
    now,
    onProgress: (bytes) => bars.show(file, bytes, size)
  })
  const ranged = from !== null && to !== null
  const terms = { today: dayOf(now), lagDays: config.lagDays, ranged, replace }
  // Only now, so that a file that is refused leaves not even a name.
  const applied = await store.applyImport(await store.ensureWorkspace(workspace), counts.days, terms)
  return { file, workspace, counts, applied }
}

async function openInput(file: string): Promise<{ input: Readable; size: number }> {
  if (file === '-') return { input: process.stdin, size: 0 }
  const { size } = await stat(file)
  return { input: createReadStream(file), size }
}

/** A file that is refused stops no other. */
function tellRefusal(file: string, error: unknown): undefined {
  const unreadable = error instanceof Error && 'code' in error && /^E[A-Z]+$/.test(String(error.code))
  if (unreadable) console.error(`${file} cannot be read (${String(error.code)}): name a file that can`)
  else if (!(error instanceof OperationalError) || error.code === 'store-unavailable') throw error
  else console.error(error.message.replaceAll(/\s+/g, ' '))
}

function chooseWorkspace(config: Config, given: string | undefined): string {
  const real = config.workspaces.map(({ name }) => name).filter((name) => name !== 'sample')
  const name = given ?? (real.length === 1 ? real[0] : undefined) ?? 'default'
  if (name.toLowerCase() === 'sample') {
    throw new UsageError("'sample' holds invented counts and takes no import: name another with --workspace")
  }
  if (!NAME.test(name)) throw new UsageError(`--workspace '${name}' is no name of a workspace: ${NAME_REMEDY}`)
  return name
}

/** Before anything is read, which may take minutes. */
function refuseFuture(option: string, day: Day | null): void {
  const today = dayOf(systemClock.now())
  if (day !== null && day > today)
    throw new UsageError(`${option} ${day} is after today, ${today}, of which no file can tell`)
}

function readTimeZone(text: string | undefined): string | null {
  if (text === undefined) return null
  try {
    return new Intl.DateTimeFormat('en', { timeZone: text }).resolvedOptions().timeZone
  } catch {
    throw new UsageError(`--time-zone '${text}' is no time zone: write its IANA name, like Europe/Berlin`)
  }
}

function summaryOf({ file, workspace, counts, applied }: Imported): string {
  const { range, events, outside, absentLabels } = counts
  if (range === null) {
    return `${file}: nothing to store, ${outside > 0 ? `since all ${outside} events lie outside of the days given` : 'since it has no event'}`
  }
  const parts = [
    `${file}: ${events} events from ${range.from} to ${range.to} into ${workspace}`,
    `${applied.stored.length} of ${counts.days.length} days stored, ${applied.changed.length} changed`
  ]
  if (applied.left.length > 0) parts.push(`left alone, since they have counts: ${listOf(applied.left)}`)
  if (outside > 0) parts.push(`${outside} events outside of --from and --to not counted`)
  if (absentLabels.length > 0) parts.push(`without a column for ${absentLabels.join(', ')}`)
  return parts.join('; ')
}

function listOf(days: readonly Day[]): string {
  return toRanges(days)
    .map(({ from, to }) => (from === to ? from : `${from} to ${to}`))
    .join(', ')
}

function toJson({ file, workspace, counts, applied }: Imported): object {
  const { range, events, outside, absentLabels, timeColumn } = counts
  const { stored, changed, left } = applied
  const { from, to } = range ?? { from: null, to: null }
  return { file, workspace, from, to, events, outside, timeColumn, absentLabels, stored, changed, left }
}
