// Who we are for Azure: found by Azure's own identity library, from its own settings (AZURE_*, IDENTITY_*).
import type { AccessToken, GetTokenOptions, TokenCredential } from '@azure/identity'
import { decodeJwt } from 'jose/jwt/decode'
import { OperationalError } from '../../model/errors.ts'
import { plain } from './text.ts'

/** A token is not used in the last minutes of its life, since a question may take some. */
const SPARE_MS = 5 * 60_000

/**
 * A credential that rejects with `source-unauthorized` and a remedy. It keeps tokens until shortly before they expire,
 * and never shows one. The library costs half a second and 40 MB, so it is loaded by the first question and not before.
 */
export async function openCredential(authority: string, now: () => Date): Promise<TokenCredential> {
  const { DefaultAzureCredential } = await import('@azure/identity')
  const kept = new Map<string, AccessToken>()
  const open = (): TokenCredential =>
    new DefaultAzureCredential({
      authorityHost: authority,
      // Tenants are named by the settings, and each question says for which one its token must be.
      additionallyAllowedTenants: ['*'],
      // A run that fails is repeated by the schedule, so the identity need not wait long for itself.
      retryOptions: { maxRetries: 1, retryDelayInMs: 500 }
    })
  let credential: TokenCredential | undefined

  return {
    async getToken(scopes: string | string[], options: GetTokenOptions = {}): Promise<AccessToken> {
      const key = JSON.stringify([scopes, options.tenantId, options.claims])
      const last = kept.get(key)
      if (last !== undefined && last.expiresOnTimestamp - now().getTime() > SPARE_MS) return last
      let token: AccessToken | null
      try {
        credential ??= open()
        token = await credential.getToken(scopes, options)
      } catch (error) {
        throw unauthorized(error)
      }
      if (token === null || typeof token.token !== 'string' || token.token === '') {
        throw unauthorized(new Error('the identity answered without a token'))
      }
      if (options.tenantId !== undefined) checkTenant(token.token, options.tenantId)
      kept.set(key, token)
      return token
    }
  }
}

/**
 * A managed identity knows one tenant and ignores which one is asked for: its token would bring the counts of that
 * tenant under the name of another. A token that cannot be read is left to the service to judge.
 */
function checkTenant(token: string, tenantId: string): void {
  let tid: unknown
  try {
    tid = decodeJwt(token)['tid']
  } catch {
    return
  }
  if (typeof tid !== 'string' || tid.toLowerCase() === tenantId.toLowerCase()) return
  throw new OperationalError(
    'source-unauthorized',
    `our identity belongs to the tenant ${plain(tid, 40)} and not to ${tenantId}: ` +
      'correct WORKSPACES, or use an application that is registered for that tenant (AZURE_CLIENT_ID, AZURE_CLIENT_SECRET)'
  )
}

function unauthorized(error: unknown): OperationalError {
  const said = error instanceof Error ? error.message : String(error)
  const code = /AADSTS\d+/.exec(said)?.[0]
  const what =
    code === undefined
      ? 'no identity gave us a token: give this machine a managed identity or a workload identity, or set ' +
        'AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET'
      : `Microsoft Entra ID refused us a token (${code}): check AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET, ` +
        'and whether the secret has expired'
  // Only the words: the library's error carries requests and answers.
  return new OperationalError('source-unauthorized', what, { cause: new Error(plain(said, 2000)) })
}
