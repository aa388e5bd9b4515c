// GET /openapi.json, /openapi-3.0.json, /swagger.json and /docs: what a stranger needs to use the API.
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import swaggerUi from '@fastify/swagger-ui'
import { LRUCache } from 'lru-cache'
import type { BaseUrl } from '../base-url.ts'
import { DESCRIPTION_FORMATS, DESCRIPTIONS, type DescriptionFormat } from '../description/formats.ts'
import { PAGE_POLICY } from '../headers.ts'
import { describeAt } from '../openapi.ts'
import { NoParameters } from '../schemas.ts'

export interface DescriptionRouteOptions {
  readonly baseUrl: BaseUrl
  /** What a proxy takes off before our paths; empty where it does not. */
  readonly pathPrefix: string
}

export const descriptionRoutes: FastifyPluginAsyncTypebox<DescriptionRouteOptions> = async (app, options) => {
  const { baseUrl, pathPrefix } = options
  // Whoever has no key may ask as well, and by any host name: a few are remembered, so that asking costs little.
  const texts = new LRUCache<string, string>({ max: 16 })
  const textAt = (address: string, format: DescriptionFormat): string => {
    const name = `${format} ${address}`
    const text = texts.get(name) ?? JSON.stringify(describeAt(app, address, format))
    texts.set(name, text)
    return text
  }

  for (const format of DESCRIPTION_FORMATS) {
    app.get(
      `/${DESCRIPTIONS[format]}`,
      { config: { open: true }, schema: { hide: true, querystring: NoParameters } },
      async (request, reply) => reply.type('application/json').send(textAt(baseUrl(request), format))
    )
  }

  app.register(async (pages) => {
    pages.addHook('onRoute', (route) => {
      route.config = { ...route.config, open: true }
    })
    await pages.register(swaggerUi, {
      routePrefix: '/docs',
      indexPrefix: pathPrefix,
      staticCSP: PAGE_POLICY,
      theme: { title: 'post-delivery-series' },
      uiConfig: { docExpansion: 'list', defaultModelsExpandDepth: 0, displayRequestDuration: true },
      transformSpecificationClone: false,
      transformSpecification: (_document, request) => describeAt(app, baseUrl(request))
    })
  })
}
