// From the text of an answer to JSON, before anything of it is looked at.
import { OperationalError } from '../../model/errors.ts'

/** A JSON object. An empty answer proves nothing, and one that cannot be read to its end was cut: `source-incomplete`. */
export function parseBody(text: string): unknown {
  const start = /\S/.exec(text)?.[0]
  if (start === undefined) throw new OperationalError('source-incomplete', 'the answer is empty, which proves nothing')
  if (start !== '{') {
    throw new OperationalError('source-rejected', 'the answer is no JSON object: does a proxy answer for the source?')
  }
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new OperationalError('source-incomplete', 'the answer is cut, or no JSON', {
      cause: new Error(String(cause).slice(0, 200))
    })
  }
}
