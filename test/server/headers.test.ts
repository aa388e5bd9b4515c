// What goes out: headers, and in errors, logs and metrics never a key or a token, wherever a caller puts it.
import { connect, type AddressInfo } from 'node:net'
import t from 'tap'
import { hideSecrets } from '../../src/server/redact.ts'
import { APPLICATION, CLIENT, startTenant, TENANT } from '../support/entra-tenant.ts'
import { fakeClock } from '../support/fake-clock.ts'
import { addKey } from '../support/keys.ts'
import { newService } from '../support/service.ts'

const started = startTenant(t, fakeClock('2026-11-24T06:00:00Z'))

t.test('every answer says that it is data and nothing else, also one that refuses', async (t) => {
  const { app } = await newService(t, { auth: 'on', apiKeys: [{ name: 'siem', key: 'k'.repeat(32) }] })
  const headers = { 'x-api-key': 'k'.repeat(32) }
  const asked = [
    { url: '/series', headers },
    { url: '/series?format=csv', headers },
    { url: '/series?format=svg', headers },
    { url: '/series?x=1', headers },
    { url: '/series' },
    { url: '/status', headers },
    { url: '/metrics', headers },
    { url: '/nothing', headers },
    { url: '/health/ready' },
    { url: '/runs/%zz', headers },
    { url: '/', headers },
    { url: '/docs' }
  ]
  for (const request of asked) {
    const res = await app.inject(request)
    const name = `${request.url} ${res.statusCode}`
    t.equal(res.headers['x-content-type-options'], 'nosniff', name)
    t.equal(res.headers['referrer-policy'], 'no-referrer', name)
    t.equal(res.headers['cross-origin-resource-policy'], 'same-site', name)
    const policy = String(res.headers['content-security-policy'])
    t.match(policy, /default-src 'none'/, name)
    t.match(policy, /frame-ancestors 'none'/, name)
    t.notMatch(policy, /unsafe-eval|\*|http/, name)
    t.notOk(res.headers['x-powered-by'] ?? res.headers['server'], name)
    t.notOk(res.headers['access-control-allow-origin'], name)
  }
})

t.test('a key or a token is never told again, in whatever place it was sent', async (t) => {
  const tenant = await started
  const ofSettings = { name: 'grafana', key: 'a-Key/of+the-settings.with=every~sign-1' }
  const { app, store, lines } = await newService(t, {
    auth: 'on',
    accessLog: true,
    apiKeys: [ofSettings],
    entra: { tenantId: TENANT, audience: [APPLICATION], clients: [CLIENT], authority: tenant.authority }
  })
  const reads = await addKey(store, { scopes: ['read', 'ingest'] })
  const token = await tenant.token({ ...tenant.claims(), roles: ['Series.Read', 'Ingest.Run'] })
  const secrets = [reads.key, ofSettings.key, token]
  let told = ''

  for (const secret of secrets) {
    const once = encodeURIComponent(secret)
    const urls = [
      `/${once}`,
      `/${secret}`,
      `/runs/${once}`,
      `/docs/static/${once}`,
      `/series/${once}`,
      `/series?${once}=1`,
      `/series?key=${once}`,
      `/series?workspace=${once}`,
      `/series?location=${once}`,
      `/series?actionType=${once}&format=csv`,
      `/series?from=${once}`,
      `/series?asOf=${once}`,
      `/changes?since=${once}`,
      `/runs?limit=${once}`,
      `/${once}?${once}`,
      `//${once}@localhost/series`
    ]
    const ways = [
      { authorization: `Bearer ${secret}` },
      { 'x-api-key': reads.key, cookie: secret, referer: `https://x/?k=${secret}`, 'user-agent': secret },
      { 'x-api-key': `${secret}x` },
      { authorization: secret },
      { authorization: `Basic ${Buffer.from(`${secret}:`).toString('base64')}` }
    ]
    for (const headers of ways) {
      for (const url of urls) {
        const res = await app.inject({ url, headers: { ...headers, origin: `https://${secret.slice(0, 60)}` } })
        told += JSON.stringify(res.headers) + (res.statusCode < 300 ? '' : res.body)
      }
      const bodies = [{ workspace: secret }, { from: secret }, { [secret]: 1 }, secret, `{"workspace": "${secret}`]
      for (const payload of bodies) {
        const type = { 'content-type': 'application/json' }
        const res = await app.inject({ method: 'POST', url: '/ingest', headers: { ...type, ...headers }, payload })
        told += JSON.stringify(res.headers) + res.body
      }
    }
  }
  told += (await app.inject({ url: '/metrics', headers: reads.headers })).body
  told += (await app.inject({ url: '/status', headers: reads.headers })).body
  told += JSON.stringify(lines)
  t.ok(lines.length > 200)
  for (const secret of secrets) {
    for (const part of secret.split('.').concat(secret, encodeURIComponent(secret))) {
      if (part.length > 12) t.notOk(told.includes(part), part.slice(0, 6))
    }
  }
})

t.test('what is hidden are keys, tokens and words as long as a key; what is told stays readable', async (t) => {
  const guid = '0b7c9f5e-1111-4222-8333-444455556666'
  for (const text of [
    "there is no workspace 'contoso-production' that you may read",
    `there is no run '${guid}' that you may read`,
    'is unknown: there are location, from, to, workspace, by, deliveryLocation, actionType',
    'there is nothing at /grafana/metric-payload-option'
  ]) {
    t.equal(hideSecrets(text), text)
  }
  t.equal(hideSecrets(`x pds_abcdefgh y`), 'x [hidden] y')
  t.equal(hideSecrets(`'${'k'.repeat(32)}'`), "'[hidden]'")
  t.equal(hideSecrets('eyJhbGciOi.eyJhdWQi.c2ln'), '[hidden]')
})

t.test('what is no request is answered with the same headers', async (t) => {
  const { app } = await newService(t)
  await app.listen({ host: '127.0.0.1', port: 0 })
  const socket = connect((app.server.address() as AddressInfo).port, '127.0.0.1')
  socket.write('nonsense\r\n\r\n')
  let text = ''
  for await (const chunk of socket) text += String(chunk)
  t.match(text, /x-content-type-options: nosniff/)
  t.match(text, /content-security-policy: default-src 'none'/)
})
