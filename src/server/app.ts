// The server, put together: a table of contents.
import cors from '@fastify/cors'
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import Fastify, { LogController, type FastifyInstance } from 'fastify'
import { createAgain } from './again.ts'
import { addAuth } from './auth.ts'
import { createBaseUrl, pathPrefixOf } from './base-url.ts'
import { takeJsonBodies } from './body.ts'
import { addCompression } from './coding.ts'
import { addConnectionLimits } from './connections.ts'
import { addDrain } from './drain.ts'
import { addExpensiveWork } from './expensive.ts'
import { addHeaders } from './headers.ts'
import { withoutChildren } from './logger.ts'
import { addProcessMetrics } from './metrics/process.ts'
import { addOpenapi } from './openapi.ts'
import type { ServerOptions } from './options.ts'
import { createTrust } from './proxies.ts'
import { addQueries, leaveUnparsed } from './query.ts'
import { addRefusals, MAX_HEADER_BYTES, refuse, refuseBroken, requireHost } from './refusals.ts'
import { createReplyCache } from './reply-cache.ts'
import { createRequestIds } from './request-ids.ts'
import { addRequestLog } from './request-log.ts'
import { targetOf } from './request-target.ts'
import { annotationRoutes } from './routes/annotations.ts'
import { anomalyRoutes } from './routes/anomalies.ts'
import { changeRoutes } from './routes/changes.ts'
import { descriptionRoutes } from './routes/description.ts'
import { grafanaRoutes } from './routes/grafana/routes.ts'
import { healthRoutes } from './routes/health.ts'
import { ingestRoutes } from './routes/ingest.ts'
import { labelRoutes } from './routes/labels.ts'
import { locationRoutes } from './routes/locations.ts'
import { metricsRoutes } from './routes/metrics.ts'
import { pageRoutes } from './routes/page.ts'
import { runRoutes } from './routes/runs.ts'
import { seriesRoutes } from './routes/series.ts'
import { statusRoutes } from './routes/status.ts'
import { addSharedSchemas } from './schemas.ts'
import { addStaleness } from './staleness.ts'
import { createWorkspaceChooser } from './workspaces.ts'

/** The API, ready to listen; closing it leaves the store and the ingester alone. */
export async function buildServer(options: ServerOptions): Promise<FastifyInstance> {
  const { store, clock, ingest, version, ingestTimeoutMs } = options
  const trust = createTrust(options.trustProxy)
  const workspaces = createWorkspaceChooser(store, ingest.workspaces)
  const baseUrl = createBaseUrl(options.publicUrl)

  const app: FastifyInstance = Fastify({
    ...LIMITS,
    loggerInstance: withoutChildren(options.logger),
    // Our own lines say what happened, and only where it matters.
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: createRequestIds(),
    rewriteUrl: targetOf,
    trustProxy: (address) => trust(address),
    routerOptions: { ignoreTrailingSlash: true, querystringParser: leaveUnparsed, maxParamLength: 1_000 },
    ajv: { customOptions: VALIDATION },
    // Whoever stops us drains first: until then requests are served, not refused.
    return503OnClosing: false,
    frameworkErrors: (error, request, reply) => {
      void refuse(error, request, reply)
    },
    clientErrorHandler: refuseBroken
  }).withTypeProvider<TypeBoxTypeProvider>()

  const { unsentBytes } = addConnectionLimits(app, clock)
  addExpensiveWork(app, unsentBytes)
  addDrain(app)
  addHeaders(app, options.corsOrigins.length > 0)
  addRequestLog(app, options.accessLog)
  const processMetrics = addProcessMetrics(app)
  addRefusals(app)
  requireHost(app)
  if (options.corsOrigins.length > 0) await app.register(cors, corsOptions(options.corsOrigins))
  await addAuth(app, { ...options, trust })
  addCompression(app)
  app.decorate('replyCache', createReplyCache())
  addStaleness(app, store, clock)
  takeJsonBodies(app)
  addQueries(app)
  await addOpenapi(app, version)
  addSharedSchemas(app)

  await app.register(seriesRoutes, { store, workspaces, clock, version, again: createAgain(store, clock) })
  await app.register(locationRoutes, { workspaces })
  await app.register(labelRoutes, { workspaces })
  await app.register(anomalyRoutes, { workspaces, clock, version })
  await app.register(annotationRoutes, { store, workspaces, clock, ingestTimeoutMs })
  await app.register(changeRoutes, { workspaces, baseUrl })
  await app.register(statusRoutes, { store, workspaces, clock, ingest, version, ingestTimeoutMs })
  await app.register(runRoutes, { store, workspaces, clock, ingestTimeoutMs, baseUrl })
  await app.register(ingestRoutes, { workspaces, ingest, clock, baseUrl })
  await app.register(healthRoutes, { store })
  await app.register(grafanaRoutes, { store, workspaces, clock, ingestTimeoutMs })
  await app.register(metricsRoutes, { store, workspaces, clock, ingest, version, processMetrics })
  await app.register(descriptionRoutes, { baseUrl, pathPrefix: pathPrefixOf(options.publicUrl) })
  await app.register(pageRoutes)
  await app.ready()
  return app
}

/** Everything that a client can send or keep open has an end. */
const LIMITS = {
  bodyLimit: 64 * 1_024,
  /** A whole request, from its first byte to its last. */
  requestTimeout: 10_000,
  /** A connection on which nothing moves, be it that the client does not read. */
  connectionTimeout: 15_000,
  /** A connection between two requests; longer than the minute that most proxies keep theirs. */
  keepAliveTimeout: 72_000,
  http: {
    headersTimeout: 5_000,
    connectionsCheckingInterval: 1_000,
    maxHeaderSize: MAX_HEADER_BYTES,
    // Checked by ourselves, since Node's own refusal has no body.
    requireHostHeader: false,
    // A request without a body is no stream that would have to be read to its end.
    optimizeEmptyRequests: true
  }
} as const

const VALIDATION = {
  removeAdditional: false,
  coerceTypes: true,
  allErrors: true,
  verbose: true,
  // Else `Infinity`, which a text becomes as readily as any number, is held against no minimum and no maximum.
  strictNumbers: false
} as const

function corsOptions(origins: readonly string[]): object {
  return {
    origin: [...origins],
    methods: ['GET', 'HEAD', 'POST'],
    allowedHeaders: ['Authorization', 'X-API-Key', 'Content-Type', 'If-None-Match'],
    exposedHeaders: ['ETag', 'Location', 'Retry-After', 'Link', 'X-Request-Id', 'RateLimit', 'RateLimit-Policy'],
    strictPreflight: false,
    maxAge: 600
  }
}
