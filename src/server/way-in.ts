// Whether anybody can get in at all.
import { keyWorks } from '../model/api-key.ts'
import { dayOf } from '../model/day.ts'
import type { ServerOptions } from './options.ts'

/** A line for the log where keys are wanted and there is none that works; else null. */
export async function warnOfNoWayIn({
  auth,
  apiKeys,
  entra,
  store,
  clock
}: Pick<ServerOptions, 'auth' | 'apiKeys' | 'entra' | 'store' | 'clock'>): Promise<string | null> {
  if (auth === 'off' || apiKeys.length > 0 || (entra ?? null) !== null) return null
  const today = dayOf(clock.now())
  const works = (await store.apiKeys()).some((key) => keyWorks(key, today))
  return works
    ? null
    : "AUTH=on and there is no key, so nobody can read anything: 'keys add NAME' makes one, at any time"
}
