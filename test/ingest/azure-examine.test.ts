// What `doctor` finds of a workspace, each fault in turn, with the real library against a server on this machine.
import { Buffer } from 'node:buffer'
import t, { type Test } from 'tap'
import { askBeside } from '../../src/ingest/azure/ask-beside.ts'
import type { AzureSourceOptions } from '../../src/ingest/azure/types.ts'
import { openExaminer, type Examination, type Finding } from '../../src/ingest/examine.ts'
import { startAzure, type Reply } from '../support/azure-server.ts'
import type { FakeEvent } from '../support/azure-table.ts'
import { fakeClock } from '../support/fake-clock.ts'

const id = '11111111-2222-3333-4444-555555555555'
const contoso = { name: 'contoso', id }
const never = new AbortController().signal
const clock = fakeClock('2026-11-20T09:30:00Z')
const azure = await startAzure(t, clock)
// One thread for all of them, which would end with each.
t.teardown(askBeside.join())

const CHECKS = ['clock', 'identity', 'workspace', 'table', 'time-column', 'labels', 'bounds', 'yesterday']
const daily: FakeEvent[] = Array.from({ length: 40 }, (_, i) => ({
  at: new Date(Date.parse('2026-11-20T01:00:00Z') - i * 86_400_000).toISOString()
}))

t.beforeEach(() => {
  azure.events = daily
  azure.columns = { Timestamp: true, TimeGenerated: true }
  azure.aheadMs = 0
  azure.replies.length = 0
  azure.identityReplies.length = 0
})

async function examine(
  changes: Partial<AzureSourceOptions> = {},
  kind: 'log-analytics' | 'graph' = 'log-analytics'
): Promise<Examination> {
  return openExaminer({ kind, ...azure.options(changes) })(contoso, never)
}

/** The statuses in order, and the finding that failed. */
async function faultOf(
  t: Test,
  ...args: Parameters<typeof examine>
): Promise<{ statuses: string; fault: Finding | undefined }> {
  const { findings } = await examine(...args)
  t.same(
    findings.map(({ check }) => check),
    CHECKS
  )
  for (const { status, remedy } of findings)
    t.equal(status === 'fail', (remedy ?? '') !== '', 'a remedy where it failed')
  t.notMatch(JSON.stringify(findings), /test-token|test-identity-header/)
  return {
    statuses: findings.map(({ status }) => ({ ok: '+', fail: 'F', skipped: '.' })[status]).join(''),
    fault: findings.find(({ status }) => status === 'fail')
  }
}

function detailOf({ findings }: Examination, check: string): string | undefined {
  return findings.find((finding) => finding.check === check)?.detail
}

function jwt(claims: object): string {
  const body = Buffer.from(JSON.stringify(claims)).toString('base64url')
  return `eyJhbGciOiJSUzI1NiJ9.${body}.c2lnbmF0dXJlLXRoYXQtbm9ib2R5LXNob3VsZC1zZWU`
}

function tokenReply(token: string): Reply {
  const expires = String(Math.floor(Date.now() / 1000) + 86_400)
  return { body: { access_token: token, expires_on: expires, resource: 'r', token_type: 'Bearer' } }
}

for (const kind of ['log-analytics', 'graph'] as const) {
  t.test(`${kind}: where all is well, each check says what it found, by two questions`, async (t) => {
    const before = azure.requests.length
    const found = await examine({}, kind)
    t.same(
      found.findings.map(({ check, status }) => `${status} ${check}`),
      CHECKS.map((check) => `ok ${check}`)
    )
    t.equal(azure.requests.length - before, 2)
    t.match(detailOf(found, 'clock'), '2026-11-20T09:30:00.000Z by the source, as by ours')
    t.match(detailOf(found, 'identity'), 'ManagedIdentityCredential')
    t.match(detailOf(found, 'workspace'), id)
    t.match(detailOf(found, 'time-column'), 'Timestamp (TIME_COLUMN=auto)')
    t.match(detailOf(found, 'bounds'), 'rows arrived from 2026-10-19 to 2026-11-20; days before 2026-11-13 can')
    t.match(detailOf(found, 'yesterday'), '1 event on 2026-11-19')
    t.match(found.binding, { kind, id, timeColumn: 'Timestamp' })
  })
}

