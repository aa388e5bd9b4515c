// GET /: a first page, which says what this is and where to go on.
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { PAGE_POLICY } from '../headers.ts'
import { SAMPLE } from '../workspaces.ts'

export interface PageRouteOptions {
  readonly version: string
  /** Whether the settings have the workspace of invented counts. */
  readonly sample: boolean
}

export const pageRoutes: FastifyPluginAsyncTypebox<PageRouteOptions> = async (app, options) => {
  const html = pageOf(options)
  app.get('/', { config: { open: true }, schema: { hide: true } }, async (_request, reply) =>
    reply.type('text/html; charset=utf-8').header('content-security-policy', PAGE_POLICY).send(html)
  )
}

// Its links have no slash in front, so they hold behind any path prefix.
function pageOf({ version, sample }: PageRouteOptions): string {
  const note = sample
    ? `<p><strong>The workspace <code>${SAMPLE}</code> holds invented counts</strong>, to try the service with. No mail of yours is in it.</p>`
    : ''
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<title>post-delivery-series</title>
</head>
<body>
<h1>post-delivery-series ${version}</h1>
<p>Daily counts of the post-delivery actions of Microsoft Defender for Office 365, by where the messages ended.</p>
${note}
<ul>
<li><a href="docs">The API, to read and to try</a></li>
<li><a href="openapi.json">Its description (OpenAPI 3.1)</a></li>
<li><a href="series">The last 30 days</a>, also <a href="series?format=csv">as CSV</a></li>
<li><a href="status">What is there, and what is missing</a></li>
</ul>
</body>
</html>
`
}
