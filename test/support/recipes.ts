// The blocks of docs/integrations.md, and a service to try them against.
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { setImmediate as turn } from 'node:timers/promises'
import type { Test } from 'tap'
import { createClient, type Client } from '../../openapi/client.ts'
import { addKey } from './keys.ts'
import { newService, type Service } from './service.ts'

/** What stands for the address of the service in every block. */
export const PLACEHOLDER = 'https://series.example.org'

export interface Block {
  readonly heading: string
  readonly language: string
  readonly text: string
}

export const page = readFileSync(new URL('../../docs/integrations.md', import.meta.url), 'utf8')

export const blocks: readonly Block[] = page.split(/^## /m).flatMap((section) => {
  const heading = section.slice(0, section.indexOf('\n'))
  return [...section.matchAll(/^```(\w+)[^\n]*\n([\s\S]*?)^```$/gm)].map(([, language = '', text = '']) => ({
    heading: heading.startsWith('#') ? '' : heading,
    language,
    text
  }))
})

export interface Recipes extends Service {
  readonly url: string
  /** May read, and start runs. */
  readonly key: string
  readonly client: Client
  /** The text with our address in place of the placeholder. */
  here(text: string): string
  /** Asks for what a configuration names; its path may hold a query. */
  ask(url: string, headers?: Record<string, string>): Promise<Response>
}

/** A service that listens, wants keys, and has read the sample once. */
export async function newRecipes(t: Test): Promise<Recipes> {
  const service = await newService(t, { auth: 'on', workspaces: ['sample'] })
  const { key } = await addKey(service.store, { scopes: ['read', 'ingest'] })
  await service.app.listen({ host: '127.0.0.1', port: 0 })
  const url = `http://127.0.0.1:${(service.app.server.address() as AddressInfo).port}`
  const client = createClient({ baseUrl: url, key })
  let run = await client.startIngest()
  while (run.finishedAt === null) {
    await turn()
    run = await client.getRun(run.id)
  }
  const here = (text: string): string => text.replaceAll(PLACEHOLDER, url)
  return {
    ...service,
    url,
    key,
    client,
    here,
    ask: async (asked, headers = { 'x-api-key': key }) => fetch(here(asked), { headers })
  }
}

export interface Ran {
  readonly status: number
  readonly out: string
  readonly err: string
}

/** Runs a program with nothing of our environment but where programs are; what it prints, and how it ended. */
export async function runProgram(
  program: string,
  words: readonly string[],
  { cwd, env }: { readonly cwd: string; readonly env: Readonly<Record<string, string>> }
): Promise<Ran> {
  const { PATH = '', HOME = '' } = process.env
  return new Promise((resolve, reject) => {
    execFile(program, [...words], { cwd, env: { PATH, HOME, ...env } }, (error, out, err) => {
      if (error === null) resolve({ status: 0, out, err })
      else if (typeof error.code === 'number') resolve({ status: error.code, out, err })
      else reject(error)
    })
  })
}

/** What a JSONPath of the simple kind (`$.a.b`) finds. */
export function atPath(value: unknown, path: string): unknown {
  if (!/^\$(\.\w+)+$/.test(path)) throw new Error(`${path} is no path that is understood here`)
  return path
    .split('.')
    .slice(1)
    .reduce<unknown>((at, name) => (at as Record<string, unknown>)[name], value)
}
