// `doctor`: looks at settings, store and source in the order in which they need one another, and names the remedies.
import { missingStore, withRemedy } from '../backups.ts'
import { SettingsError, type Config } from '../config.ts'
import type { Examination, Examine, Finding } from '../ingest/examine.ts'
import { keyWorks, type ApiKey } from '../model/api-key.ts'
import { checkBinding } from '../model/binding.ts'
import { dayOf } from '../model/day.ts'
import { OperationalError } from '../model/errors.ts'
import type { Workspace } from '../model/store.ts'
import { commandLog, openSourceExaminer } from '../parts.ts'
import { examineStore } from '../store/examine.ts'
import { isPostgresUrl } from '../store/postgres/address.ts'
import { systemClock } from '../system-clock.ts'
import { print, readWords, UsageError } from './command.ts'

interface Row extends Finding {
  readonly workspace?: string
}

/** The settings are read here and not before, since whether they can be read is the first check. */
export async function doctorCommand(words: readonly string[], readConfig: () => Config): Promise<number> {
  const { values, positionals } = readWords('doctor', words, { json: { type: 'boolean', default: false } })
  if (positionals.length > 0) throw new UsageError(`doctor takes no '${positionals[0]}': see --help`)
  const rows: Row[] = []
  const tell = (...found: readonly Row[]): void => {
    rows.push(...found)
    if (!values.json) for (const row of found) print(lineOf(row))
  }

  const config = settingsOf(readConfig, tell)
  if (config !== null) {
    const stored = await storeOf(config, tell)
    const examine = openSourceExaminer(config, commandLog(config))
    const examinations = config.workspaces.map((workspace) => rowsOf(workspace, examine, stored))
    // All at once, so that one that hangs delays no other, and told in the order of the settings.
    for (const examination of examinations) tell(...(await examination))
  }
  // What was not looked at is neither well nor at fault, so a program is not told of it.
  const looked = rows.filter(({ status }) => status !== 'skipped')
  const failed = looked.filter(({ status }) => status === 'fail').length
  if (values.json) print(JSON.stringify(looked, null, 2))
  else print(failed === 0 ? '\nall is well' : `\n${failed} of ${looked.length} checks failed`)
  if (config === null) return 2
  return failed === 0 ? 0 : 1
}

function settingsOf(readConfig: () => Config, tell: (...rows: Row[]) => void): Config | null {
  try {
    const config = readConfig()
    const { source, workspaces, azure, lagDays, retentionDays, warnings } = config
    const names = workspaces.map(({ name }) => name).join(', ')
    const where = source === 'sample' ? '' : `, AZURE_CLOUD=${azure.cloud}`
    const days = `INGEST_LAG_DAYS=${lagDays}, SOURCE_RETENTION_DAYS=${retentionDays}`
    const detail = [
      `SOURCE=${source}${where}, ${days}, workspaces: ${names}`,
      ...warnings.map((warning) => `warning: ${warning}`)
    ].join('\n')
    tell({ check: 'settings', status: 'ok', detail })
    return config
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error
    const remedy = 'correct these variables; docs/configuration.md tells what each takes'
    tell({ check: 'settings', status: 'fail', detail: error.mistakes.join('\n'), remedy })
    const detail = 'not looked at, since settings failed'
    tell({ check: 'store', status: 'skipped', detail }, { check: 'workspace', status: 'skipped', detail })
    return null
  }
}

/** What the store holds; nothing where it cannot be opened. */
async function storeOf(config: Config, tell: (...rows: Row[]) => void): Promise<readonly Workspace[]> {
  const remedy = isPostgresUrl(config.storeUrl)
    ? 'look at STORE_URL, and at whether that database runs, lets this user in, and takes writes'
    : 'look at STORE_URL, at the rights on that file and its folder, and at the space on the disk'
  const missing = missingStore(config)
  if (missing !== undefined) {
    tell({
      check: 'store',
      status: 'fail',
      detail: missing,
      remedy: 'put the copy back, unless an empty store is what you want'
    })
    return []
  }
  try {
    const { detail, workspaces, apiKeys } = await examineStore(config.storeUrl, systemClock)
    tell({ check: 'store', status: 'ok', detail }, accessOf(config, apiKeys))
    return workspaces
  } catch (error) {
    if (!(error instanceof OperationalError)) throw error
    const told = withRemedy(error, config)
    tell({ check: 'store', status: 'fail', detail: told instanceof Error ? told.message : error.message, remedy })
    return []
  }
}

/** Who may read. That nobody may is no failure, but hardly what was wanted. */
function accessOf({ auth, apiKeys, entra }: Config, stored: readonly ApiKey[]): Row {
  if (auth === 'off') return { check: 'access', status: 'ok', detail: 'AUTH=off: no key is wanted' }
  const today = dayOf(systemClock.now())
  const kept = stored.filter((key) => keyWorks(key, today)).length
  const ways = `AUTH=on: ${apiKeys.length} keys of API_KEYS, ${kept} of the store${entra === null ? '' : ', Entra ID'}`
  const closed = apiKeys.length + kept === 0 && entra === null
  const warning = "\nwarning: nobody can read anything: 'keys add NAME' makes a key, at any time"
  return { check: 'access', status: 'ok', detail: `${ways}${closed ? warning : ''}` }
}

async function rowsOf(
  target: { readonly name: string; readonly id: string },
  examine: Examine,
  stored: readonly Workspace[]
): Promise<Row[]> {
  // Every question ends by its own deadline; whoever wants it sooner ends the process.
  const examination = await examine(target, new AbortController().signal)
  const findings = [...examination.findings, ...bindingOf(target.name, examination, stored)]
  return findings.map((finding) => Object.assign({ check: finding.check, workspace: target.name }, finding))
}

/** Whether the next run of this name would be refused, because the name stands for something else. */
function bindingOf(name: string, { binding }: Examination, stored: readonly Workspace[]): Finding[] {
  if (binding === null) return []
  const known = stored.find((workspace) => workspace.name === name)
  // A key that no workspace has stands for one that is not there yet.
  const workspace = known ?? { key: -1, name, binding: null, holdsDays: false }
  try {
    checkBinding(workspace, binding, stored)
  } catch (error) {
    if (!(error instanceof OperationalError)) throw error
    const remedy = 'choose one of the two (docs/operations.md)'
    return [{ check: 'binding', status: 'fail', detail: error.message, remedy }]
  }
  const { kind, id } = binding
  const detail = workspace.binding === null ? `the first run binds the name to ${kind} ${id}` : `${kind} ${id}`
  return [{ check: 'binding', status: 'ok', detail }]
}

function lineOf({ check, workspace, status, detail, remedy }: Row): string {
  const at = workspace === undefined ? '' : `${workspace}: `
  const lines = [`${at}${detail}`, ...(remedy === undefined ? [] : [`remedy: ${remedy}`])].join('\n')
  return `${status.padEnd(9)}${check.padEnd(13)}${lines.replaceAll('\n', `\n${' '.repeat(22)}`)}`
}
