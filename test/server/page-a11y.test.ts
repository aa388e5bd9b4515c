// Whether everybody can use the page: on a phone, in the dark, with a screen reader.
import t from 'tap'
import { openBrowser } from '../support/browser.ts'
import { newFilledService, newPage, settled, violationsOf } from '../support/page.ts'

const browser = await openBrowser()
t.teardown(() => browser.close())

t.test('at 360 pixels nothing is wider than the screen, and axe finds nothing', async (t) => {
  const { url } = await newFilledService(t, { workspaces: ['default', 'sample'] })
  for (const colorScheme of ['light', 'dark'] as const) {
    const { page, complaints } = await newPage(t, browser, { colorScheme, viewport: { width: 360, height: 740 } })
    for (const query of [
      '',
      '?range=90d&view=lines&workspace=sample',
      '?view=table&by=deliveryLocation&step=week',
      '?range=1y&by=actionType'
    ]) {
      await page.goto(`${url}/${query}`)
      await settled(page)
      await page.locator('#filters summary').click()
      t.equal(await page.evaluate<number>('document.documentElement.scrollWidth'), 360, `${colorScheme} ${query}`)
      t.same(await violationsOf(page), [], `${colorScheme} ${query}`)
    }
    t.same(complaints, [])
  }
})

t.test('on a wide screen axe finds nothing either, with notices and a fault in sight', async (t) => {
  const { url } = await newFilledService(t, { workspaces: ['sample'], ingest: { stale: () => true } })
  for (const colorScheme of ['light', 'dark'] as const) {
    const { page } = await newPage(t, browser, { colorScheme })
    await page.goto(`${url}/?actionType=Fish`)
    await settled(page)
    await page.locator('#from').fill('2026-12-24')
    await page.locator('#chart').press('End')
    t.equal(await page.locator('.notice').count(), 3)
    t.same(await violationsOf(page), [], colorScheme)
  }
})
