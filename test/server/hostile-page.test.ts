// Labels that are markup, in a real browser: the page shows them as the texts that they are.
import t from 'tap'
import { openBrowser } from '../support/browser.ts'
import { HOSTILE_RANGE, newHostileService } from '../support/hostile-service.ts'
import { newPage, settled } from '../support/page.ts'

const browser = await openBrowser()
t.teardown(() => browser.close())

const MARKUP = ['<script>alert(1)</script>', '"><img src=x onerror=alert(1)>']
const { from, to } = HOSTILE_RANGE

t.test('labels and names of workspaces are texts on the page, in every view of it', async (t) => {
  const { app, names } = await newHostileService(t)
  const url = await app.listen({ port: 0, host: '127.0.0.1' })
  const { page, complaints } = await newPage(t, browser)
  const dialogs: string[] = []
  page.on('dialog', (dialog) => {
    dialogs.push(dialog.message())
    void dialog.dismiss()
  })
  for (const view of ['stacked', 'table']) {
    await page.goto(`${url}/?workspace=hostile&by=actionType&from=${from}&to=${to}&view=${view}`)
    await settled(page)
    if (view === 'stacked') {
      await page.locator('#chart canvas').waitFor()
      await page.locator('#chart').press('End')
      await page.locator('.tip').waitFor()
    } else {
      const heads = await page.locator('#table th').allInnerTexts()
      t.same(
        MARKUP.filter((label) => !heads.includes(label)),
        []
      )
    }
    t.equal(await page.locator('img, script:not([src])').count(), 0, 'no label became an element')
  }
  const options = await page.locator('#workspace option').allTextContents()
  t.same(
    names.filter((name) => !options.includes(name)),
    []
  )
  t.same([dialogs, complaints], [[], []])
})

t.test('what a link to the page brings along is a text as well', async (t) => {
  const { app } = await newHostileService(t)
  const url = await app.listen({ port: 0, host: '127.0.0.1' })
  const { page } = await newPage(t, browser)
  const dialogs: string[] = []
  page.on('dialog', (dialog) => {
    dialogs.push(dialog.message())
    void dialog.dismiss()
  })
  for (const markup of MARKUP) {
    const text = encodeURIComponent(markup)
    for (const query of [`workspace=${text}`, `actionType=${text}&by=total`, `by=${text}&from=${text}#${text}`]) {
      await page.goto(`${url}/?${query}`)
      // Where there is no such workspace, the page says so in place of the counts.
      await page
        .locator('#data:not([aria-busy]) #heading:not(:text-is("Loading")), #notices .notice.bad')
        .first()
        .waitFor()
      t.equal(await page.locator('img, script:not([src])').count(), 0, 'no text became an element')
    }
  }
  t.same(dialogs, [])
})
