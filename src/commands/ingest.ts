// `ingest`: one run now for each workspace, of what is due or of the days given.
import type { Config } from '../config.ts'
import type { DayRange } from '../model/day.ts'
import { inProgress, type IngestRun } from '../model/run.ts'
import { commandLog, openIngestParts } from '../parts.ts'
import { checkRange, print, readDay, readWords, UsageError, type Command } from './command.ts'
import { openBars } from './progress.ts'

const OPTIONS = {
  from: { type: 'string' },
  to: { type: 'string' },
  workspace: { type: 'string' },
  force: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false }
} as const

export const ingestCommand: Command = async (words, config) => {
  const { values, positionals } = readWords('ingest', words, OPTIONS)
  if (positionals.length > 0) throw new UsageError(`ingest takes no '${positionals[0]}': see --help`)
  const range = readRange(values.from, values.to)
  if (values.force && range === null) throw new UsageError('--force goes only with --from and --to: name the days')
  const names = chooseWorkspaces(config, values.workspace)

  const bars = openBars()
  const sharing = { takes: 'own', leaves: 'nothing' } as const
  const parts = await openIngestParts(config, commandLog(config), sharing, (run) => {
    if (run.daysPlanned > 0) bars.show(run.workspace, run.daysStored, run.daysPlanned)
  })
  const stop = (): void => void parts.ingester.stop()
  process.once('SIGINT', stop).once('SIGTERM', stop)
  try {
    const request = { range, force: values.force }
    const accepted = await Promise.all(names.map((name) => parts.ingester.request(name, 'command', request)))
    const runs = await Promise.all(accepted.map(({ done }) => done))
    bars.close()
    if (values.json) print(JSON.stringify(runs, null, 2))
    else for (const run of runs) print(summaryOf(run))
    return runs.every(({ status }) => status === 'succeeded') ? 0 : 1
  } finally {
    bars.close()
    await parts.close()
  }
}

function readRange(fromText: string | undefined, toText: string | undefined): DayRange | null {
  const from = readDay('--from', fromText)
  const to = readDay('--to', toText)
  if (from === null && to === null) return null
  if (from === null || to === null) throw new UsageError('--from and --to go together: give both, or neither')
  return checkRange({ from, to })
}

function chooseWorkspaces(config: Config, name: string | undefined): readonly string[] {
  const names = config.workspaces.map((workspace) => workspace.name)
  if (name === undefined) return names
  if (!names.includes(name)) {
    throw new UsageError(`the settings name no workspace '${name}': it is one of ${names.join(', ')}`)
  }
  return [name]
}

function summaryOf(run: IngestRun): string {
  const nothing = run.error === undefined ? 'nothing was due' : 'no day was asked for'
  const days = run.from === null ? nothing : `${run.from} to ${run.to}`
  const counts = `${run.daysStored} of ${run.daysPlanned} days stored, ${run.daysChanged} changed`
  const error = run.error === undefined ? '' : `; ${run.error.code}: ${run.error.message}`
  return `${run.workspace}: ${inProgress(run) ? 'cut off' : run.status}, ${days}, ${counts}${error}`
}
