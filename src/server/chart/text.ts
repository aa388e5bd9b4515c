// Text in a picture: what may stand in it, how wide it becomes, and where it is cut.

/** What a picture writes a label as: no character that XML forbids or that turns the text around, and single spaces. */
export function plainText(text: string): string {
  return text
    .toWellFormed()
    .replace(/[\p{Cc}\uFFFE\uFFFF\u202A-\u202E\u2066-\u2069\u200E\u200F\u061C]/gu, '\uFFFD')
    .replace(/\s+/gu, ' ')
    .trim()
}

/** As text or as the value of an attribute. */
export function escapeXml(text: string): string {
  return plainText(text).replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '')
}

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }

/**
 * How wide a text is at most, about, in the wider of the fonts that machines have. There is no font to ask here, and
 * what a viewer has is not known: an estimate on the wide side keeps texts apart everywhere.
 */
export function widthOf(text: string, fontSize: number): number {
  return charactersOf(text).reduce((width, character) => width + emOf(character), 0) * fontSize
}

/** The text, or as much of it as fits beside a `…`; never cut inside what reads as one character. */
export function cutText(text: string, fontSize: number, width: number): string {
  const whole = plainText(text)
  if (widthOf(whole, fontSize) <= width) return whole
  let room = width - widthOf('…', fontSize)
  const characters = charactersOf(whole)
  const end = characters.findIndex((character) => (room -= emOf(character) * fontSize) < 0)
  return `${characters.slice(0, end).join('').trimEnd()}…`
}

const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' })

/** What reads as one character may be several of Unicode's. */
function charactersOf(text: string): string[] {
  return Array.from(segmenter.segment(text), ({ segment }) => segment)
}

function emOf(character: string): number {
  if (/[ijl|!.,:;'ftrI()[\] -]/.test(character)) return 0.4
  if (/[mwMW@%—]/.test(character)) return 0.95
  if (/[A-Z0-9&#…]/.test(character)) return 0.67
  return (character.codePointAt(0) ?? 0) < 0x1100 ? 0.61 : 1.05
}

const exact = new Intl.NumberFormat('en-US')
const short = new Intl.NumberFormat('en-US', { notation: 'compact', maximumFractionDigits: 2 })

export const inFull = (count: number): string => exact.format(count)

/** Short enough to stand beside an axis. */
export const inShort = (count: number): string => (count < 10_000 ? exact.format(count) : short.format(count))

/** `1 day`, `2 days`. */
export const plural = (count: number, word: string): string => `${exact.format(count)} ${word}${count === 1 ? '' : 's'}`
