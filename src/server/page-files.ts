// The files of the page at `/`: read once, packed once, and served from memory.
import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'
import type { Coding } from './coding.ts'

export interface PageFile {
  /** As it is asked for: `''` is the page itself, the others lie under `page/`. */
  readonly path: string
  readonly mediaType: string
  /** The bytes in that coding; packed when they are first asked for. */
  in(coding: Coding): Promise<Buffer>
  /** Strong: differs whenever the bytes do. */
  etagIn(coding: Coding): string
}

const MEDIA_TYPES: { readonly [extension: string]: string } = {
  html: 'text/html; charset=utf-8',
  css: 'text/css; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  svg: 'image/svg+xml; charset=utf-8'
}

const HOME = new URL('page/', import.meta.url)

/** The chart library has 20 files; this is the smallest that has a tooltip. Its package exports no file of `dist`. */
const ECHARTS = new URL('dist/echarts.common.min.js', import.meta.resolve('echarts'))

/** Done once for each file, so it may take longer than what is packed for each answer: 30 ms for the largest. */
const PACK: { readonly [C in Coding]: (bytes: Buffer) => Promise<Buffer> } = {
  br: (bytes) => promisify(brotliCompress)(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 6 } }),
  gzip: (bytes) => promisify(gzip)(bytes, { level: 6 }),
  identity: async (bytes) => bytes
}

export async function readPageFiles(): Promise<readonly PageFile[]> {
  const names = (await readdir(HOME)).filter((name) => mediaTypeOf(name) !== undefined)
  return Promise.all([
    ...names.map((name) => readPageFile(name === 'index.html' ? '' : `page/${name}`, new URL(name, HOME))),
    readPageFile('page/echarts.js', ECHARTS)
  ])
}

async function readPageFile(path: string, url: URL): Promise<PageFile> {
  const bytes = await readFile(url)
  const digest = createHash('sha256').update(bytes).digest('base64url').slice(0, 27)
  const codings = new Map<Coding, Promise<Buffer>>()
  return {
    path,
    mediaType: mediaTypeOf(url.pathname) ?? 'application/octet-stream',
    in(coding) {
      const known = codings.get(coding) ?? PACK[coding](bytes)
      codings.set(coding, known)
      return known
    },
    etagIn: (coding) => `"${digest}-${coding}"`
  }
}

function mediaTypeOf(name: string): string | undefined {
  return MEDIA_TYPES[name.slice(name.lastIndexOf('.') + 1)]
}
