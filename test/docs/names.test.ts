// What the documents name is there: files, headings, scripts, and the tests that show what they claim.
import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path/posix'
import t from 'tap'

const ROOT = new URL('../../', import.meta.url).pathname
const read = (file: string): string => readFileSync(join(ROOT, file), 'utf8')
const exists = (file: string): boolean => existsSync(join(ROOT, file))

const documents = globSync(['*.md', 'docs/*.md', 'docker/**/*.md'], { cwd: ROOT }).toSorted()

/** What the documents have one make. */
const MADE_BY_USERS = ['docker/secrets/', 'docker/series.env']

/** The text without its blocks of code, in which nothing is a link. */
function proseOf(file: string): string {
  return read(file).replaceAll(/^ *```[^]*?^ *```/gm, '')
}

/** Headings as GitHub names them in an address. */
function anchorsOf(file: string): Set<string> {
  const headings = [...proseOf(file).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => heading)
  return new Set(
    headings.map((text) =>
      text
        .toLowerCase()
        .replaceAll(/[^\w\- ]/g, '')
        .replaceAll(' ', '-')
    )
  )
}

t.test('every link between the documents leads to a file, and to a heading that it has', async (t) => {
  const broken: string[] = []
  let seen = 0
  for (const file of documents) {
    for (const [, target = ''] of proseOf(file).matchAll(/\]\((?!https?:)([^)]+)\)/g)) {
      seen++
      const [path = '', anchor] = target.split('#')
      const to = path === '' ? file : join(dirname(file), path)
      const found = exists(to) && (anchor === undefined || anchorsOf(to).has(anchor))
      if (!found) broken.push(`${file}: ${target}`)
    }
  }
  t.ok(seen > 40, `${seen} links were looked at`)
  t.same(broken, [])
})

t.test('every document is found from the README, if over another one', async (t) => {
  const found = new Set(['README.md'])
  // A set goes on to what is added to it meanwhile.
  for (const file of found) {
    for (const [, target = ''] of proseOf(file).matchAll(/\]\(([^)#:]+\.md)/g)) found.add(join(dirname(file), target))
  }
  t.same(
    documents.filter((file) => !found.has(file)),
    []
  )
})

t.test('every file of ours that a document names in words exists', async (t) => {
  const missing: string[] = []
  let seen = 0
  for (const file of documents) {
    for (const [, path = ''] of read(file).matchAll(
      /`((?:src|test|docs|docker|scripts|openapi|bench|sim)\/[\w./-]+)`/g
    )) {
      seen++
      const there =
        exists(path) || exists(`test/${path}.test.ts`) || MADE_BY_USERS.some((each) => path.startsWith(each))
      if (!there) missing.push(`${file}: ${path}`)
    }
  }
  t.ok(seen > 10, `${seen} paths were looked at`)
  t.same(missing, [])
})

t.test('every script that a document has one run is there', async (t) => {
  const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> }
  const named = documents.flatMap((file) =>
    [...read(file).matchAll(/npm run (?:-s |--silent )?(\w[\w:-]*)/g)].map(([, script = '']) => ({ file, script }))
  )
  t.ok(named.length > 5)
  t.same(
    named.filter(({ script }) => scripts[script] === undefined),
    []
  )
})

t.test('every attack in the threat model has a test that exists', async (t) => {
  const rows = read('SECURITY.md')
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .slice(2)
    .map((line) => line.split('|').slice(1, -1))
  t.ok(rows.length > 20, `${rows.length} attacks`)
  for (const [attack = '', , shown = ''] of rows) {
    const names = [...shown.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name)
    const tests = names.filter((name) => !name.startsWith('scripts/'))
    t.ok(tests.length > 0, attack.trim())
    t.same(
      tests.filter((name) => !exists(`test/${name}.test.ts`)),
      [],
      attack.trim()
    )
  }
})
