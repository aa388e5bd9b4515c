// `openapi`: the description of the API, as the package carries it.
import { readFile } from 'node:fs/promises'
import { DESCRIPTION_FORMATS, DESCRIPTIONS } from '../server/description/formats.ts'
import { readWords, UsageError, type Command } from './command.ts'

export const openapiCommand: Command = async (words) => {
  const { values, positionals } = readWords('openapi', words, { format: { type: 'string', default: '3.1' } })
  if (positionals.length > 0) throw new UsageError(`openapi takes no '${positionals[0]}': see --help`)
  const format = DESCRIPTION_FORMATS.find((each) => each === values.format)
  if (format === undefined) {
    throw new UsageError(`--format '${values.format}' is not known: it is one of ${DESCRIPTION_FORMATS.join(', ')}`)
  }
  process.stdout.write(await readFile(new URL(`../../openapi/${DESCRIPTIONS[format]}`, import.meta.url), 'utf8'))
  return 0
}
