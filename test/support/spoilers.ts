// Ways to spoil a request. Each changes one thing; what it makes may still be answered.
import { gzipSync } from 'node:zlib'
import type { Operation } from './described.ts'
import { HOSTILE_TEXTS } from './hostile.ts'
import { nonEmpty, type Draft, type Sources } from './random-requests.ts'

type Place = Sources & { readonly operation: Operation }
type Spoiler = (draft: Draft, place: Place) => void

const TEXTS = nonEmpty(HOSTILE_TEXTS)

/** Names of members, of keys, and of what other programs take. */
const NAMES = [
  '__proto__',
  'constructor',
  'prototype',
  'hasOwnProperty',
  'api_key',
  'access_token',
  'x',
  '',
  ' from',
  'FROM',
  'from[]',
  'from[$gt]',
  'from.x',
  '_method',
  'callback',
  '\u0000',
  '\r\nX-Injected: yes'
] as const

/** What is no query that anybody would write. */
const QUERIES = [
  '%',
  '%zz=%zz',
  'from=%ff%fe',
  'workspace=%c0%ae%c0%ae',
  'workspace=%00',
  'workspace=%ed%a0%80',
  '&&&=&=&;',
  '=',
  '?',
  'from=2026-11-01;to=2026-11-02',
  'from=2026-11-01%0d%0aX-Injected:%20yes',
  '__proto__[x]=1&constructor[prototype][x]=1',
  'from&to',
  `x=${'y'.repeat(3_000)}`,
  Array.from({ length: 500 }, (_, i) => `p${i}=1`).join('&'),
  Array.from({ length: 300 }, () => 'actionType=x').join('&')
] as const

const someParameter: Spoiler = (draft, { random }) => {
  const at = random.below(draft.query.length)
  const [name = 'from'] = draft.query[at] ?? []
  draft.query[at] = [name, random.oneOf(TEXTS)]
}

/** One that the operation has, with a value that need not be one of its own. */
const knownParameter: Spoiler = (draft, { random, operation }) => {
  const names = operation.parameters.filter((each) => each.in === 'query').map(({ name }) => name)
  draft.query.push([random.oneOf(nonEmpty([...names, 'workspace'])), random.oneOf(TEXTS)])
}

const repeated: Spoiler = (draft, { random }) => {
  const before = draft.query[random.below(draft.query.length)]
  if (before !== undefined) draft.query.push([...before])
}

const missing: Spoiler = (draft, { random }) => void draft.query.splice(random.below(draft.query.length), 1)

const outOfBounds: Spoiler = (draft, { random, operation }) => {
  const numbers = operation.parameters.filter(({ schema }) => schema.type === 'integer')
  const { name, schema } = random.oneOf(nonEmpty([...numbers, { name: 'limit', schema: { maximum: 10 } }]))
  const beyond = String((schema.maximum ?? 0) + 1)
  draft.query.push([name, random.oneOf(['0', '-1', '1.5', beyond, '1e99', 'NaN', 'Infinity', '0x1', '01', '+5', ' 7'])])
}

const unknownParameter: Spoiler = (draft, { random }) => {
  draft.query.push([random.oneOf(NAMES), random.oneOf(TEXTS)])
}

const rawQuery: Spoiler = (draft, { random }) => {
  draft.rawQuery = random.oneOf(QUERIES)
}

/** Also the values of other parts of the request, where they do not belong. */
const path: Spoiler = (draft, { random }) => {
  const at = random.below(draft.path.length + 1)
  const part = random.oneOf([
    '/',
    '//',
    '/.',
    '/..',
    '%2f',
    '%5c',
    '%00',
    '%',
    '%zz',
    '%ff',
    ';x=1',
    '.',
    '~',
    ':',
    '*'
  ])
  const hostile = `/${encodeURIComponent(random.oneOf(TEXTS).toWellFormed())}`
  draft.path = random.oneOf([
    draft.path.slice(0, at) + part + draft.path.slice(at),
    draft.path + part,
    `/${draft.path}`,
    draft.path + hostile,
    draft.path.replace(/[^/]+$/, '') + hostile.slice(1),
    draft.path.toUpperCase(),
    `/docs/static/..%2f..%2f${draft.path}`,
    '/page/%2e%2e/index.html'
  ])
}

