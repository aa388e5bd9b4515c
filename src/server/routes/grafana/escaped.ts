// Values as Grafana writes them: a variable is filled in as if for a regular expression, so `a.b` comes as `a\.b`, and
// several values come as `(a|b)`. They are taken apart by hand: what arrives never becomes a regular expression.
import { badParameter } from '../../problem.ts'
import { MAX_VALUES_OF_LIST } from './body.ts'

/** What Grafana puts a backslash before. */
const SPECIAL = new Set(String.raw`\^$*+?.()|[]{}/`)

/** What of it is a sign of a regular expression where no backslash stands before it. */
const SIGNS = new Set(String.raw`\^$*+?.()[]{}`)

/** A character, and whether it stands for itself. */
interface Token {
  readonly character: string
  readonly literal: boolean
}

/** The texts that a value stands for, each once; a text that is `known` as it is stands for itself. */
export function expand(value: string, name: string, known: (text: string) => boolean = () => false): string[] {
  if (known(value)) return [value]
  let texts = ['']
  const tokens = tokensOf(value)
  for (let i = 0; i < tokens.length;) {
    const group = groupAt(tokens, i)
    const choices = group?.choices ?? [tokens[i]?.character ?? '']
    texts = texts.flatMap((text) => choices.map((choice) => text + choice))
    if (texts.length > MAX_VALUES_OF_LIST) throw badParameter(name, `has more than ${MAX_VALUES_OF_LIST} values`)
    i = group?.end ?? i + 1
  }
  return [...new Set(texts)]
}

/**
 * The texts that the pattern of a filter (`=~`) matches, where that can be told without a regular expression: one text,
 * or several as `A|B` or `(A|B)`, at most between `^` and `$`. Throws `invalid-request` for all others.
 */
export function alternatives(pattern: string, name: string, known: (text: string) => boolean): string[] {
  if (known(pattern)) return [pattern]
  const choices = split(unwrapped(tokensOf(pattern)))
  if (choices.length > MAX_VALUES_OF_LIST) throw badParameter(name, `has more than ${MAX_VALUES_OF_LIST} values`)
  return choices.map((choice) => {
    const text = choice.map(({ character }) => character).join('')
    const sign = known(text) ? undefined : choice.find(({ character, literal }) => !literal && SIGNS.has(character))
    if (sign === undefined) return text
    const detail = `'${pattern.slice(0, 100)}' is more of a regular expression than is understood: give texts as A|B, with a backslash before each sign such as \\${sign.character}`
    throw badParameter(name, detail)
  })
}

function tokensOf(text: string): Token[] {
  const tokens: Token[] = []
  for (let i = 0; i < text.length; i++) {
    const character = text.charAt(i)
    const next = text.charAt(i + 1)
    const escapes = character === '\\' && SPECIAL.has(next)
    tokens.push(escapes ? { character: next, literal: true } : { character, literal: false })
    if (escapes) i++
  }
  return tokens
}

/** The choices of the `(A|B)` that begins there. Parentheses without a bar in them are ordinary text. */
function groupAt(tokens: readonly Token[], start: number): { choices: string[]; end: number } | undefined {
  if (!isSign(tokens[start], '(')) return undefined
  const close = tokens.findIndex((token, i) => i > start && (isSign(token, ')') || isSign(token, '(')))
  if (close < 0 || isSign(tokens[close], '(')) return undefined
  const choices = split(tokens.slice(start + 1, close))
  if (choices.length === 1) return undefined
  return { choices: choices.map((choice) => choice.map(({ character }) => character).join('')), end: close + 1 }
}

/** Without anchors, and then without parentheses, around the whole. */
function unwrapped(tokens: readonly Token[]): readonly Token[] {
  const from = isSign(tokens[0], '^') ? 1 : 0
  const bare = tokens.slice(from, isSign(tokens.at(-1), '$') ? -1 : undefined)
  const close = bare.findIndex((token) => isSign(token, ')'))
  return isSign(bare[0], '(') && close === bare.length - 1 ? bare.slice(1, -1) : bare
}

/** At every bar. */
function split(tokens: readonly Token[]): Token[][] {
  const choices: Token[][] = [[]]
  for (const token of tokens) {
    if (isSign(token, '|')) choices.push([])
    else choices.at(-1)?.push(token)
  }
  return choices
}

function isSign(token: Token | undefined, character: string): boolean {
  return token?.literal === false && token.character === character
}
