// The pictures of `format=svg`, as they are kept under test/server/chart/. One that comes out otherwise is written
// beside the kept one as `*.actual.svg`, to be looked at; UPDATE_PICTURES=1 keeps what comes out.
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'
import { drawChart } from '../../src/server/chart/chart.ts'
import { openBrowser } from '../support/browser.ts'
import { KEPT, LARGE, question } from './chart/cases.ts'

const folder = join(import.meta.dirname, 'chart')
const update = process.env['UPDATE_PICTURES'] === '1'

for (const [name, asked] of Object.entries(KEPT)) {
  t.test(`the picture '${name}' is the kept one`, async (t) => {
    const kept = join(folder, `${name}.svg`)
    const actual = join(folder, `${name}.actual.svg`)
    const svg = await drawChart(asked)
    if (update) await writeFile(kept, svg)
    const same = existsSync(kept) && (await readFile(kept, 'utf8')) === svg
    if (same) await rm(actual, { force: true })
    else await writeFile(actual, svg)
    t.ok(same, `look at ${actual}; UPDATE_PICTURES=1 keeps it`)
  })
}

t.test('every kept picture has its question', async (t) => {
  const files = (await readdir(folder)).filter((file) => file.endsWith('.svg') && !file.endsWith('.actual.svg'))
  t.same(
    files.toSorted(),
    Object.keys(KEPT)
      .map((name) => `${name}.svg`)
      .toSorted()
  )
})

t.test('a process that draws its first picture draws it as one that has drawn many', async (t) => {
  const script = `
    import { drawChart } from './src/server/chart/chart.ts'
    import { KEPT } from './test/server/chart/cases.ts'
    process.stdout.write(await drawChart(KEPT['states-dark']))`
  for (const asked of Object.values(KEPT)) await drawChart(asked)
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], {
    cwd: join(import.meta.dirname, '../..')
  })
  t.equal(stdout, await drawChart(KEPT['states-dark'] ?? question('2026-11-01', '2026-11-01')))
})

t.test('the largest questions have pictures of less than 600 kB', async (t) => {
  for (const [name, asked] of Object.entries(LARGE)) {
    const { length } = Buffer.from(await drawChart(asked))
    t.ok(length < 600_000, `${name}: ${length}`)
  }
})

t.test(
  'a picture of ten years says that a bar shows the highest of four days, and one of three years shows all',
  async (t) => {
    t.match(await drawChart(question('2017-01-01', '2027-01-08')), 'Each bar shows the highest of 4 days.')
    t.notMatch(await drawChart(question('2024-01-01', '2026-12-31')), 'Each bar shows')
  }
)

/** What a picture may be made of; whatever loads, runs or links has no place in it. */
const PARTS: Readonly<Record<string, readonly string[]>> = {
  svg: ['xmlns', 'width', 'height', 'viewBox', 'role', 'font-family'],
  title: [],
  desc: [],
  defs: [],
  pattern: ['id', 'width', 'height', 'patternUnits'],
  rect: ['x', 'y', 'width', 'height', 'fill'],
  path: ['d', 'fill', 'stroke', 'stroke-width', 'stroke-opacity', 'stroke-linecap', 'transform'],
  text: ['x', 'y', 'transform', 'text-anchor', 'dominant-baseline', 'fill', 'font-size', 'font-weight']
}

t.test('a browser', async (t) => {
  const browser = await openBrowser()
  t.teardown(async () => browser.close())
  const page = await browser.newPage()

  /** The parts of a document with the attributes of each, and what its references name; none if it is no XML. */
  const partsOf = async (svg: string): Promise<{ parts: [string, string[]][]; dangling: string[] }> =>
    page.evaluate(`(() => {
      const parsed = new DOMParser().parseFromString(${JSON.stringify(svg)}, 'image/svg+xml')
      if (parsed.querySelector('parsererror')) return { parts: [], dangling: [] }
      const all = [...parsed.querySelectorAll('*')]
      return {
        parts: all.map(({ localName, attributes }) => [localName, [...attributes].map(({ name }) => name)]),
        dangling: all.map(part => part.getAttribute('fill') ?? '').filter(fill => fill.startsWith('url('))
          .filter(fill => parsed.getElementById(fill.slice(5, -1)) === null)
      }
    })()`)

  await t.test('finds nothing in a picture but shapes and words', async (t) => {
    for (const [name, asked] of Object.entries({ ...KEPT, ...LARGE })) {
      const { parts, dangling } = await partsOf(await drawChart(asked))
      t.ok(parts.length > 10, `${name} is well-formed`)
      const foreign = parts.flatMap(([part, attributes]) =>
        PARTS[part] === undefined ? [part] : attributes.filter((attribute) => !PARTS[part]?.includes(attribute))
      )
      t.same([...new Set(foreign)], [], name)
      t.same(dangling, [], name)
    }
  })

  await t.test('would find what does not belong there', async (t) => {
    const hostile = '<svg xmlns="http://www.w3.org/2000/svg"><script/><rect onclick="x" fill="url(#gone)"/></svg>'
    t.same(await partsOf(hostile), {
      parts: [
        ['svg', ['xmlns']],
        ['script', []],
        ['rect', ['onclick', 'fill']]
      ],
      dangling: ['url(#gone)']
    })
    t.same((await partsOf('<svg><rect></svg>')).parts, [])
  })

  await t.test('shows every word inside the picture, and none over another', async (t) => {
    for (const [name, asked] of Object.entries({ ...KEPT, ...LARGE })) {
      await page.setContent(`<body style="margin:0">${await drawChart(asked)}</body>`)
      const boxes: { text: string; left: number; right: number; top: number; bottom: number }[] = await page.evaluate(`
        [...document.querySelectorAll('text')].map(element => {
          const { left, right, top, bottom } = element.getBoundingClientRect()
          return { text: element.textContent, left, right, top: top + 2, bottom: bottom - 2 }
        })`)
      t.ok(boxes.length >= 4 && boxes.every(({ left, right }) => right > left), `${name} has words`)
      const outside = boxes.filter(({ left, right, top, bottom }) => left < 0 || right > 800 || top < 0 || bottom > 450)
      const over = boxes.filter((a, i) =>
        boxes.some((b, j) => j > i && a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom)
      )
      t.same({ outside, over }, { outside: [], over: [] }, name)
    }
  })

  await t.test('tells its name, its sums and its states to those who do not see it', async (t) => {
    await page.setContent(
      `<body>${await drawChart(KEPT['states-light'] ?? question('2026-11-01', '2026-11-01'))}</body>`
    )
    const picture = page.getByRole('img', { name: /^Post-delivery actions by location \(invented sample counts\)/ })
    t.equal(await picture.count(), 1)
    const described = await picture.locator('desc').textContent()
    for (const words of [
      /Total [\d,]+ · highest \d+ on 2026-11-\d\d/,
      /Quarantine \d+, Delete \d+/,
      /2 not read, 4 lost/
    ]) {
      t.match(described, words)
    }
  })
})
