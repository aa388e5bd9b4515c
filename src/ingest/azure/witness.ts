// Stands between a source and Azure and sees what passes: whose token was used, what was answered, and by which clock.
import type { TokenCredential } from '@azure/identity'
import type { Clock } from '../../model/clock.ts'
import { identityOf, type Identity } from './identity.ts'
import type { AzureParts } from './source.ts'
import type { RawAnswer, Session } from './types.ts'

export interface SeenAnswer {
  readonly raw: RawAnswer
  readonly sentAt: Date
  readonly receivedAt: Date
}

export interface Witness {
  /** The same parts, watched. */
  readonly parts: AzureParts
  /** `waiting`: a token was asked for, and neither it nor an error has come. */
  identity(): Identity | 'waiting' | 'refused' | 'not asked'
  /** The last answer of the service, whatever its status; null: none came. */
  answer(): SeenAnswer | null
}

export function createWitness(parts: AzureParts, clock: Clock, credentialUsed: () => string | null): Witness {
  let identity: ReturnType<Witness['identity']> = 'not asked'
  let answer: SeenAnswer | null = null

  const watchCredential = (credential: TokenCredential): TokenCredential => ({
    async getToken(scopes, options) {
      identity = 'waiting'
      const token = await credential.getToken(scopes, options).catch((error: unknown) => {
        identity = 'refused'
        throw error
      })
      identity = token === null ? 'refused' : identityOf(token.token, credentialUsed())
      return token
    }
  })
  const watchSession = (session: Session): Session => ({
    async send(workspace, question, signal) {
      const sentAt = clock.now()
      const raw = await session.send(workspace, question, signal)
      answer = { raw, sentAt, receivedAt: clock.now() }
      return raw
    }
  })

  return {
    parts: {
      ...parts,
      openSession: async (credential) => watchSession(await parts.openSession(watchCredential(credential)))
    },
    identity: () => identity,
    answer: () => answer
  }
}
