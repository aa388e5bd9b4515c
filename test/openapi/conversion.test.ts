import t from 'tap'
import type { Document, Schema } from '../../src/server/description/document.ts'
import { createSchema30, toOpenapi30 } from '../../src/server/description/openapi-3.0.ts'
import { toAddress, toSchema2, toSwagger2 } from '../../src/server/description/swagger-2.0.ts'

const THING: Schema = { type: 'object', properties: { a: { type: ['string', 'null'] } } }

/** A schema as 3.1 says it, as 3.0 does, and as 2.0 does. */
const CASES: readonly (readonly [Schema, Schema, Schema])[] = [
  [
    { type: ['integer', 'null'], minimum: 0 },
    { type: 'integer', minimum: 0, nullable: true },
    { type: 'integer', minimum: 0, 'x-nullable': true }
  ],
  [
    { type: ['integer', 'string', 'null'], minimum: 0, description: 'x' },
    {
      description: 'x',
      anyOf: [
        { type: 'integer', minimum: 0, nullable: true },
        { type: 'string', minimum: 0, nullable: true }
      ]
    },
    { description: 'x', 'x-nullable': true }
  ],
  [{ type: ['integer', 'string'] }, { anyOf: [{ type: 'integer' }, { type: 'string' }] }, {}],
  [{ const: 'x' }, { enum: ['x'] }, { enum: ['x'] }],
  [{ const: null }, { enum: [null] }, { enum: [null] }],
  [
    { type: 'string', examples: ['a', 'b'] },
    { type: 'string', example: 'a' },
    { type: 'string', example: 'a' }
  ],
  [{ type: 'object', examples: [{ id: 1 }] }, { type: 'object', example: { id: 1 } }, { type: 'object' }],
  [
    { type: 'number', exclusiveMinimum: 0, exclusiveMaximum: 9 },
    { type: 'number', minimum: 0, exclusiveMinimum: true, maximum: 9, exclusiveMaximum: true },
    { type: 'number', minimum: 0, exclusiveMinimum: true, maximum: 9, exclusiveMaximum: true }
  ],
  [{ $ref: '#/components/schemas/Thing' }, { $ref: '#/components/schemas/Thing' }, { $ref: '#/definitions/Thing' }],
  [
    { $ref: '#/components/schemas/Thing', description: 'x' },
    { description: 'x', allOf: [{ $ref: '#/components/schemas/Thing' }] },
    { description: 'x', allOf: [{ $ref: '#/definitions/Thing' }] }
  ],
  [
    { anyOf: [{ $ref: '#/components/schemas/Thing' }, { type: 'null' }] },
    { type: 'object', properties: { a: { type: 'string', nullable: true } }, nullable: true },
    { type: 'object', properties: { a: { type: 'string', 'x-nullable': true } }, 'x-nullable': true }
  ],
  [
    { anyOf: [{ type: 'string' }, { type: 'integer' }, { type: 'null' }] },
    {
      anyOf: [
        { type: 'string', nullable: true },
        { type: 'integer', nullable: true }
      ]
    },
    { 'x-nullable': true }
  ],
  [
    { type: 'array', items: { const: 1 } },
    { type: 'array', items: { enum: [1] } },
    { type: 'array', items: { enum: [1] } }
  ],
  [
    // Properties that are called like keywords.
    { type: 'object', properties: { type: { type: 'string' }, const: { const: 1 }, examples: { type: 'array' } } },
    { type: 'object', properties: { type: { type: 'string' }, const: { enum: [1] }, examples: { type: 'array' } } },
    { type: 'object', properties: { type: { type: 'string' }, const: { enum: [1] }, examples: { type: 'array' } } }
  ],
  [
    { type: 'object', additionalProperties: { type: ['integer', 'null'] } },
    { type: 'object', additionalProperties: { type: 'integer', nullable: true } },
    { type: 'object', additionalProperties: { type: 'integer', 'x-nullable': true } }
  ],
  [
    { type: 'object', additionalProperties: false },
    { type: 'object', additionalProperties: false },
    { type: 'object', additionalProperties: false }
  ]
]

t.test('each schema is said in older forms as far as they can say it', async (t) => {
  const toSchema30 = createSchema30({ Thing: THING })
  for (const [newest, older, oldest] of CASES) {
    const name = JSON.stringify(newest)
    const before = structuredClone(newest)
    t.same(toSchema30(newest), older, name)
    t.same(toSchema2(older), oldest, name)
    t.same(newest, before, `${name} is left as it was`)
  }
})

