// Which of its forms an answer takes.
import Negotiator from 'negotiator'

/** The forms of a list of rows, in the order of our preference. */
export const FORMATS = ['json', 'csv', 'ndjson'] as const
export type Format = (typeof FORMATS)[number]

export const MEDIA_TYPES: { readonly [F in Format]: string } = {
  json: 'application/json; charset=utf-8',
  csv: 'text/csv; charset=utf-8; header=present',
  ndjson: 'application/x-ndjson; charset=utf-8'
}

export const SVG_TYPE = 'image/svg+xml; charset=utf-8'

/** Under which names each is asked for; `x-ndjson` never became official, and is what most tools send. */
const ASKED_AS: { readonly [type: string]: Format } = {
  'application/json': 'json',
  'text/csv': 'csv',
  'application/x-ndjson': 'ndjson',
  'application/ndjson': 'ndjson',
  'application/jsonl': 'ndjson'
}

/** What `Accept` prefers of some forms, without regard to the parameters of its types; JSON where it names none of them. */
export function formatOf<F extends Format>(accept: string | undefined, forms: readonly F[]): F | 'json' {
  if (accept === undefined) return 'json'
  const plain = accept.replace(/;\s*(?!q=)[^;,=]+(=("[^"]*"|[^;,]*))?/gi, '')
  const types = Object.keys(ASKED_AS).filter((type) => forms.some((form) => form === ASKED_AS[type]))
  const type = new Negotiator({ headers: { accept: plain } }).mediaType(types) ?? ''
  return forms.find((form) => form === ASKED_AS[type]) ?? 'json'
}
