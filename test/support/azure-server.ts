// Azure on this machine: an identity endpoint, and Log Analytics and Microsoft Graph over https, which answer our two
// questions from a list of events as the table would, or as a test tells them to.
import { once } from 'node:events'
import { createServer as createHttpServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { AzureSourceOptions } from '../../src/ingest/azure/types.ts'
import type { Clock } from '../../src/model/clock.ts'
import { makeCertificate } from './test-ca.ts'
import { asHunting, asTables, execute, type FakeTable, type Result } from './azure-table.ts'

/** An answer other than the right one; a function does with the request whatever it likes. */
export type Reply =
  | { readonly status?: number; readonly headers?: Readonly<Record<string, string>>; readonly body?: string | object }
  | ((request: IncomingMessage, response: ServerResponse, right: () => object) => void)

export interface SeenRequest {
  readonly path: string
  readonly headers: IncomingMessage['headers']
  readonly kql: string
  readonly timespan: string
}

export interface AzureServer extends FakeTable {
  /** Replies for the next questions, first come first served; then the right ones again. */
  readonly replies: Reply[]
  /** The reply to a question for which none stands there; undefined: the right one. */
  replyTo: (question: SeenRequest) => Reply | undefined
  /** What the table answers; without another, what this file's two questions need. An error is a semantic one. */
  execute: (question: SeenRequest) => Result
  /** The same for the identity. */
  readonly identityReplies: Reply[]
  /** How far the server's clock is ahead of the test's, in milliseconds. */
  aheadMs: number
  readonly requests: SeenRequest[]
  readonly identityRequests: string[]
  /** Resolves when so many questions have arrived since the start, or so many requests for a token. */
  arrived(questions: number): Promise<void>
  identityArrived(requests: number): Promise<void>
  /** Options for a source that asks here. Tokens are kept by audience for the life of the process; each call has a new one. */
  options(changes?: Partial<AzureSourceOptions>): AzureSourceOptions
  readonly warnings: string[]
  /** The settings of another process that asks here; its certificate is written into a file of the folder. */
  environment(folder: string): Promise<Record<string, string>>
}

/** Whatever the servers live as long as: a test, or anything else that ends. */
export interface Scope {
  teardown(end: () => void): unknown
}

/**
 * One for each test file, since the identity library keeps the endpoint it first saw. Its options let
 * the server's certificate be trusted, and this process's settings point the identity library at it.
 */
export async function startAzure(t: Scope, clock: Clock): Promise<AzureServer> {
  const certificate = makeCertificate()

  const waiting = new Set<() => void>()
  const noted = (): void => waiting.forEach((look) => look())
  const until = (holds: () => boolean): Promise<void> =>
    new Promise((resolve) => {
      const look = (): void => {
        if (!holds()) return
        waiting.delete(look)
        resolve()
      }
      waiting.add(look)
      look()
    })

  let served = 0
  const azure: AzureServer = {
    events: [],
    columns: { Timestamp: true, TimeGenerated: true },
    replies: [],
    replyTo: () => undefined,
    execute: ({ kql }) => execute(kql, azure),
    identityReplies: [],
    aheadMs: 0,
    requests: [],
    identityRequests: [],
    warnings: [],
    arrived: (questions) => until(() => azure.requests.length >= questions),
    identityArrived: (requests) => until(() => azure.identityRequests.length >= requests),
    options: (changes) => ({
      clock,
      lagDays: 7,
      retentionDays: 30,
      timeoutMs: 180_000,
      timeColumn: 'auto',
      azure: {
        logAnalyticsEndpoint: endpoint,
        logAnalyticsAudience: `https://api-${++served}.example`,
        graphEndpoint: endpoint,
        authority: 'https://login.example',
        certificates: [certificate.cert]
      },
      log: { warn: (_fields, message) => azure.warnings.push(message) },
      ...changes
    }),
    async environment(folder) {
      const ca = join(folder, 'test-ca.pem')
      await writeFile(ca, certificate.cert)
      return {
        ...identityVariables,
        NODE_EXTRA_CA_CERTS: ca,
        LOG_ANALYTICS_ENDPOINT: endpoint,
        LOG_ANALYTICS_AUDIENCE: endpoint,
        GRAPH_ENDPOINT: endpoint
      }
    }
  }

  const answer = (
    reply: Reply | undefined,
    right: () => object,
    request: IncomingMessage,
    response: ServerResponse
  ): void => {
    response.setHeader('Date', new Date(clock.now().getTime() + azure.aheadMs).toUTCString())
    if (typeof reply === 'function') return reply(request, response, right)
    const { status = 200, headers = {}, body } = reply?.body === undefined ? { ...answerOf(right), ...reply } : reply
    const type = typeof body === 'string' ? 'text/html' : 'application/json'
    response.writeHead(status, { 'Content-Type': type, ...headers })
    response.end(typeof body === 'string' ? body : JSON.stringify(body))
  }

  const query = createServer(certificate, (request, response) => {
    void (async (): Promise<void> => {
      const body = await readJson(request)
      const kql = String(body['query'] ?? body['Query'])
      const path = request.url ?? ''
      const timespan = String(body['timespan'] ?? body['Timespan'])
      const question = { path, headers: request.headers, kql, timespan }
      azure.requests.push(question)
      const right = (): object => (path.startsWith('/v1.0/') ? asHunting : asTables)(azure.execute(question))
      answer(azure.replies.shift() ?? azure.replyTo(question), right, request, response)
      noted()
    })()
  })
  const identity = createHttpServer((request, response) => {
    azure.identityRequests.push(request.url ?? '')
    const inADay = Math.floor(Math.max(Date.now(), clock.now().getTime()) / 1000) + 86_400
    answer(
      azure.identityReplies.shift(),
      () => ({ access_token: 'test-token', expires_on: String(inADay), resource: 'r', token_type: 'Bearer' }),
      request,
      response
    )
    noted()
  })
  const endpoint = `https://localhost:${await listen(t, query)}`
  const identityVariables = {
    IDENTITY_ENDPOINT: `http://127.0.0.1:${await listen(t, identity)}/msi/token`,
    IDENTITY_HEADER: 'test-identity-header',
    AZURE_TOKEN_CREDENTIALS: 'ManagedIdentityCredential',
    NO_PROXY: 'localhost,127.0.0.1'
  }
  Object.assign(process.env, identityVariables)
  return azure
}

/** What the table answers, or the error that it answers instead. */
function answerOf(right: () => object): Exclude<Reply, Function> {
  try {
    return { body: right() }
  } catch (error) {
    const innererror = { code: 'SEM0100', message: error instanceof Error ? error.message : String(error) }
    return { status: 400, body: { error: { code: 'BadArgumentError', message: 'a semantic error', innererror } } }
  }
}

async function listen(t: Scope, server: Server): Promise<number> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  return (server.address() as AddressInfo).port
}

async function readJson(request: IncomingMessage): Promise<Record<string, unknown>> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return JSON.parse(Buffer.concat(chunks).toString()) as Record<string, unknown>
}
