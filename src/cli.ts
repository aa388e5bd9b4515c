// The command line: finds the command, and turns its end into an exit status and, where it failed, one line.
import { doctorCommand } from './commands/doctor.ts'
import { backupCommand, restoreCommand } from './commands/backup.ts'
import { importCommand } from './commands/import.ts'
import { ingestCommand } from './commands/ingest.ts'
import { keysCommand } from './commands/keys.ts'
import { migrateCommand } from './commands/migrate.ts'
import { openapiCommand } from './commands/openapi.ts'
import { readWords, UsageError, type Command } from './commands/command.ts'
import { verifyCommand } from './commands/verify.ts'
import { workspacesCommand } from './commands/workspaces.ts'
import { readConfig, SettingsError } from './config.ts'
import { OperationalError } from './model/errors.ts'
import { usage } from './usage.ts'
import { version } from './version.ts'

const COMMANDS: Readonly<Record<string, Command>> = {
  ingest: ingestCommand,
  import: importCommand,
  workspaces: workspacesCommand,
  keys: keysCommand,
  backup: backupCommand,
  restore: restoreCommand,
  verify: verifyCommand,
  migrate: migrateCommand,
  openapi: openapiCommand
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
    const { serve } = await import('./main.ts')
    await serve(readConfig(process.env), { newStore: values['new-store'] })
    return undefined
  }
  if (name === 'doctor') return doctorCommand(rest, () => readConfig(process.env))
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined
  if (command === undefined) throw new UsageError(`there is no command '${name}': see --help`)
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
