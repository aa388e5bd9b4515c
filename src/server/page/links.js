// The same question, for elsewhere: as files, as a picture, and for a shell.
import { ask } from './api.js'
import { announce, byId, element } from './dom.js'
import { hasKey } from './key.js'

/** @type {[string, string, string][]} */
const FORMS = [
  ['csv', 'CSV', 'for Excel and Power BI'],
  ['json', 'JSON', 'for programs'],
  ['ndjson', 'NDJSON', 'a line a day, for SIEM tools'],
  ['svg', 'SVG', 'the chart, for tickets and mails']
]

/**
 * @param {URLSearchParams} query
 * @param {{ dark: boolean, onFault: (error: unknown) => void }} options
 */
export function showLinks(query, { dark, onFault }) {
  byId('links', HTMLUListElement).replaceChildren(
    ...FORMS.map(([format, name, use]) => {
      const asked = new URLSearchParams(query)
      asked.set('format', format)
      if (format === 'svg' && dark) asked.set('theme', 'dark')
      const link = element('a', { href: `series?${asked}`, download: `post-delivery-actions.${format}` }, name)
      link.addEventListener('click', (event) => {
        // A link carries no key, and no address ever should.
        if (!hasKey()) return
        event.preventDefault()
        save(asked, format).catch(onFault)
      })
      return element('li', {}, link, element('span', { class: 'muted' }, ` ${use}`))
    })
  )
  byId('curl', HTMLInputElement).value = curlOf(query)
}

/** Double quotes, since these hold in every shell; the query has no sign in it that would mean something there. @param {URLSearchParams} query */
function curlOf(query) {
  const key = hasKey() ? ' -H "X-API-Key: $API_KEY"' : ''
  return `curl -fsS${key} "${new URL(`series?${query}`, document.baseURI)}"`
}

/** @param {URLSearchParams} query @param {string} format */
async function save(query, format) {
  const response = await ask('series', query)
  const url = URL.createObjectURL(await response.blob())
  element('a', { href: url, download: `post-delivery-actions.${format}` }).click()
  // The browser has taken it by then.
  setTimeout(() => URL.revokeObjectURL(url), 60_000)
}

export function listenToCopy() {
  byId('copy', HTMLButtonElement).addEventListener('click', () => void copyLine())
}

async function copyLine() {
  const line = byId('curl', HTMLInputElement)
  line.select()
  // A page that came without https, other than from this machine, has no clipboard.
  const copied =
    isSecureContext &&
    (await navigator.clipboard.writeText(line.value).then(
      () => true,
      () => false
    ))
  announce(copied ? 'The line is copied.' : 'The line is selected: copy it with your keyboard.')
}
