import { gunzipSync } from 'node:zlib'
import t from 'tap'
import Database from 'better-sqlite3'
import { d } from '../support/counts.ts'
import { cell, newService } from '../support/service.ts'

const RANGE = 'from=2026-11-01&to=2026-11-03'
const DAYS = { '2026-11-01': [cell('Inbox', 5), cell('Quarantine', 7)], '2026-11-02': [] }

/** What a picture is called, as it tells those who do not see it. */
function titleOf(svg: string): string | undefined {
  return /<title>([^<]*)<\/title>/.exec(svg)?.[1]
}

t.test('the series comes as a picture of the same range, with its name, its sums and its states', async (t) => {
  const { app, fill } = await newService(t)
  await fill('default', DAYS)
  const res = await app.inject(`/series?${RANGE}&format=svg`)
  t.equal(res.statusCode, 200)
  t.equal(res.headers['content-type'], 'image/svg+xml; charset=utf-8')
  t.match(res.headers['content-security-policy'], /default-src 'none'/)
  t.match(res.body, /^<svg [^]*<\/svg>\s*$/)
  t.equal(titleOf(res.body), 'Post-delivery actions by location. default · 2026-11-01 to 2026-11-03, UTC')
  t.match(res.body, /Total 12 · highest 12 on 2026-11-01 · 1 of 3 days not known/)
  t.equal((await app.inject(`/series?${RANGE}&format=svg&theme=light`)).body, res.body, 'light is the default')
})

t.test('the title names the columns and every filter, whatever is in them', async (t) => {
  const { app, fill } = await newService(t)
  await fill('default', DAYS)
  const asked = {
    'by=total': 'Post-delivery actions',
    'by=actionType&location=inbox,quarantine': 'Post-delivery actions by action type · location Quarantine, Inbox',
    'by=deliveryLocation&actionResult=(none)': 'Post-delivery actions by delivery location · action result (none)',
    [`actionTrigger=${encodeURIComponent('<b>&"x"')}`]:
      /^Post-delivery actions by location · action trigger &lt;b(>|&gt;)&amp;("|&quot;)x("|&quot;)\./
  }
  for (const [query, title] of Object.entries(asked)) {
    const { body } = await app.inject(`/series?${RANGE}&format=svg&${query}`)
    const expected = typeof title === 'string' ? `${title}. default · 2026-11-01 to 2026-11-03, UTC` : title
    t.match(titleOf(body), expected, query)
  }
  t.match((await app.inject(`/series?${RANGE}&format=svg&step=month`)).body, /actions per month, UTC/)
})

t.test('invented counts are told as such, by where they come from and not by the name', async (t) => {
  const { app, store, clock, fill } = await newService(t, { workspaces: ['sample', 'default'] })
  await fill('default', DAYS)
  const isMarked = async (workspace: string): Promise<boolean> =>
    /invented sample counts/.test((await app.inject(`/series?${RANGE}&format=svg&workspace=${workspace}`)).body)
  t.strictSame([await isMarked('sample'), await isMarked('default')], [true, false], 'before the first run')
  const bind = async (name: string, kind: string): Promise<void> =>
    store.recordBounds(await store.ensureWorkspace(name), {
      binding: { kind, id: name, timeColumn: null },
      bounds: { today: d('2026-11-24'), firstArrival: d('2026-11-01'), lastArrival: d('2026-11-24'), proof: null },
      askedAt: clock.now(),
      retentionDays: 30,
      firstAsked: null
    })
  await bind('sample', 'log-analytics')
  await bind('default', 'sample')
  t.strictSame([await isMarked('sample'), await isMarked('default')], [false, true])
})

t.test('each theme is a picture of its own, with a validator of its own', async (t) => {
  const { app, fill } = await newService(t)
  await fill('default', DAYS)
  const light = await app.inject(`/series?${RANGE}&format=svg`)
  const dark = await app.inject(`/series?${RANGE}&format=svg&theme=dark`)
  t.not(light.body, dark.body)
  const json = await app.inject(`/series?${RANGE}`)
  t.equal(new Set([light, dark, json].map(({ headers }) => headers.etag)).size, 3)
  const again = await app.inject({
    url: `/series?${RANGE}&format=svg&theme=dark`,
    headers: { 'if-none-match': String(dark.headers.etag) }
  })
  t.equal(again.statusCode, 304)
  const packed = await app.inject({ url: `/series?${RANGE}&format=svg`, headers: { 'accept-encoding': 'gzip' } })
  t.equal(gunzipSync(packed.rawPayload).toString(), light.body)
})

t.test('a theme is for pictures only, and a picture is made only where it is asked for by name', async (t) => {
  const { app } = await newService(t)
  for (const query of ['theme=dark', 'theme=light&format=csv', 'theme=blue&format=svg', 'format=png']) {
    t.equal((await app.inject(`/series?${query}`)).json().code, 'invalid-request', query)
  }
  const accepted = await app.inject({ url: '/series', headers: { accept: 'image/svg+xml' } })
  t.match(accepted.headers['content-type'], /^application\/json/)
})

t.test('a picture with a damaged day has no validator', async (t) => {
  const { app, fill, file } = await newService(t)
  await fill('default', DAYS)
  const db = new Database(file)
  db.exec('update day set checksum = checksum + 1 where day = (select min(day) from day)')
  db.close()
  const res = await app.inject(`/series?${RANGE}&format=svg`)
  t.equal(res.headers.etag, undefined)
  t.match(res.body, /2 of 3 days not known/)
})

t.test('a workspace that nothing is stored of has a picture that says so', async (t) => {
  const { app } = await newService(t)
  t.match((await app.inject('/series?format=svg&step=week')).body, /No week of this range is known/)
})
