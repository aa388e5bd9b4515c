// The thread of `ask-beside.ts`: Azure's libraries, the tokens and the long answers are here and nowhere else.
import { setPriority } from 'node:os'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { parentPort } from 'node:worker_threads'
import type { TokenCredential } from '@azure/identity'
import { OperationalError } from '../../model/errors.ts'
import type { AskWord, WordIn, WordOut } from './ask-beside.ts'
import { openCredential } from './credential.ts'
import { readDaysAnswer } from './days.ts'
import { failureOfThrown } from './failure.ts'
import { openGraphClient } from './graph-client.ts'
import { identityOf, watchCredentials } from './identity.ts'
import { openLogAnalyticsClient } from './log-analytics-client.ts'
import { packDays, type PackedDays } from './packed-days.ts'
import { parseBody } from './parse.ts'
import { sayError, type SaidError } from './said-error.ts'
import type { AzureSettings, Client, IdentitySeen, SessionSettings, WireAnswer } from './types.ts'

/** Whoever asks with this token is told the time, and nothing else. */
const NOBODY = { getToken: async () => ({ token: 'none', expiresOnTimestamp: Number.MAX_SAFE_INTEGER }) }

const clients = new Map<number, Promise<Client>>()
const asked = new Map<number, AbortController>()
const trusted = new Set<string>()
let used: ReturnType<typeof watchCredentials> | undefined
/** The time by the clock of whoever asked last. */
let now = new Date(0)

const say = (word: WordOut, handedOver: ArrayBuffer[] = []): void => parentPort?.postMessage(word, handedOver)

giveWay()
parentPort?.on('message', (word: WordIn) => {
  if ('abort' in word) asked.get(word.abort)?.abort()
  else if ('drop' in word) clients.delete(word.drop)
  else void answer(word)
})

async function answer(word: AskWord): Promise<void> {
  const { ask, session, settings, workspace, question } = word
  const stop = new AbortController()
  asked.set(ask, stop)
  now = word.now
  const client = clients.get(session) ?? open(session, settings)
  clients.set(session, client)
  const wire = await client
    .then(({ send }) => send(workspace, question, stop.signal))
    .catch((thrown: unknown) => failureOfThrown(thrown, settings.service))
  asked.delete(ask)
  if ('error' in wire) return say({ ask, failure: { error: sayError(wire.error), passing: wire.passing } })
  const days = readDays(wire, word)
  if (days === null) return say({ ask, answer: { ...wire, days } })
  say({ ask, answer: { ...wire, text: '', days } }, 'numbers' in days ? [days.numbers.buffer] : [])
}

function readDays({ status, text }: WireAnswer, { question, settings }: AskWord): PackedDays | SaidError | null {
  if (question.days === null || status !== 200) return null
  try {
    return packDays(readDaysAnswer(parseBody(text), question.days, settings.service.rowLimit))
  } catch (error) {
    // Anything else is a fault of ours, and ends the thread.
    if (error instanceof OperationalError) return sayError(error)
    throw error
  }
}

async function open(session: number, settings: SessionSettings): Promise<Client> {
  const { service, azure, anonymous } = settings
  trust(azure)
  const credential = anonymous ? NOBODY : await openWatched(session, azure)
  if (service.kind === 'graph') return openGraphClient(settings, credential)
  return openLogAnalyticsClient(settings, credential, () => now)
}

/** A credential that tells whose its tokens are, and never a token. */
async function openWatched(session: number, { authority }: AzureSettings): Promise<TokenCredential> {
  const credential = await openCredential(authority, () => now)
  used ??= watchCredentials()
  const nameOf = await used
  const seen = (identity: IdentitySeen): void => say({ session, identity })
  return {
    async getToken(scopes, options) {
      seen('waiting')
      const token = await credential.getToken(scopes, options).catch((error: unknown) => {
        seen('refused')
        throw error
      })
      seen(token === null ? 'refused' : identityOf(token.token, nameOf()))
      return token
    }
  }
}

/** Where there is one core for both, whoever is served comes first. Elsewhere than on Linux it would be all of the process. */
function giveWay(): void {
  if (process.platform !== 'linux') return
  try {
    setPriority(0, 10)
  } catch {
    // Where that is forbidden, both have the same.
  }
}

/** What a thread trusts is its own affair, and only that of connections that are made later. */
function trust({ certificates = [] }: AzureSettings): void {
  const more = certificates.filter((each) => !trusted.has(each))
  if (more.length === 0) return
  for (const each of more) trusted.add(each)
  setDefaultCACertificates([...getCACertificates('default'), ...more])
}
