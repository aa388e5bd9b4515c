// Requests made at random from our own description, half of them spoiled: whatever is sent, the answer is one that the
// description knows. SOAK_REQUESTS tries so many of them, SEED others.
import type { AddressInfo } from 'node:net'
import t, { type Test } from 'tap'
import { createAnswerCheck, type Answer } from '../support/answer-check.ts'
import { askRouter, askSocket, type Asking } from '../support/ask.ts'
import { operationsOf, type Description } from '../support/described.ts'
import { HOSTILE_LABELS } from '../support/hostile.ts'
import { newHostileService, type HostileService } from '../support/hostile-service.ts'
import { addKey } from '../support/keys.ts'
import { createRandom } from '../support/random-changes.ts'
import { drawRequest, type Known, type RandomRequest } from '../support/random-requests.ts'
import { UNDESCRIBED } from '../support/undescribed.ts'

const SOAK = Number(process.env['SOAK_REQUESTS'] ?? 0)
const SEED = Number(process.env['SEED'] ?? 20261101)
/** Sent before the first of them is answered. */
const AT_ONCE = 8
/** Of the requests of each operation, spoiled ones included: fewer would mean that little beyond refusals is seen. */
const LEAST_GOOD = 0.3

t.setTimeout(240_000 + SOAK * 20)

t.test('whatever is asked of the router is answered as described', async (t) => {
  const service = await newHostileService(t, { auth: 'on' })
  await play(t, service, SOAK || 2_400, (asking, n) => askRouter(service.app, asking, addressOf(n)))
})

t.test('whatever is sent over a connection, where no key is wanted, is answered as described', async (t) => {
  const service = await newHostileService(t, { auth: 'off' })
  await service.app.listen({ host: '127.0.0.1', port: 0 })
  const { port } = service.app.server.address() as AddressInfo
  await play(t, service, SOAK / 4 || 600, (asking) => askSocket(port, asking))
})

t.test('an answer that is not as described is noticed', async (t) => {
  const { app } = await newHostileService(t)
  const document = (await app.inject('/openapi.json')).json<Description>()
  const check = createAnswerCheck(document)
  const operation = operationsOf(document).find(({ name }) => name === 'GET /runs')
  if (operation === undefined) throw new Error('there are no runs')
  const asked = { operation, method: 'GET', aimed: true, headers: {} }
  const good = await askRouter(app, { method: 'GET', url: '/runs', headers: {}, payload: undefined }, '127.0.0.1')
  const bad = await askRouter(app, { method: 'GET', url: '/runs?x=1', headers: {}, payload: undefined }, '127.0.0.1')
  t.same([check(asked, good), check(asked, bad)], [[], []])
  const wrong: readonly [RegExp, Answer][] = [
    [/500 is not described/, { ...bad, status: 500 }],
    [/another status/, { ...bad, status: 404 }],
    [/is not described/, { ...good, headers: { ...good.headers, 'content-type': 'text/html' } }],
    [/vary/, { ...good, headers: { ...good.headers, vary: undefined } }],
    [/no application/, { ...good, body: '{' }],
    [/does not fit/, { ...good, body: '{"runs":[1]}' }],
    [/does not fit/, { ...good, body: '{"runs":[],"more":1}' }],
    [/inside/, { ...bad, body: bad.body.replace('x:', 'node_modules') }],
    [/set-cookie/, { ...good, headers: { ...good.headers, 'set-cookie': 'a=b' } }]
  ]
  for (const [fault, answer] of wrong) t.match(check(asked, answer).join('; '), fault)
  t.match(check({ ...asked, method: 'HEAD' }, good), [/body/])
})

