// Fields of RFC 4180 that are safe to open in a spreadsheet.

/** What a spreadsheet takes for the beginning of a formula, also in its full-width form. */
const FORMULA = /(^|[,;|])(?=[\s']*[=+\-@＝＋－＠])/g

/**
 * The text with an apostrophe before whatever would run as a formula: at its beginning, and behind what separates
 * fields where another separator is usual. Two texts never become one: what has an apostrophe there gets another.
 */
export function harmless(text: string): string {
  return text.replace(FORMULA, "$1'")
}

/** A field, in quotes where it holds more than letters, digits and the simplest signs. */
export function quoted(text: string): string {
  return /^[\p{L}\p{N} _.:()'-]*$/u.test(text) ? text : `"${text.replaceAll('"', '""')}"`
}

/** Lines end with CR LF, the last one too. */
export function linesOf(texts: readonly string[]): string {
  return `${texts.join('\r\n')}\r\n`
}
