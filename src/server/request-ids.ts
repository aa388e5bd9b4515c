// Names of requests, by which an answer of 500 and its line in the log are brought together.
import { randomBytes } from 'node:crypto'

/** Each is another one, also those of other processes; a random one for each request would cost more than to count. */
export function createRequestIds(): () => string {
  const process = randomBytes(8).toString('hex')
  let count = 0
  return () => `${process}-${(++count).toString(36)}`
}
