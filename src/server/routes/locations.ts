// GET /locations: the five locations, and which of the table's own values each stands for.
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { LOCATIONS } from '../../model/cube.ts'
import { nameOf } from '../../model/series.ts'
import { callerOf } from '../caller.ts'
import { LocationName, NullableDay, problems, refTo, WorkspaceParameter } from '../schemas.ts'
import type { WorkspaceChooser } from '../workspaces.ts'

const LocationsReply = Type.Object(
  {
    locations: Type.Array(
      Type.Object({
        location: LocationName,
        deliveryLocations: Type.Array(
          Type.Object({
            deliveryLocation: Type.String({ description: 'As the table spells it; `(none)` is the empty value.' }),
            firstDate: NullableDay,
            lastDate: NullableDay,
            count: Type.Integer({ minimum: 0, description: 'Events on all days that are stored.' })
          })
        )
      })
    )
  },
  { $id: 'Locations', description: 'Always all five locations, in their order.' }
)

export const locationRoutes: FastifyPluginAsyncTypebox<{ workspaces: WorkspaceChooser }> = async (
  app,
  { workspaces }
) => {
  app.addSchema(LocationsReply)
  app.get(
    '/locations',
    {
      config: { expensive: true },
      schema: {
        operationId: 'listLocations',
        summary: 'Locations, and the table values behind them',
        description:
          'The canonical location of an event is found in its `DeliveryLocation` by whole words, whatever their case. This is what has been met so far.',
        tags: ['series'],
        querystring: Type.Object({ workspace: Type.Optional(WorkspaceParameter) }, { additionalProperties: false }),
        response: { 200: refTo(LocationsReply), ...problems(400, 401, 403, 404, 503) }
      }
    },
    // A rule for Express: Fastify waits for its handlers.
    // oxlint-disable-next-line oxc/no-async-endpoint-handlers
    async (request) => {
      const workspace = await workspaces.choose(callerOf(request), request.query.workspace)
      const facts = await workspace.labels('deliveryLocation')
      return {
        locations: LOCATIONS.map((location) => ({
          location,
          deliveryLocations: facts
            .filter((fact) => fact.location === location)
            .map(({ label, firstDate, lastDate, count }) => ({
              deliveryLocation: nameOf(label),
              firstDate,
              lastDate,
              count
            }))
        }))
      }
    }
  )
}
