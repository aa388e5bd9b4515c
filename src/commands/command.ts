// What every command has in common: how it is called, and how its words are read.
import { parseArgs, type ParseArgsConfig } from 'node:util'
import type { Config } from '../config.ts'
import { isDay, lengthOf, type Day, type DayRange } from '../model/day.ts'

/** Resolves to the exit status; rejects with a `UsageError` for wrong words, and with what made the work fail. */
export type Command = (words: readonly string[], config: Config) => Promise<number>

/** Wrong words on the command line: the message names the word and the remedy. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/** A range longer than any that is served is a slip of the finger. */
export const MAX_RANGE_DAYS = 3_660

/** Options by name and the remaining words; throws a `UsageError` for unknown options and for values that are missing. */
export function readWords<T extends NonNullable<ParseArgsConfig['options']>>(
  command: string,
  words: readonly string[],
  options: T
) {
  try {
    return parseArgs({ args: [...words], options, allowPositionals: true, strict: true })
  } catch (error) {
    const reason = error instanceof Error ? (error.message.split('. ', 1)[0] ?? '') : String(error)
    throw new UsageError(`${command}: ${reason.replace(/\.$/, '')}: see --help`, { cause: error })
  }
}

/** The day of an option; null where it was not given. */
export function readDay(option: string, text: string | undefined): Day | null {
  if (text === undefined) return null
  if (!isDay(text)) throw new UsageError(`${option} '${text}' is no day: write it like 2026-11-01`)
  return text
}

/** Throws a `UsageError` where the ends are in the wrong order, or too far apart. */
export function checkRange(range: DayRange): DayRange {
  if (range.from > range.to) throw new UsageError(`--from ${range.from} is after --to ${range.to}: exchange them`)
  if (lengthOf(range) > MAX_RANGE_DAYS) {
    throw new UsageError(`${range.from} to ${range.to} is more than ${MAX_RANGE_DAYS} days: take it in parts`)
  }
  return range
}

export function print(line: string): void {
  process.stdout.write(`${line}\n`)
}
