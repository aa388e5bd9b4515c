// Asks the service. Addresses are relative, so that they hold behind any path prefix.
import { keyHeaders } from './key.js'

/** What the service refused, or that it did not answer; the message is for people. */
export class ProblemError extends Error {
  /** @param {string} message @param {number} status 0: no answer */
  constructor(message, status) {
    super(message)
    this.status = status
  }
}

/**
 * The answer, of whatever form. Throws `ProblemError` for all but success.
 * @param {string} path
 * @param {URLSearchParams} query
 * @param {AbortSignal} [signal]
 */
export async function ask(path, query, signal) {
  const text = query.toString()
  const response = await fetch(text === '' ? path : `${path}?${text}`, {
    headers: keyHeaders(),
    // Some proxies answer a stranger by a page to sign in at.
    redirect: 'error',
    ...(signal && { signal })
  }).catch((/** @type {unknown} */ error) => {
    if (signal?.aborted === true) throw error
    throw new ProblemError('The service did not answer. Is it running, and is the network there?', 0)
  })
  if (response.ok) return response
  throw new ProblemError(await wordsOf(response), response.status)
}

/**
 * @param {string} path
 * @param {URLSearchParams} [query]
 * @param {AbortSignal} [signal]
 * @returns {Promise<any>}
 */
export async function askJson(path, query = new URLSearchParams(), signal) {
  return (await ask(path, query, signal)).json()
}

/** A problem document says it itself. @param {Response} response */
async function wordsOf(response) {
  const problem = await response.json().catch(() => ({}))
  const words = problem?.detail ?? problem?.title
  if (typeof words === 'string') return `${words.charAt(0).toUpperCase()}${words.slice(1)}.`
  return `The service answered ${response.status} ${response.statusText}.`
}