async function play(
  t: Test,
  { app, store, names, lines }: HostileService,
  requests: number,
  ask: (asking: Asking, n: number) => Promise<Answer>
): Promise<void> {
  const wide = await addKey(store, { name: 'wide', scopes: ['read', 'ingest'] })
  const narrow = await addKey(store, { name: 'narrow', workspaces: ['hostile'] })
  const runs = ['none']
  const known = knownValues(names, runs)
  const random = createRandom(SEED)
  const documents = [(await app.inject('/openapi.json')).json<Description>(), UNDESCRIBED]
  const operations = documents.flatMap((document) => {
    const check = createAnswerCheck(document)
    return operationsOf(document).map((operation) => ({ operation, check, asked: 0, good: 0 }))
  })
  const faults: string[] = []
  const statuses: Record<number, number> = {}

  const askOne = async (n: number): Promise<void> => {
    const chosen = operations[n % operations.length]
    if (chosen === undefined) return
    const admitted = random.below(20) === 0 ? narrow.headers : wide.headers
    const request = drawRequest(chosen.operation, { random, known, admitted })
    const answer = await ask(request, n)
    faults.push(...chosen.check(request, answer).map((fault) => `${fault}: ${shown(request, answer)}`))
    if (answer.body.includes(wide.key) || answer.body.includes(narrow.key)) faults.push('a key is told')
    statuses[answer.status] = (statuses[answer.status] ?? 0) + 1
    // Described, and yet nothing that a request should bring about: the store is there, and nobody else asks.
    if (answer.status === 503) faults.push(`it is told to come again: ${shown(request, answer)}`)
    chosen.asked++
    if (answer.status >= 200 && answer.status < 300) chosen.good++
    if (answer.status === 202) runs.push(answer.headers['location']?.split('/').at(-1) ?? '')
  }
  for (let n = 0; n < requests; n += AT_ONCE) {
    await Promise.all(Array.from({ length: AT_ONCE }, (_, i) => askOne(n + i)))
  }

  t.same(faults.slice(0, 20), [], `${faults.length} faults`)
  for (const { operation, asked, good } of operations) {
    t.ok(good / asked >= LEAST_GOOD, `${operation.name}: ${good} of ${asked} are answered 2xx`)
  }
  t.comment(statuses)
  const log = JSON.stringify(lines)
  t.notOk(log.includes(wide.key) || log.includes(narrow.key), 'no key is in the log')
  t.same(
    lines.filter(({ level }) => Number(level) >= 50),
    [],
    'nothing went wrong inside'
  )
}

function knownValues(names: readonly string[], runs: readonly string[]): Known {
  return {
    from: ['2026-09-01', '2026-10-25T12:00:00+14:00', '1793491200000', '2026-11-01', '2017-01-01', '2026-11-01T10:30'],
    to: ['2026-11-20', '2026-11-24T23:59:60Z', '1795478400000', '2026-11-23t00:00:00.123456z', '2026-12-24'],
    // The log of the broken one cannot be read, and that is 503.
    workspace: ['default', ...names.filter((name) => name !== 'broken')],
    'POST /ingest workspace': ['default', 'default', 'hostile'],
    asOf: ['0', '2026-11-01', '2026-11-24T06:00:00Z', '2026-11-24 05:59'],
    since: ['0', '2026-11-01', '2026-11-24T06:00:00Z'],
    id: runs,
    deliveryLocation: HOSTILE_LABELS,
    actionType: HOSTILE_LABELS,
    target: ['total', 'Inbox', 'actionType', '(Inbox|Junk)', 'Gaps and runs', 'actionType: =1+1'],
    value: ['Inbox', 'Inbox|Junk', 'hostile']
  }
}

/** Without what is secret. */
function shown({ method, url, headers, payload }: RandomRequest, { status, body }: Answer): string {
  const others = Object.entries(headers).filter(([name]) => name !== 'x-api-key' && name !== 'host')
  return [method, url, JSON.stringify(others), payload ?? '', '=>', status, body]
    .map((part) => String(part).slice(0, 400))
    .join(' ')
}

/** Another one for each request: what one does wrong is not counted against another. */
function addressOf(n: number): string {
  return `10.${(n >> 16) & 255}.${(n >> 8) & 255}.${n & 255}`
}
