import { readFileSync } from 'node:fs'

const { version: own }: { version: string } = JSON.parse(
  readFileSync(new URL('../package.json', import.meta.url), 'utf8')
)

/** Of the program, as its package has it. */
export const version = own