const method: Spoiler = (draft, { random }) => {
  draft.method = random.oneOf([
    'HEAD',
    'POST',
    'PUT',
    'PATCH',
    'DELETE',
    'OPTIONS',
    'TRACE',
    'PROPFIND',
    'SEARCH',
    'GET'
  ])
}

/** Of headers only what HTTP lets through: the rest never reaches a program. */
const VALUES = [
  '',
  'x',
  '*',
  ',,,',
  '"',
  'q=0;q=1;;',
  '__proto__',
  "' or 1=1 --",
  'caf\u00E9 \u00FF',
  '*/*;q=0',
  'text/csv;header="a,b',
  'application/json;q=abc',
  'gzip;q=2, br;q=-1',
  'W/"',
  '"a'.repeat(1_000),
  'evil.example',
  'a'.repeat(8_000)
] as const

const HEADERS = [
  'accept',
  'accept-encoding',
  'if-none-match',
  'if-modified-since',
  'range',
  'origin',
  'cookie',
  'content-type',
  'content-encoding',
  'expect',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-proto',
  'x-http-method-override',
  'x-original-url',
  'x-request-id',
  'sec-fetch-site',
  'access-control-request-method',
  'upgrade-insecure-requests',
  'host'
] as const

const header: Spoiler = (draft, { random }) => {
  draft.headers[random.oneOf(HEADERS)] = random.oneOf(VALUES)
}

const credentials: Spoiler = (draft, { random }) => {
  delete draft.headers['x-api-key']
  delete draft.headers['authorization']
  const wrong = random.oneOf([...VALUES, 'Bearer', 'Bearer  ', 'Basic', 'Basic ====', 'Bearer a.b.c', 'Digest x'])
  if (random.below(3) > 0) draft.headers[random.oneOf(['authorization', 'x-api-key'])] = wrong
}

const BODIES = [
  '',
  ' ',
  '{',
  'null',
  '1',
  '"x"',
  '[]',
  '[{}]',
  'true',
  '{}{}',
  '\uFEFF{}',
  '{"from":null}',
  '{"from":1}',
  '{"from":["2026-11-01"]}',
  '{"from":{"toString":1}}',
  '{"from":"2026-11-01","from":"2026-11-02"}',
  '{"__proto__":{"x":1}}',
  '{"constructor":{"prototype":{"x":1}}}',
  '{"x":1e999}',
  '{"workspace":"\\ud800"}',
  '{"workspace":"\\u0000"}',
  `${'['.repeat(20_000)}${']'.repeat(20_000)}`,
  `{"x":${'{"x":'.repeat(5_000)}1${'}'.repeat(5_000)}}`,
  `{"workspace":"${'x'.repeat(70_000)}"}`,
  Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d]),
  gzipSync('{}')
] as const

const body: Spoiler = (draft, { random }) => {
  draft.payload = random.oneOf(BODIES)
  const type = random.oneOf([
    'application/json',
    'application/json',
    'text/plain',
    'multipart/form-data; boundary=x',
    'x'
  ])
  draft.headers['content-type'] = type
}

/** A member of the body that is described, with a value that is hostile or of another type. */
const member: Spoiler = (draft, { random, operation }) => {
  if (operation.body === undefined) return
  const name = random.oneOf(nonEmpty([...Object.keys(operation.body.properties ?? {}), 'x']))
  const value: unknown = random.oneOf([...TEXTS, 0, -1, 1.5, true, null, [], {}, ['a', 'b'], { a: 1 }])
  draft.headers['content-type'] = 'application/json'
  draft.payload = JSON.stringify({ [name]: value })
}

export const SPOILERS = [
  someParameter,
  someParameter,
  knownParameter,
  knownParameter,
  repeated,
  missing,
  outOfBounds,
  unknownParameter,
  rawQuery,
  path,
  method,
  header,
  header,
  credentials,
  body,
  member,
  member
] as const satisfies readonly Spoiler[]
