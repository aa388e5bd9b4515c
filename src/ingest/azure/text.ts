// Words of others, made fit for a message, a log and a run's record.

const MAX_CHARS = 400

/** One line of bounded length, without control characters, and without anything long enough to be a token or a secret. */
export function plain(text: string, maxChars = MAX_CHARS): string {
  const line = text
    // Before all else, so that a body of megabytes costs nothing.
    .slice(0, 4 * maxChars)
    .replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ')
    .replaceAll(/[\w+.~=-]{40,}/g, '…')
    .replaceAll(/\s+/g, ' ')
    .trim()
    .toWellFormed()
  return line.length > maxChars ? `${line.slice(0, maxChars).toWellFormed()}…` : line
}
