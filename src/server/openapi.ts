// The description of the API: written by @fastify/swagger from the schemas of the routes, as OpenAPI 3.1. The older
// forms are made of that one.
import swagger from '@fastify/swagger'
import type { FastifyInstance } from 'fastify'
import { mapOperations, type Document } from './description/document.ts'
import { withExamples } from './description/examples.ts'
import type { DescriptionFormat } from './description/formats.ts'
import { toOpenapi30 } from './description/openapi-3.0.ts'
import { toSwagger2 } from './description/swagger-2.0.ts'

const INFO = `Daily counts of what Microsoft Defender for Office 365 did with mail after it was delivered, by where the messages ended.

Ask \`GET /series\` for the counts, and \`GET /status\` for what is missing. All days are UTC. A count of 0 says that a day was read and was quiet; **null says that it is not known**. What is counted are action events, not messages.

Where a key is wanted, send it as \`X-API-Key\`, as \`Authorization: Bearer\`, or as the password of \`Authorization: Basic\` with any user name. Keys in addresses are refused. Every error is a problem document (RFC 9457) whose \`code\` never changes. Unknown parameters are refused; an empty one counts as absent.`

/** Must come before the routes, whose schemas it collects. */
export async function addOpenapi(app: FastifyInstance, version: string): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'post-delivery-series',
        version,
        summary: 'Daily series of post-delivery actions',
        description: INFO,
        license: { name: 'MIT', identifier: 'MIT' }
      },
      servers: [{ url: '/' }],
      tags: [
        { name: 'series', description: 'The counts.' },
        { name: 'ingest', description: 'How the counts come here.' },
        { name: 'service', description: 'How the service is.' }
      ],
      // The first one is what tools take that can have only one.
      security: [{ apiKey: [] }, { bearer: [] }, { basic: [] }],
      components: {
        securitySchemes: {
          apiKey: { type: 'apiKey', in: 'header', name: 'X-API-Key', description: 'An API key.' },
          bearer: { type: 'http', scheme: 'bearer', description: 'An API key, or an access token of Entra ID.' },
          basic: { type: 'http', scheme: 'basic', description: 'Any user name, with an API key as the password.' }
        }
      }
    },
    refResolver: {
      buildLocalReference: (schema, _baseUri, _fragment, i) =>
        typeof schema['$id'] === 'string' ? schema['$id'] : `def-${i}`
    }
  })
}

/** What the routes say of themselves, as OpenAPI 3.1. */
export function describe(app: FastifyInstance): Document {
  // What @fastify/swagger makes of our own schemas; its types allow for whatever others could have in theirs.
  const written: unknown = app.swagger()
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return withExamples(letBodiesBeAbsent(written as Document))
}

/** Fastify takes a body with a schema for required; ours may all be left out. */
function letBodiesBeAbsent(document: Document): Document {
  return mapOperations(document, ({ requestBody, ...operation }) => ({
    ...operation,
    ...(requestBody && { requestBody: { ...requestBody, required: false } })
  }))
}

/** The description as somebody reads it who reaches us at this address; an empty one: wherever it was read. */
export function describeAt(app: FastifyInstance, baseUrl: string, format: DescriptionFormat = '3.1'): object {
  const servers = [{ url: baseUrl === '' ? '/' : baseUrl }]
  return WRITERS[format]({ ...describe(app), servers })
}

const WRITERS: { readonly [F in DescriptionFormat]: (document: Document) => object } = {
  '3.1': (document) => document,
  '3.0': toOpenapi30,
  '2.0': (document) => toSwagger2(toOpenapi30(document))
}

/** The description as it is kept beside the program: of no address, in the order of the routes. */
export function descriptionText(app: FastifyInstance, format: DescriptionFormat = '3.1'): string {
  return `${JSON.stringify(describeAt(app, '', format), null, 2)}\n`
}
