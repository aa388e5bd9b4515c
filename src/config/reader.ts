// Reads settings one by one from the environment, or from the files that it names, and gathers what is wrong.
import type { Setting } from './settings.ts'
import { Refusal, type Fault } from './values.ts'

export type Environment = Readonly<Record<string, string | undefined>>

export interface SettingsReader {
  /** The value; where the setting is unset or wrong, its default. */
  read<T>(setting: Setting<T>): T
  /** Notes a mistake that only shows beside other settings. */
  refuse(setting: Setting<unknown>, fault: Fault): void
  /** Nothing is wrong with any of these, so that rules over them make sense. */
  sound(...settings: readonly Setting<unknown>[]): boolean
  /** One line each, without the value of a secret. */
  readonly mistakes: readonly string[]
}

// A longer value is cut in a message; what is wrong with it can be seen by then.
const LONGEST_SHOWN = 200

export function openReader(env: Environment, readFile: (path: string) => string): SettingsReader {
  const mistakes: string[] = []
  const wrong = new Set<Setting<unknown>>()

  const note = (setting: Setting<unknown>, mistake: string): void => {
    wrong.add(setting)
    mistakes.push(mistake)
  }

  const refuse = (setting: Setting<unknown>, { entry, remedy }: Fault): void => {
    const which = entry === undefined || setting.secret ? '' : ` has ${shown(entry)}`
    note(setting, `${setting.name}${which}: ${remedy}`)
  }

  /** The text of a variable or of its file; undefined where it is unset or cannot be had. */
  const textOf = (setting: Setting<unknown>): string | undefined => {
    const { name, mayBeEmpty } = setting
    const own = mayBeEmpty ? env[name] : env[name] || undefined
    const path = env[`${name}_FILE`] || undefined
    if (path === undefined) return own
    if (own !== undefined) {
      note(setting, `${name} and ${name}_FILE are both set: keep one of them`)
      return undefined
    }
    try {
      return readFile(path).replace(/\r?\n$/, '')
    } catch (err) {
      const why = err instanceof Error && 'code' in err ? ` (${String(err.code)})` : ''
      note(setting, `${name}_FILE is ${shown(path)}: this file cannot be read${why}; name one that can`)
      return undefined
    }
  }

  return {
    mistakes,
    read(setting) {
      const text = textOf(setting)?.trim()
      if (text === undefined || (text === '' && !setting.mayBeEmpty)) return setting.fallback
      try {
        return setting.parse(text)
      } catch (err) {
        if (!(err instanceof Refusal)) throw err
        for (const { entry, remedy } of err.faults) {
          if (entry !== undefined) refuse(setting, { entry, remedy })
          else note(setting, `${setting.name}${setting.secret ? '' : ` is ${shown(text)}`}: ${remedy}`)
        }
        return setting.fallback
      }
    },
    refuse,
    sound: (...settings) => settings.every((setting) => !wrong.has(setting))
  }
}

/** A value as it may stand in a message: on one line, not too long, and without the password of an address. */
function shown(value: string): string {
  const plain = value.replace(/\/\/.*@/s, '//***@').replace(/\p{Cc}+/gu, ' ')
  return `'${plain.length > LONGEST_SHOWN ? `${plain.slice(0, LONGEST_SHOWN)}…` : plain}'`
}
