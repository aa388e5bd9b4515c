// What the page says of the counts: which are known, what changed, which are filtered, which are invented.
import t from 'tap'
import { openBrowser } from '../support/browser.ts'
import { newFilledService, newPage, queryOf, settled, tilesOf } from '../support/page.ts'

const browser = await openBrowser()
t.teardown(() => browser.close())

t.test('days that are not known look and read other than quiet ones, and no change is made up', async (t) => {
  const { url } = await newFilledService(t)
  const { page } = await newPage(t, browser)
  await page.goto(`${url}/?from=2026-09-08&to=2026-10-21`)
  await settled(page)
  await page.locator('#chart canvas').waitFor()
  t.same(await page.locator('#states li').allInnerTexts(), [
    '39 days final',
    '2 days not read: not known, not zero',
    '3 days lost: not read, and gone from the source'
  ])
  t.match(await page.locator('#compared').innerText(), /^No change is shown: 5 of these 44 days are not known/)
  t.match(await page.locator('.tile-more').first().innerText(), /^—/)
  await page.locator('#chart').press('Home')
  for (const [steps, state] of [
    [2, 'lost: not read, and gone from the source'],
    [39, 'not read']
  ] as const) {
    for (let i = 0; i < steps; i++) await page.keyboard.press('ArrowRight')
    await page.locator('.tip-state', { hasText: state }).waitFor()
    t.equal(await page.locator('.tip-body table').count(), 0, 'no count is shown')
  }
  await page.getByText('Table', { exact: true }).click()
  const row = page.locator('#table tr', { hasText: 'Tue, 20 Oct 2026' })
  t.match(await row.innerText(), /not read(\s+—\s+not known){6}/)
})

t.test('the change is against as many days before, where all are known', async (t) => {
  const { app, url } = await newFilledService(t)
  const { page } = await newPage(t, browser)
  await page.goto(`${url}/?from=2026-11-08&to=2026-11-14`)
  await settled(page)
  const sumOf = async (from: string, to: string): Promise<number> => {
    const { series } = (await app.inject(`/series?by=total&from=${from}&to=${to}`)).json<{
      series: { total: number }[]
    }>()
    return series.reduce((all, { total }) => all + total, 0)
  }
  const [now, before] = [await sumOf('2026-11-08', '2026-11-14'), await sumOf('2026-11-01', '2026-11-07')]
  const percent = Math.round((Math.abs(now - before) / before) * 100)
  t.equal(await page.locator('.tile-more').first().innerText(), `${now > before ? '+' : '−'}${percent}%`)
  t.equal(
    await page.locator('#compared').innerText(),
    'Changes are against the 7 days before, 1 Nov 2026 – 7 Nov 2026.'
  )
})

t.test('weeks with a day that is not known count in the totals what is known', async (t) => {
  const { url } = await newFilledService(t)
  const { page } = await newPage(t, browser)
  await page.goto(`${url}/?from=2026-09-07&to=2026-10-25`)
  await settled(page)
  const byDay = await tilesOf(page)
  await page.getByText('Week', { exact: true }).click()
  await page.waitForURL(/step=week/)
  await settled(page)
  t.same(await tilesOf(page), byDay)
  t.equal(await page.locator('#chart').getAttribute('aria-valuemax'), '6', 'seven weeks')
})

t.test('filters are offered as the workspace has them, and count what they say', async (t) => {
  const { app, url } = await newFilledService(t)
  const { page } = await newPage(t, browser)
  await page.goto(url)
  await settled(page)
  await page.locator('#filters summary').click()
  await page.getByLabel('Error', { exact: true }).check()
  await page
    .getByRole('group', { name: 'Location', exact: true })
    .getByLabel(/^Delete/)
    .check()
  await page.locator('#filter-summary', { hasText: 'Location: Delete · Result: Error' }).waitFor()
  await settled(page)

  t.equal(queryOf(page), '?location=Delete&actionResult=Error')
  const { series } = (await app.inject('/series?location=Delete&actionResult=Error')).json<{
    series: { Delete: number }[]
  }>()
  t.same(await tilesOf(page), {
    'All actions': String(series.reduce((all, row) => all + row.Delete, 0)),
    Delete: String(series.reduce((all, row) => all + row.Delete, 0))
  })
  const curl = await page.locator('#curl').inputValue()
  t.equal(
    curl,
    `curl -fsS "${url}/series?from=2026-10-25&to=2026-11-23&workspace=default&location=Delete&actionResult=Error"`
  )

  await page.getByRole('button', { name: 'Clear all filters' }).click()
  await page.locator('#filter-summary', { hasText: 'none' }).waitFor()
  t.equal(queryOf(page), '')
  await page.goto(`${url}/?actionType=Fish`)
  await page
    .locator('.notice', { hasText: 'No event of this workspace has ever had “Fish” as its actionType.' })
    .waitFor()
})

t.test('nobody takes invented counts for real ones', async (t) => {
  const { url } = await newFilledService(t, { workspaces: ['default', 'sample'] })
  const { page } = await newPage(t, browser)
  await page.goto(url)
  await settled(page)
  t.equal(await page.locator('.notice.sample').count(), 0)
  await page.locator('#workspace').selectOption('sample')
  await page.locator('.notice.sample', { hasText: 'Invented counts.' }).waitFor()
  t.equal(queryOf(page), '?workspace=sample')
})

t.test('that a source is silent is seen at once', async (t) => {
  const { url } = await newFilledService(t, {
    ingest: { stale: () => true, nextRunAt: () => new Date('2026-11-24T06:07:00Z') }
  })
  const { page } = await newPage(t, browser)
  await page.goto(url)
  await settled(page)
  t.match(await page.locator('.notice.bad').innerText(), /^Stale\./)
  t.match(await page.locator('#facts').innerText(), /Next one\s+in 7 min, 24 Nov 2026, 06:07 UTC/)
  t.match(await page.locator('#facts').innerText(), /Lost\s+3 days: 10 Sept 2026 – 12 Sept 2026/)
})

t.test('unusual days are marked, told at their day, and listed with the reason', async (t) => {
  const { url } = await newFilledService(t)
  const { page } = await newPage(t, browser)
  const unusual = {
    date: '2026-11-23',
    location: 'Quarantine',
    count: 63,
    expected: [5, 12],
    score: 9,
    reason: 'far above other Mondays'
  }
  const asked: string[] = []
  await page.route(/\/anomalies\?/, async (route) => {
    asked.push(new URL(route.request().url()).search)
    await route.fulfill({ json: { anomalies: [unusual] } })
  })
  await page.goto(url)
  await settled(page)
  t.same(asked, ['?from=2026-10-25&to=2026-11-23'])
  t.equal(
    await page.locator('#anomaly-list').innerText(),
    '23 Nov 2026, Quarantine: 63 (usual: 5 to 12). far above other Mondays'
  )
  await page.locator('#chart').press('End')
  await page.locator('.tip-unusual', { hasText: 'Unusual, Quarantine: far above other Mondays' }).waitFor()
  t.match(await page.locator('#chart').getAttribute('aria-valuetext'), /unusual, Quarantine: far above other Mondays$/)
  await page.locator('#by').selectOption('actionType')
  await page.locator('#anomalies').waitFor({ state: 'hidden' })
  t.equal(asked.length, 1, 'they are about locations')
})
