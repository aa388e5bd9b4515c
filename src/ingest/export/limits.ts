// What a file may cost. Beyond these it is refused, so that memory does not depend on what it holds.

/** The longest event in bytes; a real one has less than 10 kB. */
export const MAX_EVENT_BYTES = 1_048_576
/** How deep JSON may be nested; an event of a Log Analytics answer stands at 5. */
export const MAX_JSON_DEPTH = 32
/** The most days that one file may cover, ten years: more is a stray date. */
export const MAX_DAYS = 3_660
/** The most different combinations of labels in one file, over all its days; real tables have some dozens. */
export const MAX_COMBINATIONS = 100_000