t.test('labels are told by the location they count for, those of no rule last, and spellings once', async (t) => {
  const at = '2026-11-19T10:00:00Z'
  const labels = ['Inbox/Folder', 'Inbox/folder', 'Deleted items', 'Dropped', 'On-premises/External', 'Dropped', '']
  azure.events = [...daily, ...labels.map((deliveryLocation) => ({ at, deliveryLocation }))]
  t.equal(
    detailOf(await examine(), 'labels'),
    "in 30 days, Quarantine: 'Quarantine' 30; Delete: 'Deleted items' 1; Inbox: 'Inbox/Folder' 2; " +
      "Other (no rule names them): 'Dropped' 2, 'On-premises/External' 1, (none) 1"
  )
})

t.test('a source that is younger than the retention, or has gone silent, is told so', async (t) => {
  azure.events = [{ at: '2026-11-08T12:00:00Z' }, { at: '2026-11-10T12:00:00Z' }]
  const found = await examine()
  t.match(detailOf(found, 'bounds'), /2026-11-08 to 2026-11-10.*12 days, less than the 30.*nothing arrived for 10 days/)
  azure.events = [{ at: '2026-11-19T12:00:00Z' }]
  const { statuses } = await faultOf(t)
  t.equal(statuses, '++++++++', 'that yesterday may be cut is told, and no fault')
})

t.test('the identity is told by the claims of its token, and the token is not', async (t) => {
  const claims = {
    appid: 'aaaaaaaa-0000-0000-0000-000000000001',
    oid: 'aaaaaaaa-0000-0000-0000-000000000002',
    tid: 'aaaaaaaa-0000-0000-0000-000000000003',
    idtyp: 'app',
    xms_mirid: '/subscriptions/aaaaaaaa-0000-0000-0000-000000000004/providers/Microsoft.ManagedIdentity/x'
  }
  const token = jwt(claims)
  azure.identityReplies.push(tokenReply(token))
  const found = await examine()
  const told = detailOf(found, 'identity') ?? ''
  for (const said of [
    'ManagedIdentityCredential',
    'application',
    claims.appid,
    claims.oid,
    claims.tid,
    claims.xms_mirid
  ]) {
    t.ok(told.includes(said), said)
  }
  t.notMatch(JSON.stringify(found), token.split('.')[2])

  azure.identityReplies.push(tokenReply(token))
  azure.replies.push({ status: 403, body: { error: { code: 'InsufficientAccessError', message: 'no access' } } })
  const { fault } = await faultOf(t)
  t.ok(fault?.remedy?.includes(`--assignee-object-id ${claims.oid}`), 'the remedy names whom to grant the role')
})

const timeless: Reply = (_request, response, right) => {
  response.sendDate = false
  response.removeHeader('Date')
  response.end(JSON.stringify(right()))
}
const html: Reply = { status: 502, body: '<html>bad gateway</html>' }
const noTable: Reply = {
  status: 400,
  body: {
    error: {
      code: 'BadArgumentError',
      message: 'The request had some invalid properties',
      innererror: { code: 'SEM0100', message: "Failed to resolve table 'EmailPostDeliveryEvents'" }
    }
  }
}
const many = <T>(reply: T): T[] => Array.from({ length: 6 }, () => reply)

const FAULTS: readonly (readonly [string, Reply, string, string, RegExp, RegExp])[] = [
  ['401', { status: 401, body: {} }, '++F.....', 'workspace', /does not accept our token/, /AZURE_CLOUD/],
  ['403', { status: 403, body: {} }, '++F.....', 'workspace', /may not read/, /Log Analytics Reader/],
  ['404', { status: 404, body: {} }, '++F.....', 'workspace', /does not know/, /customerId.*WORKSPACES/],
  ['429', { status: 429, body: {} }, '++F.....', 'workspace', /throttles/, /wait/],
  ['502 with HTML', html, '++F.....', 'workspace', /fails/, /wait/],
  ['204', { status: 204, body: '' }, '++F.....', 'workspace', /proves nothing/, /connect/],
  ['HTML instead of an answer', { body: '<html></html>' }, '++F.....', 'workspace', /no JSON/, /proxy/],
  ['a missing table', noTable, '+++F....', 'table', /has no table/, /connect Microsoft Defender XDR/]
]
for (const [name, reply, statuses, check, detail, remedy] of FAULTS) {
  t.test(`${name} is a fault of the ${check}, and what needs it is skipped`, async (t) => {
    azure.replies.push(...many(reply))
    const found = await faultOf(t, { timeoutMs: 1_000 })
    t.equal(found.statuses, statuses)
    t.match(found.fault, { check, detail, remedy })
  })
}

