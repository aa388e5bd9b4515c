import t from 'tap'
import type { AddressInfo } from 'node:net'
import { openBrowser } from '../support/browser.ts'
import { cell, newService } from '../support/service.ts'

t.test('the documentation shows the API in a browser, tries it, and loads nothing from elsewhere', async (t) => {
  const { app, fill } = await newService(t)
  await fill('default', { '2026-11-20': [cell('Quarantine', 7)] })
  await app.listen({ host: '127.0.0.1', port: 0 })
  const { port } = app.server.address() as AddressInfo
  const browser = await openBrowser()
  t.teardown(() => browser.close())
  const page = await browser.newPage()
  const faults: string[] = []
  const foreign: string[] = []
  page.on('console', (message) => void (message.type() === 'error' && faults.push(message.text())))
  page.on('pageerror', (error) => void faults.push(error.message))
  page.on('request', (request) => void (request.url().includes(`127.0.0.1:${port}/`) || foreign.push(request.url())))

  await page.goto(`http://127.0.0.1:${port}/docs`)
  await page.locator('#operations-series-getSeries .opblock-summary').first().click()
  await page.locator('#operations-series-getSeries .try-out__btn').click()
  await page.locator('#operations-series-getSeries .execute').click()
  const body = await page
    .locator('#operations-series-getSeries .live-responses-table tbody tr.response .response-col_description')
    .first()
    .innerText()

  t.match(body, /"Quarantine": 7/)
  t.same(faults, [])
  t.same(
    foreign.filter((url) => !url.startsWith('data:')),
    []
  )
})
