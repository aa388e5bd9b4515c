// Looking into JSON that anyone may have written.

export function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A property by its name in any case, which is given in lower case; the first where there are several. */
export function property(of: unknown, name: string): unknown {
  if (!isObject(of)) return undefined
  return Object.entries(of).find(([key]) => key.toLowerCase() === name)?.[1]
}
