// The page, in a real browser, against the real server on a socket. Whatever the browser complains of is kept.
import { readFileSync } from 'node:fs'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import type { Test } from 'tap'
import { sampleCells } from '../../src/ingest/sample.ts'
import { eachDay, parseDay, type Day } from '../../src/model/day.ts'
import { newService, type Service, type ServiceOptions } from './service.ts'

/** On these days, counted back from 24 November 2026, the source was silent to us: the first three are lost. */
export const GAPS = ['2026-09-10', '2026-09-11', '2026-09-12', '2026-10-19', '2026-10-20'].map(parseDay)

/** 100 days of sample counts until yesterday under the name `default`; those from 17 November on are provisional. */
export async function newFilledService(t: Test, options: ServiceOptions = {}): Promise<Service & { url: string }> {
  const service = await newService(t, options)
  const { workspaces = ['default'] } = options
  for (const name of workspaces) {
    const days = eachDay({ from: parseDay('2026-08-16'), to: parseDay('2026-11-23') }).filter(
      (day) => !GAPS.includes(day)
    )
    const workspace = await service.fill(name, cellsOf(days), '2026-11-17')
    await service.store.markLost(workspace, parseDay('2026-09-20'))
  }
  return { ...service, url: await service.app.listen({ port: 0, host: '127.0.0.1' }) }
}

function cellsOf(days: readonly Day[]): { [day: string]: ReturnType<typeof sampleCells> } {
  return Object.fromEntries(days.map((day) => [day, sampleCells(day)]))
}

export interface Watched {
  readonly page: Page
  /** Errors of the console and of scripts, refusals of the content policy, requests to others. */
  readonly complaints: string[]
  /** Addresses of what was asked for. */
  readonly requests: URL[]
}

/** A page of its own, without what other pages have stored. */
export async function newPage(t: Test, browser: Browser, options: BrowserContextOptions = {}): Promise<Watched> {
  const context = await browser.newContext({ viewport: { width: 1_280, height: 900 }, ...options })
  t.teardown(() => context.close())
  const page = await context.newPage()
  // Beside other tests a browser may stand still for a while.
  page.setDefaultTimeout(90_000)
  const complaints: string[] = []
  const requests: URL[] = []
  page.on('console', (message) => {
    if (message.type() !== 'error' && message.type() !== 'warning') return
    const { url } = message.location()
    // A browser logs each 404, also of the one route that the page can do without.
    if (!/\/anomalies\?.*$/.test(url)) complaints.push(`${message.text()} ${url}`)
  })
  page.on('pageerror', (error) => complaints.push(error.message))
  page.on('request', (request) => requests.push(new URL(request.url())))
  return { page, complaints, requests }
}

/** Waits until the page shows what it was asked for. */
export async function settled(page: Page): Promise<void> {
  await page.locator('#data:not([aria-busy]) #heading:not(:text-is("Loading"))').waitFor()
}

/** What the address says beside where it leads. */
export function queryOf(page: Page): string {
  return new URL(page.url()).search
}

/** The totals, by the name of their label. */
export async function tilesOf(page: Page): Promise<{ [name: string]: string }> {
  const names = await page.locator('.tile-name').allInnerTexts()
  const totals = await page.locator('.tile-total').allInnerTexts()
  return Object.fromEntries(names.map((name, i) => [name, totals[i] ?? '']))
}

const AXE = readFileSync(new URL('../../node_modules/axe-core/axe.min.js', import.meta.url), 'utf8')

/** What axe finds, a line each. */
export async function violationsOf(page: Page): Promise<string[]> {
  await page.evaluate(AXE)
  const found = 'found.violations.flatMap((each) => each.nodes.map((node) => `${each.id}: ${node.html}`))'
  return page.evaluate<string[]>(`axe.run().then((found) => ${found})`)
}
