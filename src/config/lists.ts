// Settings that hold several values, separated by commas or lines.
import { Refusal, refuse, type Fault, type Parser } from './values.ts'

export interface NamedWorkspace {
  readonly name: string
  readonly id: string
}

export interface ApiKey {
  readonly name: string
  /** Secret. */
  readonly key: string
}

/** The name of a workspace or of a key. */
export const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/
export const NAME_REMEDY =
  'a name is 1 to 64 letters, digits, dots, dashes and underscores, and begins with a letter or digit'

// Long enough that nobody guesses one, short enough for a header.
const LEAST_KEY_LENGTH = 32
const MOST_KEY_LENGTH = 512

/** Entries of one kind, without those that are repeated; all faults are told at once. */
export function listOf<T>(parse: Parser<T>): Parser<readonly T[]> {
  return (text) => [...new Set(eachEntry(text, parse))]
}

/** As `listOf`, and the word `false` is none. */
export function listOrFalse<T>(parse: Parser<T>): Parser<readonly T[]> {
  return (text) => (text === 'false' ? [] : listOf(parse)(text))
}

/** `name=id` pairs; an id alone is named `default`. What names and ids may be depends on the source. */
export function workspaces(text: string): readonly NamedWorkspace[] {
  return eachEntry(text, (entry) => {
    const [name, id] = entry.includes('=') ? splitPair(entry) : (['default', entry] as const)
    return { name, id }
  })
}

/** `name=key` pairs, both unique. No fault shows any part of an entry, since a key may stand where a name belongs. */
export function apiKeys(text: string): readonly ApiKey[] {
  const names = new Set<string>()
  const keys = new Set<string>()
  let number = 0
  const refuseEntry = (remedy: string): never => refuse(`entry ${number}: ${remedy}`)
  return eachEntry(text, (entry) => {
    number++
    const [name, key] = entry.includes('=') ? splitPair(entry) : (['', entry] as const)
    if (!NAME.test(name)) refuseEntry(`write name=key: ${NAME_REMEDY}`)
    if (key.length < LEAST_KEY_LENGTH || key.length > MOST_KEY_LENGTH) {
      refuseEntry(`a key has ${LEAST_KEY_LENGTH} to ${MOST_KEY_LENGTH} characters: make one with openssl rand -hex 32`)
    }
    if (!/^[\x21-\x7e]*$/.test(key)) refuseEntry('a key is of ASCII letters, digits and signs, without spaces')
    if (names.has(name)) refuseEntry('its name is there already: give each key a name of its own')
    if (keys.has(key)) refuseEntry('its key is there already: give each name a key of its own')
    names.add(name)
    keys.add(key)
    return { name, key }
  })
}

function eachEntry<T>(text: string, parse: Parser<T>): T[] {
  const values: T[] = []
  const faults: Fault[] = []
  for (const part of text.split(/[,\n]/)) {
    const entry = part.trim()
    if (entry === '') continue
    try {
      values.push(parse(entry))
    } catch (err) {
      if (!(err instanceof Refusal)) throw err
      faults.push(...err.faults.map(({ remedy }) => ({ remedy, entry })))
    }
  }
  if (faults.length > 0) throw new Refusal(faults)
  return values
}

// Keys in base64 may end with an equals sign: only the first one separates.
function splitPair(entry: string): readonly [string, string] {
  const at = entry.indexOf('=')
  return [entry.slice(0, at).trim(), entry.slice(at + 1).trim()]
}
