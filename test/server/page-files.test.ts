import { readdir, readFile } from 'node:fs/promises'
import t from 'tap'
import { newService } from '../support/service.ts'

const HOME = new URL('../../src/server/page/', import.meta.url)

/** Everything that the page names in its head. */
function namedIn(html: string): string[] {
  return [...html.matchAll(/(?:src|href)="(page\/[^"]+)"/g)].map(([, path = '']) => path)
}

t.test(
  'the page and its files are open, typed, revalidated, and under a policy that allows nothing else',
  async (t) => {
    const { app } = await newService(t, { auth: 'on' })
    const types: Record<string, string> = {
      '/': 'text/html',
      '/page/page.css': 'text/css',
      '/page/main.js': 'text/javascript'
    }
    for (const [url, type] of Object.entries({
      ...types,
      '/page/echarts.js': 'text/javascript',
      '/page/icon.svg': 'image/svg+xml'
    })) {
      const { statusCode, headers } = await app.inject(url)
      t.equal(statusCode, 200, url)
      t.equal(headers['content-type'], `${type}; charset=utf-8`)
      t.equal(headers['cache-control'], 'no-cache')
      t.match(headers['etag'], /^"[\w-]+"$/)
      t.equal(headers['x-content-type-options'], 'nosniff')
      t.equal(
        headers['content-security-policy'],
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
      )
    }
    t.equal((await app.inject('/series')).statusCode, 401)
  }
)

t.test('nothing but files of the page is served under /page', async (t) => {
  const { app } = await newService(t)
  for (const url of ['/page/', '/page/tsconfig.json', '/page/index.html', '/page/..%2fapp.ts', '/page/%2e%2e/app.ts']) {
    t.equal((await app.inject(url)).statusCode, 404, url)
  }
})

t.test('who has a file in a coding is told by 304 that it is still the same, and only in that coding', async (t) => {
  const { app } = await newService(t)
  for (const coding of ['br', 'gzip', 'identity']) {
    const first = await app.inject({ url: '/page/page.css', headers: { 'accept-encoding': coding } })
    const again = { 'accept-encoding': coding, 'if-none-match': String(first.headers['etag']) }
    t.equal(first.headers['content-encoding'], coding === 'identity' ? undefined : coding)
    t.equal(first.headers['vary'], 'Accept-Encoding')

    const unchanged = await app.inject({ url: '/page/page.css', headers: again })
    t.equal(unchanged.statusCode, 304)
    t.equal(unchanged.body, '')
    const other = await app.inject({
      url: '/page/page.css',
      headers: { ...again, 'accept-encoding': coding === 'br' ? 'gzip' : 'br' }
    })
    t.equal(other.statusCode, 200)
  }
})

t.test('HEAD tells of the page what GET does', async (t) => {
  const { app } = await newService(t)
  const head = await app.inject({ method: 'HEAD', url: '/' })
  const get = await app.inject('/')
  t.equal(head.statusCode, 200)
  t.equal(head.body, '')
  for (const name of ['etag', 'content-type', 'content-length']) t.equal(head.headers[name], get.headers[name], name)
})

t.test('the whole page is less than 400 kB on its way', async (t) => {
  const { app } = await newService(t)
  const paths = ['', ...namedIn((await app.inject('/')).body)]
  for (const coding of ['br', 'gzip']) {
    const answers = await Promise.all(
      paths.map((path) => app.inject({ url: `/${path}`, headers: { 'accept-encoding': coding } }))
    )
    t.ok(answers.every(({ headers }) => headers['content-encoding'] === coding))
    const bytes = answers.reduce((sum, { rawPayload }) => sum + rawPayload.length, 0)
    t.ok(bytes < 400_000, `${bytes} bytes in ${coding}`)
  }
})

t.test('every module is named in the head of the page, so that none waits for another to name it', async (t) => {
  const modules = (await readdir(HOME)).filter((name) => name.endsWith('.js') && name !== 'types.js')
  const named = namedIn(await readFile(new URL('index.html', HOME), 'utf8'))
  t.same(
    modules.filter((name) => !named.includes(`page/${name}`)),
    []
  )
  const made = ['page/echarts.js']
  t.same(
    named.filter((path) => !modules.includes(path.slice(5)) && !/\.(css|svg)$/.test(path)),
    made
  )
})

t.test('no file of the page reads text as markup, or names another host', async (t) => {
  for (const name of await readdir(HOME)) {
    const text = await readFile(new URL(name, HOME), 'utf8')
    t.notMatch(text, /innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b/, name)
    t.notMatch(text.replace('xmlns="http://www.w3.org/2000/svg"', ''), /https?:\/\//, name)
    if (name.endsWith('.html')) t.notMatch(text, /\bstyle=|<style|\bon\w+=|<script>/, name)
  }
})
