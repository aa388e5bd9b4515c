// The page as people use it: in a real browser, by mouse and by keyboard, against the real service.
import { createServer, request as forward } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Page } from 'playwright-core'
import t from 'tap'
import { openBrowser } from '../support/browser.ts'
import { newFilledService, newPage, queryOf, settled, tilesOf } from '../support/page.ts'
import { cell } from '../support/service.ts'

const browser = await openBrowser()
t.teardown(() => browser.close())

/** How many of the chart's points are painted. */
const paintedIn = (page: Page): Promise<number> =>
  page.evaluate<number>(`(() => {
    const canvas = document.querySelector('#chart canvas')
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height)
    return data.filter((value, i) => i % 4 === 3 && value > 0).length
  })()`)

t.test('the page shows the last 30 days and asks nobody but us', async (t) => {
  const { app, url } = await newFilledService(t)
  const { page, complaints, requests } = await newPage(t, browser)
  await page.goto(url)
  await settled(page)
  await page.locator('#chart canvas').waitFor()

  const { series } = (await app.inject('/series')).json<{ series: Record<string, number>[] }>()
  const sum = (location: string): number => series.reduce((all, row) => all + Number(row[location]), 0)
  t.equal(await page.locator('#heading').innerText(), 'Actions by location, 25 Oct 2026 – 23 Nov 2026')
  const tiles = await tilesOf(page)
  t.same(Object.keys(tiles), ['All actions', 'Quarantine', 'Delete', 'Junk', 'Inbox', 'Other'])
  t.equal(tiles['Quarantine'], sum('Quarantine').toLocaleString('en-GB'))
  t.equal(tiles['Other'], String(sum('Other')))
  t.ok((await paintedIn(page)) > 5_000, 'the chart is drawn')
  t.match(await page.locator('#states').innerText(), /23 days final\s+7 days provisional: may still change/)
  t.equal(queryOf(page), '', 'what is as usual is not in the address')

  t.same([...new Set(requests.map(({ origin }) => origin))], [new URL(url).origin])
  t.same(complaints, [])
})

t.test('by mouse: a choice shows other days, is in the address, and is undone by Back', async (t) => {
  const { url } = await newFilledService(t)
  const { page, complaints } = await newPage(t, browser)
  await page.goto(url)
  await settled(page)

  await page.getByText('90 days', { exact: true }).click()
  await page.locator('#heading', { hasText: '26 Aug 2026 – 23 Nov 2026' }).waitFor()
  await page.getByText('Lines', { exact: true }).click()
  await page.locator('#by').selectOption('actionType')
  await page.locator('#heading', { hasText: 'by type of action' }).waitFor()
  t.equal(queryOf(page), '?range=90d&by=actionType&view=lines')
  t.match(await tilesOf(page), { 'Phish ZAP': /^\d/, 'Spam ZAP': /^\d/ })

  await page.goBack()
  await page.goBack()
  await page.locator('#heading', { hasText: 'by location, 26 Aug' }).waitFor()
  t.equal(await page.locator('input[value=stacked]').isChecked(), true)
  await page.goBack()
  await page.locator('#heading', { hasText: '25 Oct 2026' }).waitFor()
  await page.goForward()
  await page.goForward()
  await page.locator('#heading', { hasText: '26 Aug 2026' }).waitFor()
  await page.reload()
  await page.locator('#heading', { hasText: '26 Aug 2026' }).waitFor()
  t.equal(await page.locator('input[value=lines]').isChecked(), true)

  await page.locator('#from').fill('2026-11-02')
  await page.locator('#to').fill('2026-11-08')
  await page.locator('#heading', { hasText: '2 Nov 2026 – 8 Nov 2026' }).waitFor()
  t.equal(queryOf(page), '?from=2026-11-02&to=2026-11-08&view=lines')
  await page.locator('#from').fill('2026-11-09')
  t.equal(await page.locator('#range-fault').innerText(), 'The first day lies after the last one.')
  t.same(complaints, [])
})

