// Stands between a source and Azure and sees what passes: whose token was used, what was answered, and by which clock.
import type { Clock } from '../../model/clock.ts'
import type { AzureParts } from './source.ts'
import type { IdentitySeen, RawAnswer, Session } from './types.ts'

export interface SeenAnswer {
  readonly raw: RawAnswer
  readonly sentAt: Date
  readonly receivedAt: Date
}

export interface Witness {
  /** The same parts, watched. */
  readonly parts: AzureParts
  identity(): IdentitySeen | 'not asked'
  /** The last answer of the service, whatever its status; null: none came. */
  answer(): SeenAnswer | null
}

export function createWitness(parts: AzureParts, clock: Clock): Witness {
  let identity: ReturnType<Witness['identity']> = 'not asked'
  let answer: SeenAnswer | null = null
  let heard = false

  const onIdentity = (seen: IdentitySeen): void => {
    heard = true
    identity = seen
  }
  const watchSession = (session: Session): Session => ({
    ...session,
    async send(workspace, question, signal) {
      const sentAt = clock.now()
      // The first that is done is to look for an identity, also where nothing is heard of it until the deadline.
      if (!heard) identity = 'waiting'
      const raw = await session.send(workspace, question, signal)
      if (!heard && !signal.aborted) identity = 'not asked'
      if (!('error' in raw)) answer = { raw, sentAt, receivedAt: clock.now() }
      return raw
    }
  })

  return {
    parts: {
      ...parts,
      openSession: (how) => watchSession(parts.openSession({ ...how, onIdentity }))
    },
    identity: () => identity,
    answer: () => answer
  }
}
