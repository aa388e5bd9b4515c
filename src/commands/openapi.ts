// `openapi`: the description of the API, as the package carries it.
import { readFile } from 'node:fs/promises'
import { readWords, UsageError, type Command } from './command.ts'

export const openapiCommand: Command = async (words) => {
  const { values, positionals } = readWords('openapi', words, { format: { type: 'string', default: '3.1' } })
  if (positionals.length > 0) throw new UsageError(`openapi takes no '${positionals[0]}': see --help`)
  if (values.format !== '3.1') throw new UsageError(`--format '${values.format}' is not known: it is 3.1`)
  process.stdout.write(await readFile(new URL('../../openapi/openapi.json', import.meta.url), 'utf8'))
  return 0
}
