// What a caller sends is told again here and there, in an error or in a line of the log. A key may stand anywhere in it:
// in a path, as a parameter, as its value. Wherever it stands, it goes no further.

/** A key of ours, an access token, or so long a word that it may be somebody's key. */
const SECRET = /pds_[\w-]{4,}|eyJ[\w-]{4,}[\w.-]*|[\w+/=.~%-]{32,}/g

/** Ids of runs and of tenants are no secret, and neither is a number: cursors and revisions are digits alone. */
const HARMLESS = /^(\d+|[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12})$/i

export function hideSecrets(text: string): string {
  return text.replace(SECRET, (word) => (HARMLESS.test(word) ? word : '[hidden]'))
}
