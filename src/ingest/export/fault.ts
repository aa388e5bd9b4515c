// What is wrong with a file, and where. Only `countExport` turns it into the error that a caller sees.

/** A reason to refuse the whole file; `line` counts from 1, and is null until the reader of the format has told it. */
export class Fault extends Error {
  override readonly name = 'Fault'
  readonly line: number | null

  constructor(message: string, line: number | null = null) {
    super(message)
    this.line = line
  }
}

/** A fault with its line; anything else is none of the file's doing, and is returned as it came. */
export function locate(err: unknown, line: () => number): unknown {
  return err instanceof Fault && err.line === null ? new Fault(err.message, line()) : err
}

/** A value as a message shows it: quoted, and cut where it is long. */
export function show(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return JSON.stringify(text.length > 64 ? `${text.slice(0, 64)}…` : text)
}