t.test('by keyboard alone: skip, choose a range, go through the days of the chart', async (t) => {
  const { app, url } = await newFilledService(t)
  const { page, complaints } = await newPage(t, browser)
  await page.goto(url)
  await settled(page)
  await page.locator('#chart canvas').waitFor()
  const focused = (): Promise<string> =>
    page.evaluate<string>('document.activeElement.id || document.activeElement.value')
  const tabTo = async (id: string): Promise<boolean> => {
    for (let i = 0; i < 40; i++) {
      if ((await focused()) === id) return true
      await page.keyboard.press('Tab')
    }
    return false
  }

  await page.keyboard.press('Tab')
  t.equal(await page.evaluate<string>('document.activeElement.className'), 'skip')
  await page.keyboard.press('Enter')
  t.equal(await focused(), 'content')

  t.ok(await tabTo('30d'), 'the chosen range is the first control')
  await page.keyboard.press('ArrowLeft')
  await page.locator('#heading', { hasText: '17 Nov 2026 – 23 Nov 2026' }).waitFor()
  t.equal(queryOf(page), '?range=7d')

  t.ok(await tabTo('chart'))
  const chart = page.locator('#chart')
  await page.keyboard.press('End')
  const { series } = (await app.inject('/series?from=2026-11-22&to=2026-11-23')).json<{
    series: Record<string, number>[]
  }>()
  const last = series[1] ?? {}
  t.equal(
    await chart.getAttribute('aria-valuetext'),
    `Mon, 23 Nov 2026; provisional, may still change; ${['Quarantine', 'Delete', 'Junk', 'Inbox', 'Other'].map((name) => `${name} ${last[name]}`).join('; ')}`
  )
  await page.locator('.tip-body', { hasText: 'Mon, 23 Nov 2026' }).waitFor()
  await page.keyboard.press('ArrowLeft')
  await page.locator('.tip-body', { hasText: 'Sun, 22 Nov 2026' }).waitFor()
  t.equal(await chart.getAttribute('aria-valuenow'), '5')
  await page.keyboard.press('Home')
  await page.keyboard.press('ArrowLeft')
  t.equal(await chart.getAttribute('aria-valuenow'), '0', 'the first day is the end')
  await page.keyboard.press('Escape')
  await page.locator('.tip-body').waitFor({ state: 'hidden' })
  t.same(complaints, [])
})

t.test('the table holds what the service answers', async (t) => {
  const { app, url } = await newFilledService(t)
  const { page } = await newPage(t, browser)
  await page.goto(`${url}/?view=table&from=2026-11-20&to=2026-11-23`)
  await settled(page)
  const { series } = (await app.inject('/series?from=2026-11-20&to=2026-11-23')).json<{
    series: Record<string, number>[]
  }>()
  const shown = await page
    .locator('#table tbody tr')
    .evaluateAll((rows) => rows.map((row) => [...row.children].slice(2).map((cell) => Number(cell.textContent))))
  const wanted = series.toReversed().map((row) => {
    const counts = ['Quarantine', 'Delete', 'Junk', 'Inbox', 'Other'].map((name) => Number(row[name]))
    return counts.concat(counts.reduce((all, count) => all + count, 0))
  })
  t.same(shown, wanted)
  t.equal(await page.locator('#chart').isVisible(), false)
})

t.test('a label is text, whatever it looks like', async (t) => {
  const { url, fill } = await newFilledService(t)
  const label = '<img src=x onerror="document.title=1">'
  await fill('hostile', { '2026-11-24': [cell(label, 3), cell('__proto__', 2)] })
  const { page, complaints } = await newPage(t, browser)
  await page.goto(`${url}/?workspace=hostile&by=deliveryLocation&from=2026-11-23&to=2026-11-24`)
  await settled(page)
  await page.locator('#chart').press('End')
  await page.locator('.tip-body', { hasText: label }).waitFor()
  t.match(await tilesOf(page), { [label]: '3', __proto__: '2' })
  await page.getByText('Table', { exact: true }).click()
  await page.locator('#table th', { hasText: label }).waitFor()
  t.equal(await page.title(), 'Post-delivery actions')
  t.equal(await page.locator('img').count(), 0)
  t.same(complaints, [])
})

t.test('the page works behind a proxy that adds a path', async (t) => {
  const { url } = await newFilledService(t)
  const proxy = createServer((request, response) => {
    const path = request.url?.replace(/^\/defender\//, '/')
    if (path === request.url) response.writeHead(404).end()
    else
      forward(`${url}${path}`, { method: request.method ?? 'GET', headers: request.headers }, (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers)
        answer.pipe(response)
      }).end()
  })
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
  t.teardown(() => {
    proxy.closeAllConnections()
    proxy.close()
  })
  const { page, complaints } = await newPage(t, browser)
  const { port } = proxy.address() as AddressInfo
  await page.goto(`http://127.0.0.1:${port}/defender/`)
  await settled(page)
  await page.locator('#chart canvas').waitFor()
  await page.getByText('7 days', { exact: true }).click()
  await page.locator('#heading', { hasText: '17 Nov 2026' }).waitFor()
  t.equal(page.url(), `http://127.0.0.1:${port}/defender/?range=7d`)
  t.match(await page.locator('#curl').inputValue(), `http://127.0.0.1:${port}/defender/series?`)
  t.same(complaints, [])
})
