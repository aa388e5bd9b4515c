// Parsers tell where they stand in bytes, people look for lines.

const LINE_FEED = 0x0a
const CARRIAGE_RETURN = 0x0d

export interface Lines {
  /** The next bytes of the file. */
  add(chunk: Buffer): void
  /** Forgets the bytes before an offset: nobody will ask for their lines. */
  release(offset: number): void
  /** The line, from 1, of the first byte at or after an offset that is no line end. */
  lineAt(offset: number): number
}

/** Keeps the bytes from the last released offset on, since a line is asked for only when something is wrong there. */
export function trackLines(): Lines {
  const kept: Buffer[] = []
  /** The offset at which the first kept chunk begins, and its line. */
  let start = 0
  let line = 1

  return {
    add(chunk) {
      kept.push(chunk)
    },
    release(offset) {
      for (let first = kept[0]; first !== undefined && start + first.length <= offset; first = kept[0]) {
        line += countLineFeeds(first, first.length)
        start += first.length
        kept.shift()
      }
    },
    lineAt(offset) {
      let at = line
      let from = start
      for (const chunk of kept) {
        let end = Math.min(Math.max(offset - from, 0), chunk.length)
        while (end < chunk.length && (chunk[end] === LINE_FEED || chunk[end] === CARRIAGE_RETURN)) end++
        at += countLineFeeds(chunk, end)
        if (end < chunk.length) break
        from += chunk.length
      }
      return at
    }
  }
}

/** How many lines end in the first bytes of a chunk. */
export function countLineFeeds(bytes: Buffer, end: number): number {
  let count = 0
  for (let at = bytes.indexOf(LINE_FEED); at !== -1 && at < end; at = bytes.indexOf(LINE_FEED, at + 1)) count++
  return count
}
