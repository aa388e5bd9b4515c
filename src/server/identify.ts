// From the headers of a request to whoever sent it. What was found is remembered, and only what can change is looked at
// again: for most requests that is a lookup in a map.
import type { IncomingHttpHeaders } from 'node:http'
import { LRUCache } from 'lru-cache'
import { credentialsOf, shownBy } from './credentials.ts'
import type { TokenGate } from './entra.ts'
import type { Identity, KeyRing, Recheck } from './keys.ts'

/** `nothing`: no credential was shown at all; `wrong`: none of those that were shown is good. */
export type Identified = Identity | 'nothing' | 'wrong'

export type Identify = (headers: IncomingHttpHeaders) => Identified | Promise<Identified>

/** Only what was good once is remembered, so others can fill nothing. */
const MOST_REMEMBERED = 1_000

export function createIdentify(keys: KeyRing, tokens: TokenGate | null): Identify {
  const remembered = new LRUCache<string, Recheck>({ max: MOST_REMEMBERED })

  const find = async (headers: IncomingHttpHeaders, shown: string): Promise<Identified> => {
    for (const { text, bearer } of credentialsOf(headers)) {
      const found = (await keys(text)) ?? (bearer && tokens !== null ? await tokens(text) : undefined)
      if (found === undefined) continue
      remembered.set(shown, found.recheck)
      return found.identity
    }
    return 'wrong'
  }

  const lookAgain = async (again: Promise<Identity | undefined>, headers: IncomingHttpHeaders, shown: string) =>
    (await again) ?? forget(headers, shown)

  /** What does not hold any more may still be something else: a token is checked anew when its tenant changes its keys. */
  const forget = (headers: IncomingHttpHeaders, shown: string): Promise<Identified> => {
    remembered.delete(shown)
    return find(headers, shown)
  }

  return (headers) => {
    const shown = shownBy(headers)
    if (shown === '') return 'nothing'
    const again = remembered.get(shown)?.()
    if (again instanceof Promise) return lookAgain(again, headers, shown)
    if (again !== undefined) return again
    return remembered.has(shown) ? forget(headers, shown) : find(headers, shown)
  }
}