const DOCUMENT: Document = {
  openapi: '3.1.0',
  info: { title: 'a', version: '1', summary: 's', description: 'd', license: { name: 'MIT', identifier: 'MIT' } },
  servers: [{ url: 'https://soc.example/mail' }],
  tags: [],
  security: [{ apiKey: [] }],
  components: {
    securitySchemes: {
      apiKey: { type: 'apiKey', in: 'header', name: 'X-API-Key', description: 'k' },
      bearer: { type: 'http', scheme: 'bearer', description: 'A key.' },
      basic: { type: 'http', scheme: 'basic', description: 'p' }
    },
    schemas: { Thing: THING }
  },
  paths: {
    '/things/{id}': {
      post: {
        operationId: 'makeThing',
        summary: 'Make',
        tags: ['x'],
        'x-ms-visibility': 'internal',
        parameters: [
          { name: 'id', in: 'path', required: true, schema: { type: 'string', examples: ['a'], description: 'i' } },
          {
            name: 'actionType',
            in: 'query',
            description: 'l',
            schema: { type: 'array', maxItems: 3, items: { type: 'string', description: 'one', maxLength: 9 } }
          }
        ],
        requestBody: { required: false, content: { 'application/json': { schema: THING } } },
        responses: {
          200: {
            description: 'ok',
            headers: { ETag: { description: 'e', schema: { type: 'string' } } },
            content: {
              'text/csv': { schema: { type: 'string' }, example: 'a' },
              'application/json': { schema: { $ref: '#/components/schemas/Thing' } }
            }
          },
          304: { description: 'same' }
        }
      }
    }
  }
}

t.test('3.0 takes the license by its address, and schemas wherever they stand', async (t) => {
  const { openapi, info, paths, components } = toOpenapi30(DOCUMENT)
  t.equal(openapi, '3.0.1')
  t.same(info, {
    title: 'a',
    version: '1',
    description: 'd',
    license: { name: 'MIT', url: 'https://spdx.org/licenses/MIT.html' }
  })
  const thing = { type: 'object', properties: { a: { type: 'string', nullable: true } } }
  t.same(components.schemas, { Thing: thing })
  const operation = paths['/things/{id}']?.['post']
  t.same(operation?.requestBody?.content['application/json'], { schema: thing })
  t.same(operation?.parameters?.[0]?.schema, { type: 'string', example: 'a', description: 'i' })
})

t.test(
  '2.0 has parameters without texts of their types, one schema for each answer, and the forms beside',
  async (t) => {
    const { paths, securityDefinitions, ...rest } = toSwagger2(toOpenapi30(DOCUMENT))
    t.match(rest, { swagger: '2.0', host: 'soc.example', basePath: '/mail', schemes: ['https'] })
    t.same(securityDefinitions, {
      apiKey: { type: 'apiKey', in: 'header', name: 'X-API-Key', description: 'k' },
      bearer: { type: 'apiKey', in: 'header', name: 'Authorization', description: '`Bearer `, followed by: A key.' },
      basic: { type: 'basic', description: 'p' }
    })
    const body = { type: 'object', properties: { a: { type: 'string', 'x-nullable': true } } }
    t.same(paths['/things/{id}']?.['post'], {
      operationId: 'makeThing',
      summary: 'Make',
      tags: ['x'],
      'x-ms-visibility': 'internal',
      'x-ms-summary': 'Make',
      consumes: ['application/json'],
      produces: ['text/csv', 'application/json'],
      parameters: [
        { name: 'id', in: 'path', required: true, 'x-ms-summary': 'Id', type: 'string' },
        {
          name: 'actionType',
          in: 'query',
          description: 'l',
          'x-ms-summary': 'Action type',
          type: 'array',
          maxItems: 3,
          items: { type: 'string', maxLength: 9 },
          collectionFormat: 'multi'
        },
        { name: 'body', in: 'body', required: false, schema: body }
      ],
      responses: {
        200: {
          description: 'ok',
          schema: { $ref: '#/definitions/Thing' },
          headers: { ETag: { description: 'e', type: 'string' } },
          examples: { 'text/csv': 'a' }
        },
        304: { description: 'same' }
      }
    })
  }
)

t.test('an address that is a path leaves the host open', async (t) => {
  t.same(toAddress('/'), { basePath: '/' })
  t.same(toAddress('http://[::1]:8080'), { host: '[::1]:8080', basePath: '/', schemes: ['http'] })
})
