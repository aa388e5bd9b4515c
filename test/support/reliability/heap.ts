import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

/** What is really in use, in bytes, when nothing can be let go of any more. */
export function heapInUse(): number {
  collect()
  collect()
  return process.memoryUsage().heapUsed
}
