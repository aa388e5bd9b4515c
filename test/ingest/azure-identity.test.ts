// Who we are: what the identity answers instead of a token. One process asks one identity, so this is a file of its own.
import { inspect } from 'node:util'
import t from 'tap'
import { openLogAnalyticsSource } from '../../src/ingest/log-analytics.ts'
import type { Day } from '../../src/model/day.ts'
import { startAzure, type Reply } from '../support/azure-server.ts'
import { fakeClock } from '../support/fake-clock.ts'

const contoso = { name: 'contoso', id: '11111111-2222-3333-4444-555555555555' }
const range = { from: '2026-11-03' as Day, to: '2026-11-04' as Day }
const never = new AbortController().signal
const clock = fakeClock(new Date().toISOString())
const azure = await startAzure(t, clock)

const inSeconds = (seconds: number): string => String(Math.floor(clock.now().getTime() / 1000) + seconds)
const token = (text: string, seconds: number): Reply => ({
  body: { access_token: text, expires_on: inSeconds(seconds), resource: 'r', token_type: 'Bearer' }
})

const REFUSALS: readonly (readonly [string, Reply])[] = [
  [
    'a 400',
    { status: 400, body: { error: 'invalid_request', error_description: 'Identity not found', secret: 'S'.repeat(60) } }
  ],
  ['a 403', { status: 403, body: { message: 'no' } }],
  ['an answer without a token', { body: { token_type: 'Bearer' } }],
  ['an answer that is no JSON', { body: '<html></html>' }]
]
for (const [name, reply] of REFUSALS) {
  t.test(`${name} of the identity is source-unauthorized, with a remedy and no secret`, async (t) => {
    const source = openLogAnalyticsSource(azure.options())
    const before = azure.requests.length
    azure.identityReplies.push(reply, reply, reply, reply)
    const thrown = await source.fetchDays(contoso, range, never).catch((error: unknown) => error)
    t.match(thrown, { name: 'OperationalError', code: 'source-unauthorized', message: /AZURE_CLIENT_SECRET/ })
    t.notMatch(inspect(thrown, { depth: 10, showHidden: true }), /SSSS|test-identity-header|test-token/)
    t.equal(azure.requests.length, before, 'nothing is asked without a token')
    azure.identityReplies.length = 0
    await t.resolves(source.fetchDays(contoso, range, never))
  })
}

t.test('what Microsoft Entra ID refuses is told by its number', async (t) => {
  const source = openLogAnalyticsSource(azure.options())
  const said = "AADSTS7000222: The provided client secret keys for app 'x' are expired."
  azure.identityReplies.push({ status: 401, body: { error: 'invalid_client', error_description: said } })
  await t.rejects(source.fetchDays(contoso, range, never), {
    code: 'source-unauthorized',
    message: /AADSTS7000222.*expired/
  })
})

t.test('a token serves until shortly before it expires, and one that is refused is not used again', async (t) => {
  const source = openLogAnalyticsSource(azure.options())
  const used = (): unknown => azure.requests.at(-1)?.headers.authorization
  azure.identityReplies.push(token('first', 330), token('second', 7200), token('third', 7200))
  await source.fetchDays(contoso, range, never)
  await clock.advance(28_000)
  await source.fetchDays(contoso, range, never)
  t.equal(used(), 'Bearer first')
  await clock.advance(2000)
  await source.fetchDays(contoso, range, never)
  t.equal(used(), 'Bearer second')
  azure.replies.push({ status: 401, body: {} })
  await t.rejects(source.fetchDays(contoso, range, never), { code: 'source-unauthorized' })
  await source.fetchDays(contoso, range, never)
  t.equal(used(), 'Bearer third')
})
