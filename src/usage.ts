// What `--help` prints: the commands, and the settings from their own table.
import { settings } from './config/settings.ts'

const COMMANDS = [
  ['serve', 'the API and the scheduled ingest; npm start runs this'],
  ['ingest', 'one run now for each workspace: what is due, or the days given'],
  ['import FILE...', 'events exported from the Defender portal or Log Analytics'],
  ['workspaces list', 'what the store holds'],
  ['workspaces rename OLD NEW', 'gives a workspace another name'],
  ['workspaces bind NAME', 'lets a name follow a source that has changed'],
  ['workspaces remove NAME --yes', 'forgets a workspace and all its days'],
  ['keys add NAME', 'makes an API key, which is shown once'],
  ['keys list', 'keys by name, without the keys themselves'],
  ['keys revoke ID', 'takes a key back, at once and for good'],
  ['doctor', 'checks settings, store, clock and source, and names the remedies'],
  ['verify', 'checks every day of the store, and puts damaged ones back'],
  ['backup FILE', 'writes a checked copy of the store, also while it is served'],
  ['restore FILE', 'puts a copy in place of the store, also while it is served'],
  ['migrate --to URL', 'moves a SQLite store into an empty PostgreSQL database'],
  ['openapi', 'prints the description of the API']
] as const

const OPTIONS = [
  ['serve', '[--new-store]'],
  ['ingest', '[--from D --to D] [--workspace W] [--force] [--json]'],
  ['import', '[--from D --to D] [--workspace W] [--time-zone ZONE] [--replace] [--json]'],
  ['keys add', '[--scope read,ingest] [--workspace W,...] [--expires D] [--json]'],
  ['restore', '[--with-keys]'],
  ['doctor', '[--json]'],
  ['openapi', '[--format 3.1|3.0|2.0]']
] as const

/** The text of `--help`; it ends with a line break, and no line is longer than 100 columns. */
export function usage(): string {
  return [
    'post-delivery-series <command> [options]',
    '',
    'Commands',
    ...rows(COMMANDS),
    '',
    'Options (D is a UTC day, like 2026-11-01)',
    ...rows(OPTIONS),
    '',
    'Settings (environment variables; any X may be given as X_FILE, the path of a file that holds it)',
    ...rows(Object.values(settings).map(({ name, told, about }) => [name, told, about])),
    '',
    'Exit status: 0 done; 1 the work failed, wholly or in part; 2 wrong usage or settings.',
    ''
  ].join('\n')
}

/** Texts in columns, each as wide as its longest text. */
function rows(table: readonly (readonly string[])[]): string[] {
  const widths = (table[0] ?? []).map((_, column) => Math.max(...table.map((row) => row[column]?.length ?? 0)))
  return table.map((row) => `  ${row.map((text, column) => text.padEnd(widths[column] ?? 0)).join('  ')}`.trimEnd())
}
