// The command line: finds the command, and turns its end into an exit status and, where it failed, one line.
import { readWords, UsageError, type Command } from './commands/command.ts'
import { readConfig, SettingsError } from './config.ts'
import { OperationalError } from './model/errors.ts'
import { keepHeapSmall, letNurseryGrow, saveCompiled } from './quick-start.ts'
import { systemClock } from './system-clock.ts'
import { usage } from './usage.ts'
import { version } from './version.ts'

/** Each is loaded when it is called: what one of them needs is nothing to the others, nor to the service. */
const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  ingest: async () => (await import('./commands/ingest.ts')).ingestCommand,
  import: async () => (await import('./commands/import.ts')).importCommand,
  workspaces: async () => (await import('./commands/workspaces.ts')).workspacesCommand,
  keys: async () => (await import('./commands/keys.ts')).keysCommand,
  backup: async () => (await import('./commands/backup.ts')).backupCommand,
  restore: async () => (await import('./commands/backup.ts')).restoreCommand,
  verify: async () => (await import('./commands/verify.ts')).verifyCommand,
  migrate: async () => (await import('./commands/migrate.ts')).migrateCommand,
  openapi: async () => (await import('./commands/openapi.ts')).openapiCommand
}

/** The exit status; undefined while the service runs. */
async function run(words: readonly string[]): Promise<number | undefined> {
  const [name, ...rest] = words
  if (name === undefined || name === 'help' || words.includes('--help') || words.includes('-h')) {
    process.stdout.write(usage())
    return name === undefined ? 2 : 0
  }
  if (name === '--version') {
    process.stdout.write(`${version}\n`)
    return 0
  }
  if (name === 'serve') {
    const { values, positionals } = readWords('serve', rest, { 'new-store': { type: 'boolean', default: false } })
    if (positionals.length > 0) throw new UsageError(`serve takes no '${positionals[0]}': see --help`)
    keepHeapSmall()
    const { serve } = await import('./main.ts')
    await serve(readConfig(process.env), { newStore: values['new-store'] })
    saveCompiled()
    void letNurseryGrow(systemClock)
    return undefined
  }
  if (name === 'doctor') {
    const { doctorCommand } = await import('./commands/doctor.ts')
    return doctorCommand(rest, () => readConfig(process.env))
  }
  const load = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined
  if (load === undefined) throw new UsageError(`there is no command '${name}': see --help`)
  const command = await load()
  return command(rest, readConfig(process.env))
}

/** 2 for what the user has to change before the work can begin, 1 for work that failed. */
function statusOf(error: unknown): number {
  return error instanceof UsageError || error instanceof SettingsError ? 2 : 1
}

function tell(error: unknown): string {
  if (process.env['LOG_LEVEL'] === 'debug' && error instanceof Error) return error.stack ?? error.message
  if (error instanceof SettingsError) return error.message
  if (error instanceof OperationalError || error instanceof UsageError) return error.message.replaceAll(/\s+/g, ' ')
  const message = error instanceof Error ? error.message : String(error)
  return `an error of ours, please report it: ${message.replaceAll(/\s+/g, ' ')} (LOG_LEVEL=debug shows where)`
}

/** Ends also where a connection to a source hangs, which would keep the process for minutes; what was printed comes first. */
async function exit(status: number): Promise<void> {
  for (const stream of [process.stdout, process.stderr]) {
    // A pipe takes 64 kB at once, and the rest as it is read; a reader that has gone takes nothing more.
    await new Promise<void>((resolve) => {
      stream.once('error', () => resolve()).write('', () => resolve())
    })
  }
  process.exit(status)
}

try {
  const status = await run(process.argv.slice(2))
  if (status !== undefined) await exit(status)
} catch (error) {
  console.error(tell(error))
  await exit(statusOf(error))
}
