// The description of the API: written by @fastify/swagger from the schemas of the routes.
import swagger from '@fastify/swagger'
import type { FastifyInstance } from 'fastify'
import { isObject, membersOf } from './members.ts'

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
          bearer: { type: 'http', scheme: 'bearer', description: 'An API key.' },
          basic: { type: 'http', scheme: 'basic', description: 'Any user name, with an API key as the password.' }
        }
      }
    },
    refResolver: {
      buildLocalReference: (schema, _baseUri, _fragment, i) =>
        typeof schema['$id'] === 'string' ? schema['$id'] : `def-${i}`
    },
    transformObject: (document) => {
      if (!('openapiObject' in document)) throw new Error('the description is no OpenAPI 3')
      letBodiesBeAbsent(document.openapiObject)
      return document.openapiObject
    }
  })
}

/** Fastify takes a body with a schema for required; ours may all be left out. */
function letBodiesBeAbsent(description: object): void {
  for (const path of Object.values(membersOf(membersOf(description)['paths']))) {
    for (const operation of Object.values(membersOf(path))) {
      const body = membersOf(operation)['requestBody']
      if (isObject(body)) body['required'] = false
    }
  }
}

/** The description as somebody reads it who reaches us at this address; an empty one: wherever it was read. */
export function describeAt(app: FastifyInstance, baseUrl: string): object {
  return { ...app.swagger(), servers: [{ url: baseUrl === '' ? '/' : baseUrl }] }
}

/** The description as it is kept beside the program: of no address, in the order of the routes. */
export function descriptionText(app: FastifyInstance): string {
  return `${JSON.stringify(describeAt(app, ''), null, 2)}\n`
}
