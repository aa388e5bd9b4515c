// What a caller sends is told again here and there, in an error or in a line of the log. A key may stand anywhere in it:
// in a path, as a parameter, as its value. Wherever it stands, it goes no further.

/** A key of ours, an access token, or so long a word that it may be somebody's key. */
const SECRET = /pds_[\w-]{4,}|eyJ[\w-]{4,}[\w.-]*|[\w+/=.~%-]{32,}/g

/** Ids of runs and of tenants are no secret. */
const GUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i

/** Characters that are not seen, or turn what is seen around, and that JSON lets through. */
const UNSEEN = /[\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g

export function hideSecrets(text: string): string {
  return text.replace(SECRET, (word) => (GUID.test(word) ? word : '[hidden]'))
}

/** As it may stand in a log: without secrets, and without characters that could make one line look like another. */
export function loggable(text: string): string {
  return hideSecrets(text).replace(UNSEEN, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
