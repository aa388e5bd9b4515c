// Lines of the log as a terminal may show them.

/** Characters that are not seen, or turn around what is seen; JSON escapes those below space, and lets these through. */
const UNSEEN = /[\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g

/** The same line of JSON, with everything escaped that could make it look like another one. */
export function escapeUnseen(line: string): string {
  return line.replace(UNSEEN, (character) => String.raw`\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