t.test('a table without a row is a fault of the table', async (t) => {
  azure.events = []
  const { statuses, fault } = await faultOf(t)
  t.equal(statuses, '+++F....')
  t.match(fault, { detail: /no row/, remedy: /connect/ })
})

t.test('a time column that the table has not is a fault of the time column', async (t) => {
  azure.columns = { Timestamp: false, TimeGenerated: true }
  const { statuses, fault } = await faultOf(t, { timeColumn: 'Timestamp' })
  t.equal(statuses, '++++F...')
  t.match(fault, { check: 'time-column', remedy: /TIME_COLUMN=auto/ })
})

t.test('a clock that is off is a fault of the clock, also where the identity fails over it', async (t) => {
  azure.aheadMs = 20 * 60_000
  const first = await faultOf(t)
  t.equal(first.statuses, 'F++.....')
  t.match(first.fault, { check: 'clock', detail: /09:30:00.*09:50:00/, remedy: /chrony/ })
  azure.identityReplies.push(...many({ status: 400, body: { error: 'invalid_request' } }))
  t.equal((await faultOf(t)).statuses, 'FF......')
})

t.test('no identity is a fault of the identity, and the clock is compared all the same', async (t) => {
  azure.identityReplies.push(...many({ status: 400, body: { error: 'invalid_request' } }))
  const { statuses, fault } = await faultOf(t)
  t.equal(statuses, '+F......')
  t.match(fault, { check: 'identity', remedy: /managed identity.*AZURE_CLIENT_SECRET/ })
})

t.test('an identity that hangs is a fault of the identity, and ends at the deadline', async (t) => {
  const before = azure.identityRequests.length
  azure.identityReplies.push(() => {})
  const asked = faultOf(t, { timeoutMs: 60_000 })
  await azure.identityArrived(before + 1)
  await clock.advance(60_000)
  const { statuses, fault } = await asked
  t.equal(statuses, '+F......')
  t.match(fault, { check: 'identity', detail: /60 s/ })
})

t.test('a service that hangs is a fault of the workspace, waited for once', async (t) => {
  const before = azure.requests.length
  azure.replies.push(() => {})
  const asked = faultOf(t, { timeoutMs: 60_000 })
  await azure.arrived(before + 1)
  await clock.advance(60_000)
  const { statuses, fault } = await asked
  t.equal(statuses, '.+F.....')
  t.match(fault, { check: 'workspace', detail: /60 s/, remedy: /HTTPS_PROXY/ })
})

t.test('a service that cannot be reached is a fault of the workspace', async (t) => {
  const nowhere = { ...azure.options().azure, logAnalyticsEndpoint: 'https://localhost:1' }
  const { statuses, fault } = await faultOf(t, { azure: nowhere, timeoutMs: 500 })
  t.equal(statuses, '.+F.....')
  t.match(fault, { detail: /ECONNREFUSED/, remedy: /let this machine reach https:\/\/localhost:1:/ })
})

t.test('a day question that is refused is a fault of the labels', async (t) => {
  azure.replies.push((_request, response, right) => response.end(JSON.stringify(right())), {
    status: 400,
    body: { error: { code: 'BadArgumentError', message: "Failed to resolve column 'ActionTrigger'" } }
  })
  const { statuses, fault } = await faultOf(t)
  t.equal(statuses, '+++++F+.')
  t.match(fault, { check: 'labels', detail: /ActionTrigger/ })
})

t.test('a source that does not tell its time leaves the clock unchecked', async (t) => {
  azure.replies.push(timeless, timeless)
  t.equal((await faultOf(t)).statuses, '++++++++')
})

t.test('stopping ends an examination', async (t) => {
  await t.rejects(openExaminer({ kind: 'log-analytics', ...azure.options() })(contoso, AbortSignal.abort()), {
    code: 'cancelled'
  })
})
