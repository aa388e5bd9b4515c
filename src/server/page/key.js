// The API key: asked for when the service wants one, kept by this tab only, never in an address.
import { byId } from './dom.js'

const NAME = 'post-delivery-series key'

/** @returns {Record<string, string>} */
export function keyHeaders() {
  const key = storedKey()
  return key === null ? {} : { 'X-API-Key': key }
}

export function hasKey() {
  return storedKey() !== null
}

function storedKey() {
  return sessionStorage.getItem(NAME)
}

/**
 * `onKey` is called with each key that is given; `onForget` when there is none any more.
 * @param {{ onKey: () => void, onForget: () => void }} then
 */
export function createKeyForm({ onKey, onForget }) {
  const form = byId('key-form', HTMLFormElement)
  const input = byId('key', HTMLInputElement)
  const fault = byId('key-fault', HTMLParagraphElement)
  const forget = byId('forget-key', HTMLButtonElement)

  form.addEventListener('submit', (event) => {
    event.preventDefault()
    const key = input.value.trim()
    // What no header can carry is no key; the browser would throw at it.
    if (!/^[\x21-\x7e]+$/.test(key)) return refuse('A key has no blanks and no letters with accents.')
    sessionStorage.setItem(NAME, key)
    input.value = ''
    onKey()
  })
  forget.addEventListener('click', () => {
    sessionStorage.removeItem(NAME)
    onForget()
  })

  /** @param {string} text */
  function refuse(text) {
    fault.textContent = text
    fault.hidden = text === ''
    input.setAttribute('aria-invalid', String(text !== ''))
    input.focus()
  }

  return {
    /** The service wants a key, or another one than it got. */
    ask() {
      const had = hasKey()
      sessionStorage.removeItem(NAME)
      form.hidden = false
      forget.hidden = true
      refuse(had ? 'The service does not accept this key.' : '')
    },
    /** The service has answered. */
    done() {
      form.hidden = true
      forget.hidden = !hasKey()
    }
  }
}
