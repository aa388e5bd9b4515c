// Errors for the JSON data source of Grafana, which shows only what stands under these names: `message` in a panel,
// `error` where a data source is tested.
import type { FastifyRequest } from 'fastify'
import type { Problem } from './problem.ts'
import { MAX_BODY_BYTES } from './routes/grafana/body.ts'

/** What the data source asks right at the root where its URL lacks the end. Its health check passes there: the page is 200. */
const MISSED = new Set(['/query', '/metrics', '/search', '/variable'])

export const MISSED_DETAIL =
  'there is nothing to post to here: the URL of a JSON data source in Grafana must end in /grafana'

/** Whether a request was meant for /grafana, and is not under it. */
export function missesGrafana(method: string, path: string): boolean {
  return method === 'POST' && MISSED.has(path.replace(/\/$/, ''))
}

/** The problem as the caller can read it. */
export function readableProblem(problem: Problem, { method, url }: Pick<FastifyRequest, 'method' | 'url'>): object {
  const path = url.split('?', 1)[0] ?? ''
  const meant = /^\/grafana(\/|$)/.test(path)
  if (!meant && !missesGrafana(method, path)) return problem
  const tooLarge = meant && problem.code === 'payload-too-large'
  const detail = tooLarge ? `the body is larger than ${MAX_BODY_BYTES / 1_024} kB` : (problem.detail ?? problem.title)
  return { ...problem, detail, message: detail, error: { code: problem.code, message: detail } }
}
