// What the page keeps of its own: the theme and the key; and what it does when it is refused.
import { readFile } from 'node:fs/promises'
import t from 'tap'
import { openBrowser } from '../support/browser.ts'
import { newFilledService, newPage, settled, violationsOf } from '../support/page.ts'

const KEY = 'a-key-of-thirty-two-characters-or-more'

const browser = await openBrowser()
t.teardown(() => browser.close())

t.test('the theme is that of the system, unless one is chosen, which is kept', async (t) => {
  const { url } = await newFilledService(t)
  const { page } = await newPage(t, browser, { colorScheme: 'dark' })
  const ground = (): Promise<string> => page.evaluate<string>('getComputedStyle(document.body).backgroundColor')
  await page.goto(url)
  await settled(page)
  const dark = await ground()
  t.match(await page.locator('#links a', { hasText: 'SVG' }).getAttribute('href'), /theme=dark/)
  await page.locator('#theme').selectOption('light')
  const light = await ground()
  t.not(light, dark)
  t.notMatch(await page.locator('#links a', { hasText: 'SVG' }).getAttribute('href'), /theme=dark/)
  await page.reload()
  await settled(page)
  t.equal(await ground(), light)
  await page.locator('#theme').selectOption('auto')
  t.equal(await ground(), dark)
})

t.test('a key is asked for, sent in a header alone, kept by the tab alone, and forgotten', async (t) => {
  const { url } = await newFilledService(t, { auth: 'on', apiKeys: [{ name: 'someone', key: KEY }] })
  const { page, requests } = await newPage(t, browser)
  await page.goto(`${url}/?range=7d`)
  const form = page.locator('#key-form')
  await form.waitFor()
  t.equal(await page.locator('#data').isVisible(), false)
  t.equal(await page.evaluate<string>('document.activeElement.id'), 'key')
  t.equal(await page.locator('#key').getAttribute('type'), 'password')
  t.same(await violationsOf(page), [])

  await page.keyboard.type('not-a-key-of-this-service-at-all')
  await page.keyboard.press('Enter')
  await page.locator('#key-fault', { hasText: 'The service does not accept this key.' }).waitFor()
  await page.keyboard.type(KEY)
  await page.keyboard.press('Enter')
  await page.locator('#heading', { hasText: '17 Nov 2026 – 23 Nov 2026' }).waitFor()
  t.equal(await form.isVisible(), false)

  const stores = await page.evaluate<string[]>(
    '[JSON.stringify(sessionStorage), JSON.stringify(localStorage) + document.cookie]'
  )
  t.match(stores[0], KEY)
  t.notMatch(stores[1], KEY)
  t.equal(requests.filter(({ href }) => href.includes(KEY)).length, 0)
  t.match(await page.locator('#curl').inputValue(), 'curl -fsS -H "X-API-Key: $API_KEY" "http')

  const download = page.waitForEvent('download')
  await page.locator('#links a', { hasText: 'CSV' }).first().click()
  const file = await download
  t.equal(file.suggestedFilename(), 'post-delivery-actions.csv')
  t.match(await readFile(await file.path(), 'utf8'), /^date,state,Quarantine,Delete,Junk,Inbox,Other\r\n2026-11-17,/)

  await page.getByRole('button', { name: 'Forget the key' }).click()
  await form.waitFor()
  t.equal(await page.locator('#key-fault').isVisible(), false)
  t.same(await page.evaluate<string>('JSON.stringify(sessionStorage)'), '{}')
})

t.test('what the service refuses is told in its words, and nothing old stays in sight', async (t) => {
  const { url } = await newFilledService(t)
  const { page } = await newPage(t, browser)
  await page.goto(`${url}/?workspace=elsewhere`)
  await page.locator('.notice.bad', { hasText: "There is no workspace 'elsewhere' that you may read." }).waitFor()
  t.equal(await page.locator('#shown').isVisible(), false)
  await page.locator('#workspace').selectOption('default')
  await page.locator('#heading', { hasText: '23 Nov 2026' }).waitFor()
  t.equal(await page.locator('.notice').count(), 0)
})
